"""Words of checkpoints have changed; runs under way go on where they were."""

import json
from typing import Any

from peewee import SqliteDatabase

WORDS = {"expected": "total"}
WORDS_OF_HALVING = {"found": "differing", "left": "requests_left"}


def up(migrator: Any, db: Any) -> None:  # noqa: ANN401, ARG001 - the runner's own call, untyped in the library
    mark = "?" if isinstance(db, SqliteDatabase) else "%s"
    for id_, checkpoint in db.execute_sql("SELECT id, checkpoint FROM runs WHERE finished_at IS NULL").fetchall():
        kept = json.loads(checkpoint)
        words = {**WORDS, **WORDS_OF_HALVING} if kept.get("stage") == "halve" else WORDS
        renamed = json.dumps({words.get(name, name): value for name, value in kept.items()})
        db.execute_sql(f"UPDATE runs SET checkpoint = {mark} WHERE id = {mark}", (renamed, id_))  # noqa: S608 - ours
