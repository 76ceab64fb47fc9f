"""How long a run has been paused, and how fast it reads."""

from typing import Any

STATEMENTS = (
    "ALTER TABLE runs ADD COLUMN paused_at BIGINT",
    "ALTER TABLE runs ADD COLUMN paused_ms BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE runs ADD COLUMN pace TEXT",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ANN401, ARG001 - the runner's own call, untyped in the library
    for statement in STATEMENTS:
        db.execute_sql(statement)
