"""A run as the API and the events tell it: counts, progress that never passes its total, an honest time left."""

from datetime import datetime
from typing import Any

from callbook.models import Run, now

ETA_AFTER_S = 10
ETA_AFTER_SHARE = 0.05


def run_report(run: Run) -> dict[str, Any]:
    counts = ("read", "added", "updated", "removed", "unchanged", "failed", "requests", "throttled")
    facts = ("id", "kind", "trigger", "state", "problem", "remote_total", "local_total", "removal_held")
    moments = ("requested_at", "started_at", "finished_at", "retry_at")
    return {
        **{name: getattr(run, name) for name in (*facts, *counts, *moments)},
        "changed_since": run.changed_since_at,
        "total": None if run.total is None else max(run.total, run.read),
        "duration_s": _seconds(run.started_at, run.finished_at),
        "seconds_left": _seconds_left(run),
    }


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round((end - start).total_seconds(), 3)


def _seconds_left(run: Run) -> int | None:
    """Only after 5% or 10 s, and only while something is left to read."""
    if run.state != "running" or run.started_at is None or not run.total or not run.read:
        return None
    elapsed_s = (now() - run.started_at).total_seconds()
    if elapsed_s < ETA_AFTER_S and run.read < run.total * ETA_AFTER_SHARE:
        return None
    return round(elapsed_s / run.read * max(run.total - run.read, 0))
