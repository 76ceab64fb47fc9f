"""A Callbook server in a process of its own, as `callbook web` runs it, and the browsers that speak to it."""

import base64
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from callbook import accounts, models
from callbook.models import Owner, connected
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.databases import database_url
from tests.backend.people import CALLS, new_user
from tests.e2e.processes import Program, running

UP_WITHIN_S = 30.0
TIMEOUT_S = 10
CALL_SECRET = f"whsec_{base64.b64encode(b'c' * 32).decode()}"


def environ_of(hubspot: RunningSandbox, folder: Path, *, apart: bool = False) -> dict[str, str]:
    """The settings of a server whose database is in `folder`."""
    key = base64.b64encode(b"k" * 32).decode()
    return {
        "CALLBOOK_DATABASE_URL": database_url(folder, apart=apart),
        "CALLBOOK_SECRET_KEYS": f"k1:{key}",
        "CALLBOOK_CALL_HOOK_SECRETS": CALL_SECRET,
        "CALLBOOK_INDEX_LAG_S": "0",
        "HUBSPOT_CLIENT_ID": hubspot.options.client_id,
        "HUBSPOT_CLIENT_SECRET": hubspot.options.client_secret,
        "HUBSPOT_API_URL": hubspot.url,
        "HUBSPOT_APP_URL": hubspot.url,
    }


@dataclass(frozen=True)
class Browser:
    """Somebody signed in at a running server."""

    url: str
    owner: Owner
    email: str
    token: str

    def send(self, method: str, path: str, body: object = None, **query: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return requests.request(method, self.url + path, headers=headers, json=body, params=query, timeout=TIMEOUT_S)

    def read(self, path: str, **query: Any) -> Any:
        answer = self.send("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def calls(self) -> Any:
        answer = self.send("POST", CALLS, {})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ticket(self) -> str:
        return str(self.send("POST", "/api/tickets").json()["ticket"])


@dataclass(frozen=True)
class Live:
    """A running server; its database is open to this process, too."""

    settings: Settings
    environ: Mapping[str, str]
    program: Program

    @property
    def url(self) -> str:
        return f"http://{self.settings.listen}"

    def sign_in(self, email: str) -> Browser:
        """A new user, without HubSpot."""
        with connected():
            owner = new_user(email).owner
            token = accounts.open_session(self.settings, owner)
        return Browser(self.url, owner, email, token)


@contextmanager
def serving(hubspot: RunningSandbox, folder: Path) -> Iterator[Live]:
    address = f"127.0.0.1:{_free_port()}"
    own = {"CALLBOOK_LISTEN": address, "CALLBOOK_PUBLIC_URL": f"http://{address}"}
    environ = {**environ_of(hubspot, folder, apart=True), **own}
    settings = Settings.from_env(environ)
    models.connect(settings.database_url)
    models.migrate()
    python_path = os.pathsep.join(path for path in sys.path if path)
    around = {**os.environ, **environ, "PYTHONPATH": python_path}
    with running("web", [sys.executable, "-m", "callbook.cli", "web"], around, folder) as program:
        program.wait_until(lambda: _is_up(address), "answering", UP_WITHIN_S)
        yield Live(settings, environ, program)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _is_up(address: str) -> bool:
    with suppress(requests.ConnectionError, requests.Timeout):
        return requests.get(f"http://{address}/health", timeout=TIMEOUT_S).ok
    return False
