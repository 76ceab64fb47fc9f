"""A worker's hold on a run while it takes its steps. Every write goes through the claim, so that a worker which has
lost the run changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from callbook.hubspot import Client
from callbook.models import Owner, Run, now
from callbook.settings import Settings
from callbook.sync import runs
from callbook.sync.runs import Claim

KEPT = ("walked", "audits", "unplaced", "verdict", "shown")  # of a checkpoint, from stage to stage


@dataclass
class Stride:
    """A worker's hold on a run: its claim, and its way to HubSpot. `told` are the requests already in the row."""

    claim: Claim
    client: Client
    settings: Settings
    told: int = 0
    told_throttled: int = 0

    @property
    def owner(self) -> Owner:
        return self.claim.owner

    def write(self, **columns: Any) -> None:
        """Within a transaction. Raises `LostLease`."""
        columns["requests"] = Run.requests + (self.client.requests - self.told)
        columns["throttled"] = Run.throttled + (self.client.throttled - self.told_throttled)
        runs.keep(self.claim, **columns)
        self.told, self.told_throttled = self.client.requests, self.client.throttled

    def go_on(self, run: Run, stage: str, *, counts: Mapping[str, Any] | None = None, **checkpoint: Any) -> None:
        """Within a transaction: counts and the next checkpoint. It is progress, so attempts count anew."""
        kept = {name: run.checkpoint[name] for name in KEPT if name in run.checkpoint}
        self.write(checkpoint={**kept, "stage": stage, **checkpoint}, attempt=0, problem=None, **(counts or {}))
        runs.tell(self.claim)

    def end(self, state: str, problem: str | None = None) -> None:
        """Within a transaction."""
        self.write(state=state, problem=problem, finished_at=now(), lease_owner=None, lease_until=None)
        runs.plan_next(self.owner)
        runs.tell(self.claim)

    def rest(self, wait: timedelta, problem: str | None = None, **columns: Any) -> None:
        """Within a transaction: gives the run back, to be taken up after `wait`."""
        self.write(state="waiting", problem=problem, retry_at=now() + wait, lease_owner=None, **columns)
        runs.tell(self.claim)
