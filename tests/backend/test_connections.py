"""Connections to the database: pooled, whichever it is, and each as it is to be when somebody takes it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from callbook import models
from callbook.models import Session, User, connected, transaction
from callbook.models import database as bound
from callbook.settings import Settings
from tests.backend.databases import embedded_only
from tests.backend.people import new_user


@pytest.fixture(autouse=True)
def _migrated(settings: Settings) -> None:
    models.connect(settings.database_url)
    models.migrate()


def _taken() -> int:
    with connected():
        return id(bound.connection())


def test_a_connection_that_was_given_back_is_taken_again_by_whichever_thread_needs_one() -> None:
    first = _taken()
    with ThreadPoolExecutor(1) as other:
        assert other.submit(_taken).result() == first
    assert _taken() == first


def test_two_at_once_have_one_each() -> None:
    with connected(), ThreadPoolExecutor(1) as other:
        assert other.submit(_taken).result() != id(bound.connection())


def test_what_was_left_open_is_undone_before_the_connection_is_taken_again() -> None:
    with connected():
        bound.begin()
        new_user()
    with connected():
        assert User.select().count() == 0


def test_what_another_connection_writes_is_seen_at_once() -> None:
    with connected():
        owner = new_user().owner
        assert Session.of(owner).select().first() is None
    with connected(), ThreadPoolExecutor(1) as other:
        other.submit(_rename, owner.id).result()
        assert User.get_by_id(owner.id).portal_name == "Two"


def _rename(user_id: int) -> None:
    with connected(), transaction():
        User.update(portal_name="Two").where(User.id == user_id).execute()


@embedded_only
def test_a_connection_to_sqlite_waits_for_others_and_lets_them_read() -> None:
    asked = ("busy_timeout", "journal_mode", "synchronous", "temp_store")
    for _ in range(2):  # a new one, and one from the pool
        with connected():
            assert [bound.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in asked] == [20_000, "wal", 1, 2]


@embedded_only
@pytest.mark.parametrize("mapped", [True, False])
def test_only_who_asks_for_it_has_the_file_in_memory(settings: Settings, *, mapped: bool) -> None:
    """A worker's memory would grow with its users' contacts."""
    models.connect(settings.database_url, mapped=mapped)
    with connected():
        ((size,),) = bound.execute_sql("PRAGMA mmap_size").fetchall()
    assert bool(size) == mapped
