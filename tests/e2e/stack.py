"""The whole of Callbook on one machine: the HubSpot sandbox and `callbook serve`, on free loopback ports, with an
embedded database and logs in one folder. What is started here answers, and is gone at the end.
"""

import base64
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from tests.e2e.gate import Gate
from tests.e2e.processes import Program, ending_on_sigterm, running

UP_WITHIN_S = 60.0
ASK_WITHIN_S = 5.0
ROOT = Path(__file__).resolve().parents[2]
# The sandbox's own, known to all.
SANDBOX_CLIENT_ID = "sandbox-client"
SANDBOX_CLIENT_SECRET = "sandbox-secret"
_LISTENING = re.compile(r"hubspot sandbox listening on (http://\S+)")


class Service:
    """`callbook serve`: stopped and started again, it answers at the same address."""

    def __init__(self, url: str, environment: Mapping[str, str], folder: Path) -> None:
        self._url, self._environment, self._folder = url, environment, folder
        self._running = ExitStack()

    def start(self) -> None:
        command = [sys.executable, "-m", "callbook.cli", "serve"]
        self.program = self._running.enter_context(running("callbook", command, self._environment, self._folder))
        self.program.wait_until(lambda: answers(f"{self._url}/health"), "it answered", UP_WITHIN_S)

    def stop(self) -> None:
        self._running.close()


@dataclass(frozen=True)
class Stack:
    """Where everything answers; `environment` is what `callbook` runs with."""

    sandbox_url: str
    callbook_url: str
    folder: Path
    environment: Mapping[str, str]
    programs: tuple[Program, ...]
    service: Service

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Within the block nobody answers for Callbook; after it the service runs again."""
        self.service.stop()
        try:
            yield
        finally:
            self.service.start()

    def callbook(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of `callbook` beside the running service, e.g. `ring`."""
        return subprocess.run(
            [sys.executable, "-m", "callbook.cli", *arguments],
            env=dict(self.environment),
            cwd=self.folder,
            check=False,
            capture_output=True,
            text=True,
            timeout=UP_WITHIN_S,
        )


@contextmanager
def running_stack(
    folder: Path, *, sandbox: Sequence[str] = (), settings: Mapping[str, str] | None = None, gate: Gate | None = None
) -> Iterator[Stack]:
    """`sandbox` are further options of the sandbox (`--contacts`, `--csv`, ...), `settings` override the service's.
    With a `gate` the service's way to HubSpot leads through it. The sandbox is the service's phone system, too.
    """
    port, call_secret = free_port(), f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    url = f"http://127.0.0.1:{port}"
    ring = ("--ring-url", f"{url}/hooks/calls", "--ring-secret", call_secret)
    with ending_on_sigterm(), running_sandbox(folder, *ring, *sandbox) as (hubspot, sandbox_url):
        environment = {**service_environment(folder, port, sandbox_url), **(settings or {})}
        environment.setdefault("CALLBOOK_CALL_HOOK_SECRETS", call_secret)
        if gate is not None:
            gate.leads_to, environment["HUBSPOT_API_URL"] = sandbox_url, gate.url
        service = Service(url, environment, folder)
        try:
            service.start()
            yield Stack(sandbox_url, url, folder, environment, (hubspot, service.program), service)
        finally:
            service.stop()


@contextmanager
def running_sandbox(folder: Path, *options: str, within_s: float = UP_WITHIN_S) -> Iterator[tuple[Program, str]]:
    """The HubSpot sandbox alone, and its address. It has no limits and no lag but for `options`: nobody waits here."""
    command = [sys.executable, "-m", "hubspot_sandbox", "--port", "0", "--no-limits", "--index-lag-s", "0", *options]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with running("hubspot sandbox", command, environment, folder) as sandbox:
        listening = sandbox.wait_until(lambda: _LISTENING.search(sandbox.output()), "it listened", within_s)
        url = listening[1]
        sandbox.wait_until(lambda: answers(url), "it answered", UP_WITHIN_S)
        yield sandbox, url


def pinned_extension_id() -> str:
    """The id the manifest's key gives the extension."""
    return str(json.loads((ROOT / "extension" / "identity.json").read_text("utf-8"))["id"])


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _own_environment() -> dict[str, str]:
    """Ours, without settings of a Callbook that happens to be set up in this shell."""
    foreign = ("CALLBOOK_", "HUBSPOT_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def service_environment(folder: Path, port: int, sandbox_url: str) -> dict[str, str]:
    """What `callbook` runs with: an embedded database in `folder`, `sandbox_url` for HubSpot."""
    return {
        **_own_environment(),
        "CALLBOOK_DATABASE_URL": f"sqlite:///{folder.resolve()}/callbook.db",
        "CALLBOOK_SECRET_KEYS": f"local:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "CALLBOOK_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "CALLBOOK_LISTEN": f"127.0.0.1:{port}",
        "CALLBOOK_EXTENSION_IDS": pinned_extension_id(),
        "HUBSPOT_CLIENT_ID": SANDBOX_CLIENT_ID,
        "HUBSPOT_CLIENT_SECRET": SANDBOX_CLIENT_SECRET,
        "HUBSPOT_API_URL": sandbox_url,
        "HUBSPOT_APP_URL": sandbox_url,
        "PYTHONUNBUFFERED": "1",
    }


def answers(url: str) -> bool:
    """Whether somebody does, with a 200."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback is asked directly
    try:
        with opener.open(url, timeout=ASK_WITHIN_S) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False
