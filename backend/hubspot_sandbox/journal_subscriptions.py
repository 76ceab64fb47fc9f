"""The endpoints that say what the webhooks journal writes down: subscriptions, one for each subject, and their filters.

Guide: https://developers.hubspot.com/docs/api-reference/latest/webhooks-journal/subscriptions/guide
"""

from pydantic import Field

from hubspot_sandbox import errors
from hubspot_sandbox.authorizations import APP_ID
from hubspot_sandbox.bodies import Body, read
from hubspot_sandbox.exchange import Answer, Call, empty_answer, json_answer
from hubspot_sandbox.journal_events import Filter, Subscription, Wanted
from hubspot_sandbox.moments import iso
from hubspot_sandbox.sandbox import Sandbox


class FilterBody(Body):
    subscription_id: int
    wanted: Filter = Field(alias="filter")


def upsert(sandbox: Sandbox, call: Call) -> Answer:
    return json_answer(_written(sandbox.journal.subscribe(read(Wanted, call.body))))


def list_all(sandbox: Sandbox, _call: Call) -> Answer:
    return json_answer({"results": [_written(each) for each in sandbox.journal.subscriptions.values()]})


def get(sandbox: Sandbox, call: Call) -> Answer:
    return json_answer(_written(sandbox.journal.subscription(_id(call))))


def delete(sandbox: Sandbox, call: Call) -> Answer:
    sandbox.journal.unsubscribe(_id(call))
    return empty_answer()


def delete_for_portal(sandbox: Sandbox, call: Call) -> Answer:
    sandbox.journal.unsubscribe_portal(_id(call))
    return empty_answer()


def add_filter(sandbox: Sandbox, call: Call) -> Answer:
    body = read(FilterBody, call.body)
    return json_answer({"filterId": sandbox.journal.add_filter(body.subscription_id, body.wanted)}, 201)


def list_filters(sandbox: Sandbox, call: Call) -> Answer:
    subscription = sandbox.journal.subscription(_id(call))
    return json_answer([_written_filter(subscription, filter_id) for filter_id in subscription.filters])


def get_filter(sandbox: Sandbox, call: Call) -> Answer:
    return json_answer(_written_filter(sandbox.journal.filter_holder(_id(call)), _id(call)))


def delete_filter(sandbox: Sandbox, call: Call) -> Answer:
    del sandbox.journal.filter_holder(_id(call)).filters[_id(call)]
    return empty_answer()


def _id(call: Call) -> int:
    text = call.path["id"]
    if not (text.isascii() and text.isdigit()):
        raise errors.not_found()
    return int(text)


def _written(subscription: Subscription) -> dict[str, object]:
    return {
        "id": subscription.id,
        "appId": APP_ID,
        **subscription.wanted.model_dump(by_alias=True, exclude_none=True),
        "createdAt": iso(subscription.created_at_ms),
        "updatedAt": iso(subscription.updated_at_ms),
    }


def _written_filter(subscription: Subscription, filter_id: int) -> dict[str, object]:
    wanted = subscription.filters[filter_id].model_dump(by_alias=True, exclude_none=True)
    return {"id": filter_id, "subscriptionId": subscription.id, "filter": wanted}
