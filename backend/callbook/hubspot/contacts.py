"""Contacts as HubSpot gives them: the list (primary store), search (its index), batch read, and the total.

A record is parsed once, here, into a frozen `RemoteContact`; one that cannot be is an `Unreadable`, so that a single
odd record never costs its page. Paths: the 2026-09 version.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError

from callbook.errors import Transient
from callbook.hubspot.answers import answer_of, id_of, storable
from callbook.hubspot.client import Client

PATH = "/crm/objects/2026-09/contacts"
LIST_LIMIT = 100
SEARCH_LIMIT = 200
BATCH_LIMIT = 100
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
    """`properties` holds those of `PROPERTIES` that have a value. `primary`: from the primary store, not the index."""

    id: int
    properties: dict[str, str]
    modified_at: datetime
    read_at: datetime
    primary: bool

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
    """A record we could not make sense of; `id` is HubSpot's text for it, empty where there is none."""

    id: str

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


_records = TypeAdapter(_Record)


def list_page(client: Client, after: str | None, read_at: datetime) -> Page:
    """One page of the primary store, ascending by id; `after` is an inclusive lower bound on the id."""
    params = {"limit": str(LIST_LIMIT), "properties": ",".join(PROPERTIES)}
    if after is not None:
        params["after"] = after
    return _page(client.get(PATH, params), read_at, primary=True)


def search_changed(client: Client, since: datetime, above_id: int, read_at: datetime) -> Page:
    """Contacts last modified at or after `since`, ascending by id, from above `above_id`: a keyset that neither the
    10,000 cap nor ten thousand rows of one millisecond can break. `after` is not used; a full page has more behind it.
    """
    since_ms = str(int(since.timestamp() * 1000))
    filters = [
        {"propertyName": MODIFIED, "operator": "GTE", "value": since_ms},
        {"propertyName": "hs_object_id", "operator": "GT", "value": str(above_id)},
    ]
    body = {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(PROPERTIES),
        "limit": SEARCH_LIMIT,
    }
    return _page(client.post(f"{PATH}/search", body), read_at, primary=False)


def batch_read(client: Client, ids: Sequence[int], read_at: datetime) -> Page:
    """Those of `ids` (at most 100) that exist, from the primary store; a 207 with some missing is a success."""
    body = {"properties": list(PROPERTIES), "inputs": [{"id": str(each)} for each in ids]}
    return _page(client.post(f"{PATH}/batch/read", body), read_at, primary=True)


def total(client: Client) -> int:
    """How many contacts HubSpot says there are. From the search index, so it may lag for some seconds."""
    answer = answer_of(client.post(f"{PATH}/search", {"limit": 1, "properties": ["hs_object_id"]}))
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
    return RemoteContact(number, properties, record.updated_at, read_at, primary)
