"""Sync runs against HubSpot's limits: a real worker, the sandbox with 150 ms + 1 ms per record, and the official client
beside them.

`seconds` are from the run's start until its audit held; `floor_s` is what the limits allow at best: the list 1,100 and
search 1,000 contacts a second where the list can be entered anywhere (`sought`), 400 and 1,000 where it is one page
after the other. `seen` are contacts changed, created, archived and merged that the cache has right afterwards, and
`arrived_s` is when it had all of the first two. What is read around the contacts (owners, companies) is stated apart.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import Circumstances, Figure, Row, say
from benches import _plot
from benches._options import add_postgres, count
from benches._portal import Asked, Changed, Changes, Manner, Portal, running_portal
from benches._service import Service, Watched, authorized
from tests.e2e.processes import ending_on_sigterm

SIZES = (10_000, 100_000)
MILLION = 1_000_000
CHANGED_AT = 100_000  # the account that recent runs are measured in
BULK_SHARE = 0.12  # of all contacts, and no fewer
SMALL = 10_000
RECENT_WITHIN_S, ARRIVED_WITHIN_S, RECENT_REQUESTS, IDLE_REQUESTS = 8.0, 1.5, 35, 3
PER_SECOND = 30
BELIEVED_LAG_S = 30  # CALLBOOK_INDEX_LAG_S as it is by itself
PEAK_MIB, MILLION_PEAK_MIB = 150, 200
CORE = 0.5
AROUND = ("owners", "companies_batch_read")
OFFICIAL = Path(__file__).with_name("_official.py")


def add_options(parser: argparse.ArgumentParser) -> None:
    manner = Manner()
    parser.add_argument("--million", action="store_true", help="with 1,000,000 contacts as well, first runs alone")
    parser.add_argument("--contacts", type=count, metavar="N", help="with so many alone")
    add_postgres(parser)
    parser.add_argument("--without-official", action="store_true", help="leave the official client out")
    parser.add_argument("--latency-ms", type=float, default=manner.latency_ms, help="of an answer (%(default)s)")
    parser.add_argument("--index-lag-s", type=float, default=manner.index_lag_s, help="of search (%(default)s)")


def measure(options: argparse.Namespace) -> list[Row]:
    manner = Manner(options.latency_ms, index_lag_s=options.index_lag_s, believed_lag_s=BELIEVED_LAG_S)
    sizes = [options.contacts] if options.contacts else [*SIZES, *([MILLION] if options.million else [])]
    rows: list[Row] = []
    with ending_on_sigterm():
        for contacts in sizes:
            bench = _Bench(contacts, options.postgres, changing=contacts == CHANGED_AT or bool(options.contacts))
            rows += bench.rows(manner, official=contacts < MILLION and not options.without_official)
    say("")
    return rows


def plot(rows: Sequence[Row], circumstances: Circumstances) -> str:
    return _plot.svg(rows, circumstances)


@dataclass(frozen=True)
class Way:
    """How the list can be read: contacts a second at best, with search; the goals, of that and for a small account."""

    name: str
    per_s: int
    ratio: float
    small_within_s: float

    def floor_s(self, contacts: int) -> float:
        return contacts / self.per_s

    def within_s(self, contacts: int) -> float:
        return self.small_within_s if contacts == SMALL else self.floor_s(contacts) * self.ratio


SOUGHT = Way("sought", 1100 + 1000, 1.2, 6.0)
PAGED = Way("page by page", 400 + 1000, 1.15, 9.0)


@dataclass(frozen=True)
class Goal:
    """What a run must keep to, as far as it is named; for every run there are the limits of a second and of memory."""

    within_s: float | None = None
    arrived_s: float | None = None
    requests: int | None = None


@dataclass(frozen=True)
class _Bench:
    """All runs in an account of `contacts`; `changing`: recent ones, too."""

    contacts: int
    server: str
    changing: bool

    def rows(self, manner: Manner, *, official: bool) -> list[Row]:
        self._say("the sandbox starts")
        with (
            TemporaryDirectory(prefix="callbook-bench-") as place,
            running_portal(Path(place), self.contacts, manner) as portal,
        ):
            rows = [row for way in (PAGED, SOUGHT) for row in self._full(Path(place) / way.name, portal, way)]
            return [*rows, self._official(portal)] if official else rows

    def _full(self, folder: Path, portal: Portal, way: Way) -> Iterator[Row]:
        portal.let_seek(sought=way is SOUGHT)
        folder.mkdir()
        goal = Goal(way.within_s(self.contacts))
        with authorized(folder, portal, self.server) as service:
            first = service.watch(self._say("full, first", way))
            yield self._row("full, first", first, portal.asked(), goal, way)
            if self.contacts >= MILLION:
                return
            again = self._run(service, portal, "full, unchanged", "full", way)
            yield self._row("full, unchanged", again, portal.asked(), goal, way)
            if way is SOUGHT and self.changing:
                yield from self._recent(service, portal)

    def _recent(self, service: Service, portal: Portal) -> Iterator[Row]:
        nothing = self._run(service, portal, "recent, nothing changed", "recent")
        yield self._row("recent, nothing changed", nothing, portal.asked(), Goal(requests=IDLE_REQUESTS))
        yield self._changed(service, portal, Changes.among(self.contacts))
        yield self._bulk(service, portal)

    def _changed(self, service: Service, portal: Portal, count: Changes) -> Row:
        job = "Changed by the measurement"
        changed = portal.change(service.ids(), count, job)
        young = (*changed.changed, *changed.created)
        name = f"recent, {len(young) + count.archived + count.merged} changes"
        portal.forget()
        service.ask("recent")
        watched = service.watch(self._say(name), lambda: service.holds(young, job) == len(young))
        goal = Goal(RECENT_WITHIN_S, ARRIVED_WITHIN_S, RECENT_REQUESTS)
        seen = _seen(service, changed, job)
        return self._row(name, watched, portal.asked(), goal, seen=(seen, _all_of(count)))

    def _bulk(self, service: Service, portal: Portal) -> Row:
        job, held = "Changed at once", service.ids()
        ids = held[:: int(1 / BULK_SHARE)]
        portal.edit_at_once(ids, job)
        name = f"recent, {len(ids):,} edited in one ms"
        watched = self._run(service, portal, name, "recent")
        seen = str(service.holds(ids, job))
        return self._row(name, watched, portal.asked(), Goal(), seen=(seen, str(len(ids))))

    def _run(self, service: Service, portal: Portal, name: str, kind: str, way: Way = SOUGHT) -> Watched:
        portal.forget()
        service.ask(kind)
        return service.watch(self._say(name, way))

    def _official(self, portal: Portal) -> Row:
        name = "official client, get_all"
        self._say(name)
        portal.forget()
        command = [sys.executable, str(OFFICIAL), portal.url, portal.token()]
        told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        asked, floor_s = portal.asked(), SOUGHT.floor_s(self.contacts)
        figures = {"seconds": told["seconds"], "floor_s": floor_s, "ratio": told["seconds"] / floor_s}
        counts = {"requests": asked.of("list"), "throttled": asked.throttled, "busiest_second": asked.busiest_second}
        core = {"core": told["cpu_s"] / told["seconds"]}
        return {
            "contacts": self.contacts,
            "run": name,
            "list": "from the start",
            "database": "",
            **figures,
            **counts,
            **core,
        }

    def _row(  # noqa: PLR0913 - what a row tells
        self,
        name: str,
        watched: Watched,
        asked: Asked,
        goal: Goal,
        way: Way = SOUGHT,
        *,
        seen: tuple[str, str] = ("", ""),
    ) -> Row:
        run, around = watched.run, asked.of(*AROUND)
        floor_s = way.floor_s(self.contacts) if run.kind == "full" else 0.0
        row: dict[str, Figure] = {
            "contacts": self.contacts,
            "run": name,
            "list": way.name,
            "database": "PostgreSQL" if self.server else "SQLite",
            "seconds": watched.contacts_s,
            "floor_s": floor_s or "",
            "ratio": watched.contacts_s / floor_s if floor_s else "",
            "requests": sum(asked.by_endpoint.values()) - around,
            "by_list": asked.of("list"),
            "by_search": asked.of("search"),
            "throttled": asked.throttled,
            "busiest_second": asked.busiest_second,
            "core": watched.cpu_s / watched.contacts_s,
            "peak_mib": round(watched.peak_mib),
            "around_requests": around,
            "around_s": watched.around_s,
            "arrived_s": watched.arrived_s if goal.arrived_s else "",
            "seen": seen[0],
            "ended": run.problem or run.state,
        }
        return {**row, "missed": ", ".join(self._missed(row, watched, goal, seen)) or "nothing"}

    def _missed(self, row: Row, watched: Watched, goal: Goal, seen: tuple[str, str]) -> Iterator[str]:
        """The goals that were, by the names of the columns."""
        run = watched.run
        kept = {
            "seconds": goal.within_s is None or watched.contacts_s < goal.within_s,
            "arrived_s": goal.arrived_s is None or watched.arrived_s <= goal.arrived_s,
            "requests": goal.requests is None or int(row["requests"]) <= goal.requests,
            "busiest_second": int(row["busiest_second"]) <= PER_SECOND,
            "core": run.kind != "full" or float(row["core"]) < CORE,
            "peak_mib": watched.peak_mib < (MILLION_PEAK_MIB if self.contacts > CHANGED_AT else PEAK_MIB),
            "seen": seen[0] == seen[1],
            "ended": run.state == "finished" and run.remote_total == run.local_total,
        }
        return (name for name, is_kept in kept.items() if not is_kept)

    def _say(self, name: str, way: Way = SOUGHT) -> str:
        text = f"{self.contacts:,} contacts: {name}{'' if way is SOUGHT else f', {way.name}'}"
        say(text)
        return text


def _seen(service: Service, changed: Changed, job: str) -> str:
    """How many of each kind the cache has right."""
    merged = sum(
        service.holds([survivor]) == 1 and service.holds(swallowed) == 0
        for survivor, swallowed in zip(changed.survivors, changed.swallowed, strict=True)
    )
    gone = len(changed.archived) - service.holds(changed.archived)
    return f"{service.holds(changed.changed, job)}/{service.holds(changed.created, job)}/{gone}/{merged}"


def _all_of(count: Changes) -> str:
    return f"{count.changed}/{count.created}/{count.archived}/{count.merged}"
