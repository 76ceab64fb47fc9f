"""What a run does, a step at a time: requests to HubSpot, then one transaction that makes their answer and the new
checkpoint true together. A worker may die between any two lines; the next one goes on from the checkpoint.

start -> list (each page proves an interval of ids) -> remove (what the pages proved absent) -> recent (what changed
since before the first page) -> audit (HubSpot's total against ours) -> owners, companies (what `around` the contacts is
to be read). A recent run leaves out list and remove, unless its audit does not hold.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

from callbook import contacts, hubspot
from callbook.errors import Permanent
from callbook.hubspot import Page
from callbook.models import Problem, Run, User, now, transaction
from callbook.sync import around, runs
from callbook.sync.stride import Stride

OVERLAP = timedelta(minutes=5)  # clocks differ, and HubSpot's index lags
AUDITS = 4  # how often totals that differ are compared, an index lag apart
WALKS = 2  # how often one run walks the list: again if HubSpot has fewer, as after a deletion behind the walk
REMOVAL_CHUNK = 500
RETRIED = 500  # unreadable records tried again in one run
BRAKE_SHARE, BRAKE_COUNT = 0.2, 25  # a pass that would remove more than both of these stops and asks


def take_step(stride: Stride) -> bool:
    """Takes the run one step on; False when it has ended or rests. Raises what `hubspot` and `runs` raise."""
    run = runs.read(stride.claim)
    STAGES[run.checkpoint["stage"]](stride, run)
    return runs.still_running(stride.claim)


def _start(stride: Stride, run: Run) -> None:
    """The watermark is taken before anything is read."""
    watermark_at = now() - OVERLAP
    total = hubspot.total(stride.client) if run.kind == "full" else None
    with transaction():
        stage = "list" if run.kind == "full" else "recent"
        stride.go_on(run, stage, counts={"watermark_at": watermark_at, "total": total})


def _list(stride: Stride, run: Run) -> None:
    """`after` is HubSpot's cursor, `below` the first id that is not yet proven. A record that we cannot read is there
    all the same; one whose very id we cannot read may be anybody, so that this walk proves nobody absent.
    """
    below = int(run.checkpoint.get("below", 0))
    page = hubspot.list_page(stride.client, run.checkpoint.get("after"), now())
    _check_order(below, page)
    last = page.ids[-1] if page.after is not None else None
    met = {"unplaced": True} if any(each.number is None for each in page.unreadable) else {}
    with transaction():
        counts = _applied(stride, run, page)
        contacts.mark_absent(stride.owner, below, last, page.ids, run.id)
        counts["total"] = max(run.total or 0, counts["read"])
        if last is None:
            stride.go_on(run, "remove", counts=counts, walked=_walks(run) + 1, **met)
        else:
            stride.go_on(run, "list", counts=counts, after=page.after, below=last + 1, **met)


def _check_order(below: int, page: Page) -> None:
    """A page proves its interval only if it goes on where the last one ended, in the order of ids."""
    ids = [each.id for each in page.contacts]
    rising = all(earlier < later for earlier, later in pairwise(ids))
    if not rising or min(page.ids, default=below) < below:
        raise Permanent("hubspot_error", "HubSpot's list did not come in the order of its ids")
    if page.after is not None and not page.ids:
        raise Permanent("hubspot_error", "a page of HubSpot's list without contacts and with a next page")


def _walks(run: Run) -> int:
    return int(run.checkpoint.get("walked", 0))


def _remove(stride: Stride, run: Run) -> None:
    absent = 0 if run.checkpoint.get("unplaced") else contacts.absent_count(stride.owner, run.id)
    implausible = absent > BRAKE_COUNT and absent > BRAKE_SHARE * contacts.alive_count(stride.owner)
    with transaction():
        if implausible and not run.accept_removals and not run.checkpoint.get("begun"):
            stride.go_on(run, "recent", counts={"removal_held": absent})
        elif absent:
            removed = contacts.remove_absent(stride.owner, run.id, REMOVAL_CHUNK)
            stride.go_on(run, "remove", counts={"removed": run.removed + removed}, begun=True)
        else:
            stride.go_on(run, "recent")


def _recent(stride: Stride, run: Run) -> None:
    """What was modified since the watermark. What a merge swallowed goes; a tombstone that search names is only a hint,
    and is read again from the primary store.
    """
    since = (run.changed_since_at if run.kind == "recent" else run.watermark_at) or now() - OVERLAP
    above = int(run.checkpoint.get("above", 0))
    found = hubspot.search_changed(stride.client, since, above, now())
    next_above = _next_above(above, found)
    retried = set() if above else _unread_ids(stride, run)
    page = _with_rereads(stride, found, retried)
    with transaction():
        _forget_problems(stride, retried - set(page.ids))
        counts = _applied(stride, run, page)
        swallowed = {id_ for contact in page.contacts for id_ in contact.merged_ids}
        counts["removed"] = run.removed + contacts.retire(stride.owner, swallowed)
        if not _walks(run):
            counts["total"] = max(run.total or 0, counts["read"], run.read + (found.total or 0))
        if next_above is None:
            stride.go_on(run, "audit", counts=counts)
        else:
            stride.go_on(run, "recent", counts=counts, above=next_above)


def _next_above(above: int, found: Page) -> int | None:
    """Where search goes on; None after its last page."""
    if len(found.contacts) + len(found.unreadable) < hubspot.SEARCH_LIMIT:
        return None
    last = found.contacts[-1].id if found.contacts else max(found.ids, default=above)
    if last <= above:
        raise Permanent("hubspot_error", "HubSpot's search came with the same page again")
    return last


def _with_rereads(stride: Stride, found: Page, retried: set[int]) -> Page:
    """What search found, with `retried` and the tombstones it named read from the primary store."""
    dead = contacts.tombstones(stride.owner, [each.id for each in found.contacts])
    ids = sorted(dead | retried)
    contacts_read = [each for each in found.contacts if each.id not in dead]
    unreadable = list(found.unreadable)
    for start in range(0, len(ids), hubspot.BATCH_LIMIT):
        reread = hubspot.batch_read(stride.client, ids[start : start + hubspot.BATCH_LIMIT], now())
        contacts_read += reread.contacts
        unreadable += reread.unreadable
    return Page(tuple(contacts_read), tuple(unreadable), found.after, found.total)


def _unread_ids(stride: Stride, run: Run) -> set[int]:
    """Records that could not be read; they are tried again once a run."""
    numbers = (hubspot.id_of(each.remote_id) for each in _problems(stride, run).limit(RETRIED))
    return {number for number in numbers if number is not None}


def _audit(stride: Stride, run: Run) -> None:
    """HubSpot says N, we hold M. Its total lags, so a difference is looked into before it is believed."""
    remote = hubspot.total(stride.client)
    audits = int(run.checkpoint.get("audits", 0)) + 1
    with transaction():
        local = contacts.alive_count(stride.owner)
        stride.write(remote_total=remote, local_total=local)
        missing = remote - local - _unread(stride, run)
        problem = _verdict(run, missing)
        walk_again = audits >= AUDITS and missing < 0 and _walks(run) < WALKS
        if problem == "totals_differ" and (walk_again or not _walks(run)):
            stride.go_on(run, "list", counts={"total": run.read + remote}, audits=audits)
        elif problem == "totals_differ" and audits < AUDITS:
            again = {**run.checkpoint, "stage": "recent", "audits": audits}
            stride.rest(timedelta(seconds=stride.settings.index_lag_s), checkpoint=again)
        else:
            _forget_old_problems(stride, run)
            around.go_on_or_end(stride, run, around.OWNERS, verdict=problem)


def _unread(stride: Stride, run: Run) -> int:
    """How many contacts we do not hold because we could not read them."""
    numbers = [hubspot.id_of(each.remote_id) for each in _problems(stride, run)]
    return len(numbers) - contacts.held_count(stride.owner, (each for each in numbers if each is not None))


def _problems(stride: Stride, run: Run) -> Any:  # noqa: ANN401 - a peewee query
    """The records that cannot be read: those this run has met, where it meets all; else every one that is known."""
    known = Problem.of(stride.owner).select()
    return known.where(Problem.run_id == run.id) if run.kind == "full" or _walks(run) else known


def _verdict(run: Run, missing: int) -> str | None:
    """Why the audit does not hold, None if it does. `missing` are those that we ought to hold."""
    if run.removal_held:
        return "removal_held"
    if missing:
        return "totals_differ"
    return "records_failed" if run.failed else None


def _applied(stride: Stride, run: Run, page: Page) -> dict[str, Any]:
    """Applies a page; the run's counts after it. The pass that closes a walk reads nothing that counts as new."""
    region = contacts.default_region(User.get_by_id(stride.owner.id))
    applied = contacts.apply(stride.owner, page.contacts, region)
    _note_unreadable(stride, run, page)
    counts = {"added": run.added + applied.added, "updated": run.updated + applied.updated}
    counts["failed"] = _problems(stride, run).count()
    if run.checkpoint["stage"] == "list" or not _walks(run):
        counts["unchanged"] = run.unchanged + applied.unchanged
        counts["read"] = run.read + len(page.contacts) + len(page.unreadable)
    return counts


def _note_unreadable(stride: Stride, run: Run, page: Page) -> None:
    mine = Problem.of(stride.owner)
    for record in page.unreadable:
        noted = {"category": "invalid", "run_id": run.id, "seen_at": now()}
        key = [Problem.user_id, Problem.epoch, Problem.object_type, Problem.remote_id]
        inserted = mine.insert(object_type="contacts", remote_id=record.id, **noted)
        inserted.on_conflict(conflict_target=key, update=noted).execute()
    readable = [str(contact.id) for contact in page.contacts]
    mine.delete().where(Problem.remote_id.in_(readable)).execute()


def _forget_problems(stride: Stride, ids: set[int]) -> None:
    """Of records that turned out to be gone."""
    Problem.of(stride.owner).delete().where(Problem.remote_id.in_([str(each) for each in ids])).execute()


def _forget_old_problems(stride: Stride, run: Run) -> None:
    """After all was walked, what was not met again is no longer there."""
    if _walks(run):
        Problem.of(stride.owner).delete().where(Problem.run_id != run.id).execute()


STAGES: dict[str, Callable[[Stride, Run], None]] = {
    "start": _start,
    "list": _list,
    "remove": _remove,
    "recent": _recent,
    "audit": _audit,
    **around.STAGES,
}
