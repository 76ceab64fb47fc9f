"""What a run does, a step at a time: requests to HubSpot, then one transaction that makes their answers and the new
checkpoint true together. A worker may die between any two lines; the next one goes on from the checkpoint.

start -> list (each page proves a span of ids) -> remove (what no page showed, and HubSpot does not know when asked for
it by id) -> recent (what changed since before the first page) -> audit (HubSpot's total against ours, and why they
differ) -> owners, companies (what is to be read `around` the contacts). A recent run leaves out list and remove, unless
the audit leads there.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from callbook import contacts, hubspot
from callbook.errors import Permanent, Transient
from callbook.models import Run, now
from callbook.sync import around, audit, narrowing, runs
from callbook.sync.applying import (
    applied,
    forget_problems,
    note_unreadable,
    prepared,
    problems,
    unread_ids,
    with_rereads,
)
from callbook.sync.audit import recent_course
from callbook.sync.course import Proof, course
from callbook.sync.rereading import reread
from callbook.sync.stride import Stride
from callbook.sync.tiling import Spread, holds

OVERLAP = timedelta(minutes=5)  # clocks differ, and HubSpot's index lags
SAMPLED = 200  # ids that tell how all are spread
BRAKE_SHARE, BRAKE_COUNT = 0.2, 25  # a pass that would remove more than both of these stops and asks


def take_step(stride: Stride) -> bool:
    """Takes the run one step on; False when it has ended or rests. Raises what `hubspot` and `runs` raise."""
    run = runs.read(stride.claim)
    audit.open_ways(run)
    STAGES[run.checkpoint["stage"]](stride, run)
    return runs.still_running(stride.claim)


def _start(stride: Stride, run: Run) -> None:
    """The watermark is taken before anything is read; while a sample tells where all lie, the first page is read."""
    watermark_at, total = now() - OVERLAP, None
    stage, reading = "recent", recent_course(run)
    if run.kind == "full":
        reader = stride.begin_reading(run, course(Spread()))
        total, ids = _sample(stride, run)
        reader.learn(Spread(tuple(ids), total))
        stage, reading = "list", reader.course
    counts = {"watermark_at": watermark_at, "total": total}
    stride.together(lambda: stride.go_on(run, stage, counts=counts, whole=True, **reading.kept()))


def _sample(stride: Stride, run: Run) -> tuple[int, list[int]]:
    """Without one a walk is only slower at first."""
    try:
        return hubspot.sample(stride.client)
    except (Permanent, Transient) as problem:
        if not narrowing.is_stuck(run, problem):
            raise
        stride.client.rest()
        return audit.total(stride, run), []


def _list(stride: Stride, run: Run) -> None:
    """A record that we cannot read is there all the same."""
    reader, whole = stride.reading(run), bool(run.checkpoint["whole"])
    proofs = narrowing.pages(stride.client, run, reader)
    page = with_rereads(stride, [proof.page for proof in proofs])
    ready = prepared(stride, page)

    def keep() -> None:
        counts = applied(stride, run, page, ready)
        for proof in proofs:
            _mark(stride, run, proof)
        counts["total"] = max(run.total or 0, counts["read"])
        if not reader.course.tiling.done:
            stride.go_on(run, "list", counts=counts, whole=whole, **reader.course.kept())
            return
        walked = {"walked": True} if whole else {}
        stride.go_on(run, "remove", counts=counts, listed=True, seeks=reader.course.seeks, **walked)

    stride.together(keep)
    if reader.course.tiling.done:
        stride.stop_reading()


def _mark(stride: Stride, run: Run, proof: Proof) -> None:
    ids = proof.page.ids
    for low, high in proof.spans:
        present = [id_ for id_ in ids if holds((low, high), id_)]
        contacts.mark_absent(stride.owner, low, high, present, run.id)


def _remove(stride: Stride, run: Run) -> None:
    """What the pages did not show is asked for by id, and goes only if HubSpot does not know it."""
    absent = contacts.absent_count(stride.owner, run.id)
    above = int(run.checkpoint.get("above", 0))
    implausible = absent > BRAKE_COUNT and absent > BRAKE_SHARE * contacts.alive_count(stride.owner)
    if implausible and not run.accept_removals and not above:
        _to_recent(stride, run, removal_held=absent)
        return
    ids = contacts.absent_ids(stride.owner, run.id, above, hubspot.BATCH_LIMIT)
    if not ids:
        _to_recent(stride, run)
        return
    found = reread(stride.client, ids)

    def keep() -> None:
        updated = contacts.apply(stride.owner, found.contacts, contacts.home_region(stride.owner)).updated
        note_unreadable(stride, run, found)
        removed = contacts.retire(stride.owner, set(ids) - set(found.ids))
        counts = {"removed": run.removed + removed, "updated": run.updated + updated}
        counts["failed"] = problems(stride, run).count()
        stride.go_on(run, "remove", counts=counts, above=ids[-1])

    stride.together(keep)


def _to_recent(stride: Stride, run: Run, **counts: Any) -> None:
    stride.together(lambda: stride.go_on(run, "recent", counts=counts, **recent_course(run).kept()))


def _recent(stride: Stride, run: Run) -> None:
    """What was modified since the watermark. What a merge swallowed goes."""
    since = (run.changed_since_at if run.kind == "recent" else run.watermark_at) or now() - OVERLAP
    reader = stride.reading(run, since)
    proofs = narrowing.pages(stride.client, run, reader, since)
    if proofs and not reader.course.tiling.done and not reader.course.tiling.spread.total:
        reader.learn(_spread_behind(stride, proofs))
    retried = set() if run.checkpoint.get("retried") else unread_ids(stride, run)
    page = with_rereads(stride, [proof.page for proof in proofs], retried)
    ready = prepared(stride, page)

    def keep() -> None:
        forget_problems(stride, retried - set(page.ids))
        counts = applied(stride, run, page, ready)
        swallowed = {id_ for contact in page.contacts for id_ in contact.merged_ids}
        counts["removed"] = run.removed + contacts.retire(stride.owner, swallowed)
        if not run.checkpoint.get("listed"):
            counts["total"] = max(run.total or 0, counts["read"] + round(reader.course.tiling.expected))
        if not reader.course.tiling.done:
            stride.go_on(run, "recent", counts=counts, retried=True, **reader.course.kept())
            return
        stride.go_on(run, "audit", counts=counts)

    stride.together(keep)
    if reader.course.tiling.done:
        stride.stop_reading()


def _spread_behind(stride: Stride, proofs: Sequence[Proof]) -> Spread:
    """What has changed is taken to be spread like all contacts of the cache. `proofs` are the first pages."""
    page = proofs[-1].page
    low, left = (page.ids[-1] + 1 if page.ids else 0), max((page.total or 0) - len(page.ids), 0)
    alike = Spread(tuple(contacts.some_ids(stride.owner, SAMPLED)), 1)
    return replace(alike, total=round(left / max(1 - alike.below(low), 1 / SAMPLED)))


STAGES: dict[str, Callable[[Stride, Run], None]] = {
    "start": _start,
    "list": _list,
    "remove": _remove,
    "recent": _recent,
    "audit": audit.audit,
    "archived": audit.archived,
    "halve": audit.halve,
    **around.STAGES,
}
