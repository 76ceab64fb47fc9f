"""Calls: they only go forward, are told once, are not shown as ringing for ever, and keep the name they had."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
import time_machine

from callbook import calls, contacts, events
from callbook.calls import CallEvent
from callbook.models import Call, Owner, transaction
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.people import cache, new_user, remote

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


def test_an_unreadable_number_is_a_call_all_the_same(owner: Owner, settings: Settings) -> None:
    call = calls.record(owner, event("ringing", number="anonymous"))
    caller = shown(owner, call, settings)["caller"]
    assert (caller["label"], caller["reason"], caller["number"]) == ("none", "withheld", "anonymous")


def test_the_history_is_walked_newest_first_and_gives_every_call_once(owner: Owner) -> None:
    made = [calls.record(owner, event("ended", call_id=f"c{number}")).id for number in range(7)]
    walked: list[int] = []
    before: int | None = None
    while True:
        page = calls.history(owner, 3, before)
        assert page.total == 7
        walked += [row.id for row in page.calls]
        assert len(walked) <= len(made)
        if page.older is None:
            break
        before = page.older
    assert walked == made[::-1]


def test_a_call_that_comes_in_during_the_walk_does_not_shift_it(owner: Owner) -> None:
    made = [calls.record(owner, event("ended", call_id=f"c{number}")).id for number in range(4)]
    first = calls.history(owner, 2, None)
    calls.record(owner, event("ended", call_id="new"))
    assert [row.id for row in calls.history(owner, 2, first.older).calls] == [made[1], made[0]]


def test_two_users_may_have_calls_of_one_name(owner: Owner) -> None:
    other = new_user("ben@one.example").owner
    mine, theirs = (calls.record(each, event("ringing")) for each in (owner, other))
    calls.record(other, event("ended"))
    assert calls.find(other, mine.id) is None
    found = calls.find(owner, mine.id)
    assert found is not None
    assert (found.state, mine.id != theirs.id) == ("ringing", True)
    assert [row.id for row in calls.history(owner, 10, None).calls] == [mine.id]
