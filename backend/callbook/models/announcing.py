"""Word between processes that something of a user's has been written, and where it is heard.

PostgreSQL carries it: it leaves with the commit of the transaction that gave it. SQLite tells only whether anybody has
written anything, at next to no cost, and is asked that several times a second.
"""

from collections.abc import Iterator
from threading import Event
from typing import Any

from callbook.models.connections import database, embedded

CHANNEL = "callbook_events"
POLL_S = 0.25
ROUND_S = 5.0


def announce(user_id: int) -> None:
    """Within the transaction of what it is about."""
    if not embedded():
        database.execute_sql("SELECT pg_notify(%s, %s)", (CHANNEL, str(user_id)))


def announced(stopping: Event) -> Iterator[int | None]:
    """The users announced from the first answer on, which is None: it may be anybody. Raises when the connection of
    this thread is lost.
    """
    return _written(stopping) if embedded() else _notified(stopping)


def _written(stopping: Event) -> Iterator[None]:
    # https://www.sqlite.org/pragma.html#pragma_data_version
    version = None
    while not stopping.is_set():
        before, version = version, database.execute_sql("PRAGMA data_version").fetchone()
        if version != before:
            yield None
        stopping.wait(POLL_S)


def _notified(stopping: Event) -> Iterator[int | None]:
    # https://www.psycopg.org/psycopg3/docs/advanced/async.html#asynchronous-notifications
    connection: Any = database.connection()
    try:
        database.execute_sql(f"LISTEN {CHANNEL}")
        yield None
        while not stopping.is_set():
            for word in list(connection.notifies(timeout=ROUND_S, stop_after=1)):
                yield int(word.payload)
            database.execute_sql("SELECT 1")  # a connection that is dead is silent, too
    finally:
        database.manual_close()  # in the pool it would go on listening
