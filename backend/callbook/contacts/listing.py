"""The list of contacts as it is shown: filtered, searched, walked by cursor or jumped into by offset.

The order is the stored sort key's, then the id's. A cursor is opaque to its reader.
"""

import base64
import binascii
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from callbook.contacts.counting import Counts, counts
from callbook.contacts.searching import Matches, search, words_and_forms
from callbook.errors import Refused
from callbook.models import Contact, Owner, Phone, tuples

SOURCES = ("hubspot", "personal")
Place = tuple[str, int]  # in the list: a sort key and an id
# All but what the list never shows; those two take longer to read than the rest.
SHOWN = tuple(
    field
    for field in Contact._meta.sorted_fields  # noqa: SLF001 - peewee's documented way to a table's fields
    if field.name not in ("properties", "search_text")
)
CURSOR = re.compile(r"(?P<id>[0-9]{1,18}):(?P<key>.*)", re.DOTALL)


@dataclass(frozen=True)
class Wanted:
    """What part of the list: `source` None for all; either `after` (a cursor) or `offset`; `region` reads numbers."""

    source: str | None = None
    query: str = ""
    region: str | None = None
    limit: int = 100
    after: str | None = None
    offset: int = 0


@dataclass(frozen=True)
class Listing:
    """`shown` is each contact's number to show, by the contact's id: the one searched for, else the first; `counts`
    are of what matches the search.
    """

    contacts: Sequence[Contact]
    shown: dict[int, Phone | None]
    counts: Counts
    next: str | None


def listing(owner: Owner, wanted: Wanted) -> Listing:
    """Raises `Refused("bad_request")` for a cursor that is none of ours."""
    words, forms = words_and_forms(wanted.query, wanted.region)
    after = None if wanted.after is None else _read_cursor(wanted.after)
    if words or forms:
        found = search(owner, words, forms)
        personal = len(found.of("personal"))
        counted = Counts(len(found.places) - personal, personal)
        ids = _page_found(owner, wanted, found, after)
    else:
        counted = counts(owner)
        ids = _page(owner, wanted, after)
    rows = _rows(owner, ids[: wanted.limit])
    following = _cursor(rows[-1]) if len(ids) > wanted.limit and rows else None
    phones = phones_of(owner, [row.id for row in rows])
    shown = {id_: _shown(each, forms) for id_, each in phones.items()}
    return Listing(rows, shown, counted, following)


def _page(owner: Owner, wanted: Wanted, after: Place | None) -> list[int]:
    """Ids, one more than asked for where there are more. An offset passes over the entries of an index alone."""
    query = Contact.of(owner).select(Contact.id).where(Contact.deleted_at.is_null(), *_source(wanted.source))
    if after is not None:
        key, id_ = after
        query = query.where((Contact.sort_key > key) | ((Contact.sort_key == key) & (Contact.id > id_)))
    ordered = query.order_by(Contact.sort_key, Contact.id).limit(wanted.limit + 1).offset(wanted.offset)
    return [id_ for (id_,) in tuples(ordered)]


def _page_found(owner: Owner, wanted: Wanted, found: Matches, after: Place | None) -> list[int]:
    """The same of what was found. A cursor is looked for by halves, in a list that is not in the order of its ids."""
    places, ids = found.of(wanted.source), found.held.ids
    start = wanted.offset
    if after is not None:
        start += bisect_right(places, (after[0].encode(), after[1]), key=lambda place: _place(owner, ids[place]))
    return [ids[place] for place in places[start : start + wanted.limit + 1]]


def _place(owner: Owner, contact_id: int) -> tuple[bytes, int]:
    """Sort keys are compared as bytes."""
    key = tuples(Contact.of(owner).select(Contact.sort_key).where(Contact.id == contact_id))
    return (key[0][0].encode() if key else b""), contact_id


def _rows(owner: Owner, ids: Sequence[int]) -> list[Contact]:
    """In this order; without those that were deleted in this moment."""
    rows = {row.id: row for row in Contact.of(owner).with_ids(ids, *SHOWN).where(Contact.deleted_at.is_null())}
    return [rows[id_] for id_ in ids if id_ in rows]


def _shown(phones: Sequence[Phone], forms: Sequence[str]) -> Phone | None:
    searched = (each for each in phones if any(form in (each.e164 or "") for form in forms))
    return next(searched, phones[0] if phones else None)


def find(owner: Owner, contact_id: int) -> Contact | None:
    """None for what is not there and for what is another's, alike."""
    wanted = (Contact.id == contact_id) & Contact.deleted_at.is_null()
    return Contact.of(owner).select().where(wanted).get_or_none()


def with_hubspot_ids(owner: Owner, ids: Iterable[int]) -> list[Contact]:
    """Those of `ids` that are there, in the order of the list."""
    wanted = Contact.hubspot_id.in_(list(ids)) & Contact.deleted_at.is_null()
    return list(Contact.of(owner).select().where(wanted).order_by(Contact.sort_key, Contact.id))


def phones_of(owner: Owner, contact_ids: Iterable[int]) -> dict[int, list[Phone]]:
    found: dict[int, list[Phone]] = {id_: [] for id_ in contact_ids}
    mine = Phone.of(owner).select().where(Phone.contact_id.in_(list(found)))
    for row in mine.order_by(Phone.contact_id, Phone.position):
        found[row.contact_id].append(row)
    return found


def _source(source: str | None) -> list[Any]:
    return [Contact.source == source] if source else []


def _cursor(row: Contact) -> str:
    return base64.urlsafe_b64encode(f"{row.id}:{row.sort_key}".encode()).decode()


def _read_cursor(cursor: str) -> Place:
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, ValueError):
        text = ""
    parts = CURSOR.fullmatch(text)
    if parts is None:
        raise Refused("bad_request", "`after` is not a cursor of this list")
    return parts["key"], int(parts["id"])
