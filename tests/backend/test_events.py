"""Events: in order, after a cursor, and an honest word to a reader that has missed some."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from callbook import events
from callbook.models import Event, Owner, transaction
from hubspot_sandbox import RunningSandbox
from tests.backend.people import new_user


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def owner(database: None) -> Owner:  # noqa: ARG001 - there to be connected
    return new_user().owner


def tell(owner: Owner, kind: str = "call", **data: int) -> int:
    with transaction():
        return events.append(owner, kind, data)


def numbers(heard: events.Heard) -> list[int]:
    return [event.number for event in heard.events]


def test_events_are_read_after_a_cursor_in_their_order(owner: Owner) -> None:
    assert [tell(owner, call=number) for number in (7, 8, 9)] == [1, 2, 3]
    heard = events.after(owner, 1)
    assert [(event.number, event.data) for event in heard.events] == [(2, {"call": 8}), (3, {"call": 9})]
    assert (heard.newest, heard.start_again) == (3, False)


def test_a_reader_that_has_all_hears_nothing(owner: Owner) -> None:
    tell(owner)
    heard = events.after(owner, 1)
    assert (numbers(heard), heard.newest, heard.start_again) == ([], 1, False)


def test_progress_is_told_by_its_newest_event_only(owner: Owner) -> None:
    for kind in ("progress", "call", "progress", "progress"):
        tell(owner, kind)
    heard = events.after(owner, 0)
    assert [(event.kind, event.number) for event in heard.events] == [("call", 2), ("progress", 4)]
    assert not heard.start_again


def test_a_long_absence_is_read_in_pieces(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callbook.events.rows.PAGE_LIMIT", 2)
    for _ in range(5):
        tell(owner)
    read: list[int] = []
    while piece := numbers(events.after(owner, read[-1] if read else 0)):
        read += piece
    assert read == [1, 2, 3, 4, 5]


def test_a_cursor_from_the_future_starts_again(owner: Owner) -> None:
    tell(owner)
    assert events.after(owner, 2).start_again


def test_events_are_pruned_after_two_days_and_their_reader_starts_again(owner: Owner) -> None:
    tell(owner)
    tell(owner)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2, minutes=1)):
        third = tell(owner)
        events.prune()
        assert numbers(events.after(owner, 0)) == [third]
        assert events.after(owner, 1).start_again
        assert not events.after(owner, 2).start_again


def test_pruning_takes_each_user_for_themselves(owner: Owner) -> None:
    tell(owner)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2, minutes=1)):
        other = new_user("ben@one.example").owner
        tell(other)
        events.prune()
        assert numbers(events.after(other, 0)) == [1]
        assert not events.after(other, 0).start_again
        assert events.after(owner, 0).start_again


def test_pruning_nothing_changes_nothing(owner: Owner) -> None:
    tell(owner)
    events.prune()
    assert not events.after(owner, 0).start_again


def test_what_is_forgotten_is_gone_and_its_reader_starts_again(owner: Owner) -> None:
    tell(owner)
    tell(owner)
    with transaction():
        events.forget(owner)
    assert Event.of(owner).select().count() == 0
    assert [events.after(owner, cursor).start_again for cursor in (1, 2, 3)] == [True, True, False]
    assert tell(owner) == 4
    assert numbers(events.after(owner, 3)) == [4]


def test_numbers_rise_per_user(owner: Owner) -> None:
    other = new_user("ben@one.example").owner
    assert [tell(owner), tell(other), tell(owner)] == [1, 1, 2]


def test_an_event_of_an_undone_transaction_is_never_heard(owner: Owner) -> None:
    def fail() -> None:
        with transaction():
            events.append(owner, "contacts", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert tell(owner) == 1
