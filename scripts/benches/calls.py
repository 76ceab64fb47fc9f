"""Calls: how soon a ring is seen in Chromium, and how soon a running server says who is calling.

The part `ringing` is in `_ringing`. The part `callers` is `POST /api/callers` for 1 number and for 100, of users with
large caches: requests leave at a steady rate whether or not the last was answered, and each is timed from the moment it
was to leave. Of the numbers asked, by turns, seven of ten are one contact's, one is shared by three, one a company's,
one nobody's.
"""

import argparse
import json
import random
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from bench import Row, say
from benches._filled import SHARED_EVERY, STAFF, Filled, company_line, fill, own_number, shared_number
from benches._options import add_postgres, count
from benches._ringing import ringing
from benches._service import fresh_database, serving
from benches._timed import timed
from callbook.settings import Settings
from tests.e2e.processes import ending_on_sigterm

AT_ONCE = 16
WARM_UP_S = 2.0
P99_MS = 20.0  # the goal
NOWHERE = "http://127.0.0.1:9"  # no request goes to HubSpot


@dataclass(frozen=True)
class Load:
    """How many numbers each request asks for, and how many requests leave in a second."""

    numbers: int
    per_s: float

    @property
    def name(self) -> str:
        return f"{self.numbers} number{'s' * (self.numbers > 1)}, {self.per_s:g} a second"


LOADS = (Load(1, 50.0), Load(100, 5.0))


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--users", type=count, default=10, help="(%(default)s)")
    parser.add_argument("--contacts", type=count, default=100_000, help="of each user (%(default)s)")
    parser.add_argument("--seconds", type=float, default=60, help="how long each load lasts (%(default)s)")
    parser.add_argument("--rings", type=count, default=100, help="calls that ring, the worker alive (%(default)s)")
    parser.add_argument("--deaths", type=count, default=5, help="calls that ring, the worker killed (%(default)s)")
    parser.add_argument("--part", choices=[*PARTS], help="this one alone")
    add_postgres(parser)


def measure(options: argparse.Namespace) -> list[Row]:
    """The parts, one after the other; each row says of which it is."""
    with ending_on_sigterm():
        names = [options.part] if options.part else [*PARTS]
        rows = [row for name in names for row in PARTS[name](options)]
    say("")
    return rows


def callers(options: argparse.Namespace) -> list[Row]:
    with (
        TemporaryDirectory(prefix="callbook-bench-") as place,
        fresh_database(Path(place), options.postgres) as database_url,
        serving(Path(place), database_url, NOWHERE) as (url, environment),
    ):
        say(f"{options.users} users with {options.contacts:,} contacts each are written")
        users = fill(Settings.from_env(environment), options.users, options.contacts)
        asking = _Asking(url, users, options.contacts)
        asking.run(LOADS[0], WARM_UP_S)
        return [timed("callers", load.name, asking.run(load, options.seconds), P99_MS) for load in LOADS]


class _Asking:
    def __init__(self, url: str, users: Sequence[Filled], contacts: int) -> None:
        self._address, self._users, self._contacts = urlsplit(url).netloc, users, contacts
        self._dice = random.Random(1)  # noqa: S311 - the same each time

    def run(self, load: Load, seconds: float) -> list[float]:
        """Milliseconds, of each request."""
        say(f"{load.name}, {seconds:g} s")
        count = max(1, round(seconds * load.per_s))
        bodies = [json.dumps({"numbers": [self._number(n) for n in range(load.numbers)]}) for _ in range(count)]
        start_s = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as threads:
            asked = []
            for number, body in enumerate(bodies):
                at_s = start_s + number / load.per_s
                time.sleep(max(0.0, at_s - time.monotonic()))
                asked.append(threads.submit(self._ask, self._dice.choice(self._users).token, body, at_s))
            return [each.result() for each in asked]

    def _ask(self, token: str, body: str, at_s: float) -> float:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        with closing(HTTPConnection(self._address, timeout=60)) as connection:
            connection.request("POST", "/api/callers", body, headers)
            response = connection.getresponse()
            answer = response.read()
        if response.status != HTTPStatus.OK or not re.search(rb'"label":', answer):
            raise RuntimeError(f"HTTP {response.status}")
        return (time.monotonic() - at_s) * 1000

    def _number(self, turn: int) -> str:
        any_of = self._dice.randrange(self._contacts)
        return {
            7: shared_number(any_of // SHARED_EVERY),
            8: company_line(any_of // STAFF % max(self._contacts // STAFF, 1)),
            9: f"+1415{2_000_000 + any_of}",
        }.get((turn or self._dice.randrange(10)) % 10, own_number(any_of))


PARTS: dict[str, Callable[[argparse.Namespace], list[Row]]] = {"callers": callers, "ringing": ringing}
