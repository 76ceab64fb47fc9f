"""The records around a contact, which HubSpot keeps apart from it: its company and its owner. The one writer of their
rows. An id that HubSpot did not give when it was asked is kept without a name, so that it is not asked for again by
every run. Every function that writes expects to be inside the caller's transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from peewee import ModelSelect

from callbook import feed, phone
from callbook.contacts.naming import fold
from callbook.hubspot import RemoteCompany, RemoteOwner
from callbook.models import Cached, Company, Contact, HubSpotOwner, Owner, PreparedQuery, User, among, tuples

Row = dict[str, Any]


def companies_to_read(owner: Owner, above: int | None, limit: int) -> list[int]:
    """Ids of companies that contacts name, ascending: from above `above`, or (None) those never asked for."""
    named = Contact.of(owner).select(Contact.company_id).where(_named(Contact.company_id)).distinct()
    if above is None:
        named = named.where(Contact.company_id.not_in(Company.of(owner).select(Company.company_id)))
    else:
        named = named.where(Contact.company_id > above)
    return [id_ for (id_,) in tuples(named.order_by(Contact.company_id).limit(limit))]


def keep_companies(owner: Owner, asked: Sequence[int], found: Iterable[RemoteCompany], region: str | None) -> bool:
    """What HubSpot answered when it was asked for these; whether anything that is shown has changed. Contacts whose
    company has another name have changed, too.
    """
    there = {company.id: company for company in found}
    rows = {id_: _company_columns(there.get(id_), region) for id_ in asked}
    held = {row.company_id: row for row in Company.of(owner).select().where(Company.company_id.in_(asked))}
    before = {id_: row.name for id_, row in held.items()}
    renamed = {id_: (before.get(id_), row["name"]) for id_, row in rows.items() if row["name"] != before.get(id_)}
    _renumber(owner, renamed)
    return _keep(owner, Company, "company_id", rows, held)


def forget_unnamed_companies(owner: Owner) -> None:
    """Those that no contact names any more."""
    named = Contact.of(owner).select(Contact.company_id).where(_named(Contact.company_id))
    Company.of(owner).delete().where(Company.company_id.not_in(named)).execute()


def reread_lines(owner: Owner, region: str | None) -> None:
    """Reads the main lines again, for another default country."""
    for row in list(Company.of(owner).select().where(Company.phone.is_null(is_null=False))):
        line = _line(row.phone, row.region or region)
        Company.of(owner).update(**line).where(Company.id == row.id).execute()


def names_unknown_owner(owner: Owner) -> bool:
    return bool(_unknown_owners(owner).exists())


def keep_owners(owner: Owner, found: Iterable[RemoteOwner]) -> bool:
    """Whether anything that is shown has changed."""
    rows = {each.id: {"name": each.name, "email": each.email, "hubspot_user_id": each.user_id} for each in found}
    held = {row.owner_id: row for row in HubSpotOwner.of(owner).select().where(HubSpotOwner.owner_id.in_(list(rows)))}
    return _keep(owner, HubSpotOwner, "owner_id", rows, held)


def note_unknown_owners(owner: Owner) -> None:
    """After all owners were read: whom contacts name and HubSpot did not."""
    unknown = [{"owner_id": id_} for (id_,) in tuples(_unknown_owners(owner))]
    if unknown:
        HubSpotOwner.of(owner).insert_many(unknown).execute()


def companies_of(owner: Owner, contacts: Iterable[Contact]) -> dict[int | None, Company]:
    """By HubSpot's id: the companies of these contacts, as far as they are known."""
    ids = {contact.company_id for contact in contacts if contact.company_id is not None}
    return {row.company_id: row for row in Company.of(owner).select().where(Company.company_id.in_(sorted(ids)))}


def owner_of(owner: Owner, contact: Contact) -> HubSpotOwner | None:
    known = (HubSpotOwner.owner_id == contact.hubspot_owner_id) & HubSpotOwner.name.is_null(is_null=False)
    return HubSpotOwner.of(owner).select().where(known).get_or_none()


def my_owner_ids(owner: Owner) -> "ModelSelect[HubSpotOwner]":
    """The ids by which contacts name the user as their owner."""
    me = User.select(User.hubspot_user_id).where(User.id == owner.id)
    return HubSpotOwner.of(owner).select(HubSpotOwner.owner_id).where(HubSpotOwner.hubspot_user_id == me)


def companies_with_line(owner: Owner, e164s: Sequence[str]) -> list[tuple[int, str, str | None]]:
    """Of each the id, the line and the name."""
    return sorted(WITH_LINE.rows(owner, e164s), key=itemgetter(0))  # an ORDER BY leads SQLite away from the index


def _with_line(owner: Owner, e164s: Sequence[str]) -> "ModelSelect[Company]":
    return Company.of(owner).select(Company.company_id, Company.e164, Company.name).where(among(Company.e164, e164s))


WITH_LINE = PreparedQuery(_with_line)


def _contacts_at(owner: Owner, company_ids: Sequence[int]) -> "ModelSelect[Contact]":
    return Contact.of(owner).select().where(Contact.company_id.in_(list(company_ids)) & Contact.deleted_at.is_null())


def _named(column: Any) -> Any:  # noqa: ANN401 - peewee expressions
    return column.is_null(is_null=False) & Contact.deleted_at.is_null()


def _unknown_owners(owner: Owner) -> "ModelSelect[Contact]":
    named = Contact.of(owner).select(Contact.hubspot_owner_id).where(_named(Contact.hubspot_owner_id)).distinct()
    return named.where(Contact.hubspot_owner_id.not_in(HubSpotOwner.of(owner).select(HubSpotOwner.owner_id)))


def _renumber(owner: Owner, renamed: Mapping[int, tuple[str | None, str | None]]) -> None:
    """`renamed`: a company's name before and now. Whom the old or the new name changes nothing of keeps its place in
    the feed: most contacts have the name as their own text when their company is first read.
    """
    at = _contacts_at(owner, list(renamed)) if renamed else []
    ids = [row.id for row in at if any(name not in (None, row.company) for name in renamed[row.company_id])]
    first = feed.draw(owner, len(ids)) if ids else 0
    for offset, id_ in enumerate(ids):
        Contact.of(owner).update(seq=first + offset).where(Contact.id == id_).execute()


def _company_columns(company: RemoteCompany | None, region: str | None) -> Row:
    if company is None:
        return {"name": None, "search_text": "", "phone": None, "region": None, **_line(None, None)}
    home = phone.region_of_country(company.country or "")
    texts = {"name": company.name, "search_text": fold(company.name or ""), "phone": company.phone, "region": home}
    return {**texts, **_line(company.phone, home or region)}


def _line(written: str | None, region: str | None) -> Row:
    """The first number of what somebody wrote."""
    number = phone.parse(written or "", region)
    if isinstance(number, phone.Unreadable):
        return {"e164": None, "extension": None}
    return {"e164": number.e164, "extension": number.extension}


def _keep(owner: Owner, table: type[Cached], key: str, rows: Mapping[int, Row], held: Mapping[int, Cached]) -> bool:
    """Writes the rows that differ from those held."""
    before = {id_: {name: getattr(held.get(id_), name, None) for name in row} for id_, row in rows.items()}
    changed = [{key: id_, **row} for id_, row in rows.items() if id_ not in held or before[id_] != row]
    if changed:
        columns = [getattr(table, name) for name in ("user_id", "epoch", key)]
        values = [getattr(table, name) for name in changed[0] if name != key]
        table.of(owner).insert_many(changed).on_conflict(conflict_target=columns, preserve=values).execute()
    return any(row["name"] or before[row[key]]["name"] for row in changed)
