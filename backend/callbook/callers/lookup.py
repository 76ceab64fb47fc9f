"""Who is this number? An answer always has a label and a reason; several people may share a number, and are all told.

A number is read as somebody at home in the user's region would, and also in the form carriers give it, with its country
code and no "+". A number that is nobody's own may be a company's main line: then whoever belongs to that company may be
calling. Extensions order, they never rule out: two people whose numbers differ in nothing else are two candidates.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from callbook import contacts, phone
from callbook.callers.ranking import LINE, Asked, Candidate, Led, led
from callbook.models import Owner


class CallerName(NamedTuple):
    """`label`: "exact" (one contact, the number and extension alike), "other_form" (one contact, another extension or
    none given), "shared" (several), "company_line" (a company's main line and nobody's own), "none" (`reason` says why:
    "not_found", "unreadable", "withheld").

    `people` counts all whom the number leads to; `candidates` are the first of them. `company` is whose line it is, if
    it is one company's. `chosen` is the candidate whom the user has picked, by the contact's id: the first then, and
    the label as before.
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
    chosen: int | None = None


NOBODY = Led(0, (), None, very=False)


def lookup(owner: Owner, numbers: Sequence[str]) -> list[CallerName]:
    """In the order asked."""
    region = contacts.home_region(owner)
    read = {number: phone.parse(number, region) for number in numbers}
    asked = [(each.e164, each.extension) for each in read.values() if isinstance(each, phone.Number)]
    found = led(owner, asked)
    return [_answer(number, read[number], found, region) for number in numbers]


def told(caller: CallerName) -> dict[str, Any]:
    """As the API tells it, and as a call keeps it, which may know what its phone system calls the caller."""
    return {
        **caller._asdict(),
        "carrier_name": None,
        "candidates": [_candidate_told(each, caller.display) for each in caller.candidates],
    }


def _candidate_told(candidate: Candidate, display: str) -> dict[str, Any]:
    matched, at = contacts.number_told(candidate.matched, display), candidate.last_contacted_at
    return {
        **candidate.contact._asdict(),
        "phone": None if candidate.matched.property == LINE else matched,
        "is_mine": candidate.is_mine,
        "last_contacted_at": None if at is None else at.isoformat().replace("+00:00", "Z"),  # as all else is told
        "matched": matched,
    }


def _answer(
    number: str,
    read: phone.Number | phone.Unreadable,
    found: Mapping[Asked, Led],
    region: str | None,
) -> CallerName:
    if isinstance(read, phone.Unreadable):
        return CallerName(number, None, None, number.strip(), None, "none", read.value, 0, None, ())
    who = found.get((read.e164, read.extension), NOBODY)
    label = _label(who)
    return CallerName(
        number,
        read.e164,
        read.extension,
        phone.display(read.e164, region),
        read.region,
        label,
        "not_found" if label == "none" else None,
        who.people,
        who.company,
        who.candidates,
        who.chosen,
    )


def _label(who: Led) -> str:
    if not who.people:
        return "none"
    if who.is_line:
        return "company_line"
    if who.people > 1:
        return "shared"
    return "exact" if who.very else "other_form"
