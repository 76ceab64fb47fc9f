"""Every fault of HubSpot's at every place of every kind of run: the run says what is wrong, asks at most once a second
while it lasts, goes on when it is over, and the cache is right. The clock stands still but for those who rest.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby, pairwise
from typing import Any

import pytest
import requests
import time_machine
from time_machine import Traveller

from callbook import sync
from callbook.hubspot import Client, client
from callbook.models import Connection, Contact, Phone, Problem, Run, connected, now
from callbook.sync import reader
from callbook.sync.reader import LIST_HEADS, SEARCH_HEADS
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Rep
from tests.backend.syncing import Engine, Json, Meddler

WAITS_S = client.RETRY_WAITS_S  # as they are outside of tests
A_WHILE, LONG = timedelta(seconds=15), timedelta(hours=3)
TOKEN_LIFE_S = 1800
IMPATIENCE_S = 0.25  # of our client, where nothing is going to come

pytestmark = pytest.mark.usefixtures("small_pages")


# --- what goes wrong


@dataclass(frozen=True)
class Trouble:
    """How the run stands while it lasts, and the connection. `a_try`: requests that leave together; `of`: the stages it
    is about, all if none is named. `change` is an option and its value instead of a fault.
    """

    state: str
    problem: str | None = None
    fault: Mapping[str, Any] | None = None
    change: Mapping[str, Any] | None = None
    connection: str = "connected"
    a_try: int = 1
    of: tuple[str, ...] = ()
    token: bool = False

    @contextmanager
    def lasting(self, hubspot: RunningSandbox, endpoint: str, **more: int) -> Iterator[None]:
        before = hubspot.options
        with pytest.MonkeyPatch.context() as patch:
            if self.fault == HANGING:
                patch.setattr(client, "TIMEOUT_S", (5, IMPATIENCE_S))
            self._start(hubspot, endpoint, **more)
            yield
        hubspot.clear_faults()
        hubspot.change_options(**{name: getattr(before, name) for name in self.change or ()})

    def _start(self, hubspot: RunningSandbox, endpoint: str, **more: int) -> None:
        if self.token:
            hubspot.advance(TOKEN_LIFE_S + 100)
        if self.fault is not None:
            hubspot.fault("token" if self.token else endpoint, times=None, **self.fault, **more)
        elif self.change is not None:
            hubspot.change_options(**self.change)
        else:
            hubspot.revoke_all()


def status(code: int, state: str = "waiting", problem: str = "hubspot_error", **more: Any) -> Trouble:
    return Trouble(state, problem, {"status": code, **more})


def token(state: str, problem: str, connection: str = "connected", **fault: Any) -> Trouble:
    """The access token has expired, and this is what asking for another comes to."""
    return Trouble(state, problem, fault, connection=connection, token=True)


HANGING = {"kind": "hang"}
TROUBLES: dict[str, Trouble] = {
    "400": status(400, "failed"),
    "401": Trouble("waiting", "hubspot_error", {"status": 401}, a_try=2),
    "403": status(403, "failed", "scope_missing"),
    "414": status(414, "failed"),
    "429": status(429, problem="throttled"),
    "429 for 0 s": status(429, problem="throttled", retry_after_s=0),
    "429 for 7 s": status(429, problem="throttled", retry_after_s=7),
    "477": status(477),
    "500": status(500),
    "503 for 5 s": status(503, retry_after_s=5),
    "521": status(521),
    "delayed": Trouble("finished", None, {"kind": "delay", "delay_ms": 5}),
    "hanging": Trouble("waiting", "hubspot_unreachable", HANGING),
    "dropped": Trouble("waiting", "hubspot_unreachable", {"kind": "dropped"}),
    "cut": Trouble("waiting", "hubspot_unreachable", {"kind": "cut"}),
    "truncated": Trouble("waiting", "hubspot_error", {"kind": "truncated"}),
    "in drops": Trouble("finished", None, {"kind": "slow_body", "delay_ms": 0.5}),
    "a day's limit": Trouble("waiting", "throttled", change={"daily_limit": 1}, of=("list", "archived"), a_try=2),
    "a URL too long": Trouble("failed", "hubspot_error", change={"max_url_characters": 60}, of=("list", "archived")),
    "an order of its own": Trouble("failed", "hubspot_error", change={"list_order": "shuffled"}, of=("list",)),
    "search out of order": Trouble("finished", change={"search_slack_ms": 5_000}, of=("start", "recent")),
    "token 429": token("waiting", "throttled", status=429),
    "token 500": token("waiting", "hubspot_error", status=500),
    "token cut": token("waiting", "hubspot_unreachable", kind="cut"),
    "token truncated": token("waiting", "hubspot_error", kind="truncated"),
    "token dropped": token("waiting", "hubspot_unreachable", kind="dropped"),
    "refresh token refused": token("failed", "reconnect_needed", "reconnect_needed", token_error="BAD_REFRESH_TOKEN"),
    "account gone": token("failed", "reconnect_needed", "reconnect_needed", token_error="BAD_HUB"),
    "client id wrong": token("failed", "server_misconfigured", token_error="BAD_CLIENT_ID"),
    "client secret wrong": token("failed", "server_misconfigured", token_error="BAD_CLIENT_SECRET"),
    "revoked": Trouble("failed", "reconnect_needed", connection="reconnect_needed"),
}


# --- where


@dataclass(frozen=True)
class Place:
    """Where in a run it stands when the trouble begins, and which endpoint it asks there. `spared`: what cannot be read
    there is not the run's failure. `detour`: so many requests at once lead around what is refused there.
    """

    kind: str
    stage: str
    endpoint: str
    before: Callable[[RunningSandbox], object] = lambda _hubspot: None
    spared: bool = False
    detour: int = 1
    first: bool = False
    tokens: bool = False

    def meets(self, trouble: Trouble) -> bool:
        """How a token is got does not depend on what for: it is tried in one place of each kind of run."""
        return self.stage in (trouble.of or (self.stage,)) and (self.tokens or not trouble.token)


def edit(hubspot: RunningSandbox) -> None:
    hubspot.edit(hubspot.portal.live_ids[3], jobtitle=f"Changed {hubspot.clock.now_ms()}")


def archive(hubspot: RunningSandbox) -> None:
    hubspot.archive(hubspot.portal.live_ids[5])


def erase(hubspot: RunningSandbox) -> None:
    """So that no list of what was archived tells it."""
    hubspot.gdpr_delete(hubspot.portal.live_ids[7])


PLACES: dict[str, Place] = {
    "first full, start": Place("full", "start", "search", first=True),
    "first full, list": Place("full", "list", "list", first=True, tokens=True),
    "full, remove": Place("full", "remove", "batch_read", archive, tokens=True),
    "full, owners": Place("full", "owners", "owners", spared=True),
    "full, companies": Place("full", "companies", "companies_batch_read", spared=True),
    "recent, recent": Place("recent", "recent", "search", edit, tokens=True),
    "recent, audit": Place("recent", "audit", "search", edit),
    "recent, archived": Place("recent", "archived", "list", archive, detour=4),
    "recent, halve": Place("recent", "halve", "search", erase),
    "recent, list": Place("recent", "list", "list", erase),
}


# --- the clock, and what was sent


@dataclass
class Sent:
    """The moment of every request to HubSpot since it was last cleared, answered or not; those for tokens apart."""

    for_data: list[datetime] = field(default_factory=list)
    for_tokens: list[datetime] = field(default_factory=list)

    def clear(self) -> None:
        self.for_data.clear()
        self.for_tokens.clear()

    def assert_calm(self, name: str, moments: list[datetime], a_try: int = 1) -> None:
        """At most one try a second, of at most so many requests."""
        tries = [(at, len(list(together))) for at, together in groupby(moments)]
        assert all(count <= a_try for _, count in tries), f"{name}: at once were sent {[count for _, count in tries]}"
        gaps = [(later - earlier).total_seconds() for (earlier, _), (later, _) in pairwise(tries)]
        assert all(gap >= 1 for gap in gaps), f"{name}: sent after {gaps} s"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    sent, send = Sent(), requests.Session.send

    def noted(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        (sent.for_tokens if "/oauth/" in str(request.url) else sent.for_data).append(now())
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", noted)
    return sent


@pytest.fixture
def clock(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traveller]:
    with time_machine.travel(now(), tick=False) as clock:
        monkeypatch.setattr(client, "RETRY_WAITS_S", WAITS_S)
        monkeypatch.setattr("callbook.hubspot.RETRY_WAITS_S", WAITS_S)
        monkeypatch.setattr("callbook.accounts.client.Client", partial(Client, sleep=clock.shift))
        monkeypatch.setattr("callbook.sync.audit.LEAF", 5)
        assert engine.runs()[-1].state == "queued"
        yield clock


def lives_for(engine: Engine, clock: Traveller, span: timedelta) -> Run:
    """What a worker does with the run in so much time."""
    end = now() + span
    while (run := engine.work()).state in sync.LIVE and run.retry_at is not None and now() < end:
        clock.move_to(max(run.retry_at, now()))
    return run


def forget_all(engine: Engine) -> None:
    with connected():
        for table in (Phone, Problem, Contact, Run):
            table.of(engine.owner).delete().execute()


def stand_at(engine: Engine, place: Place) -> None:
    """Its worker has just died; the next one finds HubSpot in trouble."""
    if place.first:
        forget_all(engine)
    place.before(engine.hubspot)
    engine.ask(place.kind)
    stride = engine.take()
    engine.until(stride, place.stage)
    stride.stop_reading()
    engine.lose_lease()


def connection_of(engine: Engine) -> str:
    with connected():
        return str(Connection.of(engine.owner).select().get().state)


# --- one request at a time


@pytest.mark.parametrize("hubspot", [27], indirect=True)
@pytest.mark.parametrize("place", PLACES)
def test_every_trouble_is_told_sat_out_calmly_and_leaves_the_cache_right(
    engine: Engine, sign_in: Callable[[str], Rep], clock: Traveller, sent: Sent, place: str
) -> None:
    engine.hubspot.change_options(gdpr_deleted_are_listed_as_archived=False)
    there = PLACES[place]
    lives_for(engine, clock, LONG)
    for name, trouble in TROUBLES.items():
        if not there.meets(trouble):
            continue
        _through(engine, clock, sent, there, name)
        if trouble.connection != "connected":
            sign_in("admin")
        run = lives_for(engine, clock, LONG)
        if run.state == "failed":
            engine.ask("full" if there.first else "recent")
            run = lives_for(engine, clock, LONG)
        assert (run.state, run.problem) == ("finished", None), name
        engine.assert_equal()
        engine.hubspot.create(firstname="In", lastname="Stead", phone="+1 206 555 0142")
        clock.shift(60)


def _through(engine: Engine, clock: Traveller, sent: Sent, place: Place, name: str) -> None:
    trouble, told = TROUBLES[name], f"{place.kind}, {place.stage}: {name}"
    stand_at(engine, place)
    clock.shift(1)
    sent.clear()
    with trouble.lasting(engine.hubspot, place.endpoint):
        run = lives_for(engine, clock, A_WHILE)
    spared = place.spared and trouble.state != "finished"
    expected = ("finished", None) if spared else (trouble.state, trouble.problem)
    assert (run.state, run.problem, connection_of(engine)) == (*expected, trouble.connection), told
    if run.state != "finished":
        sent.assert_calm(told, sent.for_data, max(trouble.a_try, place.detour))
        sent.assert_calm(told, sent.for_tokens)
    assert run.state != "waiting" or len(sent.for_data) > 1, f"{told}: it was not tried again"


# --- many requests at a time


@pytest.fixture
def heads(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many requests are under way at once, as they are outside of tests."""
    monkeypatch.setattr(reader, "LIST_HEADS", LIST_HEADS)
    monkeypatch.setattr(reader, "SEARCH_HEADS", SEARCH_HEADS)
    monkeypatch.setattr("callbook.hubspot.LIST_LIMIT", 10)
    engine.hubspot.latency(30)
    return LIST_HEADS + SEARCH_HEADS


STORMS = ("400", "429", "429 for 0 s", "477", "500", "hanging", "cut")
HEALTHY = 14  # requests before the trouble: by then the list is known to be sought, and all heads are under way


@pytest.mark.parametrize("hubspot", [400], indirect=True)
@pytest.mark.parametrize("name", STORMS)
def test_all_requests_failing_at_once_make_no_storm(
    engine: Engine, clock: Traveller, sent: Sent, heads: int, name: str
) -> None:
    """What was under way may come back; then one at a time goes out, at most once a second."""
    trouble = TROUBLES[name]
    engine.hubspot.requests.clear()
    sent.clear()
    with trouble.lasting(engine.hubspot, "contacts", skip=HEALTHY):
        run = lives_for(engine, clock, A_WHILE)
    assert (run.state, run.problem) == (trouble.state, trouble.problem)
    assert engine.hubspot.requests.peak_concurrency > 2
    begun = sent.for_data.count(sent.for_data[0])
    assert begun <= HEALTHY + heads
    sent.assert_calm(name, sent.for_data[begun:])
    if run.state == "failed":
        engine.ask("full")
    run = lives_for(engine, clock, LONG)
    assert (run.state, run.problem) == ("finished", None)
    engine.assert_equal()


@pytest.mark.parametrize("hubspot", [400], indirect=True)
def test_all_requests_meeting_an_expired_token_ask_for_another_once(
    engine: Engine, clock: Traveller, sent: Sent, heads: int
) -> None:
    """And when that fails, once more a try, not once a request."""
    engine.hubspot.fault("contacts", 401, times=heads, skip=HEALTHY)
    engine.hubspot.fault("token", 500, times=None, delay_ms=300)
    sent.clear()
    run = lives_for(engine, clock, A_WHILE)
    assert (run.state, run.problem) == ("finished", None)
    sent.assert_calm("token", sent.for_tokens)
    engine.assert_equal()


@pytest.mark.parametrize("hubspot", [400], indirect=True)
@pytest.mark.usefixtures("heads")
def test_revoked_with_many_requests_under_way_the_cache_is_kept_until_reconnected(
    engine: Engine, sign_in: Callable[[str], Rep], clock: Traveller, sent: Sent
) -> None:
    lives_for(engine, clock, LONG)
    before = {row.id: row.__data__ for row in engine.rows()}
    engine.hubspot.archive(engine.hubspot.portal.live_ids[0])
    engine.ask("full")
    engine.hubspot.fault("contacts", 401, times=None, skip=HEALTHY)
    engine.hubspot.fault("token", token_error="BAD_REFRESH_TOKEN", times=None, delay_ms=300)
    sent.clear()
    run = lives_for(engine, clock, LONG)
    assert (run.state, run.problem, connection_of(engine)) == ("failed", "reconnect_needed", "reconnect_needed")
    assert len(sent.for_tokens) == 1
    assert {row.id: {**row.__data__, "absent_run": before[row.id]["absent_run"]} for row in engine.rows()} == before
    sent.clear()
    assert engine.run("recent").problem == "reconnect_needed"
    assert sent.for_data == sent.for_tokens == []
    engine.hubspot.clear_faults()
    sign_in("admin")
    run = lives_for(engine, clock, LONG)
    assert (run.state, run.problem, run.removed) == ("finished", None, 1)
    engine.assert_equal()


LIES: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    **{f"in the order {order}": ({"list_order": order}, {}) for order in ("created", "newest_first", "shuffled")},
    **{f"an unknown after is {said}": ({"unknown_after": said}, {}) for said in ("ignored", "refused")},
    **{
        kind: ({}, {"kind": kind, "times": None})
        for kind in ("repeated_page", "empty_page", "unordered", "after_ignored", "after_refused")
    },
    **{f"{kind}, twice": ({}, {"kind": kind, "skip": 2, "times": 2}) for kind in ("repeated_page", "empty_page")},
    "a property is missing for a while": ({}, {"property": "phone", "times": 3}),
    "changes between pages": ({}, {"operations": ({"action": "create", "properties": {"lastname": "Between"}},)}),
}


@pytest.mark.parametrize("hubspot", [150], indirect=True)
@pytest.mark.usefixtures("heads")
@pytest.mark.parametrize("lie", LIES)
def test_a_list_that_lies_is_read_all_the_same(engine: Engine, clock: Traveller, lie: str) -> None:
    options, fault = LIES[lie]
    engine.hubspot.change_options(**options)
    if fault:
        engine.hubspot.fault("list", **fault)
    run = lives_for(engine, clock, LONG)
    assert (run.state, run.problem) == ("finished", None)
    if "property" in fault:  # nothing tells it from one that was cleared, until all is read again
        engine.ask("full")
        run = lives_for(engine, clock, LONG)
        assert (run.state, run.problem) == ("finished", None)
    engine.assert_equal()


@pytest.mark.parametrize("hubspot", [400], indirect=True)
@pytest.mark.usefixtures("heads")
def test_told_to_stop_it_does_not_wait_for_ever_for_what_is_under_way(
    engine: Engine, meddler: Meddler, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping = threading.Event()
    engine.worker = sync.Worker(engine.settings, stopping)
    monkeypatch.setattr(reader, "FINISHED_WITHIN_S", 0.2)

    def stop(body: Json) -> Json:
        stopping.set()
        return body

    meddler.next("search", lambda body: body)  # the sample
    meddler.next("search", stop)
    engine.hubspot.fault("list", kind="hang", skip=2, times=None)
    run_id = engine.runs()[-1].id
    with connected():
        engine.worker.work(run_id)
    left = engine.row(run_id)
    assert (left.state, left.problem, left.lease_owner) == ("waiting", None, None)
    assert 0 < left.read < 400
    stopping.clear()
    engine.hubspot.clear_faults()
    run = engine.work()
    assert (run.state, run.problem, run.added) == ("finished", None, 400)
    engine.assert_equal()
