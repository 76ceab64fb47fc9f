"""When a contact was last contacted, which puts those who share a number in order. Frozen, like its reading."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from peewee import SqliteDatabase

NAME = "notes_last_contacted"
CHUNK = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def up(migrator: Any, db: Any) -> None:  # noqa: ANN401, ARG001 - the runner's own call, untyped in the library
    db.execute_sql("ALTER TABLE contacts ADD COLUMN last_contacted_at BIGINT")
    mark = "?" if isinstance(db, SqliteDatabase) else "%s"
    named = (
        f"SELECT id, properties FROM contacts WHERE id > {mark} AND properties LIKE {mark} ORDER BY id LIMIT {CHUNK}"  # noqa: S608 - ours
    )
    filled = f"UPDATE contacts SET last_contacted_at = {mark} WHERE id = {mark}"  # noqa: S608 - the same
    last = 0
    while rows := db.execute_sql(named, (last, f"%{NAME}%")).fetchall():
        for id_, properties in rows:
            db.execute_sql(filled, (_milliseconds(json.loads(properties).get(NAME, "")), id_))
        last = rows[-1][0]


def _milliseconds(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
        return None if moment.tzinfo is None else (moment.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        return None
