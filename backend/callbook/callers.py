"""Who is this number? An answer always has a label and a reason; several people may share a number, and are all told.

A number is read as somebody at home in the user's region would, and also in the form carriers give it, with its country
code and no "+". The order of candidates: who has the very number and extension; who is owned by the user; who was last
contacted; the field (mobile, phone, WhatsApp); the order of the list. A number that is nobody's own may be a company's
main line: then whoever belongs to that company may be calling. Extensions order, they never rule out: two people whose
numbers differ in nothing else are two candidates.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from callbook import contacts, phone
from callbook.models import Company, Contact, Owner, Phone, User

MAX_CANDIDATES = 20
MAX_COLLEAGUES = 500  # of a company, so many are looked at to put them in order
FIELDS = ("mobilephone", "phone", "hs_whatsapp_phone_number")
LAST_CONTACTED = "notes_last_contacted"


@dataclass(frozen=True)
class Candidate:
    """A contact who may be calling. `matched` is the one of their numbers that it is, or the company whose line it is;
    `company` is the record of their company.
    """

    contact: Contact
    matched: Phone | Company
    company: Company | None = None


@dataclass(frozen=True)
class CallerName:
    """`label`: "exact" (one contact, the number and extension alike), "other_form" (one contact, another extension or
    none given), "shared" (several), "company_line" (a company's main line and nobody's own), "none" (`reason` says why:
    "not_found", "unreadable", "withheld").

    `people` counts all whom the number leads to; `candidates` are the first of them. `company` is whose line it is.
    """

    number: str
    e164: str | None
    extension: str | None
    display: str
    country: str | None
    label: str
    reason: str | None
    people: int
    company: str | None
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class _Line:
    """A company's main line; `company` is None when several companies have it. `candidates` work there."""

    company: str | None
    people: int
    candidates: list[Candidate]


def lookup(owner: Owner, numbers: Sequence[str]) -> list[CallerName]:
    """In the order asked."""
    region = contacts.default_region(User.get_by_id(owner.id))
    read = {number: phone.parse(number, region) for number in numbers}
    e164s = list({each.e164: None for each in read.values() if isinstance(each, phone.Number)})
    own = _own(owner, e164s)
    lines = _lines(owner, [e164 for e164 in e164s if e164 not in own])
    return [_answer(number, read[number], own, lines, region) for number in numbers]


def told(caller: CallerName, region: str | None) -> dict[str, Any]:
    """As the API tells it, and as a call keeps it."""
    candidates = [_candidate_told(each, region) for each in caller.candidates]
    return {**{each.name: getattr(caller, each.name) for each in fields(caller)}, "candidates": candidates}


def _candidate_told(candidate: Candidate, region: str | None) -> dict[str, Any]:
    matched = candidate.matched
    if isinstance(matched, Phone):
        row = contacts.told(candidate.contact, matched, region, candidate.company)
        return {**row, "matched": contacts.phone_told(matched, region)}
    return {
        **contacts.told(candidate.contact, None, region, candidate.company),
        "matched": contacts.line_told(matched, region),
    }


def _own(owner: Owner, e164s: Sequence[str]) -> dict[str, list[Candidate]]:
    """Whose own number each is, in order."""
    phones = list(Phone.of(owner).select().where(Phone.e164.in_(list(e164s))).order_by(Phone.id))
    if not phones:
        return {}
    alive = Contact.id.in_([row.contact_id for row in phones]) & Contact.deleted_at.is_null()
    people = {row.id: row for row in Contact.of(owner).select().where(alive)}
    companies = contacts.companies_of(owner, people.values())
    by_number: dict[str, list[Candidate]] = {}
    for row in phones:
        contact = people.get(row.contact_id)
        if contact is not None:
            candidate = Candidate(contact, row, companies.get(contact.company_id))
            by_number.setdefault(row.e164 or "", []).append(candidate)
    mine = contacts.my_owner_ids(owner)
    return {e164: _ordered(each, mine) for e164, each in by_number.items()}


def _lines(owner: Owner, e164s: Sequence[str]) -> dict[str, _Line]:
    """Main lines that somebody works behind."""
    found: dict[str, list[Company]] = {}
    for company in contacts.companies_with_line(owner, e164s) if e164s else []:
        found.setdefault(company.e164 or "", []).append(company)
    lines = {e164: _line(owner, companies) for e164, companies in found.items()}
    return {e164: line for e164, line in lines.items() if line.candidates}


def _line(owner: Owner, companies: Sequence[Company]) -> _Line:
    by_id: dict[int | None, Company] = {company.company_id: company for company in companies}
    at = contacts.contacts_at(owner, [company.company_id for company in companies])
    rows = list(at.order_by(Contact.company_id, Contact.id).limit(MAX_COLLEAGUES))  # the order of an index
    candidates = [Candidate(row, by_id[row.company_id], by_id[row.company_id]) for row in rows]
    names = {company.name for company in companies}
    name = names.pop() if len(names) == 1 else None
    return _Line(name, at.count(), _ordered(candidates, contacts.my_owner_ids(owner)))


def _ordered(candidates: Iterable[Candidate], mine: frozenset[int]) -> list[Candidate]:
    """Sorted by what counts least, first."""
    ordered = sorted(candidates, key=lambda each: (_field(each), each.contact.sort_key, each.contact.id))
    ordered.sort(key=lambda each: str(each.contact.properties.get(LAST_CONTACTED, "")), reverse=True)
    return sorted(ordered, key=lambda each: each.contact.hubspot_owner_id not in mine)


def _field(candidate: Candidate) -> int:
    matched = candidate.matched
    return FIELDS.index(matched.property) if isinstance(matched, Phone) else len(FIELDS)


def _answer(
    asked: str,
    read: phone.Number | phone.Unreadable,
    own: Mapping[str, Sequence[Candidate]],
    lines: Mapping[str, _Line],
    region: str | None,
) -> CallerName:
    if isinstance(read, phone.Unreadable):
        return CallerName(asked, None, None, asked.strip(), None, "none", read.value, 0, None, ())
    people = _one_each(own.get(read.e164, []), read.extension)
    line = lines.get(read.e164) or _Line(None, len(people), people)
    label = "company_line" if read.e164 in lines else _label(people, read.extension)
    return CallerName(
        asked,
        read.e164,
        read.extension,
        phone.display(read.e164, region),
        read.region,
        label,
        "not_found" if label == "none" else None,
        line.people,
        line.company,
        tuple(line.candidates[:MAX_CANDIDATES]),
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
