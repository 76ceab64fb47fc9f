"""Contacts as HubSpot gives them: the list (primary store), search (its index), batch read, and the total.

A record is parsed once, here, into a frozen `RemoteContact`; one that cannot be is an `Unreadable`, so that a single
odd record never costs its page. Paths: the 2026-09 version.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from callbook.errors import Transient
from callbook.hubspot.answers import Answer, answer_of, id_of, refused_ids, storable
from callbook.hubspot.client import Client

PATH = "/crm/objects/2026-09/contacts"
LIST_LIMIT = 100
SEARCH_LIMIT = 200
BATCH_LIMIT = 100
ID = "hs_object_id"
MODIFIED = "lastmodifieddate"  # contacts' own; `hs_lastmodifieddate` is empty on contacts and finds nothing

PROPERTIES = (
    "firstname",
    "lastname",
    "email",
    "hs_additional_emails",
    "phone",
    "mobilephone",
    "hs_whatsapp_phone_number",
    "company",
    "associatedcompanyid",
    "jobtitle",
    "hubspot_owner_id",
    "country",
    "hs_calculated_phone_number_country_code",
    "notes_last_contacted",
    "createdate",
    MODIFIED,
    "hs_merged_object_ids",
    "hs_calculated_merged_vids",
)


def property_set() -> str:
    """A name for the properties read: a cache read with another set has to be read in full."""
    return hashlib.sha256(",".join(PROPERTIES).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class RemoteContact:
    """`properties` holds those of `PROPERTIES` that have a value. `primary`: from the primary store, not the index;
    `archived_at` only the list of the archived gives.
    """

    id: int
    properties: dict[str, str]
    modified_at: datetime
    read_at: datetime
    primary: bool
    archived_at: datetime | None = None

    @property
    def merged_ids(self) -> frozenset[int]:
        """The ids this record has swallowed ("1;2;3" and "1:1700000000000;2:..."), never its own."""
        listed = [
            *self.properties.get("hs_merged_object_ids", "").split(";"),
            *(pair.partition(":")[0] for pair in self.properties.get("hs_calculated_merged_vids", "").split(";")),
        ]
        return frozenset(number for text in listed if (number := id_of(text)) is not None) - {self.id}


@dataclass(frozen=True)
class Unreadable:
    """A record we could not make sense of, or did not get; `id` is HubSpot's text for it, empty where there is none."""

    id: str
    category: str = "invalid"

    @property
    def number(self) -> int | None:
        return id_of(self.id)


@dataclass(frozen=True)
class Page:
    """One answer of a paged endpoint, in its order. `after` is None on the last page; `total` only search gives."""

    contacts: tuple[RemoteContact, ...]
    unreadable: tuple[Unreadable, ...]
    after: str | None
    total: int | None = None

    @property
    def ids(self) -> list[int]:
        """Of every record whose id can be told, the unreadable ones too, ascending."""
        unreadable = [each.number for each in self.unreadable if each.number is not None]
        return sorted([*(each.id for each in self.contacts), *unreadable])


class _Record(BaseModel):
    id: str
    properties: dict[str, str | None]
    updated_at: AwareDatetime = Field(alias="updatedAt")
    archived_at: AwareDatetime | None = Field(None, alias="archivedAt")


_records = TypeAdapter(_Record)


def list_page(client: Client, after: str | None, read_at: datetime, *, patient: bool = True) -> Page:
    """One page of the primary store. `after` is HubSpot's cursor; whether an id works too, `sync.reader` finds out."""
    return _page(client.get(PATH, _listing(after), patient=patient), read_at, primary=True)


def archived_page(client: Client, after: str | None, read_at: datetime) -> Page:
    """One page of what was archived in the last 90 days. What was deleted for privacy is not there."""
    return _page(client.get(PATH, {**_listing(after), "archived": "true"}), read_at, primary=True)


def _listing(after: str | None) -> dict[str, str]:
    params = {"limit": str(LIST_LIMIT), "properties": ",".join(PROPERTIES)}
    return params if after is None else {**params, "after": after}


def search_page(  # noqa: PLR0913 - what bounds the search, and when and how it is sent
    client: Client, low: int, high: int | None, since: datetime | None, read_at: datetime, *, patient: bool = True
) -> Page:
    """Contacts with ids in [low, high), last modified at or after `since`, ascending by id: a keyset that neither the
    10,000 cap nor ten thousand rows of one millisecond can break. `total` is how many there are from `low` on.
    """
    body = {**_search(low, high, since), "properties": list(PROPERTIES), "limit": SEARCH_LIMIT}
    return _page(client.post(f"{PATH}/search", body, patient=patient), read_at, primary=False)


def _search(low: int, high: int | None, since: datetime | None) -> dict[str, Any]:
    bounds: list[tuple[str, str, int | None]] = [
        (MODIFIED, "GTE", None if since is None else int(since.timestamp() * 1000)),
        (ID, "GTE", low or None),
        (ID, "LT", high),
    ]
    filters = [
        {"propertyName": name, "operator": operator, "value": str(value)}
        for name, operator, value in bounds
        if value is not None
    ]
    groups = [{"filters": filters}] if filters else []
    return {"filterGroups": groups, "sorts": [{"propertyName": ID, "direction": "ASCENDING"}]}


def batch_read(client: Client, ids: Sequence[int], read_at: datetime, *, patient: bool = True) -> Page:
    """Those of `ids` (at most 100) that exist, from the primary store. A 207 with some missing is a success; those it
    names for another reason are there, and refused.
    """
    body = {"properties": list(PROPERTIES), "inputs": [{"id": str(each)} for each in ids]}
    answer = client.post(f"{PATH}/batch/read", body, patient=patient)
    page = _page(answer, read_at, primary=True)
    refused = tuple(Unreadable(str(each), "refused") for each in sorted(refused_ids(answer) & set(ids)))
    return replace(page, unreadable=(*page.unreadable, *refused))


def total(client: Client, low: int = 0, high: int | None = None, *, turned: bool = False) -> tuple[int, int | None]:
    """How many contacts HubSpot says there are, with ids in [low, high), and the id of the one that it shows with the
    count: of the first, or if `turned` of the last. From the search index, so it may lag.
    """
    body = {**_search(low, high, None), "properties": [ID], "limit": 1}
    if turned:
        body["sorts"] = [{"propertyName": ID, "direction": "DESCENDING"}]
    answer = answer_of(client.post(f"{PATH}/search", body))
    return _total(answer), next(iter(answer.ids), None)


def sample(client: Client) -> tuple[int, list[int]]:
    """How many contacts there are, and the ids of some, ascending: the first by e-mail address, an order that has
    nothing to do with theirs. Of the index, too.
    """
    sorts = [{"propertyName": "email", "direction": "ASCENDING"}]
    body = {"filterGroups": [], "sorts": sorts, "properties": [ID], "limit": SEARCH_LIMIT}
    found = answer_of(client.post(f"{PATH}/search", body))
    return _total(found), sorted(set(found.ids))


def _total(answer: Answer) -> int:
    if answer.total is None:
        raise Transient("hubspot_error", "a search without a total")
    return answer.total


def _page(body: dict[str, Any], read_at: datetime, *, primary: bool) -> Page:
    answer = answer_of(body)
    contacts, unreadable = [], []
    for result in answer.results:
        parsed = _parse(result, read_at, primary=primary)
        if isinstance(parsed, RemoteContact):
            contacts.append(parsed)
        else:
            unreadable.append(parsed)
    return Page(tuple(contacts), tuple(unreadable), answer.after, answer.total)


def _parse(result: Any, read_at: datetime, *, primary: bool) -> RemoteContact | Unreadable:  # noqa: ANN401 - JSON
    try:
        record = _records.validate_python(result)
    except ValidationError:
        return Unreadable(storable(str(result.get("id", "")))[:64] if isinstance(result, dict) else "")
    number = id_of(record.id)
    if number is None:
        return Unreadable(storable(record.id)[:64])
    properties = {name: storable(value) for name in PROPERTIES if (value := record.properties.get(name)) is not None}
    return RemoteContact(number, properties, record.updated_at, read_at, primary, record.archived_at)
