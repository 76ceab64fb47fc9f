"""Each portal's request budgets, shared by all processes; and runs that somebody has paused."""

from typing import Any

from peewee import SqliteDatabase

BUDGETS = "portal_id BIGINT NOT NULL, family TEXT NOT NULL, version BIGINT NOT NULL, ledger TEXT NOT NULL"
STATEMENTS = (
    "CREATE UNIQUE INDEX budgets_of ON budgets (portal_id, family)",
    "DROP INDEX runs_active",
    "CREATE UNIQUE INDEX runs_active ON runs (user_id) WHERE state IN ('queued', 'running', 'waiting', 'paused')",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ANN401, ARG001 - the runner's own call, untyped in the library
    key = "INTEGER PRIMARY KEY AUTOINCREMENT" if isinstance(db, SqliteDatabase) else "BIGSERIAL PRIMARY KEY"
    db.execute_sql(f"CREATE TABLE budgets (id {key}, {BUDGETS})")
    for statement in STATEMENTS:
        db.execute_sql(statement)
