"""Tombstones have an end: how far each user's are pruned, and an index to find those whose time has come."""

from typing import Any

STATEMENTS = (
    "ALTER TABLE users ADD COLUMN seq_pruned BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX contacts_deleted ON contacts (deleted_at) WHERE deleted_at IS NOT NULL",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ANN401, ARG001 - the runner's own call, untyped in the library
    for statement in STATEMENTS:
        db.execute_sql(statement)
