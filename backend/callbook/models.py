"""The tables, and the one layer through which a user's rows are reached.

Rows of a user are only ever touched through `Table.of(owner)`, which adds `user_id` (and, for what the cache holds, its
epoch) to every query; `Table.everyones()` is for the few sweeps that serve all users. Moments are stored as whole
milliseconds of UTC, so that both databases keep and order them alike.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from peewee import (
    BigAutoField,
    BigIntegerField,
    BooleanField,
    DatabaseProxy,
    Expression,
    Field,
    IntegerField,
    Model,
    ModelDelete,
    ModelInsert,
    ModelSelect,
    ModelUpdate,
    SqliteDatabase,
    TextField,
)
from playhouse.migrations import Runner
from playhouse.pool import PooledPostgresqlDatabase

if TYPE_CHECKING:
    _Moment = Field[datetime]
    _MaybeMoment = Field[datetime | None]
    _Json = Field[dict[str, Any]]
    _MaybeJson = Field[dict[str, Any] | None]
else:
    _Moment = _MaybeMoment = _Json = _MaybeJson = Field  # peewee's fields are generic in its stubs only

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BUSY_TIMEOUT_S = 20
POOL_STALE_S = 300  # how long an idle connection to PostgreSQL is kept

database = DatabaseProxy()


def now() -> datetime:
    """The present, cut to the millisecond that the database keeps."""
    return from_ms(to_ms(datetime.now(UTC)))


def to_ms(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)


class MomentField(_Moment):
    field_type = "BIGINT"

    def db_value(self, value: datetime | None) -> int | None:
        return None if value is None else to_ms(value)

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else from_ms(value)


class MaybeMomentField(_MaybeMoment):
    field_type = "BIGINT"

    def __init__(self) -> None:
        super().__init__(null=True)

    db_value = MomentField.db_value
    python_value = MomentField.python_value


class JsonField(_Json):
    field_type = "TEXT"

    def db_value(self, value: Mapping[str, Any] | None) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def python_value(self, value: str | None) -> dict[str, Any] | None:
        return None if value is None else json.loads(value)


class MaybeJsonField(_MaybeJson):
    field_type = "TEXT"

    def __init__(self) -> None:
        super().__init__(null=True)

    db_value = JsonField.db_value
    python_value = JsonField.python_value


@dataclass(frozen=True)
class Owner:
    """Whose rows: a user, and the epoch of the cache they see. Unauthorize starts a new epoch."""

    id: int
    epoch: int


M = TypeVar("M", bound="Owned")


class Rows(Generic[M]):
    """One user's rows of one table."""

    def __init__(self, table: type[M], owner: Owner) -> None:
        self._table = table
        self._keys: dict[str, Any] = table.keys_of(owner)

    @property
    def mine(self) -> Expression:
        mine: Any = None
        for name, value in self._keys.items():
            condition = getattr(self._table, name) == value
            mine = condition if mine is None else mine & condition
        return mine  # type: ignore[no-any-return] # peewee's `==` and `&` are untyped

    def select(self, *fields: Any) -> ModelSelect[M]:
        return self._table.select(*fields).where(self.mine)

    def update(self, **values: Any) -> ModelUpdate:
        return self._table.update(**values).where(self.mine)

    def delete(self) -> ModelDelete:
        return self._table.delete().where(self.mine)

    def insert(self, **values: Any) -> ModelInsert:
        return self._table.insert(**self._keys, **values)

    def insert_many(self, rows: Sequence[Mapping[str, Any]]) -> ModelInsert:
        return self._table.insert_many([{**self._keys, **row} for row in rows])


class Table(Model):
    id = BigAutoField()

    class Meta:
        database = database
        legacy_table_names = False


class User(Table):
    """A HubSpot user of one portal. `seq` and `event_number` only rise; `cache_epoch` names the cache in use. Who is
    `forgotten` is nobody any more, and waits to be deleted with all their rows.
    """

    portal_id = BigIntegerField()
    hubspot_user_id = BigIntegerField()
    email = TextField(null=True)
    portal_name = TextField()
    ui_domain = TextField()
    portal_region = TextField(null=True)
    default_country = TextField(null=True)
    interval_minutes = IntegerField(default=20)
    next_sync_at = MaybeMomentField()
    last_seen_at = MomentField()
    cache_epoch = IntegerField(default=1)
    purged_epoch = IntegerField(default=0)
    phones_stale = BooleanField(default=False)
    seq = BigIntegerField(default=0)
    event_number = BigIntegerField(default=0)
    events_pruned = BigIntegerField(default=0)
    forgotten = BooleanField(default=False)
    created_at = MomentField()

    class Meta:
        table_name = "users"

    @property
    def owner(self) -> Owner:
        return Owner(self.id, self.cache_epoch)


class Owned(Table):
    """Rows that belong to a user."""

    user_id = BigIntegerField()

    @classmethod
    def keys_of(cls, owner: Owner) -> dict[str, Any]:
        return {"user_id": owner.id}

    @classmethod
    def of(cls, owner: Owner) -> Rows[Self]:
        return Rows(cls, owner)

    @classmethod
    def everyones(cls) -> type[Self]:
        """For sweeps over all users, and for looking up by a secret that only its owner holds."""
        return cls


class Cached(Owned):
    """Rows of a user's cache: those of an older epoch are waiting to be deleted and are never seen."""

    epoch = IntegerField()

    @classmethod
    def keys_of(cls, owner: Owner) -> dict[str, Any]:
        return {"user_id": owner.id, "epoch": owner.epoch}


class Connection(Owned):
    """A user's authorization. Tokens are sealed; `refresh_owner` holds the right to refresh until `refresh_until`."""

    state = TextField()
    state_since = MomentField()
    scopes = TextField()
    access_token = TextField()
    access_expires_at = MomentField()
    refresh_token = TextField()
    refresh_owner = TextField(null=True)
    refresh_until = MaybeMomentField()

    class Meta:
        table_name = "connections"


class Revocation(Owned):
    """A refresh token still to be revoked at HubSpot after Unauthorize."""

    refresh_token = TextField()
    attempts = IntegerField(default=0)
    retry_at = MomentField()

    class Meta:
        table_name = "revocations"


class Session(Owned):
    token_hash = TextField(unique=True)
    created_at = MomentField()
    expires_at = MomentField()

    class Meta:
        table_name = "sessions"


class Ticket(Owned):
    """One opening of the event socket."""

    ticket_hash = TextField(unique=True)
    session_id = BigIntegerField()
    expires_at = MomentField()

    class Meta:
        table_name = "tickets"


class Login(Table):
    """One walk through HubSpot's consent, from `/auth/start` until its one-time code is redeemed."""

    state_hash = TextField(unique=True)
    extension_id = TextField()
    challenge = TextField()
    hubspot_verifier = TextField()
    expires_at = MomentField()
    returned_at = MaybeMomentField()
    code_hash = TextField(null=True, unique=True)
    code_expires_at = MaybeMomentField()
    redeemed_at = MaybeMomentField()
    user_id = BigIntegerField(null=True)

    class Meta:
        table_name = "logins"


class Contact(Cached):
    source = TextField()
    hubspot_id = BigIntegerField(null=True)
    name = TextField()
    company = TextField(null=True)
    job_title = TextField(null=True)
    email = TextField(null=True)
    properties = JsonField()
    region = TextField(null=True)
    company_id = BigIntegerField(null=True)
    hubspot_owner_id = BigIntegerField(null=True)
    sort_key = TextField()
    letter = TextField()
    search_text = TextField()
    has_number = BooleanField()
    modified_at = MaybeMomentField()
    read_at = MomentField()
    primary = BooleanField(column_name="primary_store")
    absent_run = BigIntegerField(null=True)
    seq = BigIntegerField()
    deleted_at = MaybeMomentField()

    class Meta:
        table_name = "contacts"


class Phone(Cached):
    contact_id = BigIntegerField()
    position = IntegerField()
    property = TextField()
    written = TextField()
    e164 = TextField(null=True)
    extension = TextField(null=True)

    class Meta:
        table_name = "phones"


class Company(Cached):
    """A company that contacts name. Without a name: one that HubSpot did not give when it was asked."""

    company_id = BigIntegerField()
    name = TextField(null=True)
    search_text = TextField()
    phone = TextField(null=True)
    e164 = TextField(null=True)
    extension = TextField(null=True)
    region = TextField(null=True)

    class Meta:
        table_name = "companies"


class HubSpotOwner(Cached):
    """Whom contacts belong to, in HubSpot's sense. Without a name: one that HubSpot did not give when it was asked."""

    owner_id = BigIntegerField()
    name = TextField(null=True)
    email = TextField(null=True)
    hubspot_user_id = BigIntegerField(null=True)

    class Meta:
        table_name = "owners"


class Run(Cached):
    """One sync run. Only the holder of `fence` may write while the lease lasts."""

    object_type = TextField(default="contacts")
    kind = TextField()
    trigger = TextField()
    state = TextField()
    requested_at = MomentField()
    started_at = MaybeMomentField()
    finished_at = MaybeMomentField()
    watermark_at = MaybeMomentField()
    changed_since_at = MaybeMomentField()
    property_set = TextField()
    accept_removals = BooleanField(default=False)
    lease_owner = TextField(null=True)
    lease_until = MaybeMomentField()
    fence = IntegerField(default=0)
    attempt = IntegerField(default=0)
    retry_at = MaybeMomentField()
    checkpoint = JsonField()
    problem = TextField(null=True)
    total = IntegerField(null=True)
    read = IntegerField(default=0)
    added = IntegerField(default=0)
    updated = IntegerField(default=0)
    removed = IntegerField(default=0)
    unchanged = IntegerField(default=0)
    failed = IntegerField(default=0)
    requests = IntegerField(default=0)
    throttled = IntegerField(default=0)
    remote_total = IntegerField(null=True)
    local_total = IntegerField(null=True)
    removal_held = IntegerField(default=0)

    class Meta:
        table_name = "runs"


class Problem(Cached):
    """A record that could not be read or stored."""

    object_type = TextField()
    remote_id = TextField()
    category = TextField()
    run_id = BigIntegerField()
    seen_at = MomentField()

    class Meta:
        table_name = "problems"


class Call(Owned):
    """`caller` is kept where it has a name, with `names` and `number_text` folded for the search."""

    call_id = TextField()
    direction = TextField()
    state = TextField()
    number = TextField()
    e164 = TextField(null=True)
    started_at = MomentField()
    answered_at = MaybeMomentField()
    ended_at = MaybeMomentField()
    caller = MaybeJsonField()
    names = TextField(null=True)
    number_text = TextField()

    class Meta:
        table_name = "calls"


class Event(Owned):
    """What a user's browsers should hear, in the order of `number`."""

    number = BigIntegerField()
    kind = TextField()
    at = MomentField()
    data = JsonField()

    class Meta:
        table_name = "events"


def connect(database_url: str) -> None:
    """Binds the tables to the database of this process. A SQLite file is made where there is none."""
    disconnect()
    path = sqlite_path(database_url)
    if path is None:
        pool = {"max_connections": None, "stale_timeout": POOL_STALE_S}
        database.initialize(PooledPostgresqlDatabase(database_url, prefer_psycopg3=True, **pool))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    pragmas = {"journal_mode": "wal", "synchronous": "normal", "cache_size": -32_000, "temp_store": "memory"}
    database.initialize(SqliteDatabase(str(path), pragmas=pragmas, timeout=BUSY_TIMEOUT_S))


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
        return [str(name) for name in Runner(database.obj, str(Path(__file__).parent / "migrations")).up()]


def tuples(query: ModelSelect[Any]) -> list[tuple[Any, ...]]:
    """A query's rows as plain tuples: for counts and other figures that are not rows of a table."""
    rows: Any = query.tuples()  # typed as model instances in the library's stubs, whatever they are
    return list(rows)


@contextmanager
def transaction() -> Iterator[None]:
    """A transaction that means to write: SQLite takes its write lock at once, so that it cannot fail half-way."""
    if isinstance(database.obj, SqliteDatabase):
        with database.atomic("IMMEDIATE"):
            yield
    else:
        with database.atomic():
            yield


@contextmanager
def connected() -> Iterator[None]:
    """A database connection for this thread, given back at the end."""
    with database.connection_context():
        yield
