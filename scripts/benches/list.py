"""The list of contacts, on the server's side: from a request to its answer, first page, searches of every kind and
jumps by offset, without the network between.

`found` is how many contacts the request's list has; every request is measured `--times` times, the median and the
slowest of them are told in milliseconds. The first 20 requests warm up and are not counted.
"""

import argparse
import statistics
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask.testing import FlaskClient

from bench import Row, say
from benches._cache import fill, new_user
from benches._options import add_postgres, count
from benches._service import fresh_database
from callbook import accounts, models
from callbook.models import Contact, Owner, connected, tuples
from callbook.settings import Settings
from callbook.web import create_app

CONTACTS = 100_000
TIMES = 20
WARMING_UP = 20
NOBODY = {"CALLBOOK_SECRET_KEYS": f"k:{'A' * 43}=", "HUBSPOT_CLIENT_ID": "-", "HUBSPOT_CLIENT_SECRET": "-"}


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--contacts", type=count, default=CONTACTS, metavar="N", help="in the cache (%(default)s)")
    add_postgres(parser)
    parser.add_argument("--times", type=count, default=TIMES, metavar="N", help="each request (%(default)s)")


def measure(options: argparse.Namespace) -> list[Row]:
    with TemporaryDirectory() as folder, fresh_database(Path(folder), options.postgres) as database_url:
        models.connect(database_url)
        models.migrate()
        settings = Settings.from_env({**NOBODY, "CALLBOOK_DATABASE_URL": database_url})
        app = create_app(settings)
        with connected():
            owner = new_user()
            token = accounts.open_session(settings, owner)
        fill(owner, options.contacts)
        rows = list(_rows(app.test_client(), owner, token, options.times))
        app.extensions["callbook_jobs"].huey.storage.close()
        models.disconnect()
    say("")
    kept = {"contacts": options.contacts, "database": "PostgreSQL" if options.postgres else "SQLite"}
    return [{**kept, **row} for row in rows]


def _rows(client: FlaskClient, owner: Owner, token: str, times: int) -> Iterator[Row]:
    headers = {"Authorization": f"Bearer {token}"}
    for place, (name, ask) in enumerate(_requests(owner)):
        say(name)
        took_ms: list[float] = []
        told: Mapping[str, Any] = {}
        for number in range(-1 if place else -WARMING_UP, times):
            began_s = time.perf_counter()
            answer = client.open(**ask, headers=headers)
            if number >= 0:
                took_ms.append((time.perf_counter() - began_s) * 1000)
            told = answer.get_json()
        found = told.get("total", len(told["contacts"]))
        yield {"request": name, "found": found, "median_ms": statistics.median(took_ms), "slowest_ms": max(took_ms)}


def _listed(**asked: Any) -> dict[str, Any]:
    return {"path": "/api/contacts/search", "method": "POST", "json": asked}


def _requests(owner: Owner) -> Iterator[tuple[str, dict[str, Any]]]:
    """By what a rep does."""
    yield "first page", _listed()
    yield "first page, letters", _listed(letters=True)
    with connected():
        alive = Contact.of(owner).select(Contact.id).where(Contact.deleted_at.is_null())
        count = alive.count()
        rare = tuples(Contact.of(owner).select(Contact.search_text).order_by(Contact.id).offset(count // 2).limit(1))
    for share in (0.1, 0.7, 0.99):
        yield f"jump to {share:.0%}", _listed(offset=int(count * share))
        yield f"jump to {share:.0%}, HubSpot only", _listed(offset=int(count * share), source="hubspot")
    ((text,),) = rare
    searched = {
        "one letter": "a",
        "a rare letter": "ж",
        "two letters": "an",
        "a common word": "maria",
        "most contacts": "example",
        "two words": "maria s",
        "a company": "gmbh",
        "one contact": next(word for word in text.split("\n") if "@" in word or word),
        "nobody": "zzzznobody",
        "nobody, two letters": "q9",
        "one digit": "5",
        "three digits": "555",
        "end of a number": "0132",
        "whole number": "+12015550132",
    }
    for name, words in searched.items():
        yield f"search, {name}", _listed(q=words)
    yield "search, most contacts, jump", _listed(q="example", offset=int(count * 0.7))
    yield "feed, 1,000 rows", {"path": "/api/feed", "query_string": {"after": 0, "epoch": owner.epoch}}
