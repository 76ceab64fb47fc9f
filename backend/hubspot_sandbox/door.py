"""The sandbox as a Python object: a real server in a thread of its own, and a door to what is behind it.

Every change is made on the server's thread, so a test never sees half of one and never races a request.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

import uvicorn

from hubspot_sandbox import csv_import, generate
from hubspot_sandbox.authorizations import SCOPES, AccessToken
from hubspot_sandbox.moments import Clock
from hubspot_sandbox.portal import Company, Contact, Portal, person_named
from hubspot_sandbox.sandbox import Options, Sandbox
from hubspot_sandbox.server import application
from hubspot_sandbox.traffic import Fault, Latency, Statistics

P = ParamSpec("P")
T = TypeVar("T")

DEADLINE_S = 20


def build(options: Options, *, contacts: int, seed: int, csv: Path | None) -> tuple[Sandbox, list[csv_import.Skipped]]:
    """Make a sandbox with its contacts. Raises `CsvRefused`."""
    portal = Portal(options.portal_id, Clock())
    skipped: list[csv_import.Skipped] = []
    if csv is None:
        generate.fill(portal, contacts, seed)
    else:
        rows, skipped = csv_import.read_contacts_csv(csv)
        csv_import.load_csv(portal, rows)
    return Sandbox(options, portal), skipped


class Server(uvicorn.Server):
    """A uvicorn that says when it is really listening."""

    def __init__(self, sandbox: Sandbox, on_listening: Callable[[], None]) -> None:
        config = uvicorn.Config(
            application(sandbox),
            http="httptools",
            loop="uvloop",
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_listening()


def listen(port: int) -> socket.socket:
    """Take a loopback port, a free one for 0. Raises OSError."""
    return socket.create_server(("127.0.0.1", port), backlog=512)


def url_of(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


class RunningSandbox:
    """What a test holds while a sandbox runs. `portal` may be read at any time; changes go through the methods."""

    def __init__(self, url: str, sandbox: Sandbox, loop: asyncio.AbstractEventLoop) -> None:
        self.url = url
        self.portal = sandbox.portal
        self.options = sandbox.options
        self._sandbox = sandbox
        self._loop = loop

    @property
    def requests(self) -> Statistics:
        return self._sandbox.statistics

    def create(self, *, at_ms: int | None = None, **properties: str | None) -> Contact:
        return self._on_server(self.portal.create, properties, at_ms=at_ms)

    def edit(self, contact_id: int | str, *, at_ms: int | None = None, **properties: str | None) -> Contact:
        return self._on_server(self.portal.edit, int(contact_id), properties, at_ms=at_ms)

    def archive(self, contact_id: int | str) -> Contact:
        return self._on_server(self.portal.archive, int(contact_id))

    def create_company(self, **properties: str | None) -> Company:
        return self._on_server(self.portal.create_company, properties)

    def edit_company(self, company_id: int | str, **properties: str | None) -> Company:
        return self._on_server(self.portal.edit_company, int(company_id), properties)

    def advance(self, seconds: float) -> None:
        self._on_server(self._sandbox.clock.advance, seconds)

    def fault(  # noqa: PLR0913 - a fault's own fields, all by name
        self,
        endpoint: str,
        status: int | None = None,
        *,
        times: int = 1,
        skip: int = 0,
        delay_ms: float = 0,
        retry_after_s: int | None = None,
    ) -> None:
        fault = Fault(
            endpoint=endpoint, status=status, times=times, skip=skip, delay_ms=delay_ms, retry_after_s=retry_after_s
        )
        self._on_server(self._sandbox.faults.add, fault)

    def clear_faults(self) -> None:
        self._on_server(self._sandbox.faults.clear)

    def latency(self, latency_ms: float, per_record_ms: float = 0) -> None:
        self._sandbox.latency = Latency(latency_ms, per_record_ms)

    def rotate_refresh_tokens(self, *, on: bool) -> None:
        self._sandbox.authorizations.rotate = on

    def grant(self, user: str = "admin", scopes: Sequence[str] | None = None) -> AccessToken:
        """Authorize somebody without a browser: "admin", "rep" or "rep-without-access"; all scopes by default."""
        person = person_named(user)
        if person is None:
            raise ValueError(f"nobody is called {user!r}")
        return self._on_server(self._sandbox.authorizations.grant, person, tuple(SCOPES if scopes is None else scopes))

    def revoke_all(self) -> int:
        return self._on_server(self._sandbox.authorizations.revoke_all)

    def _on_server(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        done: Future[T] = Future()

        def run() -> None:
            try:
                done.set_result(work(*args, **kwargs))
            except Exception as error:  # noqa: BLE001 - carried over to the caller's thread, raised there
                done.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return done.result(DEADLINE_S)


@contextmanager
def running(
    *, contacts: int = 20, seed: int = 1, csv: Path | None = None, port: int = 0, options: Options | None = None
) -> Iterator[RunningSandbox]:
    """Run a sandbox on a loopback port until the block ends."""
    sandbox, _ = build(options or Options(), contacts=contacts, seed=seed, csv=csv)
    listener = listen(port)
    started: Future[asyncio.AbstractEventLoop] = Future()
    server = Server(sandbox, lambda: started.set_result(asyncio.get_running_loop()))
    thread = threading.Thread(target=server.run, args=([listener],), name="hubspot-sandbox", daemon=True)
    thread.start()
    try:
        yield RunningSandbox(url_of(listener), sandbox, started.result(DEADLINE_S))
    finally:
        server.should_exit = True
        thread.join(DEADLINE_S)
        listener.close()
