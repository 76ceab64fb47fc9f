"""Writes the server's `/openapi.json` to extension/openapi.json and generates the extension's types from it. A test
holds the first to the server; the types carry the document's digest, so that another holds them to the document.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from callbook import models
from callbook.settings import Settings
from callbook.web import create_app

EXTENSION = Path(__file__).resolve().parents[1] / "extension"
DOCUMENT = EXTENSION / "openapi.json"
TYPES = EXTENSION / "src" / "openapi.ts"
NOBODY = {"CALLBOOK_SECRET_KEYS": f"k:{'A' * 43}=", "HUBSPOT_CLIENT_ID": "-", "HUBSPOT_CLIENT_SECRET": "-"}


def main() -> int:
    DOCUMENT.write_text(written(offered()), "utf-8")
    subprocess.run(["npm", "run", "--silent", "contract"], cwd=EXTENSION, check=True)
    TYPES.write_text(f"// {digest()}\n{TYPES.read_text('utf-8')}", "utf-8")
    print(f"{DOCUMENT.name} and {TYPES.name} are up to date")
    return 0


def offered() -> object:
    """What a server of this version says it offers."""
    with TemporaryDirectory() as folder:
        settings = Settings.from_env({**NOBODY, "CALLBOOK_DATABASE_URL": f"sqlite:///{folder}/callbook.db"})
        app = create_app(settings)
        document: object = app.test_client().get("/openapi.json").get_json()
        models.disconnect()
    return document


def written(document: object) -> str:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def digest() -> str:
    return f"of openapi.json, sha256 {hashlib.sha256(DOCUMENT.read_bytes()).hexdigest()}"


if __name__ == "__main__":
    sys.exit(main())
