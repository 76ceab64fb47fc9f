"""The one writer of contact rows. Every function that writes expects to be inside the caller's transaction, so that a
page, its phones, its `seq` and the run's checkpoint become true together or not at all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from peewee import ModelSelect

from callbook import events, feed
from callbook.contacts.absence import alive
from callbook.contacts.choices import forget_choices
from callbook.contacts.columns import Columns, columns_of
from callbook.contacts.decide import Action, Known, decide
from callbook.contacts.related import reread_lines
from callbook.hubspot import RemoteContact
from callbook.models import Contact, Owner, Phone, User, among, now, raw, refresh_statistics, transaction, tuples

CHUNK = 500
REREAD_AT_ONCE = 200
TOMBSTONES_KEPT = timedelta(days=30)
COUNTED_AT = (1_000, 10_000, 100_000)
NOTHING_LEFT: dict[str, Any] = {
    "has_number": False,
    "name": "",
    "company": None,
    "company_id": None,
    "hubspot_owner_id": None,
    "last_contacted_at": None,
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


@dataclass(frozen=True)
class Prepared:
    """The columns of contacts that are new or changed, by HubSpot's id, with numbers read as in `region`."""

    region: str | None
    columns: Mapping[int, Columns]


class _Held(NamedTuple):
    """A row of the cache, as far as a page is concerned."""

    id: int
    absent_run: int | None
    known: Known


def default_region(user: User) -> str | None:
    """Where numbers are at home when their contact names no country."""
    return user.default_country or user.portal_region


def home_region(owner: Owner) -> str | None:
    """The same, of whom not more is known."""
    homes = User.select(User.default_country, User.portal_region).where(User.id == owner.id)
    default_country: str | None
    portal_region: str | None
    ((default_country, portal_region),) = raw(homes)
    return default_country or portal_region


def prepare(owner: Owner, remotes: Sequence[RemoteContact], region: str | None) -> Prepared:
    """What `apply` will need, outside its transaction, in which nobody else can write to SQLite."""
    latest = {remote.id: remote for remote in remotes}
    held = _held(owner, latest)
    same = {id_ for id_, each in held.items() if latest[id_].properties == each.known.properties}
    return Prepared(region, {id_: _columns(remote, region) for id_, remote in latest.items() if id_ not in same})


def apply(
    owner: Owner, remotes: Sequence[RemoteContact], region: str | None, prepared: Prepared | None = None
) -> Applied:
    """Brings the rows of `remotes` to what HubSpot holds; their marks of absence are cleared."""
    if remotes:
        events.take_turn(owner)  # a run and a live search may bring the same contact at once
    latest = {remote.id: remote for remote in remotes}
    held = _held(owner, latest)
    actions = {id_: decide(remote, held[id_].known if id_ in held else None) for id_, remote in latest.items()}
    inserts = [latest[id_] for id_, action in actions.items() if action is Action.INSERT]
    changes = [latest[id_] for id_, action in actions.items() if action in (Action.UPDATE, Action.RESTORE)]
    seq = feed.draw(owner, len(inserts) + len(changes)) if inserts or changes else 0
    ready = prepared.columns if prepared and prepared.region == region else {}
    columns = {each.id: ready.get(each.id) or _columns(each, region) for each in (*inserts, *changes)}
    _insert(owner, inserts, columns, seq)
    _change(owner, {held[remote.id].id: remote for remote in changes}, columns, seq + len(inserts))
    _clear_marks(owner, held.values())
    _let_count(seq, len(inserts) + len(changes))
    taken = list(actions.values())
    return Applied(
        added=len(inserts) + taken.count(Action.RESTORE),
        updated=taken.count(Action.UPDATE),
        unchanged=taken.count(Action.KEEP),
    )


def tombstones(owner: Owner, ids: Sequence[int]) -> frozenset[int]:
    """Those of `ids` that the cache holds as deleted."""
    dead = Contact.of(owner).select(Contact.hubspot_id).where(Contact.deleted_at.is_null(is_null=False))
    return frozenset(id_ for (id_,) in tuples(dead.where(among(Contact.hubspot_id, ids)))) if ids else frozenset()


def prune_tombstones() -> None:
    """Removes those that every reader of the feed has had time to read, some at a time, in a transaction of its own."""
    old = Contact.everyones().deleted_at < now() - TOMBSTONES_KEPT
    found = tuples(Contact.everyones().select(Contact.id, Contact.user_id, Contact.seq).where(old).limit(CHUNK))
    if found:
        with transaction():
            for user_id, seq in {
                user_id: seq for _, user_id, seq in sorted(found, key=lambda row: int(row[2]))
            }.items():
                feed.note_pruned(user_id, seq)
            Contact.everyones().delete().where(old & Contact.id.in_([id_ for id_, _, _ in found])).execute()


def add_personal(owner: Owner, properties: Mapping[str, str], region: str | None) -> int:
    """A contact of the user's own, which no sync touches; its id."""
    columns = columns_of(properties, region, last_resort="?")
    own = {"source": "personal", "hubspot_id": None, "read_at": now(), "primary": True, "seq": feed.draw(owner, 1)}
    contact_id = int(Contact.of(owner).insert(**own, **columns.contact).execute())
    _replace_phones(owner, {contact_id: columns})
    return contact_id


def change_personal(owner: Owner, contact_id: int, properties: Mapping[str, str], region: str | None) -> bool:
    """Whether there is such a personal contact."""
    seq = feed.draw(owner, 1)  # first: it makes the user's other writers wait
    columns = columns_of(properties, region, last_resort="?")
    changed = Contact.of(owner).update(read_at=now(), seq=seq, **columns.contact)
    if not changed.where(_alive_personal(contact_id)).execute():
        return False
    _replace_phones(owner, {contact_id: columns})
    return True


def remove_personal(owner: Owner, contact_id: int) -> bool:
    """Whether there was such a personal contact."""
    return _bury(owner, list(Contact.of(owner).select().where(_alive_personal(contact_id)))) > 0


def retire(owner: Owner, ids: Iterable[int]) -> int:
    """Removes the rows of contacts that HubSpot no longer has; how many there were."""
    return sum(_bury(owner, list(_alive_among(owner, chunk))) for chunk in _chunks(ids))


def held_ids(owner: Owner, ids: Iterable[int]) -> set[int]:
    """Those of `ids` that are HubSpot contacts of the cache."""
    rows = (row for chunk in _chunks(ids) for row in _alive_among(owner, chunk))
    return {row.hubspot_id for row in rows if row.hubspot_id is not None}


def reread_phones(owner: Owner, region: str | None, after_id: int, limit: int) -> int | None:
    """Reads the numbers of up to `limit` contacts again, for another default country, and at the start those of
    companies; the last id, None at the end.
    """
    if not after_id:
        reread_lines(owner, region)
    alive = Contact.deleted_at.is_null() & (Contact.id > after_id)
    rows = list(Contact.of(owner).select().where(alive).order_by(Contact.id).limit(limit))
    seq = feed.draw(owner, len(rows)) if rows else 0
    columns = {row.id: columns_of(row.properties, region, last_resort=row.name) for row in rows}
    Contact.of(owner).change({id_: {**of.contact, "seq": seq + n} for n, (id_, of) in enumerate(columns.items())})
    _replace_phones(owner, columns)
    return rows[-1].id if rows else None


def reread_stale_phones() -> None:
    """Does so for users whose default country has changed, some contacts at a time, in transactions of its own."""
    for user in list(User.select().where(User.phones_stale)):
        region = default_region(user)
        last: int | None = 0
        while last is not None:
            with transaction():
                last = reread_phones(user.owner, region, last, REREAD_AT_ONCE)
        with transaction():
            unchanged = (User.id == user.id) & (User.default_country == user.default_country)
            User.update(phones_stale=False).where(unchanged).execute()
            events.append(user.owner, "contacts", {})


def _alive_personal(contact_id: int) -> Any:  # noqa: ANN401 - a peewee expression
    return (Contact.id == contact_id) & (Contact.source == "personal") & Contact.deleted_at.is_null()


def _alive_among(owner: Owner, ids: Sequence[int]) -> "ModelSelect[Contact]":
    return Contact.of(owner).select().where(alive() & Contact.hubspot_id.in_(ids))


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """A statement takes only so many parameters (SQLite: 32,766)."""
    wanted = sorted(ids)
    return (wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK))


def _held(owner: Owner, ids: Iterable[int]) -> dict[int, _Held]:
    """By HubSpot's id. Without the columns that nothing here needs: a page that is kept costs little else."""
    known = (Contact.properties, Contact.modified_at, Contact.read_at, Contact.primary, Contact.deleted_at)
    rows = Contact.of(owner).select(Contact.hubspot_id, Contact.id, Contact.absent_run, *known)
    found = tuples(rows.where(among(Contact.hubspot_id, ids)))
    return {hubspot_id: _Held(id_, absent_run, Known(*rest)) for hubspot_id, id_, absent_run, *rest in found}


def _clear_marks(owner: Owner, held: Iterable[_Held]) -> None:
    marked = [each.id for each in held if each.absent_run is not None]
    if marked:
        Contact.of(owner).update(absent_run=None).where(Contact.id.in_(marked)).execute()


def _let_count(seq: int, drawn: int) -> None:
    """As a cache grows. What PostgreSQL has not counted it takes for few, and reads all of a user's rows for each page:
    100 ms where 0.1 would do, at 100,000.
    """
    if any(seq <= size < seq + drawn for size in COUNTED_AT):
        refresh_statistics()


def _insert(owner: Owner, remotes: Sequence[RemoteContact], columns: Mapping[int, Columns], seq: int) -> None:
    """`columns` by HubSpot's id, here and below."""
    if not remotes:
        return
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
    inserted = Contact.of(owner).add(rows, "id", "hubspot_id")
    Phone.of(owner).add([{"contact_id": id_, **each} for id_, of in inserted for each in columns[of].phones])


def _change(owner: Owner, remotes: Mapping[int, RemoteContact], columns: Mapping[int, Columns], seq: int) -> None:
    """`remotes` by the id of their row."""
    Contact.of(owner).change(
        {
            id_: {**_read(remote), **columns[remote.id].contact, "seq": seq + offset, "deleted_at": None}
            for offset, (id_, remote) in enumerate(remotes.items())
        }
    )
    _replace_phones(owner, {id_: columns[remote.id] for id_, remote in remotes.items()})


def _columns(remote: RemoteContact, region: str | None) -> Columns:
    return columns_of(remote.properties, region, last_resort=f"HubSpot contact {remote.id}")


def _read(remote: RemoteContact) -> dict[str, Any]:
    return {"modified_at": remote.modified_at, "read_at": remote.read_at, "primary": remote.primary}


def _replace_phones(owner: Owner, columns: Mapping[int, Columns]) -> None:
    """Of the contacts whose ids `columns` goes by."""
    if columns:
        Phone.of(owner).delete().where(Phone.contact_id.in_(list(columns))).execute()
        Phone.of(owner).add([{"contact_id": id_, **each} for id_, of in columns.items() for each in of.phones])


def _bury(owner: Owner, rows: Sequence[Contact]) -> int:
    """Leaves tombstones: the id and the moment stay for the feed, nothing of the person does."""
    if not rows:
        return 0
    seq = feed.draw(owner, len(rows))
    buried = {**NOTHING_LEFT, "absent_run": None, "deleted_at": now()}
    Contact.of(owner).change({row.id: {**buried, "seq": seq + offset} for offset, row in enumerate(rows)})
    gone = [row.id for row in rows]
    Phone.of(owner).delete().where(Phone.contact_id.in_(gone)).execute()
    forget_choices(owner, gone)
    return len(rows)
