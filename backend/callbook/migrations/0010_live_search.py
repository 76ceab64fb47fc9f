"""Live searches at HubSpot."""

from typing import Any

from peewee import SqliteDatabase

SEARCHES = "user_id BIGINT NOT NULL, epoch INTEGER NOT NULL, e164 TEXT, asked_at BIGINT NOT NULL, taken_at BIGINT"
STATEMENTS = (
    "CREATE INDEX searches_user ON searches (user_id, asked_at)",
    "CREATE INDEX searches_waiting ON searches (asked_at) WHERE taken_at IS NULL",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ANN401, ARG001 - the runner's own call, untyped in the library
    key = "INTEGER PRIMARY KEY AUTOINCREMENT" if isinstance(db, SqliteDatabase) else "BIGSERIAL PRIMARY KEY"
    db.execute_sql(f"CREATE TABLE searches (id {key}, {SEARCHES})")
    for statement in STATEMENTS:
        db.execute_sql(statement)
