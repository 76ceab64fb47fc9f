"""A contact as the API tells it. Numbers are shown in national form at home, in international form elsewhere; the name
of the company that HubSpot keeps for a contact wins over the contact's own text for it.
"""

from typing import Any

from callbook import phone
from callbook.models import Company, Contact, HubSpotOwner, Phone

KINDS = {"mobilephone": "mobile", "phone": "phone", "hs_whatsapp_phone_number": "whatsapp"}


def told(
    contact: Contact, first_phone: Phone | None, region: str | None, company: Company | None = None
) -> dict[str, Any]:
    """A row of the list; `first_phone` is the number it shows, `company` the record of its company."""
    facts = ("id", "source", "name", "company", "job_title", "letter")
    shown = None if first_phone is None else phone_told(first_phone, region)
    known = {} if company is None or company.name is None else {"company": company.name}
    return {**{name: getattr(contact, name) for name in facts}, **known, "phone": shown}


def phone_told(row: Phone, region: str | None) -> dict[str, Any]:
    return _number_told(KINDS[row.property], row.written, row, region)


def line_told(company: Company | None, region: str | None) -> dict[str, Any] | None:
    """The company's main line; None where it has none."""
    if company is None or company.phone is None:
        return None
    return _number_told("company", company.phone, company, region)


def owner_told(row: HubSpotOwner | None, hubspot_user_id: int) -> dict[str, Any] | None:
    """Whose contact it is, and whether that is the user whose HubSpot id this is."""
    if row is None:
        return None
    return {"name": row.name, "email": row.email, "is_me": row.hubspot_user_id == hubspot_user_id}


def _number_told(kind: str, written: str, row: Phone | Company, region: str | None) -> dict[str, Any]:
    display = written if row.e164 is None else phone.display(row.e164, region)
    return {"kind": kind, "raw": written, "e164": row.e164, "extension": row.extension, "display": display}
