"""The history, and the calls of a number, are in the order in which calls began, not in which they were told."""

from typing import Any

STEPS = (
    "DROP INDEX calls_newest",
    "DROP INDEX calls_number",
    "CREATE INDEX calls_number ON calls (user_id, e164, started_at, id)",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ANN401, ARG001 - the runner's own call, untyped in the library
    for step in STEPS:
        db.execute_sql(step)
