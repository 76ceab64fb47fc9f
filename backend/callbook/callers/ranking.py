"""Whom a number leads to, put in order by the database: of each number it gives the best few and how many there are, so
that a number that thousands share costs no more than one of a few people's.

The order: whom the user has picked for the number; who has the very number and extension; who is owned by the user; who
was last contacted; the field (mobile, phone, WhatsApp); the order of the list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from peewee import JOIN, Case, Select, Value, fn

from callbook import contacts
from callbook.contacts import Named, Written
from callbook.models import Choice, Company, Contact, Owner, Phone, Prepared, among, from_ms, raw

MAX_CANDIDATES = 20
LINE = "company"
SHOWN = ("source", "name", "company", "job_title", "letter")
FIELDS = ("mobilephone", "phone", "hs_whatsapp_phone_number")

Asked = tuple[str, str | None]  # a number, and the extension with it


@dataclass(frozen=True, slots=True)
class Candidate:
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
    e164: str
    people: int
    picked: int
    very: int
    mine: int
    last_ms: int | None
    contact_id: int
    source: str
    name: str
    company: str | None
    job_title: str | None
    letter: str
    property: str
    written: str
    extension: str | None


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
    matched = {"e164": Phone.e164, "property": Phone.property, "written": Phone.written, "extension": Phone.extension}
    very = _one_if(fn.COALESCE(Phone.extension, "") == _asked(Phone.e164, extensions))
    field = Case(Phone.property, [(name, place) for place, name in enumerate(FIELDS)], len(FIELDS))
    nth = fn.ROW_NUMBER().over(partition_by=[Phone.e164, Contact.id], order_by=[very.desc(), field, Phone.id])
    columns = {**matched, "very": very, "field": field, "nth": nth}
    theirs = Contact.of(owner).also_mine & Contact.deleted_at.is_null() & (Contact.id == Phone.contact_id)
    leading = Phone.of(owner).select(*_leading(owner, columns, extensions)).join(Contact, on=theirs)
    return _best(owner, leading.where(among(Phone.e164, numbers)))


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
    return {e164: replace(each, is_line=True, company=named[e164]) for e164, each in _found(rows).items()}


def _staffing(owner: Owner, company_ids: Sequence[int], extensions: Mapping[str, str | None]) -> Select:
    matched = {"e164": Company.e164, "property": Value(LINE), "written": Company.phone, "extension": Company.extension}
    columns = {**matched, "very": Value(0), "field": Value(0), "nth": Value(1)}
    staff = Contact.of(owner).mine & Contact.deleted_at.is_null() & (Contact.company_id == Company.company_id)
    leading = Company.of(owner).select(*_leading(owner, columns, extensions)).join(Contact, on=staff)
    return _best(owner, leading.where(among(Contact.company_id, company_ids)))


def _leading(owner: Owner, columns: Mapping[str, Any], extensions: Mapping[str, str | None]) -> list[Any]:
    """What is read of each way from a number to a contact: of those to one contact only the first (`nth`) counts."""
    number = (Choice.e164 == columns["e164"]) & (Choice.extension == _asked(columns["e164"], extensions))
    read = {
        **columns,
        "picked": _one_if(
            fn.EXISTS(Choice.of(owner).select(Choice.id).where(number & (Choice.contact_id == Contact.id)))
        ),
        "mine": _one_if(Contact.hubspot_owner_id.in_(contacts.my_owner_ids(owner))),
        "last_ms": Contact.last_contacted_at,
        "contact_id": Contact.id,
        **{name: getattr(Contact, name) for name in (*SHOWN, "company_id", "sort_key")},
    }
    return [column.alias(name) for name, column in read.items()]


def _best(owner: Owner, leading: Any) -> Select:  # noqa: ANN401 - a peewee query
    leading = leading.alias("leading")
    each = leading.c
    ranks = [
        each.picked.desc(),
        each.very.desc(),
        each.mine.desc(),
        fn.COALESCE(each.last_ms, 0).desc(),
        each.field,
        each.sort_key,
    ]
    place = fn.ROW_NUMBER().over(partition_by=[each.e164], order_by=[*ranks, each.contact_id])
    people = fn.COUNT(each.contact_id).over(partition_by=[each.e164])
    kept = [getattr(each, name) for name in (*_Row._fields, "company_id") if name != "people"]
    placed = (
        Select([leading], [*kept, place.alias("place"), people.alias("people")]).where(each.nth == 1).alias("placed")
    )
    known = {name: getattr(placed.c, name) for name in _Row._fields}
    known["company"] = fn.COALESCE(Company.name, known["company"])
    theirs = Company.of(owner).mine & (Company.company_id == placed.c.company_id)
    best = Select([placed], list(known.values())).join(Company, JOIN.LEFT_OUTER, on=theirs)
    return best.where(placed.c.place <= MAX_CANDIDATES).order_by(placed.c.e164, placed.c.place)


OWNING = Prepared(lambda owner, numbers: _owning(owner, numbers, {}))  # of numbers without an extension
STAFFING = Prepared(lambda owner, company_ids: _staffing(owner, company_ids, {}))


def _found(rows: Iterable[tuple[Any, ...]]) -> dict[str, Led]:
    found: dict[str, list[_Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(_Row(*row))
    return {e164: _led(each) for e164, each in found.items()}


def _led(rows: Sequence[_Row]) -> Led:
    first = rows[0]
    chosen = first.contact_id if first.picked else None
    return Led(first.people, tuple(map(_candidate, rows)), chosen, bool(first.very))


def _candidate(row: _Row) -> Candidate:
    contact = Named(row.contact_id, *(getattr(row, name) for name in SHOWN))
    matched = Written(row.property, row.written, row.e164, row.extension)
    return Candidate(contact, matched, bool(row.mine), None if row.last_ms is None else from_ms(row.last_ms))


def _asked(e164: Any, extensions: Mapping[str, str | None]) -> Any:  # noqa: ANN401 - peewee expressions
    """The extension that came with a number, empty for none."""
    given = [(number, extension) for number, extension in extensions.items() if extension]
    return Case(e164, given, "") if given else Value("")


def _one_if(condition: Any) -> Any:  # noqa: ANN401 - peewee expressions
    return Case(None, [(condition, 1)], 0)
