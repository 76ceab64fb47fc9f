"""What phone systems call a caller, calls that end by themselves, and whom a user has picked for a shared number."""

from typing import Any

from peewee import SqliteDatabase

CHOICES = """
    user_id BIGINT NOT NULL, epoch INTEGER NOT NULL, e164 TEXT NOT NULL, extension TEXT NOT NULL,
    contact_id BIGINT NOT NULL"""
STATEMENTS = (
    "CREATE UNIQUE INDEX choices_number ON choices (user_id, epoch, e164, extension)",
    "CREATE INDEX choices_contact ON choices (user_id, contact_id)",
    "ALTER TABLE calls ADD COLUMN carrier_name TEXT",
    "ALTER TABLE calls ADD COLUMN hung_up BOOLEAN NOT NULL DEFAULT FALSE",
    "ALTER TABLE calls ADD COLUMN ends_at BIGINT",
    "CREATE INDEX calls_ending ON calls (ends_at) WHERE ends_at IS NOT NULL",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ANN401, ARG001 - the runner's own call, untyped in the library
    key = "INTEGER PRIMARY KEY AUTOINCREMENT" if isinstance(db, SqliteDatabase) else "BIGSERIAL PRIMARY KEY"
    db.execute_sql(f"CREATE TABLE choices (id {key}, {CHOICES})")
    for statement in STATEMENTS:
        db.execute_sql(statement)
