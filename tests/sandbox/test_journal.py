"""The webhooks journal: changes are written down, found again by offset, fetched by a link, and kept three days."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

import hubspot_sandbox
from hubspot_sandbox import Options, RunningSandbox, journal
from hubspot_sandbox.authorizations import APP_SCOPES, JOURNAL_READ, SUBSCRIPTIONS_READ, SUBSCRIPTIONS_WRITE
from tests.sandbox.client import DEADLINE_S, Api, read
from tests.sandbox.journal_reader import (
    JOURNAL,
    LOCAL,
    SUBSCRIPTIONS,
    VERSIONS,
    contacts,
    events,
    file_of,
    subscribe,
)

DAY_S = 86_400


def test_a_contacts_life_in_the_journal(hubspot: RunningSandbox, app: Api) -> None:
    subscribe(app, contacts(hubspot, properties=["firstname", "phone"]))
    ada = hubspot.create(firstname="Ada", lastname="King", phone="1")
    grace = hubspot.create(lastname="Hopper")
    hubspot.edit(ada.id, phone="", jobtitle="Countess")
    hubspot.edit(grace.id, jobtitle="Admiral")
    hubspot.archive(grace.id)
    hubspot.restore(grace.id)
    merged = hubspot.merge(ada.id, grace.id)
    told = events(app)
    assert [(each["action"], each["objectId"], each["propertyChanges"]) for each in told] == [
        ("CREATE", ada.id, {"firstname": "Ada", "phone": "1"}),
        ("CREATE", grace.id, {}),
        ("UPDATE", ada.id, {"phone": ""}),
        ("DELETE", grace.id, {}),
        ("RESTORE", grace.id, {}),
        ("MERGE", merged.id, {}),
    ]
    assert told[-1]["mergedObjectIds"] == [ada.id, grace.id]
    assert {(each["type"], each["portalId"], each["objectTypeId"]) for each in told} == {
        ("crmObject", hubspot.portal.id, "0-1")
    }


def test_a_file_has_its_offset_and_its_moment(hubspot: RunningSandbox, app: Api) -> None:
    subscribe(app, contacts(hubspot))
    hubspot.create(firstname="Ada", at_ms=1_793_527_200_000)
    place = read(app.get(f"{JOURNAL}/latest"))
    assert set(place) == {"url", "expiresAt", "currentOffset"}
    file = file_of(place)
    assert set(file) == {"offset", "journalEvents", "publishedAt"}
    assert file["offset"] == place["currentOffset"]
    assert file["journalEvents"][0]["occurredAt"] == "2026-11-01T10:00:00.000Z"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["journal", "journal-local"])
@pytest.mark.parametrize("path", ["earliest", "latest", "batch/earliest/5", "batch/latest/5"])
def test_nothing_new_is_204(app: Api, version: str, name: str, path: str) -> None:
    response = app.get(f"/webhooks-journal/{name}/{version}/{path}")
    assert (response.status_code, response.content) == (204, b"")


def test_offsets_lead_from_file_to_file_and_then_to_what_is_new(hubspot: RunningSandbox, app: Api) -> None:
    subscribe(app, contacts(hubspot))
    names = []
    for name in ("Ada", "Grace", "Mary"):
        hubspot.create(firstname=name)
        names.append(read(app.get(f"{JOURNAL}/latest"))["currentOffset"])
    assert len(set(names)) == 3
    assert read(app.get(f"{JOURNAL}/earliest"))["currentOffset"] == names[0]
    assert read(app.get(f"{JOURNAL}/offset/{names[0]}/next"))["currentOffset"] == names[1]
    assert app.get(f"{JOURNAL}/offset/{names[2]}/next").status_code == 204
    hubspot.create(firstname="Joan")
    assert file_of(read(app.get(f"{JOURNAL}/offset/{names[2]}/next")))["journalEvents"][0]["propertyChanges"] == {
        "firstname": "Joan"
    }


def test_batches_of_files(hubspot: RunningSandbox, app: Api) -> None:
    subscribe(app, contacts(hubspot))
    offsets = []
    for name in ("Ada", "Grace", "Mary"):
        hubspot.create(firstname=name)
        offsets.append(read(app.get(f"{JOURNAL}/latest"))["currentOffset"])

    def found(path: str) -> list[str]:
        body = read(app.get(f"{JOURNAL}/batch/{path}"))
        assert body["status"] == "COMPLETE"
        return [each["currentOffset"] for each in body["results"]]

    assert found("earliest/2") == offsets[:2]
    assert found("latest/2") == offsets[1:]
    assert found(f"{offsets[0]}/next/9") == offsets[1:]
    assert app.get(f"{JOURNAL}/batch/{offsets[2]}/next/9").status_code == 204
    for wrong in ("earliest/0", "earliest/101", "latest/x"):
        assert app.get(f"{JOURNAL}/batch/{wrong}").status_code == 400


def test_files_are_read_by_their_offsets(hubspot: RunningSandbox, app: Api) -> None:
    subscribe(app, contacts(hubspot))
    hubspot.create(firstname="Ada")
    offset = read(app.get(f"{JOURNAL}/latest"))["currentOffset"]
    body = read(app.post(f"{JOURNAL}/batch/read", {"inputs": [offset]}))
    assert [each["currentOffset"] for each in body["results"]] == [offset]
    partly = read(app.post(f"{JOURNAL}/batch/read", {"inputs": [offset, "made-up"]}), 207)
    assert [each["currentOffset"] for each in partly["results"]] == [offset]
    assert partly["errors"][0]["context"] == {"ids": ["made-up"]}
    assert app.post(f"{JOURNAL}/batch/read", {"inputs": [offset] * 101}).status_code == 400


def test_the_local_journal_is_one_accounts(hubspot: RunningSandbox, app: Api) -> None:
    subscribe(app, contacts(hubspot))
    hubspot.create(firstname="Ada")
    offset = read(app.get(f"{JOURNAL}/latest"))["currentOffset"]
    for path in ("earliest", "latest"):
        assert read(app.get(f"{LOCAL}/{path}", installPortalId=hubspot.portal.id))["currentOffset"] == offset
        assert app.get(f"{LOCAL}/{path}", installPortalId=1).status_code == 204
    body = {"inputs": [offset]}
    elsewhere = app.send("POST", f"{LOCAL}/batch/read", params={"installPortalId": 1}, json=body)
    assert read(elsewhere, 207)["results"] == []


def test_a_link_needs_no_token_and_lives_five_minutes(hubspot: RunningSandbox, app: Api) -> None:
    subscribe(app, contacts(hubspot))
    hubspot.create(firstname="Ada")
    place = read(app.get(f"{JOURNAL}/latest"))
    assert file_of(place)["journalEvents"]
    hubspot.advance(journal.LINK_S)
    expired = requests.get(place["url"], timeout=DEADLINE_S)
    assert expired.status_code == 403
    assert expired.headers["Content-Type"].startswith("application/xml")
    assert "Request has expired" in expired.text
    assert file_of(read(app.get(f"{JOURNAL}/latest")))["journalEvents"]  # a new link to the same file


def test_a_link_cannot_be_made_up(hubspot: RunningSandbox, app: Api) -> None:
    subscribe(app, contacts(hubspot))
    hubspot.create(firstname="Ada")
    url = read(app.get(f"{JOURNAL}/latest"))["url"]
    expires = parse_qs(urlsplit(url).query)["Expires"][0]
    for wrong in (url.replace(expires, str(int(expires) + 1)), url.split("?")[0], url[:-1] + "x"):
        assert requests.get(wrong, timeout=DEADLINE_S).status_code == 403


def test_files_are_kept_three_days_of_the_portals_time(hubspot: RunningSandbox, app: Api) -> None:
    def later(seconds: float) -> None:
        hubspot.advance(seconds)
        app.use(hubspot.grant_app().token)

    subscribe(app, contacts(hubspot))
    hubspot.create(firstname="Ada")  # published when it is due, though nobody asks for two days
    later(2 * DAY_S)
    hubspot.create(firstname="Grace")
    later(DAY_S - 60)
    place = read(app.get(f"{JOURNAL}/earliest"))
    assert file_of(place)["journalEvents"][0]["propertyChanges"] == {"firstname": "Ada"}
    later(60)
    assert [each["propertyChanges"] for each in events(app)] == [{"firstname": "Grace"}]
    assert app.get(f"{JOURNAL}/offset/{place['currentOffset']}/next").status_code == 400
    later(2 * DAY_S)
    assert app.get(f"{JOURNAL}/earliest").status_code == 204


@pytest.mark.parametrize(("choice", "status"), [("refused", 400), ("not_found", 404), ("gone", 410)])
def test_an_unknown_offset_is_answered_as_chosen(hubspot: RunningSandbox, app: Api, choice: str, status: int) -> None:
    hubspot.change_options(journal_lost_offset=choice)
    for path in ("offset/made-up/next", "batch/made-up/next/3"):
        assert read(app.get(f"{JOURNAL}/{path}"), status)["status"] == "error"


def test_an_unknown_offset_may_look_like_nothing_new(hubspot: RunningSandbox, app: Api) -> None:
    hubspot.change_options(journal_lost_offset="nothing_new")
    assert app.get(f"{JOURNAL}/offset/made-up/next").status_code == 204


def test_publishing_takes_a_while_of_the_portals_time(hubspot: RunningSandbox, app: Api) -> None:
    hubspot.change_options(journal_delay_s=600)
    subscribe(app, contacts(hubspot))
    hubspot.create(firstname="Ada")
    hubspot.create(firstname="Grace")
    hubspot.advance(540)
    assert app.get(f"{JOURNAL}/latest").status_code == 204
    hubspot.advance(60)
    file = file_of(read(app.get(f"{JOURNAL}/latest")))
    assert len(file["journalEvents"]) == 2


def test_a_file_ends_with_its_ten_thousandth_event(
    hubspot: RunningSandbox, app: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (journal.MAX_EVENTS, journal.MAX_BYTES) == (10_000, 5_000_000)
    monkeypatch.setattr(journal, "MAX_EVENTS", 4)
    subscribe(app, contacts(hubspot))
    for number in range(10):
        hubspot.create(firstname=str(number))
    places = read(app.get(f"{JOURNAL}/batch/earliest/9"))["results"]
    assert [len(file_of(each)["journalEvents"]) for each in places] == [4, 4, 2]
    monkeypatch.setattr(journal, "MAX_BYTES", 1000)
    hubspot.create(firstname="a" * 400)
    hubspot.create(firstname="b" * 400)
    places = read(app.get(f"{JOURNAL}/batch/latest/2"))["results"]
    assert [len(file_of(each)["journalEvents"]) for each in places] == [1, 1]


def test_changes_far_apart_are_not_in_one_file(hubspot: RunningSandbox, app: Api) -> None:
    subscribe(app, contacts(hubspot))
    hubspot.create(firstname="Ada")
    hubspot.advance(11)
    hubspot.create(firstname="Grace")
    assert len(read(app.get(f"{JOURNAL}/batch/earliest/9"))["results"]) == 2


def test_nothing_comes_of_an_account_without_the_app_or_without_the_scope() -> None:
    with hubspot_sandbox.running(contacts=0) as hubspot:
        app = Api(hubspot.url, hubspot.grant_app().token)
        subscribe(app, contacts(hubspot))
        hubspot.create(firstname="before the install")
        hubspot.grant(scopes=["oauth"])
        hubspot.create(firstname="without the scope")
        hubspot.grant(scopes=["crm.objects.contacts.read"])
        hubspot.create(firstname="Ada")
        hubspot.uninstall()
        hubspot.create(firstname="after the uninstall")
        assert [each["propertyChanges"] for each in events(app)] == [{"firstname": "Ada"}]
        app.close()


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", f"{JOURNAL}/earliest", JOURNAL_READ),
        ("GET", f"{LOCAL}/latest", JOURNAL_READ),
        ("GET", SUBSCRIPTIONS, SUBSCRIPTIONS_READ),
        ("POST", SUBSCRIPTIONS, SUBSCRIPTIONS_WRITE),
        ("DELETE", f"{SUBSCRIPTIONS}/1", SUBSCRIPTIONS_WRITE),
    ],
)
def test_each_scope_opens_its_own_endpoints_and_no_accounts_token_does(
    hubspot: RunningSandbox, anonymous: Api, method: str, path: str, scope: str
) -> None:
    having = Api(hubspot.url, hubspot.grant_app([scope]).token)
    lacking = Api(hubspot.url, hubspot.grant_app([each for each in APP_SCOPES if each != scope]).token)
    account = Api(hubspot.url, hubspot.grant().token)
    body = contacts(hubspot)
    assert having.send(method, path, json=body).status_code in (200, 204, 404)
    for stranger in (lacking, account):
        refused = read(stranger.send(method, path, json=body), 403)
        assert refused["errors"][0]["context"]["requiredGranularScopes"] == [scope]
    assert anonymous.send(method, path, json=body).status_code == 401
    for api in (having, lacking, account):
        api.close()


def test_the_journal_takes_from_no_budget() -> None:
    with hubspot_sandbox.running(contacts=0, options=Options(general_limit=1, search_limit=1)) as hubspot:
        app = Api(hubspot.url, hubspot.grant_app().token)
        assert [app.get(f"{JOURNAL}/latest").status_code for _ in range(5)] == [204] * 5
        assert [app.get(SUBSCRIPTIONS).status_code for _ in range(5)] == [200] * 5
        app.close()
