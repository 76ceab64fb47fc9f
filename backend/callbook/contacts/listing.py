"""The list of contacts as it is shown: filtered, searched, counted, walked by cursor or jumped into by offset.

The order is the stored sort key's, then the id's. A cursor is opaque to its reader.
"""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import fn

from callbook import phone
from callbook.contacts.naming import fold, letter_order
from callbook.errors import Refused
from callbook.models import Company, Contact, Owner, Phone, tuples

SOURCES = ("hubspot", "personal")
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
class Counts:
    """`without_phone`: HubSpot contacts that no call can be matched to (0 in a search, where it is not counted)."""

    hubspot: int
    personal: int
    without_phone: int = 0

    @property
    def all(self) -> int:
        return self.hubspot + self.personal

    def told(self) -> dict[str, int]:
        return {"all": self.all, "hubspot": self.hubspot, "personal": self.personal}

    def of(self, source: str | None) -> int:
        return {"hubspot": self.hubspot, "personal": self.personal}.get(source or "", self.all)


@dataclass(frozen=True)
class Listing:
    """`shown` is each contact's number to show, by the contact's id: the one searched for, else the first; `counts`
    are of what matches the search.
    """

    contacts: Sequence[Contact]
    shown: dict[int, Phone | None]
    counts: Counts
    next: str | None


@dataclass(frozen=True)
class Letter:
    """A heading: where its first contact stands in the list, and how many stand under it."""

    letter: str
    offset: int
    count: int


def listing(owner: Owner, wanted: Wanted) -> Listing:
    """Raises `Refused("bad_request")` for a cursor that is none of ours."""
    matching = _matching(owner, wanted)
    query = Contact.of(owner).select().where(matching, *_source(wanted.source))
    if wanted.after is not None:
        key, id_ = _read_cursor(wanted.after)
        query = query.where((Contact.sort_key > key) | ((Contact.sort_key == key) & (Contact.id > id_)))
    ordered = query.order_by(Contact.sort_key, Contact.id).limit(wanted.limit + 1).offset(wanted.offset)
    rows = list(ordered)
    page = rows[: wanted.limit]
    following = _cursor(page[-1]) if len(rows) > wanted.limit else None
    phones = phones_of(owner, [row.id for row in page])
    forms = phone.search_forms(wanted.query, wanted.region)
    shown = {id_: _shown(each, forms) for id_, each in phones.items()}
    return Listing(page, shown, counts(owner, wanted), following)


def _shown(phones: Sequence[Phone], forms: Sequence[str]) -> Phone | None:
    searched = (each for each in phones if any(form in (each.e164 or "") for form in forms))
    return next(searched, phones[0] if phones else None)


def counts(owner: Owner, wanted: Wanted | None = None) -> Counts:
    """Of everything, or of what a search matches."""
    if wanted is not None and wanted.query:
        grouped = Contact.of(owner).select(Contact.source, fn.COUNT(Contact.id)).where(_matching(owner, wanted))
        found = Counter(dict(tuples(grouped.group_by(Contact.source))))
        return Counts(found["hubspot"], found["personal"])
    found, bare = Counter[str](), 0
    for source, has_number, _letter, count in _tally(owner):
        found[source] += count
        bare += count if source == "hubspot" and not has_number else 0
    return Counts(found["hubspot"], found["personal"], bare)


def letters(owner: Owner, source: str | None) -> list[Letter]:
    """Every heading of the whole list, in its order."""
    under = Counter[str]()
    for its_source, _has_number, letter, count in _tally(owner):
        under[letter] += count if source in (None, its_source) else 0
    found: list[Letter] = []
    reached = 0
    for letter, count in sorted((+under).items(), key=lambda item: letter_order(item[0])):
        found.append(Letter(letter, reached, count))
        reached += count
    return found


def _tally(owner: Owner) -> list[tuple[Any, ...]]:
    """(source, has_number, letter, count) of all that is alive, off one index."""
    keys = (Contact.source, Contact.has_number, Contact.letter)
    alive = Contact.of(owner).select(*keys, fn.COUNT(Contact.id)).where(Contact.deleted_at.is_null())
    return tuples(alive.group_by(*keys))


def find(owner: Owner, contact_id: int) -> Contact | None:
    """None for what is not there and for what is another's, alike."""
    wanted = (Contact.id == contact_id) & Contact.deleted_at.is_null()
    return Contact.of(owner).select().where(wanted).get_or_none()


def phones_of(owner: Owner, contact_ids: Iterable[int]) -> dict[int, list[Phone]]:
    found: dict[int, list[Phone]] = {id_: [] for id_ in contact_ids}
    mine = Phone.of(owner).select().where(Phone.contact_id.in_(list(found)))
    for row in mine.order_by(Phone.contact_id, Phone.position):
        found[row.contact_id].append(row)
    return found


def _source(source: str | None) -> list[Any]:
    return [Contact.source == source] if source else []


def _matching(owner: Owner, wanted: Wanted) -> Any:  # noqa: ANN401 - a peewee expression
    """Every word must occur somewhere, be it in the name of the contact's company; what reads as a number, or part of
    one, may occur in any of its forms.
    """
    alive = Contact.deleted_at.is_null()
    forms = phone.search_forms(wanted.query, wanted.region)
    if forms:
        found = Contact.search_text.contains(forms[0])
        for form in forms[1:]:
            found |= Contact.search_text.contains(form)
        return alive & found
    for word in fold(wanted.query).split():
        at = Company.of(owner).select(Company.company_id).where(Company.search_text.contains(word))
        alive &= Contact.search_text.contains(word) | Contact.company_id.in_(at)
    return alive


def _cursor(row: Contact) -> str:
    return base64.urlsafe_b64encode(f"{row.id}:{row.sort_key}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[str, int]:
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, ValueError):
        text = ""
    parts = CURSOR.fullmatch(text)
    if parts is None:
        raise Refused("bad_request", "`after` is not a cursor of this list")
    return parts["key"], int(parts["id"])
