"""The connection, the runs, and what could not be read."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from callbook.sync import RunProblem
from callbook.web.shapes.parts import Account, CountsOut, Given, Interval, Shape


class CacheCounts(CountsOut):
    without_phone: int
    number_unreadable: int


class ConnectionOut(Shape):
    state: Literal["connected", "reconnect_needed"]
    since: datetime
    account: Account


class RunOut(Shape):
    id: int
    kind: Literal["full", "recent"]
    trigger: Literal["first", "manual", "automatic"]
    state: Literal["queued", "running", "waiting", "paused", "finished", "incomplete", "failed", "cancelled"]
    problem: RunProblem | None
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    retry_at: datetime | None
    paused_at: datetime | None
    changed_since: datetime | None
    duration_s: float | None
    seconds_left: int | None
    total: int | None
    read: int
    added: int
    updated: int
    removed: int
    unchanged: int
    failed: int
    requests: int
    throttled: int
    remote_total: int | None
    local_total: int | None
    removal_held: int


class SyncState(Shape):
    connection: ConnectionOut
    counts: CacheCounts
    run: RunOut | None
    last_run: RunOut | None
    last_synced_at: datetime | None
    next_sync_at: datetime | None
    interval_minutes: Interval
    event: int


class SyncIn(Given):
    kind: Literal["full", "recent"]
    accept_removals: bool = False


class ProblemsQuery(Given):
    limit: Annotated[int, Field(ge=1, le=200)] = 100


class ProblemOut(Shape):
    """`name` where an older copy of the contact is kept."""

    remote_id: str
    category: Literal["invalid", "number_unreadable", "refused", "no_answer"]
    name: str | None
    hubspot_url: str | None
    seen_at: datetime


class ProblemsOut(Shape):
    problems: list[ProblemOut]
    total: int
