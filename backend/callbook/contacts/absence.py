"""Who is not at HubSpot any more: marks on rows that a page ought to have shown and did not, and the counts by which a
difference between HubSpot and the cache is found. Nothing is removed here; a mark is a question, not an answer.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from peewee import fn

from callbook.models import Contact, Owner, among, tuples


def mark_absent(owner: Owner, low: int, high: int | None, present: Sequence[int], run_id: int) -> None:
    """A page proved that the ids in [low, high) (None: to the end) are `present` and no others."""
    missing = _between(low, high) & ~among(Contact.hubspot_id, present)
    Contact.of(owner).update(absent_run=run_id).where(missing).execute()


def mark_named(owner: Owner, ids: Iterable[int], run_id: int) -> None:
    """HubSpot lists `ids` as archived."""
    Contact.of(owner).update(absent_run=run_id).where(alive() & Contact.hubspot_id.in_(list(ids))).execute()


def absent_count(owner: Owner, run_id: int) -> int:
    return int(Contact.of(owner).select().where(alive() & (Contact.absent_run == run_id)).count())


def absent_ids(owner: Owner, run_id: int, above: int, limit: int) -> list[int]:
    marked = alive() & (Contact.absent_run == run_id) & (Contact.hubspot_id > above)
    rows = Contact.of(owner).select(Contact.hubspot_id).where(marked).order_by(Contact.hubspot_id).limit(limit)
    return [id_ for (id_,) in tuples(rows)]


def alive_count(owner: Owner, low: int = 0, high: int | None = None) -> int:
    """How many HubSpot contacts the cache holds, with ids in [low, high)."""
    return int(Contact.of(owner).select().where(_between(low, high)).count())


def id_at(owner: Owner, low: int, high: int | None, share: float) -> int:
    """The id in [low, high) below which that share of the cache's contacts there lies; there are some."""
    number = int(alive_count(owner, low, high) * share)
    rows = Contact.of(owner).select(Contact.hubspot_id).where(_between(low, high))
    ((id_,),) = tuples(rows.order_by(Contact.hubspot_id).offset(number).limit(1))
    return int(id_)


def some_ids(owner: Owner, count: int) -> list[int]:
    """About `count` ids, or twice as many, ascending; the highest among them."""
    every = max(alive_count(owner) // count, 1)
    chosen = Contact.id / every * every == Contact.id  # whole numbers; peewee's % is LIKE
    rows = Contact.of(owner).select(Contact.hubspot_id).where(alive() & chosen)
    ((highest,),) = tuples(Contact.of(owner).select(fn.MAX(Contact.hubspot_id)))
    return sorted({*(id_ for (id_,) in tuples(rows)), *([highest] if highest else [])})


def alive() -> Any:  # noqa: ANN401 - a peewee expression
    """HubSpot's contacts that the cache holds."""
    return (Contact.source == "hubspot") & Contact.deleted_at.is_null()


def _between(low: int, high: int | None) -> Any:  # noqa: ANN401 - a peewee expression
    within = alive() & (Contact.hubspot_id >= low) if low else alive()  # all of them are counted from an index alone
    return within if high is None else within & (Contact.hubspot_id < high)
