"""A fresh database for a test: a file of SQLite's, or, with `CALLBOOK_TEST_DATABASE=postgresql`, a schema on the server
that `CALLBOOK_TEST_POSTGRES_URL` names. The schema is one for the whole session and emptied for each test; whoever
needs a database beside the test's own asks for one `apart`.
"""

import atexit
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from psycopg import sql

KIND = os.environ.get("CALLBOOK_TEST_DATABASE", "sqlite")
SERVER = os.environ.get("CALLBOOK_TEST_POSTGRES_URL", "")
_numbers = itertools.count(1)
_shared: list[str] = []


embedded_only = pytest.mark.skipif(KIND != "sqlite", reason="about the files of an embedded database")


def database_url(folder: Path, *, apart: bool = False) -> str:
    """Of a database without rows."""
    if KIND == "sqlite":
        return f"sqlite:///{folder}/callbook.db"
    if apart:
        return _url(_new_schema())
    if not _shared:
        _shared.append(_new_schema())
    _empty(_shared[0])
    return _url(_shared[0])


def all_bytes(url: str, folder: Path) -> bytes:
    """Everything that is kept, rows and queue, as it is kept."""
    if KIND == "sqlite":
        return b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith("callbook"))
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
        dumps = [sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(name)) for (name,) in found]
        with connection.cursor() as cursor:
            return b"".join(bytes(block) for dump in dumps for block in _copied(cursor, dump))


def _copied(cursor: psycopg.Cursor[Any], dump: sql.Composed) -> Iterator[Any]:
    with cursor.copy(dump) as copy:
        yield from copy


def _url(schema: str) -> str:
    options = quote(f"-csearch_path={schema} -csynchronous_commit=off", safe="")
    return f"{SERVER}{'&' if urlsplit(SERVER).query else '?'}options={options}"


def _new_schema() -> str:
    name = f"callbook_test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    atexit.register(_drop, name)
    return name


def _drop(schema: str) -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))


def _empty(schema: str) -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]).fetchall()
        kept = {"schema_migration"}
        tables = [sql.Identifier(schema, name) for (name,) in found if name not in kept]
        if tables:
            connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(sql.SQL(", ").join(tables)))
