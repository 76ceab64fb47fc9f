"""The one writer of contact rows. Every function that writes expects to be inside the caller's transaction, so that a
page, its phones, its `seq` and the run's checkpoint become true together or not at all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callbook import feed
from callbook.contacts.columns import Columns, columns_of
from callbook.contacts.decide import Action, Known, decide
from callbook.contacts.related import reread_lines
from callbook.hubspot import RemoteContact
from callbook.models import Contact, Owner, Phone, User, now

CHUNK = 500
NOTHING_LEFT: dict[str, Any] = {
    "has_number": False,
    "name": "",
    "company": None,
    "company_id": None,
    "hubspot_owner_id": None,
    "job_title": None,
    "email": None,
    "properties": {},
    "search_text": "",
    "sort_key": "",
    "letter": "",
}


@dataclass(frozen=True)
class Applied:
    added: int
    updated: int
    unchanged: int


def default_region(user: User) -> str | None:
    """Where numbers are at home when their contact names no country."""
    return user.default_country or user.portal_region


def apply(owner: Owner, remotes: Sequence[RemoteContact], region: str | None) -> Applied:
    """Brings the rows of `remotes` to what HubSpot holds; their marks of absence are cleared."""
    latest = {remote.id: remote for remote in remotes}
    rows = _rows(owner, latest)
    actions = {id_: decide(remote, _known(rows.get(id_))) for id_, remote in latest.items()}
    inserts = [latest[id_] for id_, action in actions.items() if action is Action.INSERT]
    changes = [latest[id_] for id_, action in actions.items() if action in (Action.UPDATE, Action.RESTORE)]
    seq = feed.draw(owner, len(inserts) + len(changes)) if inserts or changes else 0
    _insert(owner, inserts, region, seq)
    for offset, remote in enumerate(changes, len(inserts)):
        _change(owner, rows[remote.id].id, remote, region, seq + offset)
    _clear_marks(owner, rows.values())
    taken = list(actions.values())
    return Applied(
        added=len(inserts) + taken.count(Action.RESTORE),
        updated=taken.count(Action.UPDATE),
        unchanged=taken.count(Action.KEEP),
    )


def tombstones(owner: Owner, ids: Sequence[int]) -> frozenset[int]:
    """Those of `ids` that the cache holds as deleted."""
    return frozenset(id_ for id_, row in _rows(owner, ids).items() if row.deleted_at is not None)


def add_personal(owner: Owner, properties: Mapping[str, str], region: str | None) -> int:
    """A contact of the user's own, which no sync touches; its id."""
    columns = columns_of(properties, region, last_resort="?")
    own = {"source": "personal", "hubspot_id": None, "read_at": now(), "primary": True, "seq": feed.draw(owner, 1)}
    contact_id = int(Contact.of(owner).insert(**own, **columns.contact).execute())
    _replace_phones(owner, contact_id, columns)
    return contact_id


def change_personal(owner: Owner, contact_id: int, properties: Mapping[str, str], region: str | None) -> bool:
    """Whether there is such a personal contact."""
    seq = feed.draw(owner, 1)  # first: it makes the user's other writers wait
    columns = columns_of(properties, region, last_resort="?")
    changed = Contact.of(owner).update(read_at=now(), seq=seq, **columns.contact)
    if not changed.where(_alive_personal(contact_id)).execute():
        return False
    _replace_phones(owner, contact_id, columns)
    return True


def remove_personal(owner: Owner, contact_id: int) -> bool:
    """Whether there was such a personal contact."""
    return _bury(owner, list(Contact.of(owner).select().where(_alive_personal(contact_id)))) > 0


def mark_absent(owner: Owner, low: int, high: int | None, present: Sequence[int], run_id: int) -> None:
    """A page proved that the ids from `low` to `high` (None: to the end) are `present` and no others."""
    missing = _alive_hubspot() & (Contact.hubspot_id >= low)
    if high is not None:
        missing &= Contact.hubspot_id <= high
    if present:
        missing &= Contact.hubspot_id.not_in(list(present))
    Contact.of(owner).update(absent_run=run_id).where(missing).execute()


def absent_count(owner: Owner, run_id: int) -> int:
    return int(_absent(owner, run_id).count())


def remove_absent(owner: Owner, run_id: int, limit: int) -> int:
    """Removes up to `limit` rows that this run proved absent; how many it removed."""
    return _bury(owner, list(_absent(owner, run_id).limit(limit)))


def retire(owner: Owner, ids: Iterable[int]) -> int:
    """Removes the rows of ids that a merge has swallowed; how many there were."""
    return sum(_bury(owner, list(_alive_among(owner, chunk))) for chunk in _chunks(ids))


def held_count(owner: Owner, ids: Iterable[int]) -> int:
    """How many of `ids` are HubSpot contacts of the cache."""
    return sum(_alive_among(owner, chunk).count() for chunk in _chunks(ids))


def alive_count(owner: Owner) -> int:
    """How many HubSpot contacts the cache holds."""
    return Contact.of(owner).select().where(_alive_hubspot()).count()


def reread_phones(owner: Owner, region: str | None, after_id: int, limit: int) -> int | None:
    """Reads the numbers of up to `limit` contacts again, for another default country, and at the start those of
    companies; the last id, None at the end.
    """
    if not after_id:
        reread_lines(owner, region)
    alive = Contact.deleted_at.is_null() & (Contact.id > after_id)
    rows = list(Contact.of(owner).select().where(alive).order_by(Contact.id).limit(limit))
    seq = feed.draw(owner, len(rows)) if rows else 0
    for offset, row in enumerate(rows):
        columns = columns_of(row.properties, region, last_resort=row.name)
        Contact.of(owner).update(seq=seq + offset, **columns.contact).where(Contact.id == row.id).execute()
        _replace_phones(owner, row.id, columns)
    return rows[-1].id if rows else None


def _alive_hubspot() -> Any:  # noqa: ANN401 - a peewee expression
    return (Contact.source == "hubspot") & Contact.deleted_at.is_null()


def _alive_personal(contact_id: int) -> Any:  # noqa: ANN401 - a peewee expression
    return (Contact.id == contact_id) & (Contact.source == "personal") & Contact.deleted_at.is_null()


def _alive_among(owner: Owner, ids: Sequence[int]) -> Any:  # noqa: ANN401 - a peewee query
    return Contact.of(owner).select().where(_alive_hubspot() & Contact.hubspot_id.in_(ids))


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """A statement takes only so many parameters (SQLite: 32,766)."""
    wanted = sorted(ids)
    return (wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK))


def _absent(owner: Owner, run_id: int) -> Any:  # noqa: ANN401 - a peewee query
    return Contact.of(owner).select().where(_alive_hubspot() & (Contact.absent_run == run_id))


def _rows(owner: Owner, ids: Iterable[int]) -> dict[int, Contact]:
    rows = Contact.of(owner).select().where(Contact.hubspot_id.in_(list(ids)))
    return {row.hubspot_id: row for row in rows if row.hubspot_id is not None}


def _known(row: Contact | None) -> Known | None:
    if row is None:
        return None
    return Known(row.properties, row.modified_at, row.read_at, row.primary, row.deleted_at)


def _clear_marks(owner: Owner, rows: Iterable[Contact]) -> None:
    marked = [row.id for row in rows if row.absent_run is not None]
    if marked:
        Contact.of(owner).update(absent_run=None).where(Contact.id.in_(marked)).execute()


def _insert(owner: Owner, remotes: Sequence[RemoteContact], region: str | None, seq: int) -> None:
    if not remotes:
        return
    columns = {remote.id: _columns(remote, region) for remote in remotes}
    rows = [
        {
            "source": "hubspot",
            "hubspot_id": remote.id,
            "seq": seq + offset,
            **_read(remote),
            **columns[remote.id].contact,
        }
        for offset, remote in enumerate(remotes)
    ]
    inserted = Contact.of(owner).insert_many(rows).returning(Contact.id, Contact.hubspot_id).execute()
    phones = [{"contact_id": row.id, **each} for row in inserted for each in columns[row.hubspot_id].phones]
    if phones:
        Phone.of(owner).insert_many(phones).execute()


def _change(owner: Owner, contact_id: int, remote: RemoteContact, region: str | None, seq: int) -> None:
    columns = _columns(remote, region)
    changed = {**_read(remote), **columns.contact, "seq": seq, "deleted_at": None}
    Contact.of(owner).update(**changed).where(Contact.id == contact_id).execute()
    _replace_phones(owner, contact_id, columns)


def _columns(remote: RemoteContact, region: str | None) -> Columns:
    return columns_of(remote.properties, region, last_resort=f"HubSpot contact {remote.id}")


def _read(remote: RemoteContact) -> dict[str, Any]:
    return {"modified_at": remote.modified_at, "read_at": remote.read_at, "primary": remote.primary}


def _replace_phones(owner: Owner, contact_id: int, columns: Columns) -> None:
    Phone.of(owner).delete().where(Phone.contact_id == contact_id).execute()
    if columns.phones:
        Phone.of(owner).insert_many([{"contact_id": contact_id, **each} for each in columns.phones]).execute()


def _bury(owner: Owner, rows: Sequence[Contact]) -> int:
    """Leaves tombstones: the id and the moment stay for the feed, nothing of the person does."""
    if not rows:
        return 0
    seq = feed.draw(owner, len(rows))
    for offset, row in enumerate(rows):
        buried = {**NOTHING_LEFT, "absent_run": None}
        Contact.of(owner).update(seq=seq + offset, deleted_at=now(), **buried).where(Contact.id == row.id).execute()
    Phone.of(owner).delete().where(Phone.contact_id.in_([row.id for row in rows])).execute()
    return len(rows)
