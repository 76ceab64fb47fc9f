"""Settings come from the environment, once, into a frozen value; every problem is reported at once.

`SETTINGS` is the list the README's table is held to. A setting marked secret may instead come from a file named
by `<NAME>_FILE`.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from callbook.errors import CallbookError

PINNED_EXTENSION_ID = "ianidlmmmfmpkbffopaijclmndnnbkei"
MIN_SECRET_KEY_BYTES = 32
CALL_SECRET_PREFIX = "whsec_"  # noqa: S105 - what Standard Webhooks writes before a secret
CALL_SECRET_BYTES = range(24, 65)  # as Standard Webhooks has it
MAX_CALL_SECRETS = 2
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


HUBSPOTS_OWN = "hubapi.com"


class BadSettings(CallbookError):
    """`problems` has a sentence for each setting that is missing or cannot be read."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("bad_settings", "\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Setting:
    name: str
    default: str | None
    doc: str
    read: Callable[[str], Any]
    secret: bool = False

    @property
    def field(self) -> str:
        return self.name.removeprefix("CALLBOOK_").lower()


@dataclass(frozen=True)
class SecretKey:
    """One key of the key ring; `id` is written into every text it seals."""

    id: str
    key: bytes


def _database_url(raw: str) -> str:
    if not re.fullmatch(r"sqlite:///.+|postgresql://\S+", raw):
        raise ValueError(
            "must look like sqlite:///folder/callbook.db (four slashes: an absolute path) or postgresql://host/name"
        )
    return raw


def _secret_keys(raw: str) -> tuple[SecretKey, ...]:
    keys = []
    for part in raw.split(","):
        key_id, _, text = part.strip().partition(":")
        try:
            key = base64.b64decode(text, validate=True)
        except binascii.Error:
            key = b""
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", key_id) or len(key) != MIN_SECRET_KEY_BYTES:
            raise ValueError("must be id:key[,id:key...], each key 32 bytes in base64; `callbook secret-key` makes one")
        keys.append(SecretKey(key_id, key))
    if len({key.id for key in keys}) < len(keys):
        raise ValueError("names one key id twice")
    return tuple(keys)


def _call_hook_secrets(raw: str) -> tuple[bytes, ...]:
    parts = [part.strip() for part in raw.split(",") if part.strip()]
    keys = tuple(_call_key(part) for part in parts)
    if len(keys) > MAX_CALL_SECRETS or not all(len(key) in CALL_SECRET_BYTES for key in keys):
        raise ValueError("must be one secret or two, separated by a comma; `callbook call-secret` makes one")
    return keys


def _call_key(text: str) -> bytes:
    """Empty for what is no secret."""
    if not text.startswith(CALL_SECRET_PREFIX):
        return b""
    try:
        return base64.b64decode(text.removeprefix(CALL_SECRET_PREFIX), validate=True)
    except ValueError:
        return b""


def is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _url(raw: str) -> str:
    parts = urlsplit(raw)
    secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    if not secure or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("must be https://host[:port] (http only for this machine), without a path")
    return raw.rstrip("/")


def _extension_ids(raw: str) -> tuple[str, ...]:
    ids = tuple(part.strip() for part in raw.split(",") if part.strip())
    if not ids or not all(re.fullmatch(r"[a-p]{32}", each) for each in ids):
        raise ValueError("must be extension ids (32 letters a to p), separated by commas")
    return ids


def _listen(raw: str) -> str:
    host, _, port = raw.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004 - the last TCP port
        raise ValueError("must be host:port")
    return raw


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(raw: str) -> int:
        if not raw.isdigit() or not low <= int(raw) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(raw)

    return read


SETTINGS: tuple[Setting, ...] = (
    Setting("CALLBOOK_DATABASE_URL", "sqlite:///callbook.db", "Where the cache is kept.", _database_url, secret=True),
    Setting(
        "CALLBOOK_SECRET_KEYS", None, "Keys that seal HubSpot's tokens; the first seals.", _secret_keys, secret=True
    ),
    Setting("CALLBOOK_PUBLIC_URL", "http://127.0.0.1:8000", "The address browsers and HubSpot reach us at.", _url),
    Setting("CALLBOOK_EXTENSION_IDS", PINNED_EXTENSION_ID, "Extensions that may use this server.", _extension_ids),
    Setting("CALLBOOK_LISTEN", "127.0.0.1:8000", "Address and port the web server binds.", _listen),
    Setting("CALLBOOK_WEB_THREADS", "64", "Web threads; each open browser holds one.", _whole(4, 1000)),
    Setting("CALLBOOK_WORKER_THREADS", "4", "Runs worked on at the same time.", _whole(1, 64)),
    Setting("CALLBOOK_SESSION_DAYS", "90", "Days a browser stays signed in without being used.", _whole(1, 365)),
    Setting("CALLBOOK_LEASE_S", "30", "Seconds until a dead worker's run is taken over.", _whole(2, 600)),
    Setting("CALLBOOK_HEARTBEAT_S", "5", "Seconds between a worker's signs of life and sweeps.", _whole(1, 60)),
    Setting("CALLBOOK_INDEX_LAG_S", "30", "Seconds HubSpot's search may lag behind.", _whole(0, 3600)),
    Setting("CALLBOOK_FULL_SYNC_DAYS", "7", "Days from one full sync to the next automatic one.", _whole(0, 365)),
    Setting(
        "CALLBOOK_RING_S", "45", "Seconds after which a ringing call is no longer shown as ringing.", _whole(5, 600)
    ),
    Setting("CALLBOOK_CALL_HOOK_SECRETS", "", "Secrets that phone systems sign with.", _call_hook_secrets, secret=True),
    Setting("HUBSPOT_CLIENT_ID", None, "The HubSpot app's client id.", str),
    Setting("HUBSPOT_CLIENT_SECRET", None, "The HubSpot app's client secret.", str, secret=True),
    Setting("HUBSPOT_API_URL", "https://api.hubapi.com", "HubSpot's API.", _url),
    Setting("HUBSPOT_APP_URL", "https://app.hubspot.com", "Where people consent.", _url),
)


@dataclass(frozen=True)
class Settings:
    """All settings, read and checked. Field names are the environment's, without `CALLBOOK_`."""

    database_url: str
    secret_keys: tuple[SecretKey, ...]
    public_url: str
    extension_ids: tuple[str, ...]
    listen: str
    web_threads: int
    worker_threads: int
    session_days: int
    lease_s: int
    heartbeat_s: int
    index_lag_s: int
    full_sync_days: int
    ring_s: int
    call_hook_secrets: tuple[bytes, ...]
    hubspot_client_id: str
    hubspot_client_secret: str
    hubspot_api_url: str
    hubspot_app_url: str

    @property
    def demo(self) -> bool:
        """Whether the HubSpot there is another than HubSpot's own: its accounts are made up."""
        host = urlsplit(self.hubspot_api_url).hostname or ""
        return host != HUBSPOTS_OWN and not host.endswith(f".{HUBSPOTS_OWN}")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Raises `BadSettings` with every problem found."""
        values: dict[str, Any] = {}
        problems: list[str] = []
        for setting in SETTINGS:
            try:
                values[setting.field] = setting.read(_raw(setting, environ))
            except ValueError as problem:
                problems.append(f"{setting.name} {problem}")
        if problems:
            raise BadSettings(problems)
        return cls(**values)


def _raw(setting: Setting, environ: Mapping[str, str]) -> str:
    value = environ.get(setting.name, "").strip()
    path = environ.get(f"{setting.name}_FILE", "").strip() if setting.secret else ""
    if value and path:
        raise ValueError(f"and {setting.name}_FILE are both set; keep one")
    if path:
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise ValueError(f"cannot be read from the file {path}: {type(problem).__name__}") from problem
    value = value or setting.default or ""
    if not value and setting.default is None:
        raise ValueError(f"is not set. {setting.doc}")
    return value
