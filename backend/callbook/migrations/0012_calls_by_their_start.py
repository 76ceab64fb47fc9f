"""The history is in the order in which calls began: the index of the order in which they were told has no use."""

from typing import Any


def up(migrator: Any, db: Any) -> None:  # noqa: ANN401, ARG001 - the runner's own call, untyped in the library
    db.execute_sql("DROP INDEX calls_newest")
