"""Users' own lines, what phone systems have delivered, and how much of it was for nobody."""

from typing import Any

from peewee import SqliteDatabase

TABLES = {
    "lines": "user_id BIGINT NOT NULL, line TEXT NOT NULL",
    "deliveries": "id_hash TEXT NOT NULL, routed BOOLEAN NOT NULL, received_at BIGINT NOT NULL",
    "unrouted": "day TEXT NOT NULL, count BIGINT NOT NULL",
}

INDEXES = (
    "UNIQUE INDEX lines_line ON lines (line)",
    "INDEX lines_user ON lines (user_id)",
    "UNIQUE INDEX deliveries_id ON deliveries (id_hash)",
    "INDEX deliveries_received ON deliveries (received_at)",
    "UNIQUE INDEX unrouted_day ON unrouted (day)",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ANN401, ARG001 - the runner's own call, untyped in the library
    key = "INTEGER PRIMARY KEY AUTOINCREMENT" if isinstance(db, SqliteDatabase) else "BIGSERIAL PRIMARY KEY"
    for name, columns in TABLES.items():
        db.execute_sql(f"CREATE TABLE {name} (id {key}, {columns})")
    for index in INDEXES:
        db.execute_sql(f"CREATE {index}")
