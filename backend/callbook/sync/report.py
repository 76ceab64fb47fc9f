"""A run as the API and the events tell it: counts, progress that never passes its total, an honest time left."""

from typing import Any

from callbook.models import Run
from callbook.sync.pace import Pace

ETA_AFTER_S = 8.0  # as `Pace` counts: ten of the clock's
ETA_AFTER_SHARE = 0.05


def run_report(run: Run) -> dict[str, Any]:
    counts = ("read", "added", "updated", "removed", "unchanged", "failed", "requests", "throttled")
    facts = ("id", "kind", "trigger", "state", "problem", "remote_total", "local_total", "removal_held")
    moments = ("requested_at", "started_at", "finished_at", "retry_at", "paused_at")
    return {
        **{name: getattr(run, name) for name in (*facts, *counts, *moments)},
        "changed_since": run.changed_since_at,
        "total": None if run.total is None else max(run.total, run.read),
        "duration_s": _seconds(run),
        "seconds_left": _seconds_left(run),
    }


def _seconds(run: Run) -> float | None:
    """A pause does not count."""
    if run.started_at is None or run.finished_at is None:
        return None
    return max(0.0, round((run.finished_at - run.started_at).total_seconds() - run.paused_ms / 1000, 3))


def _seconds_left(run: Run) -> int | None:
    """Only after 5% or 10 s, and only while contacts are left to read: what comes after them nobody can foretell."""
    pace, left = Pace.of(run.pace), (run.total or 0) - run.read
    early = pace.seconds < ETA_AFTER_S and run.read < (run.total or 0) * ETA_AFTER_SHARE
    if run.state != "running" or left <= 0 or early:
        return None
    seconds = pace.seconds_for(left)
    return None if seconds is None else round(seconds)
