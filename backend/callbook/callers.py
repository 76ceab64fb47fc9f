"""Who is this number? An answer always has a label and a reason; several people may share a number, and are all told.

A number is read as somebody at home in the user's region would, and also in the form carriers give it, with its country
code and no "+".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from callbook import contacts, phone
from callbook.models import Contact, Owner, Phone, User

MAX_CANDIDATES = 20


@dataclass(frozen=True)
class Candidate:
    """A contact who has the number; `matched` is the one of their numbers that it is."""

    contact: Contact
    matched: Phone


@dataclass(frozen=True)
class CallerName:
    """`label`: "exact" (one contact, the number and extension alike), "other_form" (one contact, with or without an
    extension), "shared" (several), "none" (`reason` says why: "not_found", "unreadable", "withheld").
    """

    number: str
    e164: str | None
    extension: str | None
    display: str
    country: str | None
    label: str
    reason: str | None
    candidates: tuple[Candidate, ...]


def lookup(owner: Owner, numbers: Sequence[str]) -> list[CallerName]:
    """In the order asked."""
    region = contacts.default_region(User.get_by_id(owner.id))
    read = {number: phone.parse(number, region) for number in numbers}
    found = _candidates(owner, [each.e164 for each in read.values() if isinstance(each, phone.Number)])
    return [_answer(number, read[number], found, region) for number in numbers]


def told(caller: CallerName, region: str | None) -> dict[str, Any]:
    """As the API tells it, and as a call keeps it."""
    candidates = [
        {**contacts.told(each.contact, each.matched, region), "matched": contacts.phone_told(each.matched, region)}
        for each in caller.candidates
    ]
    return {**{each.name: getattr(caller, each.name) for each in fields(caller)}, "candidates": candidates}


def _candidates(owner: Owner, e164s: Sequence[str]) -> dict[str, list[Candidate]]:
    """By E.164, in the order of the list: by name, then as they came."""
    by_number: dict[str, list[Candidate]] = {}
    phones = list(Phone.of(owner).select().where(Phone.e164.in_(list(dict.fromkeys(e164s)))).order_by(Phone.id))
    alive = Contact.id.in_([row.contact_id for row in phones]) & Contact.deleted_at.is_null()
    people = {row.id: row for row in Contact.of(owner).select().where(alive)}
    ordered = sorted(
        (row for row in phones if row.contact_id in people),
        key=lambda row: (people[row.contact_id].sort_key, row.contact_id, row.position),
    )
    for row in ordered:
        by_number.setdefault(row.e164 or "", []).append(Candidate(people[row.contact_id], row))
    return by_number


def _answer(
    asked: str, read: phone.Number | phone.Unreadable, found: Mapping[str, list[Candidate]], region: str | None
) -> CallerName:
    if isinstance(read, phone.Unreadable):
        return CallerName(asked, None, None, asked.strip(), None, "none", read.value, ())
    candidates = _one_each(found.get(read.e164, []), read.extension)
    label = _label(candidates, read.extension)
    return CallerName(
        asked,
        read.e164,
        read.extension,
        phone.display(read.e164, region),
        read.region,
        label,
        "not_found" if label == "none" else None,
        tuple(candidates[:MAX_CANDIDATES]),
    )


def _one_each(candidates: Sequence[Candidate], extension: str | None) -> list[Candidate]:
    """Each contact once; those with the very extension first. Another extension alone never rules a contact out."""
    ranked = sorted(candidates, key=lambda each: each.matched.extension != extension)
    best: dict[int, Candidate] = {}
    for each in ranked:
        best.setdefault(each.contact.id, each)
    return list(best.values())


def _label(candidates: Sequence[Candidate], extension: str | None) -> str:
    if not candidates:
        return "none"
    if len(candidates) > 1:
        return "shared"
    return "exact" if candidates[0].matched.extension == extension else "other_form"
