"""Calls: they only go forward, are told once, are not shown as ringing for ever, and keep the name they had."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
import time_machine

from callbook import calls, contacts, events
from callbook.calls import Asked, CallEvent
from callbook.models import Call, Contact, Owner, transaction
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.people import cache, keep_personal, new_user, remote

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NUMBER = "+12015550132"


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def owner(database: None) -> Iterator[Owner]:  # noqa: ARG001 - there to be connected
    with time_machine.travel(NOON, tick=False):
        yield new_user().owner


def event(state: str, *, after_s: float = 0, **changed: Any) -> CallEvent:
    known = {"call_id": "c1", "direction": "inbound", "state": state, "number": NUMBER}
    return CallEvent(**{**known, "at": NOON + timedelta(seconds=after_s), **changed})


def told_of(owner: Owner) -> list[str]:
    """In which state the user's browsers were told of a call, by event."""
    return [row.kind for row in events.after(owner, 0).events]


def shown(owner: Owner, call: Call, settings: Settings) -> dict[str, Any]:
    return calls.told(owner, [call], settings)[0]


def test_a_call_goes_from_ringing_to_answered_to_ended(owner: Owner, settings: Settings) -> None:
    states = ("ringing", "answered", "ended")
    rows = [calls.record(owner, event(state, after_s=n)) for n, state in enumerate(states)]
    assert [row.state for row in rows] == list(states)
    last = shown(owner, rows[-1], settings)
    moments = [last["started_at"], last["answered_at"], last["ended_at"]]
    assert moments == [NOON, NOON + timedelta(seconds=1), NOON + timedelta(seconds=2)]
    assert len({row.id for row in rows}) == 1
    assert told_of(owner) == ["call", "call", "call"]


@pytest.mark.parametrize("order", [("answered", "ringing"), ("ringing", "answered")])
def test_a_call_began_no_later_than_whatever_is_told_of_it(owner: Owner, order: tuple[str, ...]) -> None:
    """A telephone that could not reach us tells afterwards when it was."""
    calls.record(owner, event("ringing", after_s=5))
    for state in order:
        last = calls.record(owner, event(state, after_s=["ringing", "answered"].index(state)))
    assert (last.state, last.started_at, last.answered_at) == ("answered", NOON, NOON + timedelta(seconds=1))


@pytest.mark.parametrize("order", list(permutations(["ringing", "answered", "ended"])))
def test_in_whatever_order_events_come_the_call_never_goes_back(owner: Owner, order: tuple[str, ...]) -> None:
    stages = [calls.STAGE[calls.record(owner, event(state)).state] for state in order]
    assert stages == sorted(stages)
    assert stages[-1] == calls.STAGE["ended"]


OVER = ["ended", "missed", "voicemail", "answered_elsewhere"]


@pytest.mark.parametrize("over", OVER)
@pytest.mark.parametrize("late_s", [0, 9])
def test_what_is_over_never_rings_again_and_nobody_is_told(owner: Owner, over: str, late_s: float) -> None:
    calls.record(owner, event(over))
    for again in ("ringing", over):
        assert calls.record(owner, event(again, after_s=late_s)).state == over
    assert told_of(owner) == ["call"]


@pytest.mark.parametrize("state", ["ringing", "answered", *OVER])
def test_an_event_that_comes_twice_is_told_once(owner: Owner, state: str) -> None:
    first = calls.record(owner, event(state))
    second = calls.record(owner, event(state, after_s=5))
    assert (second.id, second.started_at) == (first.id, first.started_at)
    assert told_of(owner) == ["call"]


def test_an_inbound_call_that_ends_while_it_rings_was_missed(owner: Owner) -> None:
    calls.record(owner, event("ringing"))
    assert calls.record(owner, event("ended", after_s=5)).state == "missed"


def test_an_outbound_call_that_ends_while_it_rings_has_ended(owner: Owner) -> None:
    calls.record(owner, event("ringing", direction="outbound"))
    assert calls.record(owner, event("ended", direction="outbound")).state == "ended"


@pytest.mark.parametrize(("direction", "state"), [("inbound", "missed"), ("outbound", "ended")])
def test_a_stale_ringing_call_is_not_shown_as_ringing(
    owner: Owner, settings: Settings, direction: str, state: str
) -> None:
    call = calls.record(owner, event("ringing", direction=direction))
    assert calls.rings_until(call, settings) == NOON + timedelta(seconds=45)
    with time_machine.travel(NOON + timedelta(seconds=45), tick=False):
        assert shown(owner, call, settings)["state"] == "ringing"
    with time_machine.travel(NOON + timedelta(seconds=46), tick=False):
        assert shown(owner, call, settings)["state"] == state
        assert calls.event_told(owner, call, settings)["call"]["state"] == state


@pytest.mark.parametrize(
    ("told", "state", "answered_s", "ended_s"),
    [
        # an end told too early, by one of several telephones
        ("ringing 0, missed 5, answered 6", "answered", 6, None),
        ("ringing 0, answered 6, missed 5", "answered", 6, None),
        ("ringing 0, missed 5, answered 6, ended 9", "ended", 6, 9),
        ("ringing 0, voicemail 5, answered 6", "answered", 6, None),
        ("ringing 0, answered_elsewhere 5, answered 6", "answered", 6, None),
        ("ringing 0, answered 6, answered_elsewhere 5", "answered", 6, None),
        # answered before, told late
        ("ringing 0, missed 5, answered 5", "ended", 5, 5),
        ("ringing 0, missed 5, answered 2", "ended", 2, 5),
        ("ringing 0, voicemail 5, answered 2", "ended", 2, 5),
        ("ringing 0, ended 5, answered 2", "ended", 2, 5),
        ("ended 5, answered 2, ringing 0", "ended", 2, 5),
        ("ringing 0, missed 5, ended 9, answered 6", "ended", 6, 9),
        # the phone system has said that it is over: without `at`, what comes late seems to be late
        ("ringing 0, ended 5, answered 6", "ended", 5, 5),
        ("ringing 0, missed 5, ended 5, answered 6", "ended", 5, 5),
        # who has answered has not missed it
        ("ringing 0, answered 2, missed 5", "ended", 2, 5),
        ("ringing 0, answered 2, voicemail 5", "ended", 2, 5),
        ("ringing 0, answered 2, ended 1", "ended", 2, 2),
        # a transfer: a colleague takes it over, and it ends there
        ("ringing 0, answered 2, answered_elsewhere 5, ended 9", "answered_elsewhere", 2, 9),
        ("ringing 0, answered 2, answered_elsewhere 5, answered 7", "answered_elsewhere", 2, 5),
        # of a call that was not answered here, what says most
        ("ringing 0, missed 5, voicemail 9", "voicemail", None, 5),
        ("ringing 0, voicemail 5, missed 5, ended 9", "voicemail", None, 9),
        ("ringing 0, ended 5, answered_elsewhere 5", "answered_elsewhere", None, 5),
        ("ringing 0, answered_elsewhere 5, missed 6, voicemail 7", "answered_elsewhere", None, 5),
        ("ended 5, missed 5", "missed", None, 5),
    ],
)
def test_what_several_telephones_tell_of_one_call_comes_to_what_is_right(
    owner: Owner, told: str, state: str, answered_s: float | None, ended_s: float | None
) -> None:
    for name, after_s in (each.split() for each in told.split(", ")):
        call = calls.record(owner, event(name, after_s=float(after_s)))
    seconds = [None if at is None else (at - NOON).total_seconds() for at in (call.answered_at, call.ended_at)]
    assert (call.state, *seconds) == (state, answered_s, ended_s)


def test_a_voicemail_is_a_missed_call_and_another_s_voicemail_the_end_of_ones_own(
    owner: Owner, settings: Settings
) -> None:
    assert calls.record(owner, event("voicemail", call_id="in")).state == "voicemail"
    calls.record(owner, event("ringing", call_id="out", direction="outbound"))
    assert calls.record(owner, event("voicemail", call_id="out", direction="outbound")).state == "ended"
    assert calls.record(owner, event("voicemail", call_id="at once", direction="outbound")).state == "ended"
    assert part(owner, settings, show="missed") == ({"in"}, {"all": 3, "missed": 1, "unknown": 3})


def test_two_calls_at_once_are_two_calls(owner: Owner, settings: Settings) -> None:
    """A second one waits while the first is answered, is answered, and outlasts it."""
    waiting = {"call_id": "c2", "number": "+12015550177"}
    calls.record(owner, event("ringing"))
    calls.record(owner, event("answered", after_s=2))
    calls.record(owner, event("ringing", after_s=3, **waiting))
    rows = calls.history(owner, Asked(), settings).calls
    assert [(row.call_id, row.state) for row in rows] == [("c2", "ringing"), ("c1", "answered")]
    calls.record(owner, event("answered", after_s=5, **waiting))
    calls.record(owner, event("ended", after_s=6))
    rows = calls.history(owner, Asked(), settings).calls
    assert [(row.call_id, row.state) for row in rows] == [("c2", "answered"), ("c1", "ended")]
    assert len(told_of(owner)) == 5


def test_a_ringing_event_older_than_its_time_to_live_is_told_as_missed(owner: Owner, settings: Settings) -> None:
    call = calls.record(owner, event("ringing", after_s=-46))
    assert calls.event_told(owner, call, settings)["call"]["state"] == "missed"
    assert part(owner, settings, show="missed")[0] == {"c1"}


# --- what the phone system calls the caller


def test_where_nobody_is_known_the_carriers_name_stands_and_can_be_searched(owner: Owner, settings: Settings) -> None:
    call = calls.record(owner, event("ringing", name="  Zo\u00eb   CARRIER "))
    caller = shown(owner, call, settings)["caller"]
    assert (caller["label"], caller["reason"], caller["carrier_name"]) == ("carrier", "not_found", "Zo\u00eb CARRIER")
    assert part(owner, settings, query="zoe carrier") == ({"c1"}, {"all": 1, "missed": 0, "unknown": 1})
    keep_personal(owner, lastname="Abel", phone=NUMBER)
    caller = shown(owner, call, settings)["caller"]
    assert (caller["label"], caller["carrier_name"]) == ("exact", "Zo\u00eb CARRIER")


@pytest.mark.parametrize("name", ["", " ", "+1 201-555-0132", "???", None])
def test_what_has_no_letter_is_no_name(owner: Owner, settings: Settings, name: str | None) -> None:
    caller = shown(owner, calls.record(owner, event("ringing", name=name)), settings)["caller"]
    assert (caller["label"], caller["carrier_name"]) == ("none", None)


def test_the_carriers_name_may_come_later_and_then_stays(owner: Owner, settings: Settings) -> None:
    cache(owner, remote(1, lastname="Abel", phone=NUMBER))
    calls.record(owner, event("ringing"))
    for name in ("Works Inc", "Works Inc", "Other"):
        call = calls.record(owner, event("ringing", name=name))
    caller = shown(owner, call, settings)["caller"]
    assert (caller["label"], caller["carrier_name"], len(told_of(owner))) == ("exact", "Works Inc", 2)
    for query in ("works inc", "abel"):
        assert part(owner, settings, query=query)[0] == {"c1"}


# --- the user's own word on a shared number


@pytest.fixture
def shared(owner: Owner) -> Owner:
    """Two have the number; Berg is the second."""
    cache(owner, remote(1, lastname="Abel", phone=NUMBER), remote(2, lastname="Berg", phone=NUMBER))
    return owner


def berg(owner: Owner) -> int:
    return Contact.of(owner).select().where(Contact.hubspot_id == 2).get().id


def test_a_pick_names_the_call_that_goes_on_and_leaves_those_that_are_over(shared: Owner, settings: Settings) -> None:
    calls.record(shared, event("ended", call_id="over"))
    calls.record(shared, event("ringing"))
    calls.record(shared, event("ringing", call_id="other", number="+12015550177"))
    before = len(told_of(shared))
    told = calls.choose(shared, NUMBER, berg(shared))
    assert (told["label"], told["people"], told["chosen"], told["candidates"][0]["name"]) == (
        *("shared", 2, berg(shared)),
        "Berg",
    )
    rows = calls.told(shared, calls.history(shared, Asked(), settings).calls, settings)
    assert [(row["call_id"], row["caller"].get("chosen")) for row in rows] == [
        ("other", None),
        ("c1", berg(shared)),
        ("over", None),
    ]
    assert len(told_of(shared)) == before + 1
    calls.choose(shared, NUMBER, berg(shared))
    assert len(told_of(shared)) == before + 1
    assert calls.choose(shared, NUMBER, None)["chosen"] is None
    assert len(told_of(shared)) == before + 2


def test_a_call_answered_long_ago_whose_end_was_lost_keeps_what_it_said(shared: Owner) -> None:
    calls.record(shared, event("answered"))
    before = len(told_of(shared))
    with time_machine.travel(NOON + timedelta(days=1, seconds=1), tick=False):
        calls.choose(shared, NUMBER, berg(shared))
    assert len(told_of(shared)) == before


# --- test calls


def test_a_test_call_rings_ten_seconds_and_is_no_part_of_the_history_then(owner: Owner, settings: Settings) -> None:
    call = calls.ring_test(owner)
    told = calls.event_told(owner, call, settings)
    assert (told["call"]["state"], told["call"]["caller"]["carrier_name"]) == ("ringing", "Callbook")
    assert told["call"]["rings_ms"] == 10_000
    assert calls.ring_test(owner).id == call.id
    assert part(owner, settings)[0] == {call.call_id}
    calls.end_tests()
    assert told_of(owner) == ["call"]
    with time_machine.travel(NOON + timedelta(seconds=11), tick=False):
        assert shown(owner, call, settings)["state"] == "ended"
        calls.end_tests()
        calls.end_tests()
        ended = calls.find(owner, call.id)
        assert ended is not None
        assert (ended.state, ended.ended_at) == ("ended", NOON + timedelta(seconds=10))
        assert told_of(owner) == ["call", "call"]
        assert part(owner, settings) == (set(), {"all": 0, "missed": 0, "unknown": 0})
        assert calls.newest_with(owner, [call.e164 or ""]) is None
        assert calls.ring_test(owner).id != call.id


def test_a_call_answered_after_it_was_thought_missed_is_answered(owner: Owner, settings: Settings) -> None:
    calls.record(owner, event("ringing"))
    with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
        call = calls.record(owner, event("answered", after_s=300))
        assert shown(owner, call, settings)["state"] == "answered"


def test_a_call_keeps_the_name_it_was_shown_with(owner: Owner, settings: Settings) -> None:
    cache(owner, remote(1, lastname="Abel", phone=NUMBER))
    call = calls.record(owner, event("ringing"))
    with transaction():
        contacts.retire(owner, [1])
    (candidate,) = shown(owner, call, settings)["caller"]["candidates"]
    assert candidate["name"] == "Abel"


def test_a_call_whose_name_was_removed_is_looked_up_again(owner: Owner, settings: Settings) -> None:
    call = calls.record(owner, event("ringing"))
    Call.of(owner).update(caller=None).execute()
    cache(owner, remote(1, lastname="Abel", phone=NUMBER))
    found = calls.find(owner, call.id)
    assert found is not None
    assert shown(owner, found, settings)["caller"]["label"] == "exact"


def test_a_caller_who_had_no_name_gets_one_as_soon_as_there_is_one(owner: Owner, settings: Settings) -> None:
    call = calls.record(owner, event("ringing"))
    assert shown(owner, call, settings)["caller"]["label"] == "none"
    keep_personal(owner, lastname="Abel", phone=NUMBER)
    assert shown(owner, call, settings)["caller"]["candidates"][0]["name"] == "Abel"


def test_an_unreadable_number_is_a_call_all_the_same(owner: Owner, settings: Settings) -> None:
    call = calls.record(owner, event("ringing", number="anonymous"))
    caller = shown(owner, call, settings)["caller"]
    assert (caller["label"], caller["reason"], caller["number"]) == ("none", "withheld", "anonymous")


def test_the_history_is_walked_newest_first_and_gives_every_call_once(owner: Owner, settings: Settings) -> None:
    made = [calls.record(owner, event("ended", call_id=f"c{number}")).id for number in range(7)]
    walked: list[int] = []
    before: int | None = None
    while True:
        page = calls.history(owner, Asked(limit=3, before=before), settings)
        assert page.counts == {"all": 7, "missed": 0, "unknown": 7}
        walked += [row.id for row in page.calls]
        assert len(walked) <= len(made)
        if page.older is None:
            break
        before = page.older
    assert walked == made[::-1]


def test_a_call_that_comes_in_during_the_walk_does_not_shift_it(owner: Owner, settings: Settings) -> None:
    made = [calls.record(owner, event("ended", call_id=f"c{number}")).id for number in range(4)]
    first = calls.history(owner, Asked(limit=2), settings)
    calls.record(owner, event("ended", call_id="new"))
    older = calls.history(owner, Asked(limit=2, before=first.older), settings)
    assert [row.id for row in older.calls] == [made[1], made[0]]


def walk(owner: Owner, settings: Settings, limit: int) -> list[str]:
    """By the phone system's names."""
    walked: list[str] = []
    before: int | None = None
    while len(walked) < 100:
        page = calls.history(owner, Asked(limit=limit, before=before), settings)
        walked += [row.call_id for row in page.calls]
        before = page.older
        if before is None:
            break
    return walked


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 50])
def test_a_call_told_late_stands_where_it_belongs(owner: Owner, settings: Settings, limit: int) -> None:
    """Kept by a telephone that was offline in the evening, and told the next morning."""
    for call_id, after_s in [("evening", -9000), ("today", 0), ("late", -8000), ("later", -8500), ("now", 10)]:
        calls.record(owner, event("ended", call_id=call_id, after_s=after_s))
    assert walk(owner, settings, limit) == ["now", "today", "late", "later", "evening"]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_of_calls_that_began_at_one_moment_the_one_told_last_is_the_newest(
    owner: Owner, settings: Settings, limit: int
) -> None:
    for call_id, after_s in [("a", 0), ("b", 5), ("c", 0), ("d", 5), ("e", 0)]:
        calls.record(owner, event("ended", call_id=call_id, after_s=after_s))
    assert walk(owner, settings, limit) == ["d", "b", "e", "c", "a"]


def test_a_call_told_late_during_the_walk_is_met_by_it_in_its_place(owner: Owner, settings: Settings) -> None:
    made = [calls.record(owner, event("ended", call_id=f"c{n}", after_s=n * 10)).id for n in range(4)]
    first = calls.history(owner, Asked(limit=2), settings)
    late = calls.record(owner, event("ended", call_id="late", after_s=5)).id
    older = calls.history(owner, Asked(limit=2, before=first.older), settings)
    assert [row.id for row in older.calls] == [made[1], late]


def test_no_call_follows_one_that_is_not_there(owner: Owner, settings: Settings) -> None:
    made = calls.record(owner, event("ended")).id
    found = calls.history(owner, Asked(before=made + 1), settings)
    assert (list(found.calls), found.older, found.counts["all"]) == ([], None, 1)


def test_two_users_may_have_calls_of_one_name(owner: Owner, settings: Settings) -> None:
    other = new_user("ben@one.example").owner
    mine, theirs = (calls.record(each, event("ringing")) for each in (owner, other))
    calls.record(other, event("ended"))
    assert calls.find(other, mine.id) is None
    found = calls.find(owner, mine.id)
    assert found is not None
    assert (found.state, mine.id != theirs.id) == ("ringing", True)
    assert [row.id for row in calls.history(owner, Asked(), settings).calls] == [mine.id]


def part(owner: Owner, settings: Settings, **asked: Any) -> tuple[set[str], dict[str, int]]:
    """The calls found, and the counts."""
    found = calls.history(owner, Asked(**asked), settings)
    return {row.call_id for row in found.calls}, dict(found.counts)


@pytest.fixture
def busy(owner: Owner) -> Owner:
    """A day of calls, told three minutes later."""
    cache(owner, remote(1, firstname="Zo\u00eb", lastname="Abel", company="Engines", phone=NUMBER))
    day: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("known", "ended", {}),
        ("known missed", "missed", {}),
        ("unknown missed", "missed", {"number": "(201) 555-0177"}),
        ("unknown", "answered", {"number": "+44 20 7946 0018"}),
        ("withheld", "ringing", {"number": "anonymous"}),
        ("dialled", "ringing", {"direction": "outbound", "number": "+1 201 555 0178"}),
        ("not reached", "missed", {"direction": "outbound"}),
        ("a colleague's", "answered_elsewhere", {}),
    )
    for call_id, state, changed in day:
        calls.record(owner, event(state, call_id=call_id, **changed))
    return owner


ALL = {"known", "known missed", "unknown missed", "unknown", "withheld", "dialled", "not reached", "a colleague's"}
MISSED = {"known missed", "unknown missed", "withheld"}
UNKNOWN = {"unknown missed", "unknown", "withheld", "dialled"}


@pytest.mark.parametrize(("show", "expected"), [("all", ALL), ("missed", MISSED), ("unknown", UNKNOWN)])
def test_the_history_is_shown_in_parts_that_agree_with_what_each_call_tells(
    busy: Owner, settings: Settings, show: str, expected: set[str]
) -> None:
    with time_machine.travel(NOON + timedelta(minutes=3), tick=False):
        assert part(busy, settings, show=show) == (expected, {"all": 8, "missed": 3, "unknown": 4})
        told = calls.told(busy, calls.history(busy, Asked(), settings).calls, settings)
    missed = {each["call_id"] for each in told if (each["state"], each["direction"]) == ("missed", "inbound")}
    assert missed == MISSED
    assert {each["call_id"] for each in told if each["caller"]["label"] == "none"} == UNKNOWN


def test_a_call_that_still_rings_is_not_missed(busy: Owner, settings: Settings) -> None:
    assert part(busy, settings, show="missed")[0] == MISSED - {"withheld"}


def test_who_is_added_to_the_contacts_is_unknown_no_longer(busy: Owner, settings: Settings) -> None:
    keep_personal(busy, lastname="Berg", phone="201 555 0177")
    assert part(busy, settings, show="unknown")[0] == UNKNOWN - {"unknown missed"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("zoe", {"known", "known missed", "not reached", "a colleague's"}),
        ("ABEL engines", {"known", "known missed", "not reached", "a colleague's"}),
        ("abel berg", set()),
        ("0177", {"unknown missed"}),
        ("201 555 01", ALL - {"unknown", "withheld"}),
        ("(201) 555-0177", {"unknown missed"}),
        ("020 7946 0018", {"unknown"}),
        ("+442079460018", {"unknown"}),
        ("anonym", {"withheld"}),
        ("%", set()),
        ("   ", ALL),
    ],
)
def test_the_history_is_searched_by_name_and_by_number(
    busy: Owner, settings: Settings, query: str, expected: set[str]
) -> None:
    found, counts = part(busy, settings, query=query)
    assert (found, counts["all"]) == (expected, len(expected))


def test_a_search_finds_the_name_a_call_is_shown_with(busy: Owner, settings: Settings) -> None:
    """The one it rang with, though the contact is gone; for a caller who had none, the one there is now."""
    with transaction():
        contacts.retire(busy, [1])
    keep_personal(busy, lastname="Berg", phone="201 555 0177")
    keep_personal(busy, lastname="Carl", phone=NUMBER)
    assert part(busy, settings, query="abel")[1]["all"] == 4
    assert part(busy, settings, query="berg")[0] == {"unknown missed"}
    assert part(busy, settings, query="carl")[0] == set()


def test_the_newest_call_is_the_one_that_began_last(owner: Owner) -> None:
    for call_id, after_s in [("today", 0), ("told late", -9000)]:
        calls.record(owner, event("ended", call_id=call_id, after_s=after_s))
    newest = calls.newest_with(owner, [NUMBER])
    assert newest is not None
    assert newest.call_id == "today"


def test_the_newest_call_with_any_of_the_numbers(busy: Owner) -> None:
    newest = calls.newest_with(busy, [NUMBER, "+442079460018"])
    assert newest is not None
    assert newest.call_id == "a colleague's"
    assert calls.newest_with(busy, ["+12015550199"]) is None
    assert calls.newest_with(busy, []) is None
    assert calls.newest_with(new_user("ben@one.example").owner, [NUMBER]) is None
