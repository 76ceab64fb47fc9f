"""The run's row: made once at a time per user, claimed by one worker at a time, written only by the fence's holder.

A claim is one conditional UPDATE that raises `fence`; every later write of the claimant names that fence, so a worker
that has lost its lease can change nothing, however late it wakes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from peewee import IntegrityError

from callbook import events
from callbook.errors import CallbookError
from callbook.hubspot import property_set
from callbook.models import LIVE, Owner, Run, User, now, to_ms, transaction
from callbook.settings import Settings

RunProblem = Literal[
    "throttled",
    "hubspot_unreachable",
    "hubspot_error",
    "reconnect_needed",
    "scope_missing",
    "server_misconfigured",
    "totals_differ",
    "records_failed",
    "removal_held",
    "internal",
]
PROBLEMS: tuple[str, ...] = get_args(RunProblem)
MAX_ATTEMPTS = 10  # claims without progress: then the run ends in a failure that can be seen
MAX_WAIT_S = 300


class LostLease(CallbookError):
    """Another worker has the run, or it was cancelled: stop, and write nothing."""

    def __init__(self) -> None:
        super().__init__("lost_lease")


@dataclass(frozen=True)
class Claim:
    """The right to work a run, as long as its fence is the row's."""

    run_id: int
    owner: Owner
    fence: int
    lease: timedelta


def current(owner: Owner) -> Run | None:
    return Run.of(owner).select().where(Run.state.in_(LIVE)).get_or_none()


def find(owner: Owner, run_id: int) -> Run | None:
    return Run.of(owner).select().where(Run.id == run_id).get_or_none()


def last_ended(owner: Owner) -> Run | None:
    ended = Run.of(owner).select().where(Run.state.not_in(LIVE))
    return ended.order_by(Run.id.desc()).limit(1).get_or_none()


def last_proven(owner: Owner) -> Run | None:
    """The last run whose audit held: what "synced" may be said of."""
    proven = (Run.state == "finished") & (Run.property_set == property_set())
    return Run.of(owner).select().where(proven).order_by(Run.id.desc()).limit(1).get_or_none()


def _baseline(owner: Owner) -> Run | None:
    """The last run after which the cache held all that can be read: where the next recent run starts."""
    held = Run.of(owner).select().where(_complete() & (Run.property_set == property_set()))
    return held.order_by(Run.id.desc()).limit(1).get_or_none()


def full_since(owner: Owner, moment: datetime, *, tried_at: datetime) -> bool:
    """Whether a full run asked for since `moment` has read all that can be read, or one was tried since `tried_at`."""
    counted = (_complete() & (Run.requested_at > moment)) | (Run.requested_at > tried_at)
    return Run.of(owner).select().where((Run.kind == "full") & counted).exists()


def _complete() -> Any:  # noqa: ANN401 - a peewee expression
    return (Run.state == "finished") | ((Run.state == "incomplete") & (Run.problem == "records_failed"))


def request(owner: Owner, kind: str, trigger: str, *, accept_removals: bool = False) -> Run:
    """A new run, or the one in progress: a wish for more than it does raises it, and a person's resumes a paused one.
    Without a proven cache: a full one.
    """
    try:
        return _request(owner, kind, trigger, accept=accept_removals)
    except IntegrityError:  # another process made one in the same moment
        return _request(owner, kind, trigger, accept=accept_removals)


def _request(owner: Owner, kind: str, trigger: str, *, accept: bool) -> Run:
    with transaction():
        live = current(owner)
        return _make(owner, kind, trigger, accept=accept) if live is None else _join(live, kind, trigger, accept=accept)


def _make(owner: Owner, kind: str, trigger: str, *, accept: bool) -> Run:
    baseline = _baseline(owner)
    if baseline is None:
        kind = "full"
    if last_ended(owner) is None:
        trigger = "first"
    made = Run.of(owner).insert(
        kind=kind,
        trigger=trigger,
        state="queued",
        requested_at=now(),
        changed_since_at=baseline.watermark_at if baseline is not None and kind == "recent" else None,
        property_set=property_set(),
        accept_removals=accept,
        checkpoint={"stage": "start"},
    )
    return Run.of(owner).select().where(Run.id == int(made.execute())).get()


def _join(live: Run, kind: str, trigger: str, *, accept: bool) -> Run:
    owner = Owner(live.user_id, live.epoch)
    raised: dict[str, Any] = {"accept_removals": live.accept_removals or accept}
    if trigger == "manual":
        raised |= resumed(live) if live.state == "paused" else {"trigger": _by_hand(live)}
    if live.problem != "throttled":  # somebody asks for it now; only HubSpot may make them wait
        raised["retry_at"] = None
    if kind == "full" and live.kind == "recent":  # starts over as the larger run; its worker loses the fence
        start = {"fence": live.fence + 1, "changed_since_at": None, "checkpoint": {"stage": "start"}}
        waiting = {} if live.state == "paused" else {"state": "queued"}
        raised |= {"kind": kind, **start, **waiting}
    Run.of(owner).update(**raised).where(Run.id == live.id).execute()
    return Run.of(owner).select().where(Run.id == live.id).get()


def resumed(run: Run) -> dict[str, Any]:
    """What changes when a person lets a paused run go on: it is theirs now, and only HubSpot may make them wait."""
    waits = run.problem == "throttled" and run.retry_at is not None
    at_once = {"state": "waiting"} if waits else {"state": "queued", "retry_at": None}
    return {**at_once, "trigger": _by_hand(run), "attempt": 0, "paused_at": None, "paused_ms": paused_ms(run)}


def paused_ms(run: Run) -> int:
    """How long it has been paused, all in all."""
    return run.paused_ms + (to_ms(now()) - to_ms(run.paused_at) if run.paused_at is not None else 0)


def _by_hand(run: Run) -> str:
    return "manual" if run.trigger == "automatic" else run.trigger


def claimable() -> Sequence[int]:
    """Runs that a worker could take now, the manual before the automatic."""
    rows = Run.everyones().select(Run.id).where(_free()).order_by(Run.trigger == "automatic", Run.id)
    return [row.id for row in rows]


def _free() -> Any:  # noqa: ANN401 - a peewee expression
    rested = Run.state.in_(["queued", "waiting"]) & (Run.retry_at.is_null() | (Run.retry_at <= now()))
    return rested | ((Run.state == "running") & (Run.lease_until < now()))


def claim(run_id: int, worker: str, settings: Settings) -> Claim | None:
    """None when somebody else has it, or it is over."""
    lease = timedelta(seconds=settings.lease_s)
    with transaction():
        row = Run.everyones().get_or_none((Run.id == run_id) & _free())
        if row is None:
            return None
        taken = {
            "state": "running",
            "lease_owner": worker,
            "lease_until": now() + lease,
            "fence": row.fence + 1,
            "attempt": row.attempt + 1,
            "started_at": row.started_at or now(),
            "retry_at": None,
        }
        unchanged = (Run.id == run_id) & (Run.fence == row.fence) & _free()
        if not Run.everyones().update(**taken).where(unchanged).execute():
            return None
    return Claim(run_id, Owner(row.user_id, row.epoch), row.fence + 1, lease)


def read(held: Claim) -> Run:
    """Raises `LostLease`."""
    run = Run.of(held.owner).select().where(_held(held)).get_or_none()
    if run is None:
        raise LostLease
    return run


def keep(held: Claim, **columns: Any) -> None:
    """Writes to the row and prolongs the lease. Raises `LostLease`, which undoes the transaction it is raised in."""
    values = {"lease_until": now() + held.lease, **columns}
    if not Run.of(held.owner).update(**values).where(_held(held)).execute():
        raise LostLease


def still_running(held: Claim) -> bool:
    return Run.of(held.owner).select().where(_held(held)).exists()


def tell(owner: Owner, run_id: int) -> None:
    """Within a transaction: lets the user's browsers hear how the run stands, and, at its end, of a changed list."""
    run = Run.of(owner).select().where(Run.id == run_id).get()
    events.append(owner, "progress", {"run": run.id})
    if run.state not in LIVE and run.added + run.updated + run.removed:
        events.append(owner, "contacts", {})


def plan_next(owner: Owner) -> None:
    """Within a transaction: the next automatic run, counted from the end of this one."""
    user = User.get_by_id(owner.id)
    at = now() + timedelta(minutes=user.interval_minutes)
    User.update(next_sync_at=at).where(User.id == owner.id).execute()


def _held(held: Claim) -> Any:  # noqa: ANN401 - a peewee expression
    return (Run.id == held.run_id) & (Run.fence == held.fence) & (Run.state == "running")


def wait_s(attempt: int, asked_s: float | None) -> float:
    """How long to rest before the next try: at least what HubSpot asked, doubling from 2 s to 5 min."""
    return max(float(min(2**attempt, MAX_WAIT_S)), asked_s or 0.0)
