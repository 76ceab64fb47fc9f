"""The one layer through which a user's rows are reached.

Rows of a user are only ever touched through `Table.of(owner)`, which adds `user_id` (and, for what the cache holds, its
epoch) to every query; `Table.everyones()` is for the few sweeps that serve all users. Moments are stored as whole
milliseconds of UTC, so that both databases keep and order them alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    Expression,
    Field,
    IntegerField,
    Model,
    ModelDelete,
    ModelInsert,
    ModelSelect,
    ModelUpdate,
    Select,
    Value,
    fn,
)

from callbook.models.connections import database, embedded

if TYPE_CHECKING:
    _Moment = Field[datetime]
    _MaybeMoment = Field[datetime | None]
    _Json = Field[dict[str, Any]]
    _MaybeJson = Field[dict[str, Any] | None]
else:
    _Moment = _MaybeMoment = _Json = _MaybeJson = Field  # peewee's fields are generic in its stubs only

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Rows of one statement, at most so many: it takes only so many parameters (SQLite: 32,766, of rows with 25 columns). Of
# few sizes: SQLite keeps a hundred statements ready, and those of every other length came to tens of megabytes.
LOTS = (256, 64, 16, 4, 1)

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


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
        return None if value is None else _written(value)

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
T = TypeVar("T")


class Rows(Generic[M]):
    """One user's rows of one table."""

    def __init__(self, table: type[M], owner: Owner) -> None:
        self._table = table
        self._keys: dict[str, Any] = table.keys_of(owner)

    @property
    def mine(self) -> Expression:
        return self._matching(lambda column: column)

    @property
    def also_mine(self) -> Expression:
        """`mine`, of rows that are found by something else. SQLite prefers an index that the owner's columns begin, and
        then reads all rows of the owner's to find a hundred; no index has a sum.
        """
        return self._matching(lambda column: column + 0)

    def _matching(self, read: Callable[[Any], Any]) -> Expression:
        conditions = (read(getattr(self._table, name)) == value for name, value in self._keys.items())
        return reduce(and_, conditions)  # type: ignore[no-any-return] # untyped in peewee

    def select(self, *fields: Any) -> ModelSelect[M]:
        return self._table.select(*fields).where(self.mine)

    def with_ids(self, ids: Iterable[int], *fields: Any) -> ModelSelect[M]:
        """Those of `ids` that are the owner's."""
        return self._table.select(*fields).where(among(self._table.id, ids) & self.also_mine)

    def update(self, **values: Any) -> ModelUpdate:
        return self._table.update(**values).where(self.mine)

    def delete(self) -> ModelDelete:
        return self._table.delete().where(self.mine)

    def insert(self, **values: Any) -> ModelInsert:
        return self._table.insert(**self._keys, **values)

    def insert_many(self, rows: Sequence[Mapping[str, Any]]) -> ModelInsert:
        return self._table.insert_many([{**self._keys, **row} for row in rows])

    def add(self, rows: Sequence[Mapping[str, Any]], *returning: str) -> list[tuple[Any, ...]]:
        """Inserts many rows, which all name the same columns; of each the columns `returning`, in no certain order.

        `insert_many` spends several times as long on building its statement as a database does on running it.
        """
        return [row for lot in _lots(rows) for row in self._add(lot, returning)]

    def _add(self, rows: Sequence[Mapping[str, Any]], returning: Sequence[str]) -> Sequence[tuple[Any, ...]]:
        table = self._table._meta  # noqa: SLF001 - peewee's documented way to a table's fields
        fields = [table.fields[name] for name in (*self._keys, *rows[0])]
        to_db = [(field.name, field.db_value) for field in fields]
        whole_rows = ({**self._keys, **row} for row in rows)
        values = [[convert(row[name]) for name, convert in to_db] for row in whole_rows]
        statement, parameters = _insertion(table.table_name, [field.column_name for field in fields], values)
        told = f" RETURNING {', '.join(returning)}" if returning else ""
        cursor = database.execute_sql(statement + told, parameters)
        return cursor.fetchall() if returning else []

    def change(self, rows: Mapping[int, Mapping[str, Any]]) -> None:
        """Updates many rows, by their ids; all name the same columns. As quick as `add`."""
        if not rows:
            return
        table = self._table._meta  # noqa: SLF001 - peewee's documented way to a table's fields
        to_db = [(field.name, field.db_value) for field in (table.fields[name] for name in next(iter(rows.values())))]
        columns = [table.fields[name].column_name for name, _ in to_db]
        keys = {table.fields[name].column_name: value for name, value in self._keys.items()}
        values = [[id_, *(convert(row[name]) for name, convert in to_db)] for id_, row in rows.items()]
        _update(table.table_name, keys, ["id", *columns], values)


def _lots(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    start = 0
    for size in LOTS:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


def _update(table: str, keys: Mapping[str, Any], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """`rows` begin with their id."""
    if embedded():
        news = ", ".join(f'"{column}" = ?' for column in columns[1:])
        mine = " AND ".join(f'"{column}" = ?' for column in (*keys, "id"))
        statement = f'UPDATE "{table}" SET {news} WHERE {mine}'  # noqa: S608 - our own names
        database.cursor().executemany(statement, [[*new, *keys.values(), id_] for id_, *new in rows])
        return
    news = ", ".join(f'"{column}" = new."{column}"' for column in columns[1:])
    mine = " AND ".join(f'"{table}"."{column}" = %s' for column in keys)
    statement = (
        f'UPDATE "{table}" SET {news} FROM json_populate_recordset(NULL::"{table}", %s) new '  # noqa: S608 - our own names
        f'WHERE "{table}"."id" = new."id" AND {mine}'
    )
    database.execute_sql(statement, [_written([dict(zip(columns, row, strict=True)) for row in rows]), *keys.values()])


def _insertion(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[str, Sequence[Any]]:
    """A statement and its parameters. PostgreSQL gets the rows as one text: psycopg takes longer to read the marks of
    2,000 parameters than all the rest takes.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    into = f'INSERT INTO "{table}" ({names})'
    if embedded():
        marks = f"({', '.join('?' * len(columns))})"
        return f"{into} VALUES {', '.join([marks] * len(rows))}", [value for row in rows for value in row]
    records = f'SELECT {names} FROM json_populate_recordset(NULL::"{table}", %s)'  # noqa: S608 - our own names
    return f"{into} {records}", [_written([dict(zip(columns, row, strict=True)) for row in rows])]


class Table(Model):
    id = BigAutoField()

    class Meta:
        database = database
        legacy_table_names = False


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


def tuples(query: ModelSelect[Any]) -> list[tuple[Any, ...]]:
    """A query's rows as plain tuples: for counts and other figures that are not rows of a table."""
    rows: Any = query.tuples()  # typed as model instances in the library's stubs, whatever they are
    return list(rows.iterator())


def raw(query: Select) -> list[tuple[Any, ...]]:
    """The same as the database gives them, which moments and JSON are not fit for: many rows take a third as long."""
    return list(database.execute(query).fetchall())


class PreparedQuery:
    """A query whose text is made once: of a large one, that takes longer than the database takes to answer it.

    `build` makes it for an owner and lists of values, which are put in whenever it is asked; all else in it is fixed.
    """

    def __init__(self, build: Callable[..., Select]) -> None:
        self._build = build
        self._texts: dict[tuple[bool, int], tuple[str, Sequence[Any]]] = {}

    def rows(self, owner: Owner, *lists: Sequence[Any]) -> list[tuple[Any, ...]]:
        """As `raw` gives them."""
        text, parameters = self._text(len(lists))
        given: dict[Any, Any] = {_STANDS_FOR.id: owner.id, _STANDS_FOR.epoch: owner.epoch}
        given |= {str(_listed(_stand_in(place))): _listed(each) for place, each in enumerate(lists)}
        cursor = database.execute_sql(text, [given.get(_known(each), each) for each in parameters])
        return list(cursor.fetchall())

    def _text(self, lists: int) -> tuple[str, Sequence[Any]]:
        kind = embedded(), lists
        if kind not in self._texts:
            query = self._build(_STANDS_FOR, *map(_stand_in, range(lists)))
            self._texts[kind] = database.obj.get_sql_context().sql(query).query()
        return self._texts[kind]


_STANDS_FOR = Owner(-(2**61), -(2**61) - 1)


def _stand_in(place: int) -> list[Any]:
    return [_STANDS_FOR.id - 2 - place]


def _known(parameter: Any) -> Any:  # noqa: ANN401 - a database parameter
    return str(parameter) if isinstance(parameter, list) else parameter


def among(column: Any, values: Iterable[int] | Iterable[str]) -> Expression:  # noqa: ANN401 - a peewee field or expression
    """`column.in_(values)` for any number of them: one parameter, where a hundred take longer to put into a statement
    than the statement takes.
    """
    if embedded():
        return column.in_(SQL("(SELECT value FROM json_each(?))", [_listed(values)]))  # type: ignore[no-any-return] # untyped in peewee
    return column == fn.ANY(Value(_listed(values), converter=list, unpack=False))  # type: ignore[no-any-return] # untyped in peewee


def _listed(values: Iterable[int] | Iterable[str]) -> str | list[Any]:
    """As one parameter."""
    return _written(list(values)) if embedded() else list(values)
