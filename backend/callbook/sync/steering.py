"""What a person does with a run in progress: pause, resume or cancel it. Each raises the fence, so that a worker that
has the run in hand keeps nothing more of it. What is kept already stays, and so does the checkpoint.
"""

from collections.abc import Callable
from typing import Any

from callbook.errors import Refused
from callbook.models import Owner, Run, now, persistently
from callbook.sync import runs

Columns = dict[str, Any]


def pause(owner: Owner) -> Run:
    """Until somebody resumes it, however long that is. Raises `Refused`."""
    return _steer(owner, lambda run: {} if run.state == "paused" else {"state": "paused", "paused_at": now()})


def resume(owner: Owner) -> Run:
    """Queued at once, as a manual run: somebody waits for it. Raises `Refused`."""
    return _steer(owner, lambda run: runs.resumed(run) if run.state == "paused" else {})


def cancel(owner: Owner) -> Run:
    """Ends it; nothing is removed, and the next automatic run is planned. Raises `Refused`."""

    def cancelled(run: Run) -> Columns:
        runs.plan_next(owner)
        ended = {"state": "cancelled", "finished_at": now(), "problem": None, "retry_at": None}
        return {**ended, "paused_at": None, "paused_ms": runs.paused_ms(run)}

    return _steer(owner, cancelled)


def _steer(owner: Owner, change: Callable[[Run], Columns]) -> Run:
    """The run as it then is. No columns to change: it is that way already."""

    def steer() -> Run:
        while (run := runs.current(owner)) is not None:
            columns = change(run)
            unchanged = (Run.id == run.id) & (Run.fence == run.fence) & (Run.state == run.state)
            free = {"fence": run.fence + 1, "lease_owner": None, "lease_until": None}
            if not columns:
                return run
            if Run.of(owner).update(**free, **columns).where(unchanged).execute():
                runs.tell(owner, run.id)
                return Run.of(owner).select().where(Run.id == run.id).get()
        raise Refused("no_run", "no sync is in progress")

    return persistently(steer)
