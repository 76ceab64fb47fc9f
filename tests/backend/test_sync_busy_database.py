"""A step whose transaction the database has ended for another's sake is taken again at once, not after a rest."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest

from callbook.models import connected, connections, database, sqlite_path
from callbook.sync import runs
from callbook.sync.runs import Claim
from tests.backend import databases
from tests.backend.syncing import DEADLINE_S, Engine

pytestmark = [pytest.mark.usefixtures("small_pages"), pytest.mark.parametrize("hubspot", [27], indirect=True)]


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Transactions begun by who does not give up."""
    tries: list[int] = []
    transaction = connections.transaction

    @contextmanager
    def counted() -> Iterator[None]:
        tries.append(len(tries))
        with transaction():
            yield

    monkeypatch.setattr(connections, "transaction", counted)
    return tries


@databases.embedded_only
def test_a_database_that_is_locked_for_long(engine: Engine, tries: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    stride = engine.take()
    engine.until(stride, "list")
    path = sqlite_path(engine.settings.database_url)
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as other, connected():
        database.execute_sql("PRAGMA busy_timeout = 1")
        other.execute("BEGIN IMMEDIATE")
        counted = connections.transaction

        @contextmanager
        def at_last_free() -> Iterator[None]:
            if len(tries) == connections.TRIES - 1:
                other.execute("ROLLBACK")
            with counted():
                yield

        monkeypatch.setattr(connections, "transaction", at_last_free)
        tries.clear()
        assert engine.step(stride)
    assert len(tries) == connections.TRIES
    run = engine.row(stride.claim.run_id)
    assert (run.state, run.read, run.requests) == ("running", 10, stride.client.requests)
    run = engine.to_the_end(stride)
    assert (run.state, run.problem, run.requests) == ("finished", None, stride.client.requests)
    engine.assert_equal()


@pytest.mark.skipif(databases.KIND == "sqlite", reason="SQLite has one writer at a time")
def test_two_that_wait_for_each_other(engine: Engine, tries: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The step has the user's row and waits for the run's; the other the other way round."""
    stride = engine.take()
    engine.until(stride, "list")
    has_the_user, keep = threading.Event(), runs.keep

    def kept(claim: Claim, **columns: object) -> None:
        has_the_user.set()
        keep(claim, **columns)

    def wait_for_the_user() -> None:
        assert has_the_user.wait(DEADLINE_S)
        other.execute("UPDATE users SET seq = seq")
        other.rollback()

    monkeypatch.setattr(runs, "keep", kept)
    with psycopg.connect(engine.settings.database_url) as other:
        other.execute("SET LOCAL deadlock_timeout = '60s'")  # so that the step is the one that is ended
        other.execute("SELECT id FROM runs FOR UPDATE")
        thread = threading.Thread(target=wait_for_the_user)
        counted = connections.transaction

        @contextmanager
        def after_the_other() -> Iterator[None]:
            if tries:  # PostgreSQL does not say which of the two comes to the user's row first now
                thread.join(DEADLINE_S)
            with counted():
                yield

        monkeypatch.setattr(connections, "transaction", after_the_other)
        thread.start()
        tries.clear()
        assert engine.step(stride)
        thread.join(DEADLINE_S)
    assert len(tries) == 2
    run = engine.to_the_end(stride)
    assert (run.state, run.problem, run.requests) == ("finished", None, stride.client.requests)
    engine.assert_equal()
