"""Calls: they only go forward, are told once, are not shown as ringing for ever, and keep the name they had."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
import time_machine

from callbook import calls, contacts, events
from callbook.calls import Asked, CallEvent
from callbook.models import Call, Owner, transaction
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


@pytest.mark.parametrize("order", list(permutations(["ringing", "answered", "ended"])))
def test_in_whatever_order_events_come_the_call_never_goes_back(owner: Owner, order: tuple[str, ...]) -> None:
    stages = [calls.STAGE[calls.record(owner, event(state)).state] for state in order]
    assert stages == sorted(stages)
    assert stages[-1] == calls.STAGE["ended"]


@pytest.mark.parametrize("over", ["ended", "missed", "answered_elsewhere"])
@pytest.mark.parametrize("late", ["ringing", "answered", "ended", "missed", "answered_elsewhere"])
def test_what_is_over_stays_over_and_nobody_is_told_again(owner: Owner, over: str, late: str) -> None:
    calls.record(owner, event(over))
    assert calls.record(owner, event(late, after_s=9)).state == over
    assert told_of(owner) == ["call"]


@pytest.mark.parametrize("state", ["ringing", "answered", "ended", "missed", "answered_elsewhere"])
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


def test_the_newest_call_with_any_of_the_numbers(busy: Owner) -> None:
    newest = calls.newest_with(busy, [NUMBER, "+442079460018"])
    assert newest is not None
    assert newest.call_id == "a colleague's"
    assert calls.newest_with(busy, ["+12015550199"]) is None
    assert calls.newest_with(busy, []) is None
    assert calls.newest_with(new_user("ben@one.example").owner, [NUMBER]) is None
