"""Push webhooks: who hears what of a change, and how deliveries travel, come twice and come again."""

import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

import hubspot_sandbox
from hubspot_sandbox import Options, RunningSandbox, signatures
from hubspot_sandbox.deliveries import RETRIES_AFTER_S
from tests.sandbox.client import CONTACTS, Api, read
from tests.sandbox.receiver import Delivery, Receiver, dripping, receiving

APP = 1165000
PLAIN = {"webhooks_shuffled": 0, "webhooks_doubled": 0, "webhook_ids_repeated": 0}
NOTHING_ELSE = 3600  # deliveries are flushed by the tests, never by the clock


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def hubspot(receiver: Receiver) -> Iterator[RunningSandbox]:
    """A sandbox that delivers when it is told to, in order and once, to an app that is installed."""
    options = Options(webhook_delay_s=NOTHING_ELSE, **PLAIN)
    with hubspot_sandbox.running(contacts=3, seed=3, options=options) as hubspot:
        hubspot.grant()
        hubspot.point_webhooks(receiver.url)
        yield hubspot


def heard(hubspot: RunningSandbox, receiver: Receiver) -> list[dict[str, Any]]:
    """Give the events that arrive, without what is the same in all."""
    before = len(receiver.events)
    hubspot.deliver()
    same = ("eventId", "subscriptionId", "portalId", "appId", "changeSource", "sourceId", "attemptNumber")
    return [{name: event[name] for name in event if name not in same} for event in receiver.events[before:]]


def test_every_changed_property_that_is_subscribed_to_is_an_event(hubspot: RunningSandbox, receiver: Receiver) -> None:
    ada = hubspot.create(firstname="Ada", mobilephone="1")
    phone = hubspot.subscribe("contact.propertyChange", "phone")
    hubspot.subscribe("contact.propertyChange", "mobilephone")
    hubspot.edit(ada.id, phone="+1 212 555 0100", mobilephone="", jobtitle="Clerk", at_ms=1_790_000_000_000)
    hubspot.deliver()
    cleared, changed = sorted(receiver.events, key=lambda event: str(event["propertyName"]))
    assert (cleared["propertyName"], cleared["propertyValue"]) == ("mobilephone", "")
    assert changed == {
        "eventId": changed["eventId"],
        "subscriptionId": phone.id,
        "portalId": hubspot.portal.id,
        "appId": APP,
        "occurredAt": 1_790_000_000_000,
        "subscriptionType": "contact.propertyChange",
        "attemptNumber": 0,
        "objectId": ada.id,
        "changeSource": "CRM_UI",
        "sourceId": "userId:50110021",
        "propertyName": "phone",
        "propertyValue": "+1 212 555 0100",
        "isSensitive": False,
    }


def test_a_change_by_the_api_says_so(hubspot: RunningSandbox, receiver: Receiver) -> None:
    hubspot.subscribe("contact.creation")
    api = Api(hubspot.url, hubspot.grant().token)
    read(api.post(CONTACTS, {"properties": {"firstname": "Ada"}}), 201)
    api.close()
    hubspot.deliver()
    assert [(each["changeSource"], each["sourceId"]) for each in receiver.events] == [("API", f"appId:{APP}")]


def test_creation_deletion_and_restore(hubspot: RunningSandbox, receiver: Receiver) -> None:
    for event_type in ("contact.creation", "contact.deletion", "contact.restore"):
        hubspot.subscribe(event_type)
    now_ms = hubspot.clock.now_ms()
    ada = hubspot.create(firstname="Ada", at_ms=now_ms)
    hubspot.archive(ada.id, at_ms=now_ms + 1)
    hubspot.restore(ada.id, at_ms=now_ms + 2)
    assert heard(hubspot, receiver) == [
        {"subscriptionType": "contact.creation", "occurredAt": now_ms, "objectId": ada.id, "changeFlag": "NEW"},
        {"subscriptionType": "contact.deletion", "occurredAt": now_ms + 1, "objectId": ada.id, "changeFlag": "DELETED"},
        {"subscriptionType": "contact.restore", "occurredAt": now_ms + 2, "objectId": ada.id},
    ]


def test_what_is_set_on_creation_is_a_property_change_too(hubspot: RunningSandbox, receiver: Receiver) -> None:
    hubspot.subscribe("contact.propertyChange", "firstname")
    ada = hubspot.create(firstname="Ada", phone="1")
    [event] = heard(hubspot, receiver)
    assert (event["objectId"], event["propertyValue"]) == (ada.id, "Ada")


def test_calculated_properties_do_not_fire(hubspot: RunningSandbox, receiver: Receiver) -> None:
    hubspot.subscribe("contact.propertyChange", "hs_calculated_phone_number")
    hubspot.subscribe("contact.propertyChange", "lastmodifieddate")
    hubspot.create(phone="+1 212 555 0100")
    assert heard(hubspot, receiver) == []


def test_a_merge_names_the_old_ids_and_the_new_one(hubspot: RunningSandbox, receiver: Receiver) -> None:
    hubspot.subscribe("contact.merge")
    hubspot.subscribe("contact.deletion")
    primary, other = hubspot.create(firstname="Ada"), hubspot.create(lastname="King")
    merged = hubspot.merge(primary.id, other.id, at_ms=9)
    [event] = heard(hubspot, receiver)
    assert event == {
        "subscriptionType": "contact.merge",
        "occurredAt": 9,
        "objectId": primary.id,
        "primaryObjectId": primary.id,
        "mergedObjectIds": [other.id],
        "newObjectId": merged.id,
        "numberOfPropertiesMoved": 1,
    }


def test_a_merge_can_tell_deletions_too(hubspot: RunningSandbox, receiver: Receiver) -> None:
    hubspot.change_options(merges_tell_deletions=True)
    hubspot.subscribe("contact.deletion")
    primary, other = hubspot.create(firstname="Ada"), hubspot.create(lastname="King")
    hubspot.merge(primary.id, other.id)
    assert [event["objectId"] for event in heard(hubspot, receiver)] == [primary.id, other.id]


def test_a_privacy_deletion_is_a_deletion_as_well(hubspot: RunningSandbox, receiver: Receiver) -> None:
    hubspot.subscribe("contact.privacyDeletion")
    hubspot.subscribe("contact.deletion")
    ada = hubspot.create(firstname="Ada")
    hubspot.gdpr_delete(ada.id)
    told = [(event["subscriptionType"], event["objectId"]) for event in heard(hubspot, receiver)]
    assert told == [("contact.deletion", ada.id), ("contact.privacyDeletion", ada.id)]


@pytest.mark.parametrize("event_type", ["contact.associationChange", "company.associationChange"])
def test_an_association_is_told_in_both_directions(
    hubspot: RunningSandbox, receiver: Receiver, event_type: str
) -> None:
    ada, works = hubspot.create(firstname="Ada"), hubspot.create_company(name="Analytical Works")
    hubspot.subscribe(event_type)
    hubspot.associate(ada.id, works.id, at_ms=5)
    same = {"subscriptionType": event_type, "occurredAt": 5, "associationRemoved": False, "isPrimaryAssociation": True}
    there = {"associationType": "CONTACT_TO_COMPANY", "fromObjectId": ada.id, "toObjectId": works.id}
    back = {"associationType": "COMPANY_TO_CONTACT", "fromObjectId": works.id, "toObjectId": ada.id}
    assert heard(hubspot, receiver) == [same | there, same | back]
    hubspot.dissociate(ada.id, works.id)
    assert [event["associationRemoved"] for event in heard(hubspot, receiver)] == [True, True]


def test_an_associated_company_is_a_property_change_of_the_contact(hubspot: RunningSandbox, receiver: Receiver) -> None:
    ada, works = hubspot.create(firstname="Ada"), hubspot.create_company(name="Analytical Works")
    hubspot.subscribe("contact.propertyChange", "associatedcompanyid")
    hubspot.associate(ada.id, works.id)
    assert [(each["objectId"], each["propertyValue"]) for each in heard(hubspot, receiver)] == [(ada.id, str(works.id))]


def test_generic_types_are_for_one_kind_of_object_and_say_which(hubspot: RunningSandbox, receiver: Receiver) -> None:
    hubspot.subscribe("object.creation", object_type_id="0-2")
    hubspot.subscribe("object.associationChange", object_type_id="0-1")
    ada = hubspot.create(firstname="Ada")
    works = hubspot.create_company(name="Analytical Works")
    hubspot.associate(ada.id, works.id)
    created, there, back = heard(hubspot, receiver)
    assert (created["objectTypeId"], created["objectId"]) == ("0-2", works.id)
    assert (there["fromObjectTypeId"], there["toObjectTypeId"]) == ("0-1", "0-2")
    assert (there["associationTypeId"], there["associationCategory"]) == (1, "HUBSPOT_DEFINED")
    assert (back["fromObjectTypeId"], back["associationTypeId"]) == ("0-2", 2)


def test_companies_have_events_of_their_own(hubspot: RunningSandbox, receiver: Receiver) -> None:
    hubspot.subscribe("company.propertyChange", "phone")
    works = hubspot.create_company(name="Analytical Works")
    hubspot.edit_company(works.id, phone="(212) 555-0100")
    hubspot.edit(hubspot.portal.live_ids[0], phone="9")
    assert [event["objectId"] for event in heard(hubspot, receiver)] == [works.id]


def test_nothing_comes_of_an_account_without_the_app_or_without_the_scope(receiver: Receiver) -> None:
    with hubspot_sandbox.running(contacts=1, options=Options(webhook_delay_s=NOTHING_ELSE, **PLAIN)) as hubspot:
        hubspot.point_webhooks(receiver.url)
        hubspot.subscribe("contact.creation")
        hubspot.create(firstname="before the install")
        hubspot.grant(scopes=["oauth", "crm.objects.companies.read"])
        hubspot.create(firstname="without the scope")
        hubspot.grant("rep")
        ada = hubspot.create(firstname="Ada")
        hubspot.uninstall()
        hubspot.create(firstname="after the uninstall")
        assert [event["objectId"] for event in heard(hubspot, receiver)] == [ada.id]  # this one trickles in after it


def test_a_paused_subscription_is_silent(hubspot: RunningSandbox, receiver: Receiver, anonymous: Api) -> None:
    subscription = hubspot.subscribe("contact.creation")
    path = f"/app-webhooks/2026-09/{APP}/subscriptions/{subscription.id}?hapikey={hubspot.options.developer_key}"
    read(anonymous.send("PATCH", path, json={"active": False}))
    hubspot.create(firstname="Ada")
    assert heard(hubspot, receiver) == []


def test_deliveries_are_signed_json_posts(hubspot: RunningSandbox, receiver: Receiver) -> None:
    hubspot.point_webhooks(f"{receiver.url}?tenant=a%2Fb")
    hubspot.subscribe("contact.creation")
    hubspot.create(firstname="Žofia")
    hubspot.deliver()
    [delivery] = receiver.deliveries
    assert delivery.path == "/hooks/hubspot?tenant=a%2Fb"
    assert delivery.headers["Content-Type"] == "application/json"
    secret, sent = hubspot.options.client_secret, delivery.headers
    uri = f"{receiver.url}?tenant=a%2Fb"
    signed = signatures.Signed("POST", uri, delivery.body, sent["X-HubSpot-Request-Timestamp"])
    now_ms = time.time_ns() // 1_000_000
    assert sent["X-HubSpot-Signature-Version"] == "v1"
    assert signatures.verify("v1", secret, signed, sent["X-HubSpot-Signature"], now_ms)
    assert signatures.verify("v3", secret, signed, sent["X-HubSpot-Signature-v3"], now_ms)


def test_a_signature_is_of_the_machines_time_however_the_portals_was_moved(
    hubspot: RunningSandbox, receiver: Receiver
) -> None:
    hubspot.advance(7 * 86_400)
    hubspot.subscribe("contact.creation")
    hubspot.create(firstname="Ada")
    hubspot.deliver()
    sent_at_ms = int(receiver.deliveries[0].headers["X-HubSpot-Request-Timestamp"])
    assert abs(sent_at_ms - time.time_ns() // 1_000_000) < 60_000


def test_batches_hold_a_hundred_at_most(hubspot: RunningSandbox, receiver: Receiver) -> None:
    hubspot.subscribe("contact.creation")
    for number in range(250):
        hubspot.create(firstname=str(number))
    hubspot.deliver()
    assert sorted(len(delivery.events) for delivery in receiver.deliveries) == [50, 100, 100]


def test_events_come_shuffled_doubled_and_with_repeated_ids_by_the_seed(receiver: Receiver) -> None:
    def run(seed: int) -> tuple[list[int], list[int]]:
        options = Options(webhook_delay_s=NOTHING_ELSE, webhook_seed=seed, webhooks_doubled=0.25)
        with hubspot_sandbox.running(contacts=0, options=options) as hubspot:
            hubspot.grant()
            hubspot.point_webhooks(receiver.url)
            hubspot.subscribe("contact.creation")
            for number in range(60):
                hubspot.create(firstname=str(number))
            before = len(receiver.events)
            hubspot.deliver()
            came = receiver.events[before:]
            return [event["objectId"] for event in came], [event["eventId"] for event in came]

    objects, event_ids = run(seed=4)
    counts = Counter(objects)
    assert len(counts) == 60
    assert set(counts.values()) == {1, 2}
    assert objects != sorted(objects)
    assert len(set(event_ids)) < 60
    assert run(seed=4) == (objects, event_ids)
    assert run(seed=5) != (objects, event_ids)


def test_events_are_gathered_for_a_moment_of_the_portals_time(hubspot: RunningSandbox, receiver: Receiver) -> None:
    hubspot.subscribe("contact.creation")
    hubspot.create(firstname="Ada")
    hubspot.create(firstname="Grace")
    hubspot.advance(NOTHING_ELSE - 60)
    assert receiver.deliveries == []
    hubspot.advance(60)
    receiver.wait_for(1)
    assert len(receiver.events) == 2


def test_a_moment_that_passes_by_itself_delivers_too(hubspot: RunningSandbox, receiver: Receiver) -> None:
    hubspot.change_options(webhook_delay_s=0.01)
    hubspot.subscribe("contact.creation")
    hubspot.create(firstname="Ada")
    receiver.wait_for(1)
    assert len(receiver.events) == 1


@pytest.mark.parametrize("status", [400, 404, 410, 500, 503, 302])
def test_a_failed_delivery_is_tried_again_and_says_so(hubspot: RunningSandbox, receiver: Receiver, status: int) -> None:
    receiver.status = lambda delivery: status if delivery.events[0]["attemptNumber"] == 0 else 200
    hubspot.subscribe("contact.creation")
    hubspot.create(firstname="Ada")
    hubspot.deliver()
    assert hubspot.deliveries.waiting == 1
    hubspot.advance(RETRIES_AFTER_S[0])
    hubspot.deliver()
    first, second = receiver.deliveries
    assert [second.events[0]["attemptNumber"], hubspot.deliveries.waiting] == [1, 0]
    assert [{**event, "attemptNumber": 1} for event in first.events] == second.events
    assert [attempt.status for attempt in hubspot.deliveries.attempts] == [200, status]


def test_ten_retries_are_spread_over_a_day_and_then_it_is_given_up(hubspot: RunningSandbox, receiver: Receiver) -> None:
    receiver.status = lambda _delivery: 500
    hubspot.subscribe("contact.creation")
    hubspot.create(firstname="Ada")
    hubspot.deliver()
    for after_s, before_s in pairwise(reversed((0, *RETRIES_AFTER_S))):
        assert after_s > before_s
    for earlier_s, later_s in pairwise((0, *RETRIES_AFTER_S)):
        hubspot.advance(later_s - earlier_s)
        hubspot.deliver()
    assert [each.events[0]["attemptNumber"] for each in receiver.deliveries] == list(range(11))
    moments = [attempt.at_ms for attempt in reversed(hubspot.deliveries.attempts)]
    assert moments[-1] - moments[0] <= 86_400_000 + 60_000
    assert hubspot.deliveries.waiting == 0
    hubspot.advance(7 * 86_400)
    hubspot.deliver()
    assert len(receiver.deliveries) == 11


def test_nobody_listening_is_a_failure_too(hubspot: RunningSandbox) -> None:
    with receiving() as gone:
        hubspot.point_webhooks(gone.url)
    hubspot.subscribe("contact.creation")
    hubspot.create(firstname="Ada")
    hubspot.deliver()
    assert [attempt.status for attempt in hubspot.deliveries.attempts] == [None]
    assert hubspot.deliveries.waiting == 1


def test_an_answer_that_takes_too_long_is_a_failure(hubspot: RunningSandbox, receiver: Receiver) -> None:
    assert hubspot.options.webhook_timeout_s == 5
    hubspot.change_options(webhook_timeout_s=0.1)
    receiver.status = lambda _delivery: None
    hubspot.subscribe("contact.creation")
    hubspot.create(firstname="Ada")
    hubspot.deliver()
    assert [attempt.status for attempt in hubspot.deliveries.attempts] == [None]
    assert hubspot.deliveries.waiting == 1


def test_an_answer_in_drops_does_not_buy_time(hubspot: RunningSandbox) -> None:
    hubspot.change_options(webhook_timeout_s=0.2)
    hubspot.subscribe("contact.creation")
    hubspot.create(firstname="Ada")
    with dripping(b"HTTP/1.1 204 No Content\r\n\r\n", every_s=0.02) as url:
        hubspot.point_webhooks(url)
        hubspot.deliver()
    assert [attempt.status for attempt in hubspot.deliveries.attempts] == [None]


def test_ten_deliveries_at_most_wait_for_their_answers(hubspot: RunningSandbox, receiver: Receiver) -> None:
    def hold_the_first_ten(_delivery: Delivery) -> int | None:
        return None if len(receiver.deliveries) <= 10 else 200

    receiver.status = hold_the_first_ten
    hubspot.subscribe("contact.creation")
    for number in range(1150):
        hubspot.create(firstname=str(number))
    hubspot.advance(NOTHING_ELSE)
    receiver.wait_for(10)
    assert (receiver.peak, len(receiver.deliveries), hubspot.deliveries.waiting) == (10, 10, 2)
    receiver.let_go.set()
    hubspot.deliver()
    assert receiver.peak <= 10
    assert len(set(map(str, receiver.events))) == 1150


def test_the_server_answers_while_receivers_hang(hubspot: RunningSandbox, receiver: Receiver, anonymous: Api) -> None:
    receiver.status = lambda _delivery: None
    hubspot.subscribe("contact.creation")
    hubspot.create(firstname="Ada")
    hubspot.advance(NOTHING_ELSE)
    receiver.wait_for(1)
    assert anonymous.get("/").status_code == 200


def test_the_control_api_steers_webhooks(hubspot: RunningSandbox, receiver: Receiver, anonymous: Api) -> None:
    assert anonymous.send("PUT", "/__sandbox/webhooks", json={"url": receiver.url}).status_code == 200
    wanted = {"event_type": "contact.propertyChange", "property_name": "phone"}
    read(anonymous.post("/__sandbox/webhooks/subscriptions", wanted), 201)
    hubspot.edit(hubspot.portal.live_ids[0], phone="+1 212 555 0100")
    told = read(anonymous.post("/__sandbox/webhooks/deliver", {}))
    [attempt] = told["attempts"]
    assert (attempt["events"], attempt["attempt_number"], attempt["status"]) == (1, 0, 204)
    assert read(anonymous.get("/__sandbox/webhooks")) == told
    assert len(receiver.events) == 1
