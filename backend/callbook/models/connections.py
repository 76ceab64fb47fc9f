"""The connection to the database: SQLite's, a file, or PostgreSQL's, pooled; its transactions and its version."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from peewee import DatabaseProxy, OperationalError, SqliteDatabase
from playhouse.migrations import Runner
from playhouse.pool import PooledPostgresqlDatabase

BUSY_TIMEOUT_S = 20
POOL_STALE_S = 300  # how long an idle connection to PostgreSQL is kept
TRIES = 3
MIGRATIONS = Path(__file__).parents[1] / "migrations"
T = TypeVar("T")

database = DatabaseProxy()


def connect(database_url: str) -> None:
    """Binds the tables to the database of this process. A SQLite file is made where there is none."""
    disconnect()
    path = sqlite_path(database_url)
    if path is None:
        pool = {"max_connections": None, "stale_timeout": POOL_STALE_S}
        database.initialize(PooledPostgresqlDatabase(database_url, prefer_psycopg3=True, **pool))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    pragmas = {"journal_mode": "wal", "synchronous": "normal", "cache_size": -16_000, "temp_store": "memory"}
    database.initialize(SqliteDatabase(str(path), pragmas=pragmas, timeout=BUSY_TIMEOUT_S))


def embedded() -> bool:
    """Whether the database is a file of SQLite's."""
    return isinstance(database.obj, SqliteDatabase)


def disconnect() -> None:
    """Closes what this process has kept open."""
    if isinstance(database.obj, PooledPostgresqlDatabase):
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
            hang_up()


def stay_connected() -> None:
    """Keeps a connection for this thread until it hangs up, where it is dear to connect: PostgreSQL's are pooled."""
    if isinstance(database.obj, SqliteDatabase):
        database.connect(reuse_if_open=True)


def hang_up() -> None:
    if not database.is_closed():
        database.close()
