"""Section 15: the webhooks journal. Subscriptions, reading on from an offset, and what a file holds."""

import re
from typing import Any

import pytest
import requests

from tests.sandbox.client import CONTACTS, TOKEN, Api, Json, read
from tests.sandbox.contract.account import Account, settle, with_options
from tests.sandbox.journal_reader import ALL, JOURNAL, LOCAL, SUBSCRIPTIONS, file_of

SCOPES = (
    "developer.webhooks_journal.read developer.webhooks_journal.subscriptions.read "
    "developer.webhooks_journal.subscriptions.write"
)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DAY_S = 24 * 3600


class Reader:
    """The app's side of the journal, with a token of the app's own."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.portal_id: int = read(account.api.get("/account-info/2026-09/details"))["portalId"]
        self.api = self._authorized()
        self.offset: str | None = None

    def subscribe(self, kind: str = "OBJECT", **more: object) -> Json:
        wanted: dict[str, Any] = {"subscriptionType": kind, "portalId": self.portal_id, **more}
        if kind == "OBJECT":
            given = {"objectTypeId": "0-1", "actions": ALL, "properties": ["firstname", "phone"], "objectIds": []}
            wanted = given | wanted
        response = self.api.post(SUBSCRIPTIONS, wanted)
        assert response.status_code in (200, 201), response.text
        body: Json = response.json()
        return body

    def ask(self, path: str, **query: object) -> requests.Response:
        return self.api.get(f"{JOURNAL}/{path}", **query)

    def next(self) -> Json | None:
        """Read on: the next file, None when there is nothing new."""
        response = self.ask("earliest" if self.offset is None else f"offset/{self.offset}/next")
        if response.status_code == 204:
            return None
        entry = read(response)
        self.offset = entry["currentOffset"]
        return file_of(entry)

    def events(self) -> list[Json]:
        """Everything that is new, one file after the other."""
        found: list[Json] = []
        while (file := self.next()) is not None:
            found += file["journalEvents"]
        return found

    def wait(self, seconds: float) -> None:
        self.account.pass_time(seconds)
        self.api = self._authorized()

    def _authorized(self) -> Api:
        client, _ = self.account.oauth()
        form = {**client, "grant_type": "client_credentials", "scope": SCOPES}
        return self.account.client(read(self.account.anonymous.post_form(TOKEN, **form))["access_token"])


@pytest.fixture
def reader(steered: Account) -> Reader:
    return Reader(steered)


def test_15_the_journal_needs_a_token_of_the_apps_own(reader: Reader) -> None:
    assert reader.account.api.get(f"{JOURNAL}/earliest").status_code in (401, 403)
    assert reader.account.anonymous.get(f"{JOURNAL}/earliest").status_code == 401
    assert reader.ask("earliest").status_code == 204


def test_15_the_token_needs_the_journals_scopes(reader: Reader) -> None:
    client, _ = reader.account.oauth()
    form = {**client, "grant_type": "client_credentials", "scope": "developer.webhooks_journal.read"}
    token = read(reader.account.anonymous.post_form(TOKEN, **form))["access_token"]
    api = reader.account.client(token)
    assert api.get(f"{JOURNAL}/earliest").status_code == 204
    assert api.post(SUBSCRIPTIONS, {"subscriptionType": "OBJECT"}).status_code == 403


def test_15_a_subscription_is_for_one_account_and_object_type(reader: Reader) -> None:
    made = reader.subscribe()
    assert made["subscriptionType"] == "OBJECT"
    assert (made["portalId"], made["objectTypeId"]) == (reader.portal_id, "0-1")
    assert sorted(made["actions"]) == sorted(ALL)
    assert made["properties"] == ["firstname", "phone"]
    assert {"id", "appId", "objectIds", "createdAt", "updatedAt"} <= set(made)


def test_15_subscribing_again_changes_the_subscription(reader: Reader) -> None:
    first = reader.subscribe()
    second = reader.subscribe(actions=["CREATE"])
    assert second["id"] == first["id"]
    assert second["actions"] == ["CREATE"]
    assert [each["id"] for each in read(reader.api.get(SUBSCRIPTIONS))["results"]] == [first["id"]]


def test_15_subscriptions_are_read_and_deleted_one_by_one_or_by_account(reader: Reader) -> None:
    contacts = reader.subscribe()
    reader.subscribe(objectTypeId="0-2", properties=["name"])
    path = f"{SUBSCRIPTIONS}/{contacts['id']}"
    assert read(reader.api.get(path))["id"] == contacts["id"]
    assert reader.api.send("DELETE", path).status_code == 204
    assert len(read(reader.api.get(SUBSCRIPTIONS))["results"]) == 1
    assert reader.api.send("DELETE", f"{SUBSCRIPTIONS}/portals/{reader.portal_id}").status_code == 204
    assert read(reader.api.get(SUBSCRIPTIONS))["results"] == []


def test_15_a_filter_narrows_a_subscription(reader: Reader) -> None:
    made = reader.subscribe()
    condition = {"filterType": "CRM_OBJECT_PROPERTY", "property": "firstname", "operator": "EQ", "value": "Ada"}
    body = {"subscriptionId": made["id"], "filter": {"conditions": [condition]}}
    assert reader.api.post(f"{SUBSCRIPTIONS}/filters", body).status_code in (200, 201)
    ada, _ = (reader.account.new(firstname=name) for name in ("Ada", "Bea"))
    assert {event["objectId"] for event in reader.events()} == {int(ada)}


def test_15_nothing_new_is_a_204(reader: Reader) -> None:
    reader.subscribe()
    for path in ("earliest", "latest", "batch/earliest/5"):
        response = reader.ask(path)
        assert (response.status_code, response.content) == (204, b"")
    reader.account.new(firstname="Ada")
    assert reader.next() is not None
    assert reader.ask(f"offset/{reader.offset}/next").status_code == 204


def test_15_an_entry_is_a_link_with_an_end_and_an_offset(reader: Reader) -> None:
    reader.subscribe()
    reader.account.new(firstname="Ada")
    entry = read(reader.ask("earliest"))
    assert set(entry) == {"url", "expiresAt", "currentOffset"}
    assert UUID.fullmatch(entry["currentOffset"])


def test_15_the_link_needs_no_token_and_is_short_lived(reader: Reader) -> None:
    reader.subscribe()
    reader.account.new(firstname="Ada")
    entry = read(reader.ask("earliest"))
    assert requests.get(entry["url"], timeout=10).status_code == 200
    reader.wait(DAY_S)
    assert requests.get(entry["url"], timeout=10).status_code == 403


def test_15_a_file_holds_its_offset_events_and_moment(reader: Reader) -> None:
    reader.subscribe()
    reader.account.new(firstname="Ada")
    file = reader.next()
    assert file is not None
    assert {"offset", "journalEvents", "publishedAt"} <= set(file)
    assert file["offset"] == reader.offset


def test_15_files_are_read_from_the_earliest_the_latest_or_an_offset(reader: Reader) -> None:
    reader.subscribe()
    entries = []
    for name in ("Ada", "Bea", "Cyd"):
        reader.account.new(firstname=name)
        entries.append(read(reader.ask("latest")))
        reader.wait(60)
    offsets = [entry["currentOffset"] for entry in entries]
    assert len(set(offsets)) == 3
    assert read(reader.ask("earliest"))["currentOffset"] == offsets[0]
    assert read(reader.ask(f"offset/{offsets[0]}/next"))["currentOffset"] == offsets[1]
    for path, expected in (("batch/earliest/2", offsets[:2]), (f"batch/{offsets[0]}/next/5", offsets[1:])):
        assert [each["currentOffset"] for each in read(reader.ask(path))["results"]] == expected
    assert {each["currentOffset"] for each in read(reader.ask("batch/latest/2"))["results"]} == set(offsets[1:])
    batch = read(reader.api.post(f"{JOURNAL}/batch/read", {"inputs": offsets[:2]}))
    assert [each["currentOffset"] for each in batch["results"]] == offsets[:2]


def test_15_one_accounts_journal_is_read_by_its_id(reader: Reader) -> None:
    reader.subscribe()
    reader.account.new(firstname="Ada")
    own = reader.api.get(f"{LOCAL}/earliest", installPortalId=reader.portal_id)
    assert read(own)["currentOffset"] == read(reader.ask("earliest"))["currentOffset"]


def test_15_the_older_version_reads_the_same(reader: Reader) -> None:
    reader.subscribe()
    reader.account.new(firstname="Ada")
    older = read(reader.api.get("/webhooks-journal/journal/2026-03/earliest"))
    assert older["currentOffset"] == read(reader.ask("earliest"))["currentOffset"]


def test_15_an_event_tells_who_what_and_when(reader: Reader) -> None:
    reader.subscribe()
    contact_id = reader.account.new(firstname="Ada", phone="+1 212 555 0160", lastname="Not subscribed")
    [event] = reader.events()
    assert event["type"] == "crmObject"
    assert event["portalId"] == reader.portal_id
    assert (event["objectTypeId"], event["objectId"]) == ("0-1", int(contact_id))
    assert event["action"] == "CREATE"
    assert event["propertyChanges"] == {"firstname": "Ada", "phone": "+1 212 555 0160"}
    assert event["occurredAt"] == reader.account.get(contact_id)["createdAt"]


def test_15_an_update_carries_the_changed_values(reader: Reader) -> None:
    contact_id = reader.account.new(firstname="Ada", phone="+1 212 555 0161")
    reader.subscribe()
    reader.account.change(contact_id, phone="+1 212 555 0162")
    [event] = reader.events()
    assert event["action"] == "UPDATE"
    assert event["propertyChanges"] == {"phone": "+1 212 555 0162"}


def test_15_deletions_and_restorings_are_written(reader: Reader) -> None:
    contact_id = reader.account.new(firstname="Ada")
    reader.subscribe()
    reader.account.archive(contact_id)
    reader.account.sandbox.restore(contact_id)
    told = [(event["action"], event["objectId"]) for event in reader.events()]
    assert told == [("DELETE", int(contact_id)), ("RESTORE", int(contact_id))]


def test_15_a_merge_names_the_merged(reader: Reader) -> None:
    primary, other = reader.account.new_batch({"firstname": "Ada"}, {"firstname": "Bea"})
    reader.subscribe()
    survivor = reader.account.merge(primary, other)["id"]
    [event] = [event for event in reader.events() if event["action"] == "MERGE"]
    assert event["objectId"] == int(survivor)
    assert event["mergedObjectIds"] == [int(primary), int(other)]


def test_15_gdpr_deletions_have_a_subscription_of_their_own(reader: Reader) -> None:
    contact_id = reader.account.new(firstname="Ada")
    reader.subscribe("GDPR_PRIVACY_DELETION", objectTypeId="0-1", actions=["GDPR_DELETE"])
    reader.account.api.post(f"{CONTACTS}/gdpr-delete", {"objectId": contact_id})
    assert [(event["action"], event["objectId"]) for event in reader.events()] == [("GDPR_DELETE", int(contact_id))]


def test_15_associations_have_a_subscription_of_their_own(reader: Reader) -> None:
    contact_id, company_id = reader.account.new(firstname="Ada"), reader.account.new_company()
    reader.subscribe(
        "ASSOCIATION",
        objectTypeId="0-1",
        associatedObjectTypeIds=["0-2"],
        actions=["ASSOCIATION_ADDED", "ASSOCIATION_REMOVED"],
    )
    reader.account.associate(contact_id, company_id)
    events = reader.events()
    assert {event["type"] for event in events} == {"association"}
    assert {event["action"] for event in events} == {"ASSOCIATION_ADDED"}


def test_15_installing_and_uninstalling_are_events_of_the_apps_life(reader: Reader) -> None:
    reader.subscribe("APP_LIFECYCLE_EVENT", eventTypeId="4-1916193")
    assert reader.account.api.send("DELETE", "/appinstalls/2026-09/external-install").status_code == 204
    [event] = reader.events()
    assert event["type"] == "app_lifecycle_event"
    assert event["portalId"] == reader.portal_id


def test_15_a_file_holds_ten_thousand_events_at_most(reader: Reader) -> None:
    made = [int(each) for each in reader.account.new_batch(*[{"firstname": "Ada"}] * 100)]
    reader.subscribe()
    for number in range(101):
        reader.account.sandbox.edit_many(made, firstname=f"Ada {number}")
    sizes = []
    while (file := reader.next()) is not None:
        sizes.append(len(file["journalEvents"]))
    assert sum(sizes) == 10_100
    assert max(sizes) <= 10_000


def test_15_files_are_kept_for_three_days(reader: Reader) -> None:
    reader.subscribe()
    reader.account.new(firstname="Ada")
    assert reader.ask("earliest").status_code == 200
    reader.wait(3 * DAY_S - 600)
    assert reader.ask("earliest").status_code == 200
    reader.wait(1200)
    assert reader.ask("earliest").status_code == 204


def test_15_an_offset_that_is_no_longer_kept(steered: Account) -> None:
    def observe(one: Account) -> int:
        reader = Reader(one)
        reader.subscribe()
        one.new(firstname="Ada")
        reader.next()
        reader.wait(4 * DAY_S)
        return reader.ask(f"offset/{reader.offset}/next").status_code

    outcomes = {"refused": 400, "not_found": 404, "gone": 410, "nothing_new": 204}
    settle(steered, "journal_lost_offset", outcomes, observe)


def test_15_whether_calculated_properties_are_written(steered: Account) -> None:
    def observe(one: Account) -> set[str]:
        contact_id = one.new(firstname="Ada")
        reader = Reader(one)
        reader.subscribe(properties=["phone", "hs_calculated_phone_number"])
        one.change(contact_id, phone="+1 212 555 0163")
        return {name for event in reader.events() for name in event["propertyChanges"]}

    both = {"phone", "hs_calculated_phone_number"}
    settle(steered, "journal_tells_calculated", {True: both, False: {"phone"}}, observe)


def test_15_whether_a_gdpr_deletion_is_a_deletion_too(steered: Account) -> None:
    def observe(one: Account) -> list[str]:
        contact_id = one.new(firstname="Ada")
        reader = Reader(one)
        reader.subscribe()
        one.api.post(f"{CONTACTS}/gdpr-delete", {"objectId": contact_id})
        return [event["action"] for event in reader.events()]

    settle(steered, "journal_tells_gdpr_as_delete", {True: ["DELETE"], False: []}, observe)


def test_15_how_long_a_change_takes_to_the_journal(steered: Account) -> None:
    def observe(one: Account) -> tuple[int, int]:
        reader = Reader(one)
        reader.subscribe()
        one.new(firstname="Ada")
        early = reader.ask("earliest").status_code
        reader.wait(31)
        return early, reader.ask("earliest").status_code

    settle(steered, "journal_delay_s", {0: (200, 200), 30: (204, 200)}, observe)


@with_options(general_limit=4, search_limit=1, associations_limit=1)
def test_15_the_journal_is_exempt_from_the_limits(reader: Reader) -> None:
    reader.subscribe()
    assert {reader.ask("earliest").status_code for _ in range(10)} == {204}
    assert reader.account.api.get(CONTACTS).status_code in (200, 429)
