"""Bringing what was read into the cache, and keeping account of the records that could not be read."""

from collections.abc import Iterable, Sequence
from typing import Any

from peewee import ModelSelect

from callbook import contacts, hubspot
from callbook.hubspot import Page
from callbook.models import Problem, Run, now
from callbook.sync.rereading import reread
from callbook.sync.stride import Stride

RETRIED = 500  # unreadable records tried again in one run


def prepared(stride: Stride, page: Page) -> contacts.Prepared:
    return contacts.prepare(stride.owner, page.contacts, contacts.home_region(stride.owner))


def applied(stride: Stride, run: Run, page: Page, ready: contacts.Prepared) -> dict[str, Any]:
    """Within a transaction: applies a page; the run's counts after it. The pass that closes a walk reads nothing that
    counts as new.
    """
    done = contacts.apply(stride.owner, page.contacts, contacts.home_region(stride.owner), ready)
    note_unreadable(stride, run, page)
    counts = {"added": run.added + done.added, "updated": run.updated + done.updated}
    counts["failed"] = problems(stride, run).count()
    if run.checkpoint["stage"] == "list" or not run.checkpoint.get("listed"):
        counts["unchanged"] = run.unchanged + done.unchanged
        counts["read"] = run.read + len(page.contacts) + len(page.unreadable)
    return counts


def with_rereads(stride: Stride, pages: Sequence[Page], retried: Iterable[int] = ()) -> Page:
    """All of `pages` as one, with `retried`, and the tombstones that search named, read from the primary store."""
    found = [each for page in pages for each in page.contacts]
    dead = contacts.tombstones(stride.owner, [each.id for each in found if not each.primary])
    known = [each for each in found if each.primary or each.id not in dead]
    unreadable = [each for page in pages for each in page.unreadable]
    again = reread(stride.client, {*dead, *retried})
    return Page((*known, *again.contacts), (*unreadable, *again.unreadable), None)


def problems(stride: Stride, run: Run) -> "ModelSelect[Problem]":
    """The records that cannot be read: those this run has met, where it meets all; else every one that is known."""
    known = Problem.of(stride.owner).select()
    return known.where(Problem.run_id == run.id) if run.kind == "full" or run.checkpoint.get("walked") else known


def unread_ids(stride: Stride, run: Run) -> set[int]:
    """Records that could not be read; they are tried again once a run."""
    return set(_numbers(problems(stride, run).limit(RETRIED)))


def unheld_ids(stride: Stride, run: Run) -> list[int | None]:
    """Of the contacts that we do not hold because we could not read them; None where even the id cannot be read."""
    listed = list(problems(stride, run))
    numbers = _numbers(listed)
    held = contacts.held_ids(stride.owner, numbers)
    return [*(each for each in numbers if each not in held), *[None] * (len(listed) - len(numbers))]


def forget_problems(stride: Stride, ids: Iterable[int]) -> None:
    """Of records that turned out to be gone."""
    Problem.of(stride.owner).delete().where(Problem.remote_id.in_([str(each) for each in ids])).execute()


def forget_old_problems(stride: Stride, run: Run) -> None:
    """After all was walked, what was not met again is no longer there."""
    if run.checkpoint.get("walked"):
        Problem.of(stride.owner).delete().where(Problem.run_id != run.id).execute()


def _numbers(listed: Iterable[Problem]) -> list[int]:
    return [number for each in listed if (number := hubspot.id_of(each.remote_id)) is not None]


def note_unreadable(stride: Stride, run: Run, page: Page) -> None:
    """Within a transaction. What can be read again is no problem any more."""
    mine, readable = Problem.of(stride.owner), {str(contact.id) for contact in page.contacts}
    if run.failed or mine.select().exists():
        mine.delete().where(Problem.remote_id.in_({*readable, *(record.id for record in page.unreadable)})).execute()
    found = {record.id: record.category for record in page.unreadable if record.id not in readable}
    noted = {"object_type": "contacts", "run_id": run.id, "seen_at": now()}
    mine.add([{"remote_id": id_, "category": category, **noted} for id_, category in found.items()])
