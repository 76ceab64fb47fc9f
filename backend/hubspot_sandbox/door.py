"""The sandbox as a Python object: a real server in a thread of its own, and a door to what is behind it.

Every change is made on the server's thread, so a test never sees half of one and never races a request.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import uvicorn

from hubspot_sandbox import csv_import, generate
from hubspot_sandbox.authorizations import APP_SCOPES, SCOPES, AccessToken, AppToken
from hubspot_sandbox.connections import Protocol
from hubspot_sandbox.deliveries import IN_FLIGHT, Deliveries
from hubspot_sandbox.faults import Fault
from hubspot_sandbox.kinds import kind_named
from hubspot_sandbox.moments import Clock
from hubspot_sandbox.options import Options
from hubspot_sandbox.portal import Owner, Portal, person_named
from hubspot_sandbox.properties import Property
from hubspot_sandbox.records import Company, Contact
from hubspot_sandbox.sandbox import Sandbox
from hubspot_sandbox.server import application
from hubspot_sandbox.statistics import Statistics
from hubspot_sandbox.switchboard import PhoneCall
from hubspot_sandbox.webhook_events import Subscription

P = ParamSpec("P")
T = TypeVar("T")

DEADLINE_S = 20
TICK_S, TICKS_A_DAY = 0.1, 864_000  # uvicorn's own
LOOPBACK = "127.0.0.1"


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
    """A uvicorn that says when it is really listening, and ends at once: it would look only ten times a second whether
    it should, and a suite of tests starts thousands.
    """

    def __init__(self, sandbox: Sandbox, on_listening: Callable[[], None]) -> None:
        config = uvicorn.Config(
            application(sandbox),
            http=Protocol,
            loop="uvloop",
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self._on_listening = on_listening
        self._faults = sandbox.faults
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        """On the server's thread."""
        self.should_exit = True
        self._leaving.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_listening()

    async def main_loop(self) -> None:
        tick = 0
        while not await self.on_tick(tick):
            tick = (tick + 1) % TICKS_A_DAY
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), TICK_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._faults.clear()  # nobody is held back any longer
        if self.server_state.tasks:
            await super().shutdown(sockets)
            return
        for each in (*self.servers, *(sockets or ())):
            each.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()


def listen(port: int, host: str = LOOPBACK) -> socket.socket:
    """Take a port, a free one for 0. Raises OSError."""
    return socket.create_server((host, port), backlog=512)


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"


class RunningSandbox:
    """What a test holds while a sandbox runs. `portal` may be read at any time; changes go through the methods."""

    def __init__(self, url: str, sandbox: Sandbox, loop: asyncio.AbstractEventLoop) -> None:
        self.url = url
        self.portal = sandbox.portal
        self._sandbox = sandbox
        self._loop = loop

    @property
    def options(self) -> Options:
        return self._sandbox.options

    def change_options(self, **changes: object) -> None:
        """Change some of the fields of `Options`, by name. Raises pydantic's `ValidationError`."""
        self._on_server(self._sandbox.change_options, **changes)

    @property
    def requests(self) -> Statistics:
        return self._sandbox.statistics

    def reset_requests(self) -> None:
        self._on_server(self._sandbox.statistics.clear)

    @property
    def clock(self) -> Clock:
        return self._sandbox.clock

    def create(self, *, at_ms: int | None = None, **properties: str | None) -> Contact:
        return self._on_server(self.portal.create, properties, at_ms=at_ms)

    def edit(self, contact_id: int | str, *, at_ms: int | None = None, **properties: str | None) -> Contact:
        return self._on_server(self.portal.edit, int(contact_id), properties, at_ms=at_ms)

    def edit_many(self, contact_ids: Iterable[int], *, at_ms: int | None = None, **properties: str | None) -> int:
        """Change many contacts, all at one moment, which is given back."""
        return self._on_server(self._edit_many, tuple(contact_ids), at_ms, properties)

    def archive(self, contact_id: int | str, *, at_ms: int | None = None) -> Contact:
        return self._on_server(self.portal.archive, int(contact_id), at_ms=at_ms)

    def restore(self, contact_id: int | str, *, at_ms: int | None = None) -> Contact:
        return self._on_server(self.portal.restore, int(contact_id), at_ms=at_ms)

    def merge(self, primary_id: int | str, other_id: int | str, *, at_ms: int | None = None) -> Contact:
        """Give the new contact, which has a new id."""
        return self._on_server(self.portal.merge, int(primary_id), int(other_id), at_ms=at_ms)

    def gdpr_delete(self, contact_id: int | str, *, at_ms: int | None = None) -> None:
        self._on_server(self.portal.gdpr_delete, int(contact_id), at_ms=at_ms)

    def create_company(self, *, at_ms: int | None = None, **properties: str | None) -> Company:
        return self._on_server(self.portal.create_company, properties, at_ms=at_ms)

    def edit_company(self, company_id: int | str, *, at_ms: int | None = None, **properties: str | None) -> Company:
        return self._on_server(self.portal.edit_company, int(company_id), properties, at_ms=at_ms)

    def archive_company(self, company_id: int | str, *, at_ms: int | None = None) -> Company:
        return self._on_server(self.portal.archive_company, int(company_id), at_ms=at_ms)

    def restore_company(self, company_id: int | str, *, at_ms: int | None = None) -> Company:
        return self._on_server(self.portal.restore_company, int(company_id), at_ms=at_ms)

    def merge_companies(self, primary_id: int | str, other_id: int | str, *, at_ms: int | None = None) -> Company:
        return self._on_server(self.portal.merge_companies, int(primary_id), int(other_id), at_ms=at_ms)

    def associate(self, contact_id: int, company_id: int, *, primary: bool = True, at_ms: int | None = None) -> None:
        self._on_server(self.portal.associate, contact_id, company_id, primary=primary, at_ms=at_ms)

    def dissociate(self, contact_id: int, company_id: int, *, at_ms: int | None = None) -> None:
        self._on_server(self.portal.dissociate, contact_id, company_id, at_ms=at_ms)

    def add_owner(self, name: str, *, queue: bool = False) -> Owner:
        return self._on_server(self.portal.add_owner, name, queue=queue)

    def archive_owner(self, owner_id: int) -> Owner:
        return self._on_server(self.portal.archive_owner, owner_id)

    def add_property(self, kind: str, name: str, **more: Any) -> Property:
        """Add a property to "contacts" or "companies", or bring one back; `more` are the fields of `Property`."""
        return self._on_server(self.portal.table(kind_named(kind)).add_property, Property(name, **more))

    def archive_property(self, kind: str, name: str) -> Property:
        return self._on_server(self.portal.table(kind_named(kind)).archive_property, name)

    def advance(self, seconds: float) -> None:
        self._on_server(self._sandbox.clock.advance, seconds)

    def fault(self, endpoint: str, status: int | None = None, **more: Any) -> None:
        """Script a fault; `more` are the fields of `Fault`."""
        self._on_server(self._sandbox.faults.add, Fault(endpoint=endpoint, status=status, **more))

    def clear_faults(self) -> None:
        self._on_server(self._sandbox.faults.clear)

    def latency(self, latency_ms: float, per_record_ms: float = 0) -> None:
        self.change_options(latency_ms=latency_ms, per_record_ms=per_record_ms)

    def grant(self, user: str = "admin", scopes: Sequence[str] | None = None) -> AccessToken:
        """Authorize somebody without a browser: "admin", "rep" or "rep-without-access"; all scopes by default."""
        person = person_named(user)
        if person is None:
            raise ValueError(f"nobody is called {user!r}")
        return self._on_server(self._sandbox.authorizations.grant, person, tuple(SCOPES if scopes is None else scopes))

    def revoke_all(self) -> int:
        return self._on_server(self._sandbox.authorizations.revoke_all)

    def grant_app(self, scopes: Sequence[str] = APP_SCOPES) -> AppToken:
        """Give the app a token of its own (client credentials)."""
        return self._on_server(self._sandbox.authorizations.grant_app, scopes)

    def uninstall(self) -> None:
        self._on_server(self._sandbox.authorizations.uninstall)

    def delete_account(self) -> None:
        self._on_server(self._sandbox.authorizations.delete_account)

    def point_webhooks(self, url: str, max_in_flight: int = IN_FLIGHT) -> None:
        """Deliver push webhooks to `url`. Events come where somebody has authorized the app, and it subscribed."""
        self._on_server(self._sandbox.webhooks.point_at, url, max_in_flight)

    def subscribe(
        self, event_type: str, property_name: str | None = None, object_type_id: str | None = None
    ) -> Subscription:
        return self._on_server(self._sandbox.webhooks.subscribe, event_type, property_name, object_type_id)

    def deliver(self) -> None:
        """Deliver what is gathered or due, and wait for the receiver's answers; retries keep their time."""
        asyncio.run_coroutine_threadsafe(self.deliveries.settle(), self._loop).result(DEADLINE_S)

    @property
    def deliveries(self) -> Deliveries:
        return self._sandbox.webhooks.deliveries

    @property
    def calls(self) -> Sequence[PhoneCall]:
        """The calls placed, newest first."""
        return self._sandbox.switchboard.calls

    def ring(self, number: str, to: str) -> PhoneCall:
        """Ring somebody, "" being a withheld number; the receiver of calls (`ring_url`) has answered by then."""
        return _heard(self._on_server(self._sandbox.switchboard.ring, number, to))

    def answer_call(self, call_id: str) -> PhoneCall:
        return _heard(self._on_server(self._sandbox.switchboard.answer, call_id))

    def hang_up(self, call_id: str) -> PhoneCall:
        return _heard(self._on_server(self._sandbox.switchboard.hang_up, call_id))

    def _edit_many(self, contact_ids: Sequence[int], at_ms: int | None, properties: Mapping[str, str | None]) -> int:
        moment_ms = self.clock.now_ms() if at_ms is None else at_ms
        for contact_id in contact_ids:
            self.portal.edit(contact_id, properties, at_ms=moment_ms)
        return moment_ms

    def _on_server(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        done: Future[T] = Future()

        def run() -> None:
            try:
                done.set_result(work(*args, **kwargs))
            except Exception as error:  # noqa: BLE001 - carried over to the caller's thread, raised there
                done.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return done.result(DEADLINE_S)


def _heard(call: PhoneCall) -> PhoneCall:
    call.told[-1].reply.result(DEADLINE_S)
    return call


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
        if started.done():
            started.result().call_soon_threadsafe(server.leave)
        server.should_exit = True
        thread.join(DEADLINE_S)
        listener.close()
