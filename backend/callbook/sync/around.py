"""The last stages of a run: the records around the contacts, on what budget is left. First the owners, then the
companies that contacts name; a full run reads all of them, a recent run only what it does not hold.

The audit's verdict on the contacts is already in the checkpoint and is how the run ends, whatever happens here: what
cannot be read is noted in the log, and asked for again by a later run.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from callbook import contacts, events, hubspot
from callbook.errors import CallbookError, Transient
from callbook.models import Run, refresh_statistics
from callbook.sync.runs import LostLease
from callbook.sync.stride import Stride

log = logging.getLogger(__name__)

OWNERS, COMPANIES = "owners", "companies"
PATIENCE, LONGEST_WAIT_S = 2, 60  # how often a passing failure of one stage is waited out, and how long at most


def go_on_or_end(stride: Stride, run: Run, stage: str | None, **checkpoint: Any) -> None:
    """Within a transaction: to `stage` if there is something to read there, else to the one after it, or to the end."""
    checkpoint = {**run.checkpoint, **checkpoint}
    if stage == OWNERS and not (run.kind == "full" or contacts.names_unknown_owner(stride.owner)):
        stage = COMPANIES
    if stage == COMPANIES and not _companies(stride, run, 0):
        stage = None
    kept = {name: checkpoint[name] for name in ("verdict", "shown") if name in checkpoint}
    if stage is not None:
        stride.go_on(run, stage, **kept)
    else:
        _end(stride, run, kept["verdict"], shown="shown" in kept)


def _end(stride: Stride, run: Run, verdict: str | None, *, shown: bool) -> None:
    """Names that came with no contact's change are a changed list all the same."""
    stride.end("incomplete" if verdict else "finished", verdict)
    if shown and not run.added + run.updated + run.removed:
        events.append(stride.owner, "contacts", {})


def _companies(stride: Stride, run: Run, above: int) -> list[int]:
    """The next to be asked for."""
    return contacts.companies_to_read(stride.owner, above if run.kind == "full" else None, hubspot.BATCH_LIMIT)


def _read_owners(stride: Stride, run: Run) -> None:
    after = run.checkpoint.get("after")
    page = hubspot.owners_page(stride.client, after)

    def keep() -> None:
        shown: dict[str, Any] = {"shown": True} if contacts.keep_owners(stride.owner, page.owners) else {}
        if page.after is not None and page.owners and page.after != after:
            stride.go_on(run, OWNERS, after=page.after, **shown)
        else:
            contacts.note_unknown_owners(stride.owner)
            go_on_or_end(stride, run, COMPANIES, **shown)

    stride.together(keep)


def _read_companies(stride: Stride, run: Run) -> None:
    """The ids above which to go on rise, so that even a full run comes to an end."""
    ids = _companies(stride, run, int(run.checkpoint.get("above", 0)))
    found = hubspot.read_companies(stride.client, ids) if ids else []

    def keep() -> None:
        region = contacts.home_region(stride.owner)
        changed = contacts.keep_companies(stride.owner, ids, found, region)
        shown: dict[str, Any] = {"shown": True} if changed else {}
        if ids and _companies(stride, run, ids[-1]):
            stride.go_on(run, COMPANIES, above=ids[-1], **shown)
            return
        if run.kind == "full":
            contacts.forget_unnamed_companies(stride.owner)
            refresh_statistics()
        go_on_or_end(stride, run, None, **shown)

    stride.together(keep)


@dataclass(frozen=True)
class _Spared:
    """A stage whose failure is not the run's."""

    step: Callable[[Stride, Run], None]
    next: str | None

    def __call__(self, stride: Stride, run: Run) -> None:
        try:
            self.step(stride, run)
        except LostLease:
            raise
        except CallbookError as problem:
            if isinstance(problem, Transient) and _is_worth_waiting(problem, run):
                raise
            log.warning("run %s: %s left unread: %s: %s", run.id, run.checkpoint["stage"], problem.kind, problem)
            stride.together(lambda: go_on_or_end(stride, run, self.next))


def _is_worth_waiting(problem: Transient, run: Run) -> bool:
    return run.attempt < PATIENCE and (problem.retry_after_s or 0) <= LONGEST_WAIT_S


STAGES: dict[str, Callable[[Stride, Run], None]] = {
    OWNERS: _Spared(_read_owners, COMPANIES),
    COMPANIES: _Spared(_read_companies, None),
}
