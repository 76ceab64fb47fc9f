"""The account's own endpoints: its details, its owners, and how many records it holds.

Guides: https://developers.hubspot.com/docs/api-reference/account-account-info-v3/guide and
https://developers.hubspot.com/docs/api-reference/crm-crm-owners-v3/guide
"""

from hubspot_sandbox import errors
from hubspot_sandbox.exchange import Answer, Call, json_answer
from hubspot_sandbox.kinds import KINDS
from hubspot_sandbox.portal import Owner, Portal
from hubspot_sandbox.query import next_page, page_limit, wants_archived, whole_number
from hubspot_sandbox.sandbox import Sandbox
from hubspot_sandbox.shapes import Json

OWNER_SINCE = "2021-03-01T09:00:00.000Z"
MAX_OWNERS_PAGE = 500
MAX_RECORDS = 15_000_000


def details(sandbox: Sandbox, _call: Call) -> Answer:
    body = {
        "portalId": sandbox.portal.id,
        "accountType": "STANDARD",
        "timeZone": "US/Eastern",
        "companyCurrency": "USD",
        "additionalCurrencies": [],
        "utcOffset": "-05:00",
        "utcOffsetMilliseconds": -18_000_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }
    return json_answer(body)


def limits(sandbox: Sandbox, _call: Call) -> Answer:
    counts = [(kind, len(sandbox.portal.table(kind).live_ids)) for kind in KINDS]
    types = [
        {
            "objectTypeId": kind.id,
            "singularLabel": kind.singular.capitalize(),
            "pluralLabel": kind.plural.capitalize(),
            "usage": count,
            "limit": MAX_RECORDS,
            "percentage": round(count / MAX_RECORDS * 100, 2),
        }
        for kind, count in counts
    ]
    return json_answer({"hubspotDefinedObjectTypes": types, "customObjectTypes": []})


def list_owners(sandbox: Sandbox, call: Call) -> Answer:
    limit = page_limit(call, default=100, most=MAX_OWNERS_PAGE)
    after = whole_number(call, "after", default=0)
    matching = [owner for owner in _listed(sandbox.portal, call) if owner.id >= after]
    body: Json = {"results": [_written(owner) for owner in matching[:limit]]}
    if len(matching) > limit:
        body["paging"] = next_page(call, matching[limit].id)
    return json_answer(body)


def get_owner(sandbox: Sandbox, call: Call) -> Answer:
    wanted = call.path["id"]
    by_user = call.query.get("idProperty", "id") == "userId"
    for owner in sandbox.portal.owners.values():
        if wanted == str(owner.user_id if by_user else owner.id) and owner.archived == wants_archived(call):
            return json_answer(_written(owner))
    raise errors.not_found()


def _listed(portal: Portal, call: Call) -> list[Owner]:
    email, archived = call.query.get("email", "").lower(), wants_archived(call)
    owners = sorted(portal.owners.values(), key=lambda owner: owner.id)
    return [owner for owner in owners if owner.archived == archived and (not email or owner.email.lower() == email)]


def _written(owner: Owner) -> Json:
    """A queue has no user and no address; an archived owner has a user only among the inactive ones."""
    body: Json = {
        "id": str(owner.id),
        "email": owner.email,
        "type": owner.type,
        "firstName": owner.first_name,
        "lastName": owner.last_name,
        "createdAt": OWNER_SINCE,
        "updatedAt": OWNER_SINCE,
        "archived": owner.archived,
    }
    if owner.user_id is not None:
        body["userIdIncludingInactive"] = owner.user_id
        if not owner.archived:
            body["userId"] = owner.user_id
    if owner.teams:
        first = owner.teams[0]
        body["teams"] = [{"id": str(each.id), "name": each.name, "primary": each is first} for each in owner.teams]
    return body
