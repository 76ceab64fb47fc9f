"""A real worker process killed with -9 at random moments of full and recent runs, and restarted, while HubSpot's
contacts change; then others, stopped with SIGTERM.

After each run: `lost` are contacts that HubSpot has and the cache has not, `duplicated` ids that it has twice,
`resurrected` those that it has and HubSpot has no more, `stale` those that it has as they were; what changed while the
run was under way is left to the last run of all, which is undisturbed and has no excuse. `resumed_s` is the longest
time from a death until a worker had claimed the run again, `asked_twice` the pages of a walk that HubSpot gave twice,
`given_back_s` how long a worker took to end. A run may end incomplete where so much changes while it lasts.
"""

import argparse
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import Row, say
from benches._options import add_postgres, count
from benches._portal import Changes, Manner, Portal, running_portal
from benches._service import WORKER, signed_in
from callbook import sync
from callbook.hubspot.contacts import MODIFIED, PATH
from callbook.models import Contact, Owner, Run, User, connected, now
from tests.e2e.gate import Answer, Gate, open_gate
from tests.e2e.processes import Program, ending_on_sigterm, running

CONTACTS, KILLS, STOPS = 10_000, 200, 20
MANNER = Manner(latency_ms=100, per_record_ms=0.5, index_lag_s=0.5)
LAG = timedelta(seconds=1)
LEASE_S = 2
SETTINGS = {"CALLBOOK_LEASE_S": str(LEASE_S), "CALLBOOK_HEARTBEAT_S": "1", "CALLBOOK_INDEX_LAG_S": "1"}
RESUMED_WITHIN_S, GIVEN_BACK_WITHIN_S = LEASE_S + 15, 3.0
KINDS = ("full", "recent", "recent", "recent")  # a full one lives through more deaths
DEATHS_A_RUN = 14  # so that many runs come to their end
LATEST_MOMENT_S = 2.0  # from the claim to the death
LOOK_EVERY_S, DEADLINE_S = 0.01, 120.0
AT_ONCE = Changes(changed=100, created=10, archived=8, merged=3)  # before a run
MEANWHILE = Changes(changed=6, created=2, archived=2, merged=1)  # after each death
SINCE = b'{"propertyName": "lastmodifieddate"'  # of a search for what has changed, no part of a walk


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kills", type=count, default=KILLS, help="how often a worker is killed (%(default)s)")
    parser.add_argument("--stops", type=int, default=STOPS, help="how often one is stopped (%(default)s)")
    parser.add_argument("--contacts", type=count, default=CONTACTS, help="in the account (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed picks the same moments (%(default)s)")
    add_postgres(parser)


def measure(options: argparse.Namespace) -> list[Row]:
    with (
        ending_on_sigterm(),
        TemporaryDirectory(prefix="callbook-crash-") as place,
        running_portal(Path(place), options.contacts, MANNER) as portal,
        open_gate(portal.url) as gate,
        signed_in(Path(place), portal, options.postgres) as user,
    ):
        dice = random.Random(options.seed)  # noqa: S311 - moments, not secrets
        environment = {**user.environment, **SETTINGS, "HUBSPOT_API_URL": gate.url}
        crash = _Crash(Path(place), environment, gate, _HubSpot(portal, dice), dice)
        rows = list(crash.rows(options.kills, options.stops))
    say("")
    return [{"database": "PostgreSQL" if options.postgres else "SQLite", **row} for row in rows]


class _HubSpot:
    """The account, and what was done to it behind Callbook's back: when each contact was last touched."""

    def __init__(self, portal: Portal, dice: random.Random) -> None:
        self._portal, self._dice = portal, dice
        self._alive = sorted(portal.contacts())
        self.touched_at: dict[int, datetime] = {}

    def contacts(self) -> dict[int, str]:
        return self._portal.contacts()

    def meddle(self, count: Changes) -> None:
        """Ends when search shows it."""
        chosen = self._dice.sample(self._alive, count.changed + count.archived + 2 * count.merged)
        done = self._portal.change(chosen, count, f"Job {self._dice.random()}")
        gone = {*done.archived, *(each for pair in done.swallowed for each in pair)}
        new = (*done.created, *done.survivors)
        self._alive = [each for each in self._alive if each not in gone] + list(new)
        touched_at = now() - timedelta(seconds=MANNER.index_lag_s)
        self.touched_at |= dict.fromkeys([*gone, *new, *done.changed], touched_at)


@dataclass
class _Tally:
    """What came of the deaths of one sort; `at` is where in a run they struck."""

    deaths: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    at: Counter[str] = field(default_factory=Counter)
    resumed_s: list[float] = field(default_factory=list)
    gone_s: list[float] = field(default_factory=list)

    def row(self, sort: str, asked_twice: int | str, seconds: float) -> Row:
        found = {name: self.wrong[name] for name in ("lost", "duplicated", "resurrected", "stale", "failed")}
        struck = ", ".join(f"{stage} {count}" for stage, count in self.at.most_common())
        return {
            "by": sort,
            "deaths": self.deaths,
            "runs": ", ".join(f"{count} {kind}" for kind, count in sorted(self.runs.items())),
            **found,
            "asked_twice": asked_twice,
            "resumed_s": max(self.resumed_s, default=0.0),
            "resumed_on_average_s": sum(self.resumed_s) / max(1, len(self.resumed_s)),
            "given_back_s": max(self.gone_s, default=0.0) if sort == "SIGTERM" else "",
            "seconds": seconds,
            "at": struck,
            "missed": ", ".join(self._missed(found, asked_twice)) or "nothing",
        }

    def _missed(self, found: Mapping[str, int], asked_twice: int | str) -> Iterator[str]:
        yield from (name for name, count in found.items() if count)
        yield from ["asked_twice"] if asked_twice else []
        yield from ["resumed_s"] if max(self.resumed_s, default=0.0) > RESUMED_WITHIN_S else []
        yield from ["given_back_s"] if max(self.gone_s, default=0.0) > GIVEN_BACK_WITHIN_S else []


@dataclass
class _Crash:
    folder: Path
    environment: Mapping[str, str]
    gate: Gate
    hubspot: _HubSpot
    dice: random.Random
    tally: _Tally = field(default_factory=_Tally)

    def rows(self, kills: int, stops: int) -> Iterator[Row]:
        with connected():
            self.owner: Owner = User.get().owner
            if kills:
                yield self._killed(kills)
            if stops:
                yield self._stopped(stops)

    def _killed(self, wanted: int) -> Row:
        started_s = time.monotonic()
        self.tally = tally = _Tally()
        while tally.deaths < wanted:
            self._disturb(self.dice.choice(KINDS), signal.SIGKILL, wanted, MEANWHILE)
            self.hubspot.meddle(AT_ONCE)
        self._quiet_run()
        return tally.row("kill -9", "", time.monotonic() - started_s)

    def _stopped(self, wanted: int) -> Row:
        """HubSpot stands still, so that a page asked for twice is one that was lost."""
        started_s = time.monotonic()
        self.tally = tally = _Tally()
        asked_twice = 0
        while tally.deaths < wanted:
            with _answered(self.gate) as pages:
                self._disturb("full", signal.SIGTERM, wanted, None)
            asked_twice += sum(count - 1 for count in pages.values())
        self._quiet_run()
        return tally.row("SIGTERM", asked_twice, time.monotonic() - started_s)

    def _quiet_run(self) -> None:
        """After it there is no excuse for anything."""
        time.sleep(MANNER.index_lag_s)
        self._disturb("recent", signal.SIGKILL, 0, None)
        self._compare(now())

    def _disturb(self, kind: str, by: signal.Signals, wanted: int, meanwhile: Changes | None) -> None:
        """One run, whose workers die at random moments until it ends, or enough of them have."""
        run = sync.request(self.owner, kind, "manual")
        died_s: float | None = None
        wanted = min(wanted, self.tally.deaths + DEATHS_A_RUN)
        while True:
            with running("worker", WORKER, self.environment, self.folder) as worker:
                claimed_s = self._until_claimed(run, worker)
                if died_s is not None and claimed_s is not None:
                    self.tally.resumed_s.append(claimed_s - died_s)
                moment_s = self.dice.uniform(0, LATEST_MOMENT_S) if self.tally.deaths < wanted else DEADLINE_S
                if claimed_s is None or self._ends_within(run, moment_s, worker):
                    break
                died_s = self._dies(run, worker, by)
            if meanwhile is not None:
                self.hubspot.meddle(meanwhile)
        self._ended(run)

    def _dies(self, run: Run, worker: Program, by: signal.Signals) -> float:
        """When it did."""
        worker.process.send_signal(by)
        died_s = time.monotonic()
        worker.process.wait()
        if by == signal.SIGTERM:
            self.tally.gone_s.append(time.monotonic() - died_s)
        left = self._row(run)
        if left.state in sync.LIVE:
            self.tally.deaths += 1
            self.tally.at[f"{left.kind}: {left.checkpoint['stage']}"] += 1
            say(
                f"{by.name} {self.tally.deaths}: in a {left.kind} run at {left.checkpoint['stage']}, {left.read:,} read"
            )
        return died_s

    def _until_claimed(self, run: Run, worker: Program) -> float | None:
        """When it was; None if it has ended."""
        fence = self._row(run).fence

        def look() -> tuple[float, bool] | None:
            row = self._row(run)
            over = row.state not in sync.LIVE
            return (time.monotonic(), over) if over or row.fence > fence else None

        claimed_s, over = worker.wait_until(look, "it had claimed the run", DEADLINE_S)
        return None if over and self._row(run).fence == fence else claimed_s

    def _ends_within(self, run: Run, within_s: float, worker: Program) -> bool:
        deadline_s = time.monotonic() + within_s
        while time.monotonic() < deadline_s:
            if self._row(run).state not in sync.LIVE:
                return True
            if worker.process.poll() is not None:
                raise RuntimeError(f"the worker has ended: {worker.output()[-2000:]}")
            time.sleep(LOOK_EVERY_S)
        return False

    def _ended(self, run: Run) -> None:
        row = self._row(run)
        self.tally.runs[f"{row.kind} {row.state}"] += 1
        self.tally.wrong["failed"] += row.state not in ("finished", "incomplete")
        self._compare(row.requested_at)

    def _compare(self, since: datetime) -> None:
        """What was touched after `since` is left out: the next run has it."""
        theirs = self.hubspot.contacts()
        ours = Counter(id_ for id_, _ in self._held())
        modified = dict(self._held())
        young = {id_ for id_, at in self.hubspot.touched_at.items() if at >= since - LAG}
        found = {
            "lost": theirs.keys() - ours.keys() - young,
            "duplicated": {id_ for id_, count in ours.items() if count > 1},
            "resurrected": ours.keys() - theirs.keys() - young,
            "stale": {id_ for id_, at in modified.items() if theirs.get(id_, at) != at} - young,
        }
        for name, ids in found.items():
            self.tally.wrong[name] += len(ids)
            if ids:
                say(f"{name}: {sorted(ids)[:10]}\n")

    def _held(self) -> Sequence[tuple[int, str]]:
        """HubSpot's contacts in the cache, each with the moment of its last change."""
        alive = (Contact.source == "hubspot") & Contact.deleted_at.is_null()
        rows = Contact.of(self.owner).select(Contact.hubspot_id, Contact.properties).where(alive)
        return [(id_, row.properties[MODIFIED]) for row in rows if (id_ := row.hubspot_id) is not None]

    def _row(self, run: Run) -> Run:
        return Run.of(self.owner).select().where(Run.id == run.id).get()


@contextmanager
def _answered(gate: Gate) -> Iterator[Counter[tuple[str, bytes]]]:
    """Within the block, the pages of a walk that HubSpot gives, and how often each."""
    pages: Counter[tuple[str, bytes]] = Counter()

    def note(path: str, asked: bytes, answer: Answer) -> Answer:
        searched = b'"limit": 200' in asked and SINCE not in asked
        if answer.status == HTTPStatus.OK and (searched or path.startswith(f"{PATH}?")):
            pages[path, asked] += 1
        return answer

    with gate.changing(note):
        yield pages
