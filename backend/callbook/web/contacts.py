"""The list of contacts, searched and walked, and one contact."""

from collections.abc import Sequence
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from callbook import calls, contacts, phone
from callbook.contacts import Personal, Wanted, personal
from callbook.errors import Refused
from callbook.hubspot import record_url
from callbook.models import Contact, Owner, Phone, User
from callbook.web import door
from callbook.web.shapes import MAX_ID, ContactOut, ContactsIn, ContactsOut, PersonalIn

blueprint = APIBlueprint("contacts", __name__)


@blueprint.post("/api/contacts/search")
@blueprint.input(ContactsIn, arg_name="asked")
@blueprint.output(ContactsOut)
def index(asked: ContactsIn) -> Response:
    """What is asked stands in the body: a browser asks for leave once for each address, which here is always the same,
    and no log on the way has the names and numbers that were searched for.
    """
    owner = door.owner()
    region = contacts.home_region(owner)
    source = None if asked.source == "all" else asked.source
    found = contacts.listing(owner, Wanted(source, asked.q, region, asked.limit, asked.after, asked.offset))
    at = contacts.companies_of(owner, found.contacts)
    rows = [contacts.told(row, found.shown[row.id], region, at.get(row.company_id)) for row in found.contacts]
    answer = {
        "contacts": rows,
        "counts": found.counts.told(),
        "total": found.counts.of(source),
        "next": found.next,
        "letters": [vars(each) for each in contacts.letters(owner, source)] if asked.letters else None,
        "searched_as": _searched_as(asked.q, region),
    }
    return door.written(answer)


@blueprint.get("/api/contacts/<int:contact_id>")
@blueprint.output(ContactOut)
def one(contact_id: int) -> dict[str, Any]:
    return _told(door.owner(), _possible(contact_id))


@blueprint.post("/api/contacts")
@blueprint.input(PersonalIn, arg_name="given")
@blueprint.output(ContactOut, status_code=201)
def add(given: PersonalIn) -> dict[str, Any]:
    """A personal contact."""
    return _told(door.owner(), personal.add(door.owner(), _personal(given)))


@blueprint.put("/api/contacts/<int:contact_id>")
@blueprint.input(PersonalIn, arg_name="given")
@blueprint.output(ContactOut)
def change(contact_id: int, given: PersonalIn) -> dict[str, Any]:
    """A personal contact, as it is to be from now on; those from HubSpot are read only."""
    personal.change(door.owner(), _possible(contact_id), _personal(given))
    return _told(door.owner(), contact_id)


@blueprint.delete("/api/contacts/<int:contact_id>")
@blueprint.output({}, status_code=204)
def remove(contact_id: int) -> str:
    """A personal contact; those from HubSpot are read only."""
    personal.remove(door.owner(), _possible(contact_id))
    return ""


def _possible(contact_id: int) -> int:
    """No row has an id that no row can have."""
    if contact_id > MAX_ID:
        raise Refused("not_found")
    return contact_id


def _personal(given: PersonalIn) -> Personal:
    phones = [(each.kind, each.number) for each in given.phones]
    return Personal(given.first_name, given.last_name, given.company, given.job_title, given.email, phones)


def _told(owner: Owner, contact_id: int) -> dict[str, Any]:
    row = contacts.find(owner, contact_id)
    if row is None:
        raise Refused("not_found")
    user = User.get_by_id(owner.id)
    region = contacts.default_region(user)
    phones = contacts.phones_of(owner, [row.id])[row.id]
    company = contacts.companies_of(owner, [row]).get(row.company_id)
    return {
        **contacts.told(row, next(iter(phones), None), region, company),
        "first_name": row.properties.get("firstname"),
        "last_name": row.properties.get("lastname"),
        "email": row.email,
        "phones": [contacts.phone_told(each, region) for each in phones],
        "company_line": contacts.line_told(company, region),
        "owner": contacts.owner_told(contacts.owner_of(owner, row), user.hubspot_user_id),
        "last_call": _last_call(owner, phones),
        "hubspot_url": _url(user, row),
        "modified_at": row.modified_at,
    }


def _last_call(owner: Owner, phones: Sequence[Phone]) -> dict[str, Any] | None:
    last = calls.newest_with(owner, [each.e164 for each in phones if each.e164])
    return None if last is None else calls.told(owner, [last], door.settings())[0]


def _url(user: User, row: Contact) -> str | None:
    return None if row.hubspot_id is None else record_url(user.ui_domain, user.portal_id, row.hubspot_id)


def _searched_as(text: str, region: str | None) -> dict[str, str] | None:
    number = phone.parse(text, region) if text else phone.Unreadable.UNREADABLE
    if isinstance(number, phone.Unreadable):
        return None
    return {"e164": number.e164, "display": phone.display(number.e164, None)}
