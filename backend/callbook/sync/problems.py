"""The records of HubSpot that could not be read or kept, as they are listed for the person who may mend them."""

from collections.abc import Sequence
from dataclasses import dataclass

from callbook import hubspot
from callbook.models import Contact, Owner, Problem


@dataclass(frozen=True)
class Listed:
    """`name` is of the older copy, where the cache keeps one; `contact_id` is HubSpot's, where it is an id at all."""

    problem: Problem
    contact_id: int | None
    name: str | None


def problem_count(owner: Owner) -> int:
    return int(Problem.of(owner).select().count())


def listed_problems(owner: Owner, limit: int) -> list[Listed]:
    """Those met last first."""
    rows = list(Problem.of(owner).select().order_by(Problem.seen_at.desc(), Problem.id.desc()).limit(limit))
    ids = [_contact_id(row) for row in rows]
    names = _names(owner, [id_ for id_ in ids if id_ is not None])
    return [Listed(row, id_, names.get(id_ or 0)) for row, id_ in zip(rows, ids, strict=True)]


def _contact_id(row: Problem) -> int | None:
    return hubspot.id_of(row.remote_id) if row.object_type == "contacts" else None


def _names(owner: Owner, ids: Sequence[int]) -> dict[int, str]:
    kept = Contact.of(owner).select().where(Contact.hubspot_id.in_(ids) & Contact.deleted_at.is_null())
    return {row.hubspot_id: row.name for row in kept if row.hubspot_id is not None}
