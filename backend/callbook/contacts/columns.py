"""What a contact's properties come to as columns of its row and as rows of its phones. Pure; the same for contacts from
HubSpot and for personal ones.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from callbook import phone
from callbook.contacts.naming import fold, full_name, letter, sort_key
from callbook.hubspot import id_of

PHONE_PROPERTIES = ("mobilephone", "phone", "hs_whatsapp_phone_number")
COUNTRY_PROPERTIES = ("country", "hs_calculated_phone_number_country_code")


@dataclass(frozen=True)
class Columns:
    """`contact` are columns of `contacts`, `phones` the columns of each row of `phones`."""

    contact: dict[str, Any]
    phones: list[dict[str, Any]]


def columns_of(properties: Mapping[str, str], default_region: str | None, last_resort: str) -> Columns:
    """`default_region` is where numbers are at home when the contact names no country; `last_resort` names a contact
    that has neither a name, an e-mail address, a company nor a number.
    """
    region = _region(properties)
    phones = _phones(properties, region or default_region)
    first, last = properties.get("firstname"), properties.get("lastname")
    company, email = properties.get("company"), properties.get("email")
    key = sort_key(first, last)
    candidates = [full_name(first, last), email, company, *(row["written"] for row in phones), last_resort]
    name = next(text.strip() for text in candidates if text and text.strip())
    contact = {
        "name": name,
        "sort_key": key,
        "letter": letter(key),
        "company": company,
        "email": email,
        "job_title": properties.get("jobtitle"),
        "region": region,
        "company_id": id_of(properties.get("associatedcompanyid", "")),
        "hubspot_owner_id": id_of(properties.get("hubspot_owner_id", "")),
        "last_contacted_at": _moment(properties.get("notes_last_contacted", "")),
        "search_text": _search_text([name, company, email, properties.get("hs_additional_emails")], phones),
        "has_number": any(row["e164"] for row in phones),
        "properties": dict(properties),
    }
    return Columns(contact, phones)


def _region(properties: Mapping[str, str]) -> str | None:
    named = (phone.region_of_country(properties.get(name, "")) for name in COUNTRY_PROPERTIES)
    return next((region for region in named if region), None)


def _moment(text: str) -> datetime | None:
    """HubSpot writes ISO 8601 with an offset; what is none is not a moment."""
    try:
        moment = datetime.fromisoformat(text)
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _phones(properties: Mapping[str, str], region: str | None) -> list[dict[str, Any]]:
    """A field may hold several numbers; one that holds none keeps its text."""
    rows: list[dict[str, Any]] = []
    for name in PHONE_PROPERTIES:
        written = properties.get(name, "").strip()
        if not written:
            continue
        numbers = phone.parse_all(written, region)
        found = [{"e164": number.e164, "extension": number.extension} for number in numbers]
        for each in found or [{"e164": None, "extension": None}]:
            rows.append({"property": name, "written": written, "position": len(rows), **each})
    return rows


def _search_text(words: Iterable[str | None], phones: Iterable[Mapping[str, Any]]) -> str:
    """Everything a search may find, folded; numbers as digits, in E.164 and as written."""
    numbers = [text for row in phones for text in (row["e164"] or "", row["written"])]
    digits = ("".join(filter(str.isdigit, text)) for text in numbers)
    return "\n".join(fold(text) for text in dict.fromkeys((*words, *digits)) if text)
