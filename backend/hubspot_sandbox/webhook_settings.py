"""The endpoints that configure push webhooks: the target they all have, and the subscriptions.

The configuration is the app's, not an account's: it takes the developer key (`?hapikey=`) or one of the app's tokens.
Guide: https://developers.hubspot.com/docs/api-reference/legacy/webhooks/guide
"""

from pydantic import Field

from hubspot_sandbox import errors
from hubspot_sandbox.authorizations import APP_ID, AppToken
from hubspot_sandbox.bodies import Body, Text, read
from hubspot_sandbox.deliveries import IN_FLIGHT, Target
from hubspot_sandbox.exchange import Answer, Call, empty_answer, json_answer
from hubspot_sandbox.moments import iso
from hubspot_sandbox.sandbox import Sandbox
from hubspot_sandbox.webhook_events import Subscription
from hubspot_sandbox.webhooks import Webhooks


class ThrottlingBody(Body):
    max_concurrent_requests: int = Field(default=IN_FLIGHT, gt=5)


class SettingsBody(Body):
    target_url: str
    throttling: ThrottlingBody = ThrottlingBody()


class SubscriptionBody(Body):
    event_type: str
    property_name: str | None = None
    object_type_id: str | None = None
    active: bool = False


class ActiveBody(Body):
    active: bool


class ActiveInput(ActiveBody):
    id: Text


class ActiveBatchBody(Body):
    inputs: tuple[ActiveInput, ...]


def get_settings(sandbox: Sandbox, call: Call) -> Answer:
    target = _developers(sandbox, call).deliveries.target
    if target is None:
        raise errors.not_found()
    return json_answer(_written_target(target))


def put_settings(sandbox: Sandbox, call: Call) -> Answer:
    webhooks = _developers(sandbox, call)
    body = read(SettingsBody, call.body)
    return json_answer(_written_target(webhooks.point_at(body.target_url, body.throttling.max_concurrent_requests)))


def delete_settings(sandbox: Sandbox, call: Call) -> Answer:
    _developers(sandbox, call).deliveries.target = None
    return empty_answer()


def list_subscriptions(sandbox: Sandbox, call: Call) -> Answer:
    return json_answer({"results": [_written(each) for each in _developers(sandbox, call).subscriptions.values()]})


def create_subscription(sandbox: Sandbox, call: Call) -> Answer:
    webhooks = _developers(sandbox, call)
    body = read(SubscriptionBody, call.body)
    made = webhooks.subscribe(body.event_type, body.property_name, body.object_type_id, active=body.active)
    return json_answer(_written(made), 201)


def get_subscription(sandbox: Sandbox, call: Call) -> Answer:
    return json_answer(_written(_developers(sandbox, call).subscription(_id(call.path["id"]))))


def patch_subscription(sandbox: Sandbox, call: Call) -> Answer:
    webhooks = _developers(sandbox, call)
    active = read(ActiveBody, call.body).active
    return json_answer(_written(webhooks.activate(_id(call.path["id"]), active=active)))


def delete_subscription(sandbox: Sandbox, call: Call) -> Answer:
    _developers(sandbox, call).unsubscribe(_id(call.path["id"]))
    return empty_answer()


def update_subscriptions(sandbox: Sandbox, call: Call) -> Answer:
    webhooks = _developers(sandbox, call)
    wanted = [(webhooks.subscription(_id(each.id)), each.active) for each in read(ActiveBatchBody, call.body).inputs]
    changed = [_written(webhooks.activate(each.id, active=active)) for each, active in wanted]
    now = iso(sandbox.clock.now_ms())
    return json_answer({"status": "COMPLETE", "results": changed, "startedAt": now, "completedAt": now})


def _developers(sandbox: Sandbox, call: Call) -> Webhooks:
    """Give the app's webhooks to its developer. Raises 401 for anybody else, 404 for another app's id."""
    _, _, token = call.authorization.partition(" ")
    has_key = call.query.get("hapikey") == sandbox.options.developer_key
    if not has_key and not isinstance(sandbox.authorizations.find_live(token), AppToken):
        raise errors.unauthenticated()
    if call.path["app_id"] != str(APP_ID):
        raise errors.not_found()
    return sandbox.webhooks


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise errors.not_found()
    return int(text)


def _written(subscription: Subscription) -> dict[str, object]:
    record: dict[str, object] = {
        "id": str(subscription.id),
        "eventType": subscription.event_type,
        "propertyName": subscription.property_name,
        "objectTypeId": subscription.object_type_id,
        "active": subscription.active,
        "createdAt": iso(subscription.created_at_ms),
        "updatedAt": iso(subscription.updated_at_ms),
    }
    return {name: value for name, value in record.items() if value is not None}


def _written_target(target: Target) -> dict[str, object]:
    since = iso(target.since_ms)
    throttling = {"maxConcurrentRequests": target.max_in_flight}
    return {"targetUrl": target.url, "throttling": throttling, "createdAt": since, "updatedAt": since}
