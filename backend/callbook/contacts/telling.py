"""A contact as the API tells it. Numbers are shown in national form at home, in international form elsewhere."""

from typing import Any

from callbook import phone
from callbook.models import Contact, Phone

KINDS = {"mobilephone": "mobile", "phone": "phone", "hs_whatsapp_phone_number": "whatsapp"}


def told(contact: Contact, first_phone: Phone | None, region: str | None) -> dict[str, Any]:
    """A row of the list; `first_phone` is the number it shows."""
    facts = ("id", "source", "name", "company", "job_title", "letter")
    shown = None if first_phone is None else phone_told(first_phone, region)
    return {**{name: getattr(contact, name) for name in facts}, "phone": shown}


def phone_told(row: Phone, region: str | None) -> dict[str, Any]:
    display = row.written if row.e164 is None else phone.display(row.e164, region)
    return {
        "kind": KINDS[row.property],
        "raw": row.written,
        "e164": row.e164,
        "extension": row.extension,
        "display": display,
    }
