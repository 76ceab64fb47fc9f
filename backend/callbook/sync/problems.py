"""The records of HubSpot that could not be read or kept, and the contacts whose numbers cannot be read, as they are
listed for the person who may mend them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import ModelSelect

from callbook import contacts, hubspot
from callbook.models import Contact, Owner, Problem


@dataclass(frozen=True)
class Listed:
    """`name` is of the copy, where the cache keeps one; `contact_id` is HubSpot's, where it is an id at all."""

    remote_id: str
    category: str
    seen_at: datetime
    contact_id: int | None
    name: str | None


def unreadable_number_count(owner: Owner) -> int:
    return int(contacts.number_unreadable(owner).count())


def problem_count(owner: Owner) -> int:
    return int(Problem.of(owner).select().count() + _bare(owner).count())


def listed_problems(owner: Owner, limit: int) -> list[Listed]:
    """Those that keep the cache from being complete, then those that do not; of each those met last first."""
    rows = list(Problem.of(owner).select().order_by(Problem.seen_at.desc(), Problem.id.desc()).limit(limit))
    ids = [_contact_id(row) for row in rows]
    names = _names(owner, [id_ for id_ in ids if id_ is not None])
    listed = [
        Listed(row.remote_id, row.category, row.seen_at, id_, names.get(id_ or 0))
        for row, id_ in zip(rows, ids, strict=True)
    ]
    bare = _bare(owner).order_by(Contact.read_at.desc(), Contact.id.desc()).limit(limit - len(listed))
    return [*listed, *(_unreadable_number(row) for row in bare)]


def _bare(owner: Owner) -> "ModelSelect[Contact]":
    """A record with two problems is listed once."""
    told = Problem.of(owner).select(Problem.remote_id)
    return contacts.number_unreadable(owner).where(Contact.hubspot_id.cast("TEXT").not_in(told))


def _unreadable_number(row: Contact) -> Listed:
    return Listed(str(row.hubspot_id), "number_unreadable", row.read_at, row.hubspot_id, row.name)


def _contact_id(row: Problem) -> int | None:
    return hubspot.id_of(row.remote_id) if row.object_type == "contacts" else None


def _names(owner: Owner, ids: Sequence[int]) -> dict[int, str]:
    kept = Contact.of(owner).select().where(Contact.hubspot_id.in_(ids) & Contact.deleted_at.is_null())
    return {row.hubspot_id: row.name for row in kept if row.hubspot_id is not None}
