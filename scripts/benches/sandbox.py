"""The sandbox's pages per second, start and memory, with its limits off and the client beside it on the same cores.

The client only looks for the last id of a page, since a sandbox that is measured must not wait for it; under the load
that says "parsed" it reads each page's JSON. A list page has 100 contacts with Callbook's properties, a search page 200
by id of those changed since a moment.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlencode, urlsplit

from bench import Row, say
from benches._options import count
from benches._processes import cpu_s, peak_mib
from callbook.hubspot.contacts import PATH, PROPERTIES
from hubspot_sandbox.options import Options

SIZES = (10_000, 100_000)
MILLION = 1_000_000
CLIENTS = 4
LIST_PAGE, SEARCH_PAGE = 100, 200
SINCE_MS = 1_700_000_000_000  # about half of the contacts were changed since
LIST_URL = f"{PATH}?limit={LIST_PAGE}&properties={','.join(PROPERTIES)}&after="
CALLBACK = "http://127.0.0.1/callback"
SCOPES = "oauth crm.objects.contacts.read"


@dataclass(frozen=True)
class Load:
    """What each client asks for in turn, again and again."""

    name: str
    turns: tuple[str, ...]
    parsed: bool = False


LOADS = (
    Load("list", ("list",)),
    Load("search", ("search",)),
    Load("both, 110 to 50", ("list", "list", "search") * 5 + ("list",)),
    Load("both, parsed", ("list", "list", "search") * 5 + ("list",), parsed=True),
    Load("search, an edit before each", ("edit", "search")),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--million", action="store_true", help="measure with 1,000,000 contacts as well")
    parser.add_argument("--contacts", type=count, action="append", help="measure with so many; may be repeated")
    parser.add_argument("--seconds", type=float, default=10, help="how long each load lasts (%(default)s)")


def measure(options: argparse.Namespace) -> list[Row]:
    sizes = options.contacts or (*SIZES, *((MILLION,) if options.million else ()))
    return [row for contacts in sizes for row in _of_size(contacts, options.seconds)]


def _of_size(contacts: int, seconds: float) -> Iterator[Row]:
    say(f"{contacts:,} contacts: starting")
    with _sandbox(contacts) as running:
        for load in LOADS:
            say(f"{contacts:,} contacts: {load.name}")
            yield {
                "contacts": contacts,
                "load": load.name,
                **running.under(load, seconds),
                "start_s": running.start_s,
                "start_cpu_s": running.start_cpu_s,
                "peak_mib": round(peak_mib(running.process_id)),
            }
    say("")


@dataclass
class _Running:
    process_id: int
    host: str
    start_s: float
    start_cpu_s: float = 0
    token: str = ""

    def under(self, load: Load, seconds: float) -> Mapping[str, float]:
        """Give the pages per second of each kind, and what a request of any kind cost the server."""
        clients = [_Client(self, load, number) for number in range(CLIENTS)]
        began_cpu_s, started_s = cpu_s(self.process_id), time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as threads:
            done = sum(threads.map(lambda each: each.run(started_s + seconds), clients), Counter[str]())
        took_s, spent_s = time.monotonic() - started_s, cpu_s(self.process_id) - began_cpu_s
        return {
            "list_per_s": done["list"] / took_s,
            "search_per_s": done["search"] / took_s,
            "server_cpu_ms": spent_s * 1000 / max(1, done.total()),
            "server_core": spent_s / took_s,
        }


class _Client:
    def __init__(self, running: _Running, load: Load, number: int) -> None:
        self._connection = HTTPConnection(running.host)
        self._headers = {"Authorization": f"Bearer {running.token}", "Content-Type": "application/json"}
        self._load = load
        self._number = number
        self._done: Counter[str] = Counter()
        self._reached = {"list": 0, "search": 0}

    def run(self, until_s: float) -> Counter[str]:
        with closing(self._connection):
            while not self._done or time.monotonic() < until_s:
                for turn in self._load.turns:
                    self._take(turn)
                    self._done[turn] += 1
        return self._done

    def _take(self, turn: str) -> None:
        if turn == "edit":
            self._edit()
            return
        after = self._reached[turn]
        page = self._ask("GET", f"{LIST_URL}{after}") if turn == "list" else self._ask("POST", *_searched(after))
        if self._load.parsed:
            json.loads(page)
        last = page.rfind(b'{"id":"')
        self._reached[turn] = 0 if last < 0 else int(page[last + 7 : page.index(b'"', last + 7)]) + (turn == "list")

    def _edit(self) -> None:
        """Change the last contact found, or the first of all."""
        contact_id = self._reached["search"] or 1
        body = json.dumps({"properties": {"jobtitle": f"Job {self._number}.{self._done['edit']}"}})
        self._ask("PATCH", f"/__sandbox/contacts/{contact_id}", body)

    def _ask(self, method: str, url: str, body: str | None = None) -> bytes:
        self._connection.request(method, url, body, self._headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != HTTPStatus.OK:
            raise RuntimeError(f"{method} {url}: {response.status} {content[:300]!r}")
        return content


def _searched(after: int) -> tuple[str, str]:
    filters = [
        {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(SINCE_MS)},
        {"propertyName": "hs_object_id", "operator": "GT", "value": str(after)},
    ]
    body = {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": PROPERTIES,
        "limit": SEARCH_PAGE,
    }
    return f"{PATH}/search", json.dumps(body)


@contextmanager
def _sandbox(contacts: int) -> Iterator[_Running]:
    command = [sys.executable, "-m", "hubspot_sandbox", "--port", "0", "--contacts", str(contacts), "--no-limits"]
    started_s = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            stdout = process.stdout
            assert stdout is not None, "it was asked for"
            url = next(line for line in stdout if "listening on" in line).split()[-1]
            running = _Running(process.pid, urlsplit(url).netloc, time.monotonic() - started_s)
            running.start_cpu_s = cpu_s(running.process_id)
            running.token = _authorized(running.host)
            yield running
        finally:
            process.terminate()


def _authorized(host: str) -> str:
    """Go through the consent page and the token endpoint, as an app does."""
    app = Options()
    asked = {"client_id": app.client_id, "redirect_uri": CALLBACK, "scope": SCOPES}
    location, _ = _posted(host, "/oauth/authorize", asked | {"person": "admin", "decision": "allow"})
    code = parse_qs(urlsplit(location).query)["code"][0]
    secret = {"client_id": app.client_id, "client_secret": app.client_secret, "redirect_uri": CALLBACK}
    form = secret | {"grant_type": "authorization_code", "code": code}
    return str(json.loads(_posted(host, "/oauth/2026-09/token", form)[1])["access_token"])


def _posted(host: str, path: str, form: Mapping[str, str]) -> tuple[str, bytes]:
    """Give where the answer leads and what it says."""
    with closing(HTTPConnection(host)) as connection:
        connection.request("POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
        response = connection.getresponse()
        return response.headers.get("Location", ""), response.read()
