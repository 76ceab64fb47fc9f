"""A live search at HubSpot, for whom the cache does not hold."""

from typing import Any

from apiflask import APIBlueprint

from callbook import calls, contacts
from callbook.hubspot import record_url
from callbook.models import Contact, Owner, User
from callbook.web import door
from callbook.web.shapes import RemoteSearchIn, RemoteSearchOut

blueprint = APIBlueprint("hubspot_search", __name__)


@blueprint.post("/api/hubspot-search")
@blueprint.input(RemoteSearchIn, arg_name="asked")
@blueprint.output(RemoteSearchOut)
def search(asked: RemoteSearchIn) -> dict[str, Any]:
    """Whoever is found is in the cache by then. Refused as "busy" where too much has been searched."""
    owner = door.owner()
    found = calls.search_hubspot(door.settings(), owner, asked.text)
    return {"contacts": _told(owner, list(found.contacts)), "searched": found.searched, "retry_at": found.retry_at}


def _told(owner: Owner, rows: list[Contact]) -> list[dict[str, Any]]:
    user = User.get_by_id(owner.id)
    region = contacts.default_region(user)
    at, phones = contacts.companies_of(owner, rows), contacts.phones_of(owner, [row.id for row in rows])
    told = []
    for row in rows:
        shown = contacts.told(row, None, region, at.get(row.company_id))
        told.append(
            {
                "hubspot_id": str(row.hubspot_id),
                "contact_id": row.id,
                **{name: shown[name] for name in ("name", "company", "job_title")},
                "phones": [contacts.phone_told(each, region) for each in phones[row.id]],
                "email": row.email,
                "hubspot_url": record_url(user.ui_domain, user.portal_id, row.hubspot_id or 0),
            }
        )
    return told
