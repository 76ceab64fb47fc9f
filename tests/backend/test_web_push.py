"""The event socket, over a real server: a ticket opens it once, events arrive, and it ends with the session."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from queue import Queue
from threading import Event, Thread
from typing import Any

import pytest
from simple_websocket import Client, ConnectionClosed

from callbook import accounts, events
from callbook.accounts import Signed
from callbook.models import Owner, Run, connected, now, transaction
from callbook.settings import Settings
from callbook.web import push
from hubspot_sandbox import RunningSandbox
from tests.backend.people import cache, new_user, remote
from tests.backend.serving import Browser, Live

SIGNED_OUT = 4401
WITHIN_S = 15
RINGS_MS = 45_000
CALL = {"call_id": "c1", "direction": "inbound", "state": "ringing", "number": "+12015550132"}


class AttentiveClient(Client):  # type: ignore[misc] # the library has no types
    """The library's client waits for more before it looks at what came together with the handshake."""

    def handshake(self) -> None:
        super().handshake()
        self._handle_events()
        self.connected = True  # so that whoever receives hears why it closed


@contextmanager
def socket(browser: Browser, ticket: str, after: object = 0) -> Iterator[Any]:
    client = AttentiveClient(f"{browser.url.replace('http', 'ws')}/api/events/socket?ticket={ticket}&after={after}")
    try:
        yield client
    finally:
        if client.connected:
            client.close()


def heard(client: Any) -> dict[str, Any]:
    text = client.receive(timeout=WITHIN_S)
    assert text is not None, "nothing was sent"
    event = json.loads(text)
    assert isinstance(event, dict)
    return event


def lasting(event: dict[str, Any]) -> dict[str, Any]:
    """Without what is less with every moment."""
    assert 0 < event["data"]["call"].pop("rings_ms") <= RINGS_MS
    return event


def closed_with(client: Any) -> int:
    try:
        while client.receive(timeout=WITHIN_S) is not None:
            pass
    except ConnectionClosed as closed:
        return int(closed.reason)
    pytest.fail("the socket stayed open")


def ring(browser: Browser, **changed: str) -> None:
    assert browser.send("POST", "/api/calls", {**CALL, **changed}).status_code == 202


def test_an_event_arrives_and_is_the_one_the_cursor_reads(live: Live) -> None:
    browser = live.sign_in("one@push.example")
    cache(browser.owner, remote(1, lastname="Abel", phone="201 555 0132"))
    with socket(browser, browser.ticket()) as client:
        ring(browser)
        event = heard(client)
    assert event["data"]["call"]["caller"]["candidates"][0]["name"] == "Abel"
    (read,) = browser.read("/api/events", after=0)["events"]
    assert lasting(read) == lasting(event)


def test_what_came_while_the_socket_was_closed_is_sent_first_from_the_cursor_on(live: Live) -> None:
    browser = live.sign_in("two@push.example")
    for state in ("ringing", "answered"):
        ring(browser, state=state)
    with socket(browser, browser.ticket(), after=1) as client:
        assert heard(client)["number"] == 2
        ring(browser, state="ended")
        assert heard(client)["number"] == 3


@pytest.mark.parametrize("after", ["", "x", "-1", "%C2%B2", "9223372036854775808", "1" * 30])
def test_a_cursor_that_is_none_starts_from_the_beginning(live: Live, after: str) -> None:
    browser = live.sign_in(f"{after[:9]}@cursor.example")
    ring(browser)
    with socket(browser, browser.ticket(), after=after) as client:
        assert heard(client)["number"] == 1


def test_a_cursor_from_before_what_is_gone_starts_again_and_hears_what_comes_then(live: Live) -> None:
    browser = live.sign_in("ten@push.example")
    ring(browser)
    with connected(), transaction():
        events.forget(browser.owner)
    for after in (0, 1, 77):
        with socket(browser, browser.ticket(), after=after) as client:
            assert heard(client) == {"kind": "start_again", "newest": 2 + [0, 1, 77].index(after)}
            ring(browser, call_id=f"call {after}")
            assert heard(client)["kind"] == "call"


def test_a_ticket_opens_the_socket_once(live: Live) -> None:
    browser = live.sign_in("three@push.example")
    ticket = browser.ticket()
    with socket(browser, ticket) as first:
        ring(browser)
        assert heard(first)["kind"] == "call"  # it was let in: the handshake alone does not tell
        with socket(browser, ticket) as second:
            assert closed_with(second) == SIGNED_OUT
        ring(browser, state="ended")
        assert heard(first)["kind"] == "call"


def test_neither_a_sessions_token_nor_nothing_is_a_ticket(live: Live) -> None:
    browser = live.sign_in("four@push.example")
    for ticket in (browser.token, "", "forged"):
        with socket(browser, ticket) as client:
            assert closed_with(client) == SIGNED_OUT


def test_the_socket_ends_with_the_session(live: Live) -> None:
    browser = live.sign_in("five@push.example")
    with socket(browser, browser.ticket()) as client:
        ring(browser)
        assert heard(client)["kind"] == "call"
        assert browser.send("POST", "/auth/unauthorize").status_code == 204
        assert closed_with(client) == SIGNED_OUT


def test_a_ticket_from_before_leaving_opens_nothing(live: Live) -> None:
    browser = live.sign_in("six@push.example")
    ticket = browser.ticket()
    assert browser.send("POST", "/auth/unauthorize").status_code == 204
    with socket(browser, ticket) as client:
        assert closed_with(client) == SIGNED_OUT


def test_nobody_hears_what_is_told_to_another(live: Live) -> None:
    ann, ben = live.sign_in("ann@push.example"), live.sign_in("ben@push.example")
    with socket(ann, ann.ticket()) as anns, socket(ben, ben.ticket()) as bens:
        ring(ben, number="+12015550199")
        ring(ann, number="+12015550111")
        assert heard(anns)["data"]["call"]["number"] == "+12015550111"
        assert heard(bens)["data"]["call"]["number"] == "+12015550199"
        with connected(), transaction():
            for each in (ann, ben):
                events.append(each.owner, "contacts", {})
        assert [heard(client)["kind"] for client in (anns, bens)] == ["contacts", "contacts"]


def test_two_browsers_of_one_user_both_hear(live: Live) -> None:
    browser = live.sign_in("seven@push.example")
    with socket(browser, browser.ticket()) as one, socket(browser, browser.ticket()) as two:
        ring(browser)
        assert lasting(heard(one)) == lasting(heard(two))


def test_a_plain_request_to_the_socket_is_refused(live: Live) -> None:
    browser = live.sign_in("eight@push.example")
    assert browser.send("GET", "/api/events/socket", ticket=browser.ticket()).status_code == 400


def test_the_servers_log_has_neither_tickets_nor_tokens_nor_numbers(live: Live) -> None:
    browser = live.sign_in("nine@push.example")
    ticket = browser.ticket()
    with socket(browser, ticket) as client:
        ring(browser)
        heard(client)
    told = live.program.output()
    assert "POST /api/calls 202" in told
    assert [each for each in (ticket, browser.token, "2015550132", "nine@push") if each in told] == []
    assert "Traceback" not in told


class Listener:
    """A socket's client that leaves after so many looks for a message."""

    def __init__(self, looks: int) -> None:
        self.event = Event()
        self.sent: list[str] = []
        self.closed_with: int | None = None
        self._looks = looks

    def send(self, data: str) -> None:
        self.sent.append(data)

    def receive(self, timeout: float) -> None:
        assert timeout == 0
        self._looks -= 1
        if self._looks < 0:
            raise ConnectionError

    def close(self, reason: int) -> None:
        self.closed_with = reason


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def signed(
    database: None,  # noqa: ARG001 - there to be connected
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Signed:
    """Whose socket looks again at once."""
    monkeypatch.setattr(push, "LOOK_S", 0)
    owner = new_user().owner
    return accounts.who(settings, accounts.open_session(settings, owner))


def listen(signed: Signed, settings: Settings, looks: int = 2) -> list[dict[str, Any]]:
    listener = Listener(looks)
    with pytest.raises(ConnectionError):
        push._serve(listener, signed, settings, 0)  # noqa: SLF001 - with a clock and a client of ours
    return [json.loads(text) for text in listener.sent]


def test_a_quiet_socket_is_kept_alive(signed: Signed, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert listen(signed, settings) == []
    assert push.PING_S < 30
    monkeypatch.setattr(push, "PING_S", 0)
    assert listen(signed, settings) == [{"kind": "ping"}] * 3


def test_an_event_whose_call_or_run_is_gone_is_passed_over(signed: Signed, settings: Settings) -> None:
    tell(signed.owner, "call", call=41)
    tell(signed.owner, "progress", run=42)
    tell(signed.owner, "contacts")
    assert [event["kind"] for event in listen(signed, settings)] == ["contacts"]


def test_progress_tells_the_run_as_it_stands_when_it_is_sent(signed: Signed, settings: Settings) -> None:
    row = {"kind": "full", "trigger": "first", "property_set": "x", "checkpoint": {}, "requested_at": now()}
    run_id = int(Run.of(signed.owner).insert(state="running", **row).execute())
    tell(signed.owner, "progress", run=run_id)
    Run.of(signed.owner).update(read=7, total=9).where(Run.id == run_id).execute()
    (event,) = listen(signed, settings)
    assert (event["data"]["run"]["read"], event["data"]["run"]["total"]) == (7, 9)


class Reader(Listener):
    """Reads one message for each leave it is given, and leaves when told to."""

    def __init__(self) -> None:
        super().__init__(looks=0)
        self.leaves: Queue[bool] = Queue()
        self.read: Queue[dict[str, Any]] = Queue()
        self.left = False

    def send(self, data: str) -> None:
        if self.leaves.get(timeout=WITHIN_S):
            self.read.put(json.loads(data))

    def receive(self, timeout: float) -> None:
        assert timeout == 0
        self.event.clear()
        if self.left:
            raise ConnectionError


@pytest.fixture
def watcher() -> Iterator[events.Watcher]:
    watcher = events.Watcher()
    yield watcher
    watcher.stop()


def test_sockets_hear_at_once_and_a_client_that_does_not_read_holds_up_nobody(
    signed: Signed, settings: Settings, watcher: events.Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "LOOK_S", 3600)
    monkeypatch.setattr("callbook.models.announcing.ROUND_S", 0.1)
    quick, slow = Reader(), Reader()

    def serve(reader: Reader) -> None:
        with watcher.waking(signed.owner, reader.event), suppress(ConnectionError):
            push._serve(reader, signed, settings, 0)  # noqa: SLF001 - with a client of ours

    with ExitStack() as left:
        for reader in (slow, quick):
            thread = Thread(target=serve, args=(reader,))
            thread.start()
            left.callback(thread.join)
            left.callback(leave, reader)
        for _ in range(3):
            tell(signed.owner, "contacts")
        assert [_read(quick)["number"] for _ in range(3)] == [1, 2, 3]
        assert slow.read.empty()
        assert [_read(slow)["number"] for _ in range(3)] == [1, 2, 3]


def leave(reader: Reader) -> None:
    reader.left = True
    reader.leaves.put(item=False)
    reader.event.set()


def _read(reader: Reader) -> dict[str, Any]:
    reader.leaves.put(item=True)
    return reader.read.get(timeout=WITHIN_S)


def test_a_socket_that_nobody_wakes_looks_by_itself(
    signed: Signed, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class InVain(Event):
        def wait(self, timeout: float | None = None) -> bool:
            tell(signed.owner, "contacts")
            assert timeout == 2
            return False

    monkeypatch.setattr(push, "LOOK_S", 2)
    listener = Listener(looks=1)
    listener.event = InVain()
    with pytest.raises(ConnectionError):
        push._serve(listener, signed, settings, 0)  # noqa: SLF001 - with a client of ours
    assert [json.loads(text)["number"] for text in listener.sent] == [1]


def tell(owner: Owner, kind: str, **data: int) -> None:
    with transaction():
        events.append(owner, kind, data)
