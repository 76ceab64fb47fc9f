"""Events of calls, in any order, twice, late, with gaps, over restarts of the server and whoever leaves and comes back,
through the real API: a state machine. Browsers read by cursor, when they please. The rules, by their numbers:

1 What a browser has been told comes to what the history says: nothing is lost.
2 Nothing is told as ringing after its end, or its time to live.
3 What the phone system has said is over stays over.
4 Nobody hears of another's call.
5 A call that only rings is ringing, or missed after its time; an answered one without an end goes on.

And servers that are wrong on purpose, each of which it finds.
"""

import base64
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from callbook import accounts, calls, events, models, routing
from callbook.calls import CallEvent, states, telling
from callbook.models import Call, User, connected
from callbook.settings import Settings
from callbook.telephony import Notice
from callbook.web import create_app
from tests.backend.databases import KIND, database_url
from tests.backend.people import Rep, connect, json_of, new_user
from tests.backend.phoning import tell
from tests.backend.serving import CALL_SECRET

BEGINNING = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RING = timedelta(seconds=45)
EXAMPLES, STEPS = (7, 30) if KIND == "sqlite" else (3, 30)
STATES = ["ringing", "ringing", "answered", "answered", "missed", "voicemail", "answered_elsewhere", "ended"]
OVER = {"missed", "voicemail", "answered_elsewhere", "ended"}
USERS = {"ann": ("rep@one.example", 1), "ben": ("ben@one.example", 1), "cyd": ("rep@one.example", 2)}
WHO = st.sampled_from(["ann", "ann", "ben", "cyd"])
CALLS = st.sampled_from([0, 0, 1])
LATE_S = st.sampled_from([None, None, 0, 1, 5, 44, 46])  # how long ago it was, where it says so

_migrated: list[Path] = []


@dataclass
class Told:
    """What one of the users' browsers knows: its cursor, and of each call the last it heard."""

    rep: Rep | None = None
    cursor: int = 0
    calls: dict[str, tuple[str, datetime, bool]] = field(default_factory=dict)  # state, rings until, whether a test


@dataclass(frozen=True)
class Taken:
    """An event that the server has accepted."""

    state: str
    at: datetime


class CallMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.clock = self.open.enter_context(time_machine.travel(BEGINNING, tick=False))
        self.settings = _settings(Path(self.open.enter_context(TemporaryDirectory())))
        self.app = create_app(self.settings)
        self.browsers = {who: Told() for who in USERS}
        self.taken: dict[tuple[str, str], list[Taken]] = {}
        self.sent: list[tuple[str, int, str, int | None]] = []
        self.messages = 0
        with connected():
            self.users = {who: new_user(email, portal_id=portal).id for who, (email, portal) in USERS.items()}
        for who in USERS:
            self._authorize(who)

    def teardown(self) -> None:
        try:
            for who in USERS:
                self.a_browser_reads(who)
        finally:
            self.app.extensions["callbook_jobs"].huey.storage.close()
            self.open.close()

    # --- what happens

    @rule(who=WHO, call=CALLS, told=st.lists(st.tuples(st.sampled_from(STATES), LATE_S), min_size=1, max_size=3))
    def a_phone_system_tells(self, who: str, call: int, told: list[tuple[str, int | None]]) -> None:
        """By the webhook and by the extension in turn; a browser may have read what came before."""
        for state, late_s in told:
            self.sent.append((who, call, state, late_s))
            self._tell(who, call, state, late_s, hooked=len(self.sent) % 2 == 0)
            if len(self.sent) % 3:
                self.a_browser_reads(who)

    @precondition(lambda self: self.sent)
    @rule(place=st.integers(0, 30), hooked=st.booleans())
    def it_tells_again(self, place: int, *, hooked: bool) -> None:
        self._tell(*self.sent[-1 - place % len(self.sent)], hooked=hooked)

    @rule(seconds=st.sampled_from([1, 3, 12, 46, 100]))
    def time_passes(self, seconds: int) -> None:
        self.clock.shift(timedelta(seconds=seconds))

    @precondition(lambda self: len(self.sent) % 6 == 5)  # now and then
    @rule()
    def the_server_starts_anew(self) -> None:
        """Nothing in memory is of use to it."""
        self.app.extensions["callbook_jobs"].huey.storage.close()
        self.app = create_app(self.settings)
        for browser in self.browsers.values():
            if browser.rep is not None:
                browser.rep = Rep(self.app.test_client(), browser.rep.token)

    @rule(who=WHO)
    def the_user_leaves_or_comes_back(self, who: str) -> None:
        rep = self.browsers[who].rep
        if rep is None:
            self._authorize(who)
        else:
            assert rep.post("/auth/unauthorize").status_code == 204
            self.browsers[who].rep = None

    @rule(who=WHO, ended=st.booleans())
    def a_test_call(self, who: str, *, ended: bool) -> None:
        rep = self.browsers[who].rep
        if ended:
            with connected():
                calls.end_tests()
        elif rep is not None:
            call = json_of(rep.post("/api/calls/test", {}))
            self.taken.setdefault((who, call["call_id"]), [Taken("ringing", _moment(call["started_at"]))])

    # --- what is heard

    @rule(who=WHO)
    def a_browser_reads(self, who: str) -> None:
        browser = self.browsers[who]
        if browser.rep is None:
            return
        page = browser.rep.read("/api/events", after=browser.cursor)
        if page["start_again"]:
            browser.calls, browser.cursor = {}, page["newest"]
        for each in page["events"] if not page["start_again"] else ():
            assert each["number"] > browser.cursor, "rule 1: events come in their order"
            browser.cursor = each["number"]
            if each["kind"] == "call":
                call = each["data"]["call"]
                self._judge(who, call)
                browser.calls[call["call_id"]] = _kept(call)
        self._agrees(who, browser, browser.rep, anew=page["start_again"])

    def _agrees(self, who: str, browser: Told, rep: Rep, *, anew: bool) -> None:
        history = {call["call_id"]: call for call in rep.calls(limit=200)["calls"]}
        for call in history.values():
            self._judge(who, call)
            if anew:
                browser.calls[call["call_id"]] = _kept(call)
        known = {call_id: _now(*told) for call_id, told in browser.calls.items()}
        lasting = {call_id: state for call_id, state in known.items() if call_id in history or call_id[:5] != "test-"}
        assert lasting == {call_id: call["state"] for call_id, call in history.items()}, "rule 1: nothing is lost"

    def _judge(self, who: str, call: dict[str, Any]) -> None:
        taken = self.taken.get((who, call["call_id"]))
        assert taken is not None, "rule 4: nobody hears of another's call"
        assert _is_test(call) or call["number"] == _number(who, int(call["call_id"][1:])), "rule 4: nor of its number"
        told, lasts = {each.state for each in taken}, timedelta(seconds=10) if _is_test(call) else RING
        rings = datetime.now(UTC) <= taken[0].at + lasts
        if call["state"] == "ringing":
            assert told == {"ringing"}, "rule 2: nothing rings after its end"
            assert rings, "rule 2: nothing rings after its time to live"
        elif "ended" in told:
            assert call["state"] in OVER, "rule 3: what is over stays over"
        elif told == {"ringing"}:
            assert _is_test(call) or (call["state"] == "missed" and not rings), "rule 5: what only rings is ringing"
        elif told <= {"ringing", "answered"}:
            assert call["state"] == "answered", "rule 5: what is answered goes on"

    # --- how

    def _tell(self, who: str, call: int, state: str, late_s: int | None, *, hooked: bool) -> None:
        now = datetime.now(UTC)
        at = now if late_s is None else now - timedelta(seconds=late_s)
        rep = self.browsers[who].rep
        if hooked:
            self.messages += 1
            email, portal = USERS[who]
            rung = {"call_id": f"c{call}", "state": state, "from": _number(who, call), "to": email, "portal": portal}
            said = {} if late_s is None else {"at": at.isoformat()}
            answer = tell(self.app, f"m{self.messages}", **rung, **said)
            assert json_of(answer) == {"routed": rep is not None}
        elif rep is not None:
            event = {"call_id": f"c{call}", "state": state, "number": _number(who, call), "direction": "inbound"}
            assert rep.post("/api/calls", {**event, "ago_ms": 1000 * (late_s or 0)}).status_code == 202
        if rep is not None:
            self.taken.setdefault((who, f"c{call}"), []).append(Taken(state, at))

    def _authorize(self, who: str) -> None:
        with connected():
            owner = User.get_by_id(self.users[who]).owner
            connect(owner)
            token = accounts.open_session(self.settings, owner)
        self.browsers[who].rep = Rep(self.app.test_client(), token)


def _settings(folder: Path) -> Settings:
    url = database_url(folder)
    if KIND == "sqlite":
        shutil.copy(_migrated[0], folder / "callbook.db")
    key = base64.b64encode(b"k" * 32).decode()
    known = {"CALLBOOK_DATABASE_URL": url, "CALLBOOK_SECRET_KEYS": f"k1:{key}"}
    hubspot = {"HUBSPOT_CLIENT_ID": "-", "HUBSPOT_CLIENT_SECRET": "-", "HUBSPOT_API_URL": "http://127.0.0.1:9"}
    return Settings.from_env({**known, **hubspot, "CALLBOOK_CALL_HOOK_SECRETS": CALL_SECRET})


@pytest.fixture(scope="module", autouse=True)
def migrated(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Once for all examples."""
    folder = tmp_path_factory.mktemp("migrated")
    models.connect(database_url(folder))
    models.migrate()
    models.disconnect()
    _migrated[:] = [folder / "callbook.db"]


def _number(who: str, call: int) -> str:
    return f"+1201555{list(USERS).index(who) + 1}{call:03}"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _is_test(call: dict[str, Any]) -> bool:
    return str(call["call_id"]).startswith("test-")


def _kept(call: dict[str, Any]) -> tuple[str, datetime, bool]:
    return call["state"], datetime.now(UTC) + timedelta(milliseconds=call["rings_ms"]), _is_test(call)


def _now(state: str, rings_until: datetime, is_test: bool) -> str:  # noqa: FBT001 - a part of what was told
    """As a browser shows it, which hears of no end by time."""
    if state != "ringing" or datetime.now(UTC) <= rings_until:
        return state
    return "ended" if is_test else "missed"


def run_machine(*, shrinking: bool = True) -> None:
    profile = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if shrinking else [])],
        report_multiple_bugs=False,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )

    @seed(1)
    class Seeded(CallMachine):
        pass

    run_state_machine_as_test(Seeded, settings=profile)


def test_whatever_is_told_in_whatever_order_the_rules_hold() -> None:
    run_machine()


# --- servers that are wrong on purpose


def ringing_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tells the state that was written."""
    monkeypatch.setattr(telling, "_state_now", lambda call, _settings: call.state)


def going_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Believes the last that came."""
    monkeypatch.setattr(states, "after", lambda _call, event: {"state": event.state, "ended_at": None})


def telling_only_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes what changes, and tells nobody."""
    record = calls.record

    def silent(owner: Any, event: CallEvent) -> Call:
        with connected():
            known = Call.of(owner).select().where(Call.call_id == event.call_id).exists()
        with monkeypatch.context() as patch:
            if known:
                patch.setattr(events, "append", lambda *_: 0)
            return record(owner, event)

    monkeypatch.setattr(calls, "record", silent)


def ringing_a_namesake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the first with the address, whatever their portal."""

    def meant(notice: Notice) -> User | None:
        found = list(User.select().where(User.email == notice.address).order_by(User.id).limit(1))
        return found[0] if found else None

    monkeypatch.setattr(routing, "_meant", meant)


WRONG = [ringing_for_ever, going_back, telling_only_the_first, ringing_a_namesake]


@pytest.mark.skipif(KIND != "sqlite", reason="what the machine finds does not depend on the database")
@pytest.mark.parametrize("make_wrong", WRONG, ids=lambda each: each.__name__)
def test_the_machine_finds_a_server_that_is_wrong(
    make_wrong: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wrong(monkeypatch)
    with pytest.raises(AssertionError, match=r"rule \d|routed"):
        run_machine(shrinking=False)
