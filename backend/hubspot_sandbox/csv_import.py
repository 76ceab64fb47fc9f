"""Contacts from a CSV file in HubSpot's own export format.

What cannot be a contact is skipped and reported by its row, counted as a spreadsheet counts (the header is row 1);
a file that cannot be read as an export at all raises `CsvRefused` with one sentence.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from hubspot_sandbox.moments import Clock, parse_ms
from hubspot_sandbox.portal import Portal
from hubspot_sandbox.properties import CONTACT_PROPERTIES
from hubspot_sandbox.records import Contact, pack

LABELS = {
    "record id": "hs_object_id",
    "record id - contact": "hs_object_id",
    "contact id": "hs_object_id",
    "first name": "firstname",
    "last name": "lastname",
    "email": "email",
    "additional email addresses": "hs_additional_emails",
    "phone number": "phone",
    "mobile phone number": "mobilephone",
    "whatsapp phone number": "hs_whatsapp_phone_number",
    "fax number": "fax",
    "job title": "jobtitle",
    "company name": "company",
    "associated company ids (primary)": "associatedcompanyid",
    "primary associated company id": "associatedcompanyid",
    "country/region": "country",
    "state/region": "state",
    "city": "city",
    "postal code": "zip",
    "street address": "address",
    "website url": "website",
    "contact owner": "hubspot_owner_id",
    "lifecycle stage": "lifecyclestage",
    "lead status": "hs_lead_status",
    "unsubscribed from all email": "hs_email_optout",
    "last contacted": "notes_last_contacted",
    "create date": "createdate",
    "last modified date": "lastmodifieddate",
}
OWN_FIELDS = ("hs_object_id", "createdate", "lastmodifieddate", "hubspot_owner_id")
INTERNAL_VALUES = {
    "lifecyclestage": lambda label: label.lower().replace(" ", ""),
    "hs_lead_status": lambda label: label.upper().replace(" ", "_"),
    "hs_email_optout": str.lower,
}
MAX_ID = 2**53 - 1
UNCLOSED_QUOTE = "unexpected end of data"  # the csv module's words


class CsvRefused(Exception):
    """The file as a whole cannot be used; the message is one sentence for a person."""


@dataclass(frozen=True)
class CsvContact:
    contact: Contact
    owner_name: str | None


@dataclass(frozen=True)
class Skipped:
    row: int
    reason: str


class _Unfit(Exception):
    """A row cannot be a contact; the message says why."""


def read_contacts_csv(path: Path | str) -> tuple[list[CsvContact], list[Skipped]]:
    """Read an export. Raises `CsvRefused`."""
    skipped: list[Skipped] = []
    rows = _rows(Path(path), skipped)
    columns = _columns(next(rows, (1, []))[1])
    contacts: dict[int, CsvContact] = {}
    for number, cells in rows:
        if not cells:
            continue
        try:
            found = _contact(columns, cells)
        except _Unfit as problem:
            skipped.append(Skipped(number, str(problem)))
            continue
        if contacts.setdefault(found.contact.id, found) is not found:
            skipped.append(Skipped(number, f"Record ID {found.contact.id} is already taken by an earlier row"))
    if not contacts:
        raise CsvRefused(f"{path} holds no contacts: {_why_none(skipped)}.")
    return list(contacts.values()), skipped


def load_csv(portal: Portal, rows: Iterable[CsvContact]) -> None:
    """Put what was read into the portal, with an owner for every owner's name."""
    ids = {owner.name: owner.id for owner in portal.owners.values()}
    contacts = []
    for row in rows:
        name = row.owner_name
        if name is None:
            contacts.append(row.contact)
            continue
        if name not in ids:
            ids[name] = portal.add_owner(name).id
        owned = {**row.contact.properties, "hubspot_owner_id": str(ids[name])}
        contacts.append(replace(row.contact, packed=pack(owned)))
    portal.load(contacts)


def _rows(path: Path, skipped: list[Skipped]) -> Iterator[tuple[int, list[str]]]:
    """Give the rows with their numbers; one that is no CSV goes to `skipped`."""
    text = _text(path)
    head = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for number in count(1):
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if str(error) == UNCLOSED_QUOTE:  # everything below has been swallowed
                raise CsvRefused(
                    f"{path} cannot be read: row {number} opens a quotation and never closes it."
                ) from error
            skipped.append(Skipped(number, f"it is not CSV: {error}"))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise CsvRefused(f"{path} was not found.") from error
    except OSError as error:
        raise CsvRefused(f"{path} cannot be read: {(error.strerror or 'unknown reason').lower()}.") from error
    if not data.strip():
        raise CsvRefused(f"{path} is empty.")
    if b"\x00" in data:
        raise CsvRefused(f"{path} is not a CSV file: it holds binary data (export it from HubSpot as CSV).")
    return _decoded(path, data)


def _decoded(path: Path, data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CsvRefused(f"{path} is not a CSV file: it is neither UTF-8 nor Windows-1252 text.")


def _columns(header: Sequence[str]) -> list[str | None]:
    """Give each column's property name; None for a column we do not read, or one named before."""
    names: list[str | None] = []
    for label in header:
        key = " ".join(label.split()).lower()
        name = LABELS.get(key, key if key in CONTACT_PROPERTIES else None)
        names.append(None if name in names else name)
    if "hs_object_id" not in names:
        raise CsvRefused("The file's first row is no header of a HubSpot contact export: it has no Record ID column.")
    return names


def _contact(columns: Sequence[str | None], cells: Sequence[str]) -> CsvContact:
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise _Unfit(f"it has {len(cells)} cells where the header has {len(columns)}")
    values = {name: cell for name, cell in zip(columns, cells, strict=False) if name and cell.strip()}
    contact_id = _id(values.get("hs_object_id", "").strip())
    created_at_ms = _moment(values.get("createdate"))
    modified_at_ms = _moment(values.get("lastmodifieddate"))
    known = [each for each in (created_at_ms, modified_at_ms) if each is not None] or [Clock().now_ms()]
    contact = Contact(contact_id, pack(_properties(values)), min(known), max(known))
    return CsvContact(contact, values.get("hubspot_owner_id", "").strip() or None)


def _properties(values: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in values.items() if name not in OWN_FIELDS}
    return {name: INTERNAL_VALUES.get(name, str)(value) for name, value in kept.items()}


def _id(text: str) -> int:
    if not text:
        raise _Unfit("it has no Record ID")
    if not (text.isascii() and text.isdigit()):
        raise _Unfit(f"Record ID {text!r} is not a whole number")
    if not 0 < int(text) <= MAX_ID:
        raise _Unfit(f"Record ID {text} is out of range")
    return int(text)


def _moment(text: str | None) -> int | None:
    """Read an export's date, taken as UTC; None when there is none or nobody can read it."""
    try:
        return None if text is None else parse_ms(text.strip())
    except ValueError:
        return None


def _why_none(skipped: Sequence[Skipped]) -> str:
    if not skipped:
        return "there is nothing below its header"
    return f"none of its rows can be one (row {skipped[0].row}: {skipped[0].reason})"
