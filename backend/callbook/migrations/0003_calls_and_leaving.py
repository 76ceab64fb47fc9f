"""Calls are found by number and by name, and users are deleted. Frozen, like the folding of names in it."""

import json
import unicodedata
from typing import Any

from peewee import SqliteDatabase

STATEMENTS = (
    "ALTER TABLE calls ADD COLUMN e164 TEXT",
    "ALTER TABLE calls ADD COLUMN names TEXT",
    "ALTER TABLE calls ADD COLUMN number_text TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE users ADD COLUMN forgotten BOOLEAN NOT NULL DEFAULT FALSE",
    "CREATE INDEX calls_number ON calls (user_id, e164, id)",
    "CREATE INDEX calls_newest ON calls (user_id, id)",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ANN401, ARG001 - the runner's own call, untyped in the library
    for statement in STATEMENTS:
        db.execute_sql(statement)
    mark = "?" if isinstance(db, SqliteDatabase) else "%s"
    filled = ", ".join(f"{column} = {mark}" for column in ("e164", "names", "number_text", "caller"))
    for id_, number, caller in db.execute_sql("SELECT id, number, caller FROM calls").fetchall():
        values = _columns(number, json.loads(caller) if caller else {})
        db.execute_sql(f"UPDATE calls SET {filled} WHERE id = {mark}", (*values, id_))  # noqa: S608 - names above


def _columns(number: str, caller: dict[str, Any]) -> tuple[str | None, ...]:
    """Only a caller who has a name is kept."""
    e164 = caller.get("e164")
    texts = (
        number,
        *("".join(character for character in text if character.isdigit()) for text in (e164 or "", number)),
    )
    number_text = _fold("\n".join(texts))
    people = caller.get("candidates") or []
    if not people:
        return e164, None, number_text, None
    names = _fold("\n".join(each[name] for each in people for name in ("name", "company") if each.get(name)))
    return e164, names, number_text, json.dumps(caller, ensure_ascii=False, separators=(",", ":"))


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c)))
