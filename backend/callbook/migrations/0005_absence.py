"""Marks of absence are counted by run. SQLite read a user's whole cache for it, as another index looked better."""

from typing import Any

STATEMENTS = (
    "DROP INDEX contacts_absent",
    "CREATE INDEX contacts_absent ON contacts (user_id, epoch, absent_run, hubspot_id) WHERE absent_run IS NOT NULL",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ANN401, ARG001 - the runner's own call, untyped in the library
    for statement in STATEMENTS:
        db.execute_sql(statement)
