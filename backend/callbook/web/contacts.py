"""The list of contacts, searched and walked, and one contact."""

from typing import Any

from apiflask import APIBlueprint

from callbook import contacts, phone
from callbook.contacts import Wanted
from callbook.errors import Refused
from callbook.hubspot import record_url
from callbook.models import Contact, User
from callbook.web import door
from callbook.web.shapes import MAX_ID, ContactOut, ContactsOut, ContactsQuery

blueprint = APIBlueprint("contacts", __name__)


@blueprint.get("/api/contacts")
@blueprint.input(ContactsQuery, location="query", arg_name="query")
@blueprint.output(ContactsOut)
def index(query: ContactsQuery) -> dict[str, Any]:
    owner = door.owner()
    region = contacts.default_region(User.get_by_id(owner.id))
    source = None if query.source == "all" else query.source
    found = contacts.listing(owner, Wanted(source, query.q, region, query.limit, query.after, query.offset))
    rows = [contacts.told(row, found.shown[row.id], region) for row in found.contacts]
    return {
        "contacts": rows,
        "counts": found.counts.told(),
        "total": found.counts.of(source),
        "next": found.next,
        "letters": [vars(each) for each in contacts.letters(owner, source)] if query.letters else None,
        "searched_as": _searched_as(query.q, region),
    }


@blueprint.get("/api/contacts/<int:contact_id>")
@blueprint.output(ContactOut)
def one(contact_id: int) -> dict[str, Any]:
    owner = door.owner()
    row = contacts.find(owner, contact_id) if contact_id <= MAX_ID else None
    if row is None:
        raise Refused("not_found")
    user = User.get_by_id(owner.id)
    region = contacts.default_region(user)
    phones = contacts.phones_of(owner, [row.id])[row.id]
    return {
        **contacts.told(row, next(iter(phones), None), region),
        "email": row.email,
        "phones": [contacts.phone_told(each, region) for each in phones],
        "hubspot_url": _url(user, row),
        "modified_at": row.modified_at,
    }


def _url(user: User, row: Contact) -> str | None:
    return None if row.hubspot_id is None else record_url(user.ui_domain, user.portal_id, row.hubspot_id)


def _searched_as(text: str, region: str | None) -> dict[str, str] | None:
    number = phone.parse(text, region) if text else phone.Unreadable.UNREADABLE
    if isinstance(number, phone.Unreadable):
        return None
    return {"e164": number.e164, "display": phone.display(number.e164, None)}
