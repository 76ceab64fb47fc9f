"""A contact as the API tells it. Numbers are shown in national form at home, in international form elsewhere; the name
of the company that HubSpot keeps for a contact wins over the contact's own text for it.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from callbook import phone
from callbook.models import Company, Contact, HubSpotOwner, Phone


class Named(NamedTuple):
    """Of a contact's row what a list shows."""

    id: int
    source: str
    name: str
    company: str | None
    job_title: str | None
    letter: str


class Written(NamedTuple):
    """A number that somebody wrote: of a contact, in one of its properties, or of a company."""

    property: str
    written: str
    e164: str | None
    extension: str | None


NOTHING_TOLD = {
    **dict.fromkeys(("name", "first_name", "last_name", "company", "job_title")),
    "emails": (),
    "phones": (),
}
KINDS = {"mobilephone": "mobile", "phone": "phone", "hs_whatsapp_phone_number": "whatsapp"}


def told(
    contact: Contact, first_phone: Phone | None, region: str | None, company: Company | None = None
) -> dict[str, Any]:
    """A row of the list; `first_phone` is the number it shows, `company` the record of its company."""
    shown = None if first_phone is None else phone_told(first_phone, region)
    known = {} if company is None or company.name is None else {"company": company.name}
    return {**{name: getattr(contact, name) for name in Named._fields}, **known, "phone": shown}


def change_told(contact: Contact, phones: Iterable[Phone], company: Company | None) -> dict[str, Any]:
    """A row of the change feed; of one that is gone only which it was, of numbers only those that can be read."""
    which = {"id": contact.id, "hubspot_id": str(contact.hubspot_id), "deleted": contact.deleted_at is not None}
    if contact.deleted_at is not None:
        return {**which, **NOTHING_TOLD}
    read = contact.properties.get
    addresses = [read("email", ""), *read("hs_additional_emails", "").split(";")]
    numbers = (
        {"number": row.e164, "extension": row.extension, "kind": KINDS[row.property]} for row in phones if row.e164
    )
    return {
        **which,
        "name": contact.name,
        "first_name": read("firstname"),
        "last_name": read("lastname"),
        "company": company.name if company is not None and company.name is not None else contact.company,
        "job_title": contact.job_title,
        "emails": list(dict.fromkeys(address for each in addresses if (address := each.strip()))),
        "phones": list(numbers),
    }


def phone_told(row: Phone, region: str | None) -> dict[str, Any]:
    return _shown(Written(row.property, row.written, row.e164, row.extension), region)


def line_told(company: Company | None, region: str | None) -> dict[str, Any] | None:
    """The company's main line; None where it has none."""
    if company is None or company.phone is None:
        return None
    return _shown(Written("company", company.phone, company.e164, company.extension), region)


def number_told(number: Written, display: str) -> dict[str, Any]:
    kind = KINDS.get(number.property, number.property)
    ways = {"raw": number.written, "e164": number.e164, "extension": number.extension, "display": display}
    return {"kind": kind, **ways}


def owner_told(row: HubSpotOwner | None, hubspot_user_id: int) -> dict[str, Any] | None:
    """Whose contact it is, and whether that is the user whose HubSpot id this is."""
    if row is None:
        return None
    return {"name": row.name, "email": row.email, "is_me": row.hubspot_user_id == hubspot_user_id}


def _shown(number: Written, region: str | None) -> dict[str, Any]:
    return number_told(number, number.written if number.e164 is None else phone.display(number.e164, region))
