"""The PostgreSQL server that tests and measurements may make databases on."""

from collections.abc import Mapping

import psycopg

POSTGRES = "CALLBOOK_TEST_POSTGRES_URL"
WITHIN_S = 5


def silence(environ: Mapping[str, str]) -> str:
    """Why it cannot be used, in a sentence; empty if it can."""
    url = environ.get(POSTGRES, "")
    if not url:
        return f"{POSTGRES} names no server."
    try:
        psycopg.connect(url, connect_timeout=WITHIN_S).close()
    except psycopg.Error as problem:
        return f"PostgreSQL does not answer at {POSTGRES}: {str(problem).splitlines()[0]}"
    return ""


def version(url: str) -> str:
    with psycopg.connect(url) as connection:
        return (connection.info.parameter_status("server_version") or "").partition(" ")[0]
