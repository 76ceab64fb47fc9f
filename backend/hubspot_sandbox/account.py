"""The account's own endpoints: its details and its owners.

Guides: https://developers.hubspot.com/docs/api-reference/account-account-info-v3/guide and
https://developers.hubspot.com/docs/api-reference/crm-crm-owners-v3/guide
"""

from hubspot_sandbox import errors
from hubspot_sandbox.exchange import Answer, Call, json_answer
from hubspot_sandbox.objects import next_page, page_limit
from hubspot_sandbox.portal import Owner, Portal
from hubspot_sandbox.sandbox import Sandbox

OWNER_SINCE = "2021-03-01T09:00:00.000Z"
MAX_OWNERS_PAGE = 500


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


def list_owners(sandbox: Sandbox, call: Call) -> Answer:
    limit = page_limit(call, default=100, most=MAX_OWNERS_PAGE)
    after = call.query.get("after", "") or "0"
    if not after.isdigit():
        raise errors.validation(f"Invalid input: after was {after!r}.")
    matching = [owner for owner in _listed(sandbox.portal, call) if owner.id >= int(after)]
    body: dict[str, object] = {"results": [_written(owner) for owner in matching[:limit]]}
    if len(matching) > limit:
        body["paging"] = next_page(call, matching[limit].id)
    return json_answer(body)


def get_owner(sandbox: Sandbox, call: Call) -> Answer:
    wanted = call.path["id"]
    by_user = call.query.get("idProperty", "id") == "userId"
    for owner in sandbox.portal.owners.values():
        if wanted == str(owner.user_id if by_user else owner.id):
            return json_answer(_written(owner))
    raise errors.not_found()


def _listed(portal: Portal, call: Call) -> list[Owner]:
    if call.query.get("archived", "false") == "true":
        return []
    email = call.query.get("email", "").lower()
    owners = sorted(portal.owners.values(), key=lambda owner: owner.id)
    return [owner for owner in owners if not email or owner.email == email]


def _written(owner: Owner) -> dict[str, object]:
    return {
        "id": str(owner.id),
        "email": owner.email,
        "type": "PERSON",
        "firstName": owner.first_name,
        "lastName": owner.last_name,
        "userId": owner.user_id,
        "userIdIncludingInactive": owner.user_id,
        "createdAt": OWNER_SINCE,
        "updatedAt": OWNER_SINCE,
        "archived": False,
    }
