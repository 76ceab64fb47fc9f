"""A worker's hold on a run while it takes its steps. Every write goes through the claim, so that a worker which has
lost the run changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

from callbook.hubspot import Client
from callbook.models import Owner, Run, now, persistently, to_ms
from callbook.settings import Settings
from callbook.sync import runs
from callbook.sync.course import Course
from callbook.sync.pace import Pace
from callbook.sync.reader import Reader
from callbook.sync.runs import Claim

# What a checkpoint keeps from stage to stage. All else in it is its stage's own, or of its reading (`Course.kept`).
KEPT = (
    "walked",  # everything has been read, so that whoever was not met is gone
    "listed",  # the stage `list` is over: what is read after it does not count as new
    "seeks",  # whether the list can be entered anywhere
    "audits",  # how often a difference was given the index's lag
    "again",  # what has changed was read once more because of a difference
    "asked_archive",  # the archived were asked for
    "narrowed",  # how often halving was begun
    "settles_at",  # in ms; before it HubSpot's counts may still hold somebody who was archived
    "verdict",  # the audit's, with which the run ends
    "shown",  # names of owners or companies have changed what the list of contacts shows
)
TOLD_EVERY_S = 0.25  # steps come more often, and nobody sees the difference
T = TypeVar("T")


@dataclass
class Stride:
    """A claim, and a way to HubSpot. `noted` are the requests already in the row; `untold`: browsers have not heard of
    the last step yet.
    """

    claim: Claim
    client: Client
    settings: Settings
    noted: int = 0
    noted_throttled: int = 0
    reader: Reader | None = None
    untold: bool = False
    _told_at_s: float = float("-inf")
    _stepped_at_s: float = field(default_factory=monotonic)

    @property
    def owner(self) -> Owner:
        return self.claim.owner

    def reading(self, run: Run, since: datetime | None = None) -> Reader:
        """The requests of the stage under way; from the checkpoint, if this worker has none yet."""
        return self.reader or self._reader(run, Course.of(run.checkpoint), since)

    def begin_reading(self, run: Run, course: Course) -> Reader:
        """Of the stage to come: what can be asked for already leaves now."""
        reader = self._reader(run, course)
        reader.begin()
        return reader

    def _reader(self, run: Run, course: Course, since: datetime | None = None) -> Reader:
        self.reader = Reader(self.client, course, since=since, cautious=run.problem is not None)
        return self.reader

    def finishing(self) -> bool:
        """Sends no more; whether what is under way is worth another step."""
        return self.reader is not None and self.reader.finish()

    def stop_reading(self) -> None:
        if self.reader is not None:
            self.reader.close()
            self.reader = None

    def together(self, work: Callable[[], T]) -> T:
        """`work` in one transaction; again where the database has ended it for another's sake. Raises `LostLease`."""
        before = (self.noted, self.noted_throttled, self.untold, self._told_at_s, self._stepped_at_s)

        def again() -> T:
            self.noted, self.noted_throttled, self.untold, self._told_at_s, self._stepped_at_s = before
            return work()

        return persistently(again)

    def write(self, **columns: Any) -> None:
        """Within a transaction. Raises `LostLease`."""
        sent, throttled = self.client.requests, self.client.throttled  # once: others are being sent meanwhile
        columns["requests"] = Run.requests + (sent - self.noted)
        columns["throttled"] = Run.throttled + (throttled - self.noted_throttled)
        runs.keep(self.claim, **columns)
        self.noted, self.noted_throttled = sent, throttled

    def go_on(self, run: Run, stage: str, *, counts: Mapping[str, Any] | None = None, **checkpoint: Any) -> None:
        """Within a transaction: counts and the next checkpoint. It is progress, so attempts count anew."""
        kept, counted = {name: run.checkpoint[name] for name in KEPT if name in run.checkpoint}, dict(counts or {})
        counted["pace"] = self._pace(run, counted.get("read"))
        step = {**kept, "stage": stage, "at": to_ms(now()), **checkpoint}
        self.write(checkpoint=step, attempt=0, problem=None, **counted)
        self.untold = True
        if monotonic() - self._told_at_s >= TOLD_EVERY_S:
            self.tell()

    def end(self, state: str, problem: str | None = None) -> None:
        """Within a transaction."""
        self.write(state=state, problem=problem, finished_at=now(), lease_owner=None, lease_until=None)
        runs.plan_next(self.owner)
        self.tell()

    def rest(self, wait: timedelta, problem: str | None = None, **columns: Any) -> None:
        """Within a transaction: gives the run back, to be taken up after `wait`."""
        self.write(state="waiting", problem=problem, retry_at=now() + wait, lease_owner=None, **columns)
        self.tell()

    def tell(self) -> None:
        """Within a transaction: lets the user's browsers hear how the run stands."""
        runs.tell(self.owner, self.claim.run_id)
        self.untold, self._told_at_s = False, monotonic()

    def _pace(self, run: Run, read: int | None) -> dict[str, float] | None:
        """After a step that has brought the contacts read to `read`; others do not count, nor does a rest."""
        began_s, self._stepped_at_s = self._stepped_at_s, monotonic()
        if read is None:
            return run.pace
        return asdict(Pace.of(run.pace).after(read - run.read, self._stepped_at_s - began_s))
