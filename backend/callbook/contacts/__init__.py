"""Contacts: the one writer of a contact row, its phones and its `seq`, and the list read from them."""

from callbook.contacts.listing import (
    Counts,
    Letter,
    Listing,
    Wanted,
    counts,
    find,
    letters,
    listing,
    phones_of,
)
from callbook.contacts.store import (
    Applied,
    absent_count,
    add_personal,
    alive_count,
    apply,
    default_region,
    held_count,
    mark_absent,
    remove_absent,
    reread_phones,
    retire,
    tombstones,
)
from callbook.contacts.telling import phone_told, told

__all__ = [
    "Applied",
    "Counts",
    "Letter",
    "Listing",
    "Wanted",
    "absent_count",
    "add_personal",
    "alive_count",
    "apply",
    "counts",
    "default_region",
    "find",
    "held_count",
    "letters",
    "listing",
    "mark_absent",
    "phone_told",
    "phones_of",
    "remove_absent",
    "reread_phones",
    "retire",
    "told",
    "tombstones",
]
