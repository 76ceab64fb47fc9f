"""Section 14: push webhooks. How they are configured, what is delivered, how it is retried and signed."""

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator

import pytest
import requests

from tests.sandbox.client import CONTACTS, TOKEN, Json, read
from tests.sandbox.contract.account import Account, settle, with_options
from tests.sandbox.receiver import Delivery, Receiver, receiving

HOUR_S = 3600
QUERY = "?tenant=1"
GATHER_S = 600  # longer than a test takes: what happens is delivered when the clock is moved
QUIET = {"webhook_delay_s": GATHER_S, "webhooks_shuffled": 0, "webhooks_doubled": 0, "webhook_ids_repeated": 0}
TYPES = [
    f"{name}.{what}"
    for name in ("contact", "company")
    for what in ("creation", "deletion", "merge", "restore", "associationChange")
]


class App:
    """The developer's side: what configures webhooks."""

    def __init__(self, account: Account) -> None:
        client, refresh_token = account.oauth()
        form = {**client, "token": refresh_token}
        self.account = account
        self.secret = client["client_secret"]
        self.id: int = read(account.anonymous.post_form(f"{TOKEN}/introspect", **form))["app_id"]
        self.base = f"/app-webhooks/2026-09/{self.id}"

    def send(self, method: str, path: str, body: object = None) -> requests.Response:
        key = {"hapikey": self.account.sandbox.options.developer_key}
        return self.account.anonymous.send(method, f"{self.base}{path}", params=key, json=body)

    def point_at(self, url: str, most_at_once: int = 10) -> None:
        settings = {"targetUrl": url, "throttling": {"maxConcurrentRequests": most_at_once}}
        assert self.send("PUT", "/settings", settings).status_code == 200

    def subscribe(self, event_type: str, **more: str) -> requests.Response:
        return self.send("POST", "/subscriptions", {"eventType": event_type, "active": True, **more})

    def flush(self) -> None:
        """Have what was gathered delivered now."""
        self.account.sandbox.advance(GATHER_S + 1)


@pytest.fixture
def app(steered: Account) -> App:
    return App(steered)


@pytest.fixture
def receiver(app: App) -> Iterator[Receiver]:
    """The app's server, told about everything that happens to contacts and companies."""
    with receiving() as receiver:
        app.account.sandbox.change_options(**QUIET)
        app.point_at(f"{receiver.url}{QUERY}")
        for event_type in (*TYPES, "contact.privacyDeletion"):
            assert app.subscribe(event_type).status_code == 201
        for name in ("phone", "firstname", "hs_calculated_phone_number"):
            assert app.subscribe("contact.propertyChange", propertyName=name).status_code == 201
        yield receiver


def next_of(receiver: Receiver) -> Delivery:
    receiver.wait_for(1)
    return receiver.deliveries[-1]


def delivered(app: App, receiver: Receiver) -> list[Json]:
    """Have what was gathered delivered now, and give it."""
    app.flush()
    return next_of(receiver).events


def only(events: list[Json], kind: str) -> Json:
    [event] = [event for event in events if event["subscriptionType"] == kind]
    return event


def test_14_1_all_accounts_have_one_target(app: App) -> None:
    app.point_at("https://app.example.com/one")
    app.point_at("https://app.example.com/two", most_at_once=20)
    body = read(app.send("GET", "/settings"))
    assert body["targetUrl"] == "https://app.example.com/two"
    assert body["throttling"]["maxConcurrentRequests"] == 20
    assert app.send("DELETE", "/settings").status_code == 204
    assert app.send("GET", "/settings").status_code == 404


def test_14_1_the_requests_at_once_are_more_than_five(app: App) -> None:
    settings = {"targetUrl": "https://app.example.com", "throttling": {"maxConcurrentRequests": 5}}
    assert app.send("PUT", "/settings", settings).status_code == 400


def test_14_1_subscriptions_are_made_read_switched_and_deleted(app: App) -> None:
    made = read(app.subscribe("contact.propertyChange", propertyName="phone"), 201)
    assert (made["eventType"], made["propertyName"], made["active"]) == ("contact.propertyChange", "phone", True)
    path = f"/subscriptions/{made['id']}"
    assert [each["id"] for each in read(app.send("GET", "/subscriptions"))["results"]] == [made["id"]]
    assert read(app.send("PATCH", path, {"active": False}))["active"] is False
    batch = {"inputs": [{"id": int(made["id"]), "active": True}]}
    assert read(app.send("POST", "/subscriptions/batch/update", batch))["results"][0]["active"] is True
    assert read(app.send("GET", path))["active"] is True
    assert app.send("DELETE", path).status_code == 204
    assert app.send("GET", path).status_code == 404


def test_14_1_the_older_paths_configure_the_same(app: App) -> None:
    app.point_at("https://app.example.com/hooks")
    for older in (f"/webhooks/v3/{app.id}", f"/webhooks/2026-03/{app.id}"):
        app.base = older
        assert read(app.send("GET", "/settings"))["targetUrl"] == "https://app.example.com/hooks"


@pytest.mark.parametrize("event_type", [*TYPES, "contact.privacyDeletion"])
def test_14_1_subscription_types(app: App, event_type: str) -> None:
    assert app.subscribe(event_type).status_code == 201


@pytest.mark.parametrize("name", ["hs_lastmodifieddate", "num_unique_conversion_events"])
def test_14_1_two_properties_cannot_be_subscribed_to(app: App, name: str) -> None:
    assert app.subscribe("contact.propertyChange", propertyName=name).status_code == 400


def test_14_1_any_object_is_subscribed_to_by_its_type(app: App) -> None:
    for what in ("creation", "deletion", "merge", "restore", "associationChange"):
        assert app.subscribe(f"object.{what}", objectTypeId="0-1").status_code == 201
    assert app.subscribe("object.propertyChange", objectTypeId="0-1", propertyName="phone").status_code == 201


def test_14_1_an_app_has_a_thousand_subscriptions_at_most(app: App) -> None:
    made = [app.subscribe("contact.propertyChange", propertyName=f"p{number}").status_code for number in range(1000)]
    assert set(made) == {201}
    assert app.subscribe("contact.creation").status_code == 400


def test_14_1_calculated_properties_do_not_fire(app: App, receiver: Receiver) -> None:
    app.account.new(phone="+1 212 555 0150")
    changes = [each for each in delivered(app, receiver) if each["subscriptionType"] == "contact.propertyChange"]
    assert [each["propertyName"] for each in changes] == ["phone"]


def test_14_2_a_delivery_is_a_post_of_a_json_array(app: App, receiver: Receiver) -> None:
    app.account.new(lastname="Told")
    app.flush()
    delivery = next_of(receiver)
    assert delivery.path == "/hooks/hubspot?tenant=1"
    assert delivery.headers["Content-Type"].startswith("application/json")
    assert isinstance(delivery.events, list)


def test_14_2_a_delivery_holds_a_hundred_events_at_most(app: App, receiver: Receiver) -> None:
    app.account.new_batch(*[{"lastname": "Told"}] * 100)
    app.account.new_batch(*[{"lastname": "Told"}] * 50)
    app.flush()
    receiver.wait_for(2)
    assert sorted(len(delivery.events) for delivery in receiver.deliveries) == [50, 100]


def test_14_2_every_event_has_the_common_fields(app: App, receiver: Receiver) -> None:
    before_ms = app.account.sandbox.clock.now_ms()
    contact_id = app.account.new(lastname="Told")
    event = only(delivered(app, receiver), "contact.creation")
    for name in ("eventId", "subscriptionId", "portalId", "appId", "occurredAt", "attemptNumber", "objectId"):
        assert isinstance(event[name], int), name
    assert event["objectId"] == int(contact_id)
    assert event["appId"] == app.id
    assert event["attemptNumber"] == 0
    assert before_ms <= event["occurredAt"] <= app.account.sandbox.clock.now_ms()
    assert event["changeFlag"] == "NEW"
    assert event["changeSource"]
    assert event["sourceId"]


def test_14_2_a_changed_property_comes_with_its_value(app: App, receiver: Receiver) -> None:
    contact_id = app.account.new(lastname="Told")
    delivered(app, receiver)
    app.account.change(contact_id, phone="+1 212 555 0151", lastname="Not subscribed")
    [event] = delivered(app, receiver)
    assert event["subscriptionType"] == "contact.propertyChange"
    assert (event["propertyName"], event["propertyValue"]) == ("phone", "+1 212 555 0151")
    assert event["isSensitive"] is False


def test_14_2_each_changed_property_is_an_event_of_its_own(app: App, receiver: Receiver) -> None:
    contact_id = app.account.new(lastname="Told")
    delivered(app, receiver)
    app.account.change(contact_id, phone="+1 212 555 0152", firstname="Ada")
    events = delivered(app, receiver)
    assert sorted(each["propertyName"] for each in events) == ["firstname", "phone"]


def test_14_2_a_cleared_property_comes_empty(app: App, receiver: Receiver) -> None:
    contact_id = app.account.new(phone="+1 212 555 0153")
    delivered(app, receiver)
    app.account.change(contact_id, phone="")
    [event] = delivered(app, receiver)
    assert (event["propertyName"], event["propertyValue"]) == ("phone", "")


def test_14_2_a_deletion_and_a_restoring_are_told(app: App, receiver: Receiver) -> None:
    contact_id = app.account.new(lastname="Told")
    delivered(app, receiver)
    app.account.archive(contact_id)
    deletion = only(delivered(app, receiver), "contact.deletion")
    assert deletion["objectId"] == int(contact_id)
    assert deletion["changeFlag"]
    app.account.sandbox.restore(contact_id)
    assert only(delivered(app, receiver), "contact.restore")["objectId"] == int(contact_id)


def test_14_2_a_gdpr_deletion_is_told_twice(app: App, receiver: Receiver) -> None:
    contact_id = app.account.new(lastname="Told")
    delivered(app, receiver)
    app.account.api.post(f"{CONTACTS}/gdpr-delete", {"objectId": contact_id})
    events = delivered(app, receiver)
    assert {each["subscriptionType"] for each in events} == {"contact.deletion", "contact.privacyDeletion"}
    assert {each["objectId"] for each in events} == {int(contact_id)}


def test_14_2_a_merge_names_primary_merged_and_new(app: App, receiver: Receiver) -> None:
    primary, other = app.account.new_batch({"firstname": "Ada"}, {"phone": "+1 212 555 0154"})
    delivered(app, receiver)
    survivor = app.account.merge(primary, other)["id"]
    event = only(delivered(app, receiver), "contact.merge")
    assert event["primaryObjectId"] == int(primary)
    assert event["mergedObjectIds"] == [int(other)]
    assert event["newObjectId"] == int(survivor)
    assert isinstance(event["numberOfPropertiesMoved"], int)


def test_14_2_whether_a_merge_tells_deletions_too(steered: Account) -> None:
    def observe(one: Account) -> set[int]:
        one.sandbox.change_options(**QUIET)
        app = App(one)
        with receiving() as receiver:
            app.point_at(receiver.url)
            for event_type in ("contact.merge", "contact.deletion"):
                app.subscribe(event_type)
            ids = one.new_batch({"lastname": "Primary"}, {"lastname": "Other"})
            one.merge(*ids)
            losers = [each for each in delivered(app, receiver) if each["subscriptionType"] == "contact.deletion"]
            return {[int(each) for each in ids].index(event["objectId"]) for event in losers}

    settle(steered, "merges_tell_deletions", {True: {0, 1}, False: set()}, observe)


def test_14_2_a_new_association_is_told_in_both_directions(app: App, receiver: Receiver) -> None:
    contact_id, company_id = app.account.new(lastname="Joined"), app.account.new_company()
    delivered(app, receiver)
    app.account.associate(contact_id, company_id)
    told = [each for each in delivered(app, receiver) if each["subscriptionType"] == "contact.associationChange"]
    ends = {(each["associationType"], each["fromObjectId"], each["toObjectId"]) for each in told}
    contact, company = int(contact_id), int(company_id)
    assert ends == {("CONTACT_TO_COMPANY", contact, company), ("COMPANY_TO_CONTACT", company, contact)}
    assert {each["associationRemoved"] for each in told} == {False}
    assert True in {each["isPrimaryAssociation"] for each in told}


def test_14_2_events_of_any_object_carry_its_type(app: App, receiver: Receiver) -> None:
    app.subscribe("object.creation", objectTypeId="0-1")
    app.account.new(lastname="Told")
    assert only(delivered(app, receiver), "object.creation")["objectTypeId"] == "0-1"


def test_14_2_associations_of_any_object_carry_types_and_categories(app: App, receiver: Receiver) -> None:
    app.subscribe("object.associationChange", objectTypeId="0-1")
    contact_id, company_id = app.account.new(lastname="Joined"), app.account.new_company()
    delivered(app, receiver)
    app.account.associate(contact_id, company_id)
    told = [each for each in delivered(app, receiver) if each["subscriptionType"] == "object.associationChange"]
    there = [each for each in told if each["fromObjectTypeId"] == "0-1"]
    assert {each["toObjectTypeId"] for each in there} == {"0-2"}
    assert {each["associationTypeId"] for each in there} <= {1, 279}
    assert {each["associationCategory"] for each in there} == {"HUBSPOT_DEFINED"}


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_14_2_a_failed_delivery_comes_again_with_its_attempt_counted(app: App, receiver: Receiver, status: int) -> None:
    receiver.status = lambda _delivery: status
    app.account.new(lastname="Told")
    first = delivered(app, receiver)
    receiver.status = lambda _delivery: 204
    second = come_again(app, receiver)
    assert [each["attemptNumber"] for each in first] == [0]
    assert [each["attemptNumber"] for each in second] == [1]
    assert [{**each, "attemptNumber": 0} for each in second] == first


def test_14_2_a_delivery_is_retried_ten_times_within_a_day(app: App, receiver: Receiver) -> None:
    receiver.status = lambda _delivery: 500
    app.account.new(lastname="Told")
    app.flush()
    for _ in range(4 * 25):
        settled(app)
        app.account.sandbox.advance(HOUR_S / 4)
    settled(app)
    assert [delivery.events[0]["attemptNumber"] for delivery in receiver.deliveries] == list(range(11))


@with_options(webhook_timeout_s=0.2)
def test_14_2_no_answer_in_time_is_a_failure(app: App, receiver: Receiver) -> None:
    receiver.status = lambda _delivery: None
    app.account.new(lastname="Told")
    assert delivered(app, receiver)[0]["attemptNumber"] == 0
    settled(app)
    receiver.status = lambda _delivery: 204
    assert come_again(app, receiver)[0]["attemptNumber"] == 1


def test_14_2_five_seconds_are_given_for_an_answer(steered: Account) -> None:
    assert steered.sandbox.options.webhook_timeout_s == 5


def test_14_2_ten_deliveries_at_most_are_under_way(app: App, receiver: Receiver) -> None:
    receiver.status = lambda _delivery: None
    for name in ("city", "zip", "state", "country", "website", "address", "jobtitle", "lastname", "mobilephone", "fax"):
        app.subscribe("contact.propertyChange", propertyName=name)
    wide = dict.fromkeys(("city", "zip", "state", "country", "address", "jobtitle", "lastname", "phone", "fax"), "1")
    app.account.new_batch(*[{**wide, "mobilephone": "2", "website": "x.example.com"}] * 100)
    app.flush()
    receiver.wait_for(10)
    assert receiver.peak == len(receiver.deliveries) == 10
    receiver.let_go.set()
    settled(app)
    assert len(receiver.deliveries) > receiver.peak == 10


@with_options(webhook_delay_s=GATHER_S)
def test_14_2_events_come_unordered_doubled_and_with_repeated_ids(steered: Account) -> None:
    app = App(steered)
    steered.sandbox.change_options(webhooks_shuffled=1, webhooks_doubled=0.5, webhook_ids_repeated=0.5)
    with receiving() as receiver:
        app.point_at(receiver.url)
        app.subscribe("contact.creation")
        made = [int(each) for each in steered.new_batch(*[{"lastname": "Told"}] * 40)]
        events = delivered(app, receiver)
    told = [event["objectId"] for event in events]
    assert set(told) == set(made)
    assert len(told) > len(made)
    assert told != sorted(told)
    assert len({event["eventId"] for event in events}) < len(made)


def test_14_3_version_1_is_a_hash_of_secret_and_body(app: App, receiver: Receiver) -> None:
    app.account.new(lastname="Žofia")
    app.flush()
    delivery = next_of(receiver)
    assert delivery.headers["X-HubSpot-Signature-Version"] == "v1"
    expected = hashlib.sha256(app.secret.encode() + delivery.body).hexdigest()
    assert delivery.headers["X-HubSpot-Signature"] == expected


def test_14_3_version_3_is_sent_beside_it_over_method_address_body_and_moment(app: App, receiver: Receiver) -> None:
    app.account.new(firstname="Žofia")
    app.flush()
    delivery = next_of(receiver)
    moment = delivery.headers["X-HubSpot-Request-Timestamp"]
    signed = f"POST{receiver.url}{QUERY}".encode() + delivery.body + moment.encode()
    expected = base64.b64encode(hmac.new(app.secret.encode(), signed, hashlib.sha256).digest()).decode()
    assert delivery.headers["X-HubSpot-Signature-v3"] == expected
    assert abs(time.time() * 1000 - int(moment)) < 300_000


def come_again(app: App, receiver: Receiver) -> list[Json]:
    """Move the clock until the next attempt is due, and give what it brings."""
    settled(app)
    app.account.sandbox.advance(60)
    return next_of(receiver).events


def settled(app: App) -> None:
    """Wait until nothing is on its way to the receiver."""
    app.account.sandbox.deliver()
