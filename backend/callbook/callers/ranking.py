"""Whom a number leads to, put in order by the database. Of each number the first few are told, and all are counted as
they are read: to have the database count them and leave the others out took twice as long, however many they were.

The order: whom the user has picked for the number; who has the very number and extension; who is owned by the user; who
was last contacted; the field (mobile, phone, WhatsApp); the order of the list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from peewee import JOIN, Case, Select, Value, fn

from callbook import contacts
from callbook.contacts import Named, Written
from callbook.models import Choice, Company, Contact, Owner, Phone, PreparedQuery, among, from_ms, raw

MAX_CANDIDATES = 20
MAX_STAFF = 5  # of those behind a company's main line: nobody is asked which of them it is
LINE = "company"
FIELDS = ("mobilephone", "phone", "hs_whatsapp_phone_number")
LISTED = (Contact.sort_key, Contact.id)  # the order of the list

Asked = tuple[str, str | None]  # a number, and the extension with it


class Candidate(NamedTuple):
    """A contact who may be calling. `matched` is the one of their numbers that it is, or their company's line;
    `is_mine`: the user is their owner.
    """

    contact: Named
    matched: Written
    is_mine: bool
    last_contacted_at: datetime | None


@dataclass(frozen=True)
class Led:
    """`candidates` are the first of `people`, and `chosen` whom of them the user has picked. `very`: the first has the
    very number. Of a company's line, `company` is its name, if it is one company's.
    """

    people: int
    candidates: tuple[Candidate, ...]
    chosen: int | None
    very: bool
    is_line: bool = False
    company: str | None = None


class _Row(NamedTuple):
    """A way from a number to a contact: as `Named`, as `Written`, and why it stands where it does."""

    id: int
    source: str
    name: str
    company: str | None
    job_title: str | None
    letter: str
    property: str
    written: str
    e164: str
    extension: str | None
    picked: int
    very: int
    mine: int
    last_ms: int | None


_ID, _E164 = _Row._fields.index("id"), _Row._fields.index("e164")


def led(owner: Owner, asked: Iterable[Asked]) -> dict[Asked, Led]:
    """Those of `asked` that lead to somebody."""
    waiting = list(dict.fromkeys(asked))
    found: dict[Asked, Led] = {}
    while waiting:
        extensions = dict(waiting)  # of a number asked for with several, one at a time
        by_number = _own(owner, extensions)
        by_number |= _lines(owner, {e164: each for e164, each in extensions.items() if e164 not in by_number})
        found |= {(e164, extensions[e164]): each for e164, each in by_number.items()}
        waiting = [(e164, extension) for e164, extension in waiting if extensions[e164] != extension]
    return found


def _own(owner: Owner, extensions: Mapping[str, str | None]) -> dict[str, Led]:
    """Whose own number each is."""
    numbers = list(extensions)
    if any(extensions.values()):
        return _found(raw(_owning(owner, numbers, extensions)))
    return _found(OWNING.rows(owner, numbers))


def _owning(owner: Owner, numbers: Sequence[str], extensions: Mapping[str, str | None]) -> Select:
    very = _one_if(fn.COALESCE(Phone.extension, "") == _asked(Phone.e164, extensions))
    field = Case(Phone.property, [(name, place) for place, name in enumerate(FIELDS)], len(FIELDS))
    theirs = Contact.of(owner).also_mine & Contact.deleted_at.is_null() & (Contact.id == Phone.contact_id)
    named = Company.of(owner).mine & (Company.company_id == Contact.company_id)
    matched = [Phone.property, Phone.written, Phone.e164, Phone.extension]
    read, ranks = _read(owner, matched, very, extensions)
    query = Phone.of(owner).select(*read).join(Contact, on=theirs).join(Company, JOIN.LEFT_OUTER, on=named)
    return query.where(among(Phone.e164, numbers)).order_by(*ranks, field, *LISTED, Phone.id)


def _lines(owner: Owner, extensions: Mapping[str, str | None]) -> dict[str, Led]:
    """Main lines that somebody works behind."""
    names: dict[str, set[str | None]] = {}
    ids = []
    for company_id, e164, name in contacts.companies_with_line(owner, list(extensions)) if extensions else ():
        names.setdefault(e164, set()).add(name)
        ids.append(company_id)
    if not ids:
        return {}
    asked = {e164: extensions[e164] for e164 in names}
    rows = raw(_staffing(owner, ids, asked)) if any(asked.values()) else STAFFING.rows(owner, ids)
    named = {e164: next(iter(each)) if len(each) == 1 else None for e164, each in names.items()}
    found = _found(rows, MAX_STAFF)
    return {e164: replace(each, is_line=True, company=named[e164]) for e164, each in found.items()}


def _staffing(owner: Owner, company_ids: Sequence[int], extensions: Mapping[str, str | None]) -> Select:
    staff = Contact.of(owner).mine & Contact.deleted_at.is_null() & (Contact.company_id == Company.company_id)
    matched = [Value(LINE), Company.phone, Company.e164, Company.extension]
    read, ranks = _read(owner, matched, Value(0), extensions)
    query = Company.of(owner).select(*read).join(Contact, on=staff)
    theirs = among(Contact.company_id, company_ids) & among(Company.company_id, company_ids)  # of both by an index
    return query.where(theirs).order_by(*ranks, *LISTED)


def _read(
    owner: Owner,
    matched: Sequence[Any],
    very: Any,  # noqa: ANN401 - a peewee expression
    extensions: Mapping[str, str | None],
) -> tuple[list[Any], list[Any]]:
    """What a `_Row` holds, and what puts the rows of a number in order before the field does."""
    e164, last_ms = matched[2], Contact.last_contacted_at
    number = (Choice.e164 == e164) & (Choice.extension == _asked(e164, extensions))
    picked = fn.EXISTS(Choice.of(owner).select(Choice.id).where(number & (Choice.contact_id == Contact.id)))
    mine = Contact.hubspot_owner_id.in_(contacts.my_owner_ids(owner))
    named = {"picked": _one_if(picked), "very": very, "mine": _one_if(mine)}
    why = [column.alias(name) for name, column in named.items()]
    company = fn.COALESCE(Company.name, Contact.company)
    shown = [Contact.id, Contact.source, Contact.name, company, Contact.job_title, Contact.letter]
    ranks = [e164, *(column.desc() for column in why), fn.COALESCE(last_ms, 0).desc()]
    return [*shown, *matched, *why, last_ms], ranks


OWNING = PreparedQuery(lambda owner, numbers: _owning(owner, numbers, {}))  # of numbers without an extension
STAFFING = PreparedQuery(lambda owner, company_ids: _staffing(owner, company_ids, {}))


def _found(rows: Iterable[tuple[Any, ...]], most: int = MAX_CANDIDATES) -> dict[str, Led]:
    """Of a contact with several ways to it the first counts."""
    found: dict[str, dict[int, tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[_E164], {}).setdefault(row[_ID], row)
    return {e164: _led(people, most) for e164, people in found.items()}


def _led(people: Mapping[int, tuple[Any, ...]], most: int) -> Led:
    rows = list(map(_Row._make, islice(people.values(), most)))
    chosen = rows[0].id if rows[0].picked else None
    return Led(len(people), tuple(map(_candidate, rows)), chosen, bool(rows[0].very))


def _candidate(row: _Row) -> Candidate:
    last_contacted_at = None if row.last_ms is None else from_ms(row.last_ms)
    return Candidate(Named(*row[:6]), Written(*row[6:10]), bool(row.mine), last_contacted_at)


def _asked(e164: Any, extensions: Mapping[str, str | None]) -> Any:  # noqa: ANN401 - peewee expressions
    """The extension that came with a number, empty for none."""
    given = [(number, extension) for number, extension in extensions.items() if extension]
    return Case(e164, given, "") if given else Value("")


def _one_if(condition: Any) -> Any:  # noqa: ANN401 - peewee expressions
    return Case(None, [(condition, 1)], 0)
