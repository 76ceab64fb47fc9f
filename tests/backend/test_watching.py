"""Whoever waits for a user's events is woken when there are some, and nobody else; on both databases."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from threading import enumerate as threads

import pytest

from callbook import events, models
from callbook.events import Watcher
from callbook.models import Owner, transaction
from callbook.models import database as bound
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend import databases
from tests.backend.people import new_user

WITHIN_S = 15


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def watcher(database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watcher]:  # noqa: ARG001 - to be connected
    monkeypatch.setattr("callbook.models.announcing.ROUND_S", 0.1)
    monkeypatch.setattr("callbook.events.watching.AGAIN_S", 0.0)
    watcher = Watcher()
    yield watcher
    watcher.stop()


@pytest.fixture
def ann(watcher: Watcher) -> Owner:  # noqa: ARG001 - users of its database
    return new_user("ann@one.example").owner


@pytest.fixture
def ben(watcher: Watcher) -> Owner:  # noqa: ARG001 - the same
    return new_user("ben@one.example").owner


@contextmanager
def waiting(watcher: Watcher, *owners: Owner) -> Iterator[list[Event]]:
    """A bell for each; the watcher is at work, and has rung them as one does who has just begun."""
    bells = [Event() for _ in owners]
    with watcher.waking(owners[0], bells[0]):
        assert bells[0].wait(WITHIN_S)
        bells[0].clear()
        with watcher.waking(owners[-1], bells[-1]):
            tell(owners[-1])
            assert rings(bells[-1])
            yield bells


def rings(bell: Event) -> bool:
    rang = bell.wait(WITHIN_S)
    bell.clear()
    return rang


def tell(owner: Owner) -> None:
    with transaction():
        events.append(owner, "contacts", {})


def test_who_waits_is_woken_and_nobody_else(watcher: Watcher, ann: Owner, ben: Owner) -> None:
    with waiting(watcher, ann, ben) as (anns, bens):
        for owner, bell, other in ((ann, anns, bens), (ben, bens, anns)) * 2:
            tell(owner)
            assert rings(bell)
            assert not other.is_set()


def test_all_of_a_users_readers_are_woken_by_one_thread_and_who_has_left_is_not(watcher: Watcher, ann: Owner) -> None:
    with waiting(watcher, ann) as (one,):
        two, gone = Event(), Event()
        with watcher.waking(ann, gone):
            pass
        with watcher.waking(ann, two):
            tell(ann)
            assert rings(one)
            assert rings(two)
        assert not gone.is_set()
        assert [each.name for each in threads()].count("events") == 1


def test_what_was_undone_wakes_nobody(watcher: Watcher, ann: Owner, ben: Owner) -> None:
    def fail() -> None:
        with transaction():
            events.append(ann, "contacts", {})
            raise RuntimeError

    with waiting(watcher, ann, ben) as (anns, bens):
        with pytest.raises(RuntimeError):
            fail()
        tell(ben)
        assert rings(bens)
        assert not anns.is_set()


def test_whose_events_are_forgotten_is_woken(watcher: Watcher, ann: Owner) -> None:
    """Their session may be over."""
    with waiting(watcher, ann) as (bell,):
        with transaction():
            events.forget(ann)
        assert rings(bell)


@pytest.mark.skipif(databases.KIND == "sqlite", reason="an embedded database is not listened to")
def test_a_lost_connection_is_made_again_and_what_came_meanwhile_is_told(
    settings: Settings, watcher: Watcher, ann: Owner
) -> None:
    name = f"callbook_test_{os.getpid()}"
    models.connect(f"{settings.database_url}&application_name={name}")
    others = f"SELECT pid FROM pg_stat_activity WHERE application_name = '{name}' AND pid <> pg_backend_pid()"  # noqa: S608 - ours
    with waiting(watcher, ann) as (bell,):
        ((pid,),) = bound.execute_sql(others).fetchall()
        with transaction():
            bound.execute_sql("SELECT pg_terminate_backend(%s, 10000)", (pid,))
            events.append(ann, "contacts", {})
        assert rings(bell)
        tell(ann)
        assert rings(bell)
        assert (pid,) not in bound.execute_sql(others).fetchall()
