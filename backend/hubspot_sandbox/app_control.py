"""What the control API does to the app: its own tokens, its life in the account, and its push webhooks."""

from pydantic import Field

from hubspot_sandbox.authorizations import APP_SCOPES
from hubspot_sandbox.bodies import ControlBody
from hubspot_sandbox.deliveries import IN_FLIGHT, Attempt, Deliveries
from hubspot_sandbox.exchange import Answer, Call, json_answer
from hubspot_sandbox.moments import iso
from hubspot_sandbox.sandbox import Sandbox


class AppAuthorization(ControlBody):
    scopes: tuple[str, ...] = Field(APP_SCOPES, description="of the app's own")


class WebhookTarget(ControlBody):
    url: str = Field(description="where events are delivered from now on: https, or anything on this machine")
    max_in_flight: int = Field(IN_FLIGHT, ge=1, description="how many deliveries may wait for an answer at once")


class WebhookSubscription(ControlBody):
    event_type: str = Field(description="contact.creation, object.propertyChange, ...")
    property_name: str | None = Field(None, description="of a propertyChange")
    object_type_id: str | None = Field(None, description="of an object.* type")


def grant_app(sandbox: Sandbox, _call: Call, body: AppAuthorization) -> Answer:
    issued = sandbox.authorizations.grant_app(body.scopes)
    expires_at = iso(issued.expires_at_ms)
    return json_answer({"access_token": issued.token, "expires_at": expires_at, "scopes": list(issued.scopes)}, 201)


def uninstall(sandbox: Sandbox, _call: Call, _body: ControlBody) -> Answer:
    sandbox.authorizations.uninstall()
    return json_answer({})


def delete_account(sandbox: Sandbox, _call: Call, _body: ControlBody) -> Answer:
    sandbox.authorizations.delete_account()
    return json_answer({})


def point_webhooks(sandbox: Sandbox, _call: Call, body: WebhookTarget) -> Answer:
    sandbox.webhooks.point_at(body.url, body.max_in_flight)
    return json_answer({})


def subscribe(sandbox: Sandbox, _call: Call, body: WebhookSubscription) -> Answer:
    made = sandbox.webhooks.subscribe(body.event_type, body.property_name, body.object_type_id)
    return json_answer({"id": made.id}, 201)


def deliveries(sandbox: Sandbox, _call: Call, _body: ControlBody) -> Answer:
    return json_answer(_told(sandbox.webhooks.deliveries))


async def deliver(sandbox: Sandbox, _call: Call, _body: ControlBody) -> Answer:
    await sandbox.webhooks.deliveries.settle()
    return json_answer(_told(sandbox.webhooks.deliveries))


def _told(of: Deliveries) -> dict[str, object]:
    return {"attempts": [_written(each) for each in of.attempts], "to_be_tried_again": of.waiting}


def _written(attempt: Attempt) -> dict[str, object]:
    return {
        "at": iso(attempt.at_ms),
        "events": attempt.events,
        "attempt_number": attempt.number,
        "status": attempt.status,
    }
