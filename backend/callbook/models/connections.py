"""The connections to the database, SQLite's file or PostgreSQL, pooled; its transactions and its version."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from peewee import DatabaseProxy, OperationalError, SqliteDatabase
from playhouse.migrations import Runner
from playhouse.pool import PooledDatabase, PooledPostgresqlDatabase, PooledSqliteDatabase

BUSY_TIMEOUT_S = 20
POOL = {"max_connections": None, "stale_timeout": 300}  # to connect costs as much as a look-up, on SQLite, too
MAPPED_BYTES = 2**31 - 2**16  # the most that SQLite maps
TRIES = 3
MIGRATIONS = Path(__file__).parents[1] / "migrations"
T = TypeVar("T")

database = DatabaseProxy()


def connect(database_url: str, *, mapped: bool = False) -> None:
    """Binds the tables to the database of this process. A SQLite file is made where there is none; `mapped`, its pages
    are read where the system keeps them, for who reads from all over it, and count as memory of the process.
    """
    disconnect()
    path = sqlite_path(database_url)
    if path is None:
        database.initialize(PooledPostgresqlDatabase(database_url, prefer_psycopg3=True, **POOL))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    pragmas = {"journal_mode": "wal", "synchronous": "normal", "cache_size": -16_000, "temp_store": "memory"}
    pragmas |= {"busy_timeout": BUSY_TIMEOUT_S * 1000, "mmap_size": MAPPED_BYTES if mapped else 0}
    database.initialize(PooledSqliteDatabase(str(path), pragmas=pragmas, check_same_thread=False, **POOL))


def embedded() -> bool:
    """Whether the database is a file of SQLite's."""
    return isinstance(database.obj, SqliteDatabase)


def disconnect() -> None:
    """Closes what this process has kept open."""
    if isinstance(database.obj, PooledDatabase):
        database.obj.close_all()


def sqlite_path(database_url: str) -> Path | None:
    """Where the embedded database is; None for PostgreSQL."""
    scheme, _, path = database_url.partition(":///")
    return Path(path) if scheme == "sqlite" else None


def migrate() -> list[str]:
    """Brings the database to this version's tables; the names of the steps taken."""
    with database.connection_context():
        return [str(name) for name in Runner(database.obj, str(MIGRATIONS)).up()]


def is_migrated() -> bool:
    """Whether the database is at this version's tables, or beyond."""
    with database.connection_context():
        return all(step.applied for step in Runner(database.obj, str(MIGRATIONS)).status())


def refresh_statistics() -> None:
    """Lets PostgreSQL count what there is of contacts, which it otherwise does by and by. SQLite plans without."""
    if not embedded():
        database.execute_sql("ANALYZE contacts, phones, companies")


@contextmanager
def transaction() -> Iterator[None]:
    """A transaction that means to write: SQLite takes its write lock at once, so that it cannot fail half-way."""
    if embedded():
        with database.atomic("IMMEDIATE"):
            yield
    else:
        with database.atomic():
            yield


def persistently(work: Callable[[], T]) -> T:
    """`work` in one transaction. PostgreSQL ends one of two that wait for each other, such as a worker's and this one:
    then it is done again.
    """
    for _ in range(TRIES - 1):
        try:
            with transaction():
                return work()
        except OperationalError:
            continue
    with transaction():
        return work()


@contextmanager
def connected() -> Iterator[None]:
    """A database connection for this thread, given back at the end by whoever took it first."""
    opened = database.connect(reuse_if_open=True)
    try:
        yield
    finally:
        if opened:
            database.close()
