"""What the webhooks journal writes down: subscriptions, their filters, and the events each kind of them gets."""

import pytest

from hubspot_sandbox import RunningSandbox
from tests.sandbox.client import Api, authorize_query, client_form, landed, read
from tests.sandbox.journal_reader import ALL, SUBSCRIPTIONS, VERSIONS, contacts, events, subscribe


def test_only_what_is_subscribed_to_is_written_down(hubspot: RunningSandbox, app: Api) -> None:
    mine, other = hubspot.portal.live_ids[:2]
    hubspot.edit(mine, firstname="before anybody subscribed")
    wanted = contacts(hubspot, actions=["UPDATE"], properties=["firstname"], objectIds=[mine])
    subscribe(app, wanted)
    hubspot.edit(mine, lastname="another property")
    hubspot.edit(other, firstname="another object")
    hubspot.archive(mine)
    hubspot.restore(mine)
    hubspot.create_company(name="another type")
    hubspot.edit(mine, firstname="Ada", lastname="King")
    assert [each["propertyChanges"] for each in events(app)] == [{"firstname": "Ada"}]


def test_calculated_properties_are_left_out_unless_told(hubspot: RunningSandbox, app: Api) -> None:
    contact_id = hubspot.portal.live_ids[0]
    subscribe(app, contacts(hubspot, properties=["hs_calculated_phone_number"]))
    hubspot.edit(contact_id, phone="+1 212 555 0100")
    assert events(app) == []
    hubspot.change_options(journal_tells_calculated=True)
    hubspot.edit(contact_id, phone="+1 212 555 0199")
    assert [each["propertyChanges"] for each in events(app)] == [{"hs_calculated_phone_number": "+12125550199"}]


def test_a_privacy_deletion_is_an_event_of_its_own(hubspot: RunningSandbox, app: Api) -> None:
    subscribe(app, contacts(hubspot))
    wanted = {"subscriptionType": "GDPR_PRIVACY_DELETION", "objectTypeId": "0-1", "actions": ["GDPR_DELETE"]}
    subscribe(app, wanted | {"portalId": hubspot.portal.id})
    first, second = hubspot.portal.live_ids[:2]
    hubspot.gdpr_delete(first)
    assert [(each["type"], each["action"], each["objectId"]) for each in events(app)] == [
        ("gdpr_privacy_deletion", "GDPR_DELETE", first)
    ]
    hubspot.change_options(journal_tells_gdpr_as_delete=True)
    hubspot.gdpr_delete(second)
    assert [each["action"] for each in events(app) if each["objectId"] == second] == ["DELETE", "GDPR_DELETE"]


def test_associations_are_told_from_the_side_subscribed(hubspot: RunningSandbox, app: Api) -> None:
    ada, works = hubspot.create(firstname="Ada"), hubspot.create_company(name="Analytical Works")
    wanted = {"subscriptionType": "ASSOCIATION", "portalId": hubspot.portal.id, "objectTypeId": "0-1"}
    both = ["ASSOCIATION_ADDED", "ASSOCIATION_REMOVED"]
    subscribe(app, wanted | {"associatedObjectTypeIds": ["0-2"], "actions": both})
    hubspot.associate(ada.id, works.id)
    hubspot.dissociate(ada.id, works.id)
    added, removed = events(app)
    assert (added["type"], added["action"], removed["action"]) == ("association", *both)
    assert added["fromObject"] == {"objectTypeId": "0-1", "objectId": ada.id}
    assert added["toObject"] == {"objectTypeId": "0-2", "objectId": works.id}


def test_an_associated_company_is_an_update_of_the_contact(hubspot: RunningSandbox, app: Api) -> None:
    ada, works = hubspot.create(firstname="Ada"), hubspot.create_company(name="Analytical Works")
    subscribe(app, contacts(hubspot))
    hubspot.associate(ada.id, works.id)
    assert [(each["action"], each["propertyChanges"]) for each in events(app)] == [
        ("UPDATE", {"associatedcompanyid": str(works.id)})
    ]


def test_the_apps_life_is_told_whether_installed_or_not(hubspot: RunningSandbox, app: Api, anonymous: Api) -> None:
    subscribe(app, {"subscriptionType": "APP_LIFECYCLE_EVENT"})
    account = Api(hubspot.url, hubspot.grant("rep").token)
    assert account.send("DELETE", "/appinstalls/2026-09/external-install").status_code == 204
    query = authorize_query(hubspot)
    landing = landed(anonymous.post_form("/oauth/authorize", **query, person="admin", decision="allow"))
    form = client_form(hubspot, grant_type="authorization_code", code=landing["code"])
    read(anonymous.post_form("/oauth/2026-09/token", **form, redirect_uri=query["redirect_uri"]))
    hubspot.grant("rep")  # a second grant installs nothing
    told = [(each["type"], each["action"], each["eventTypeId"]) for each in events(app)]
    assert told == [
        ("app_lifecycle_event", "APP_UNINSTALL", "4-1916193"),
        ("app_lifecycle_event", "APP_INSTALL", "4-1909196"),
    ]
    account.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_subscriptions_are_upserted_listed_and_deleted(hubspot: RunningSandbox, app: Api, version: str) -> None:
    path = f"/webhooks-journal/subscriptions/{version}"
    made = read(app.post(path, contacts(hubspot, properties=["phone"])))
    assert made["appId"] == 1165000
    assert {name: made[name] for name in ("objectTypeId", "actions", "properties", "objectIds")} == {
        "objectTypeId": "0-1",
        "actions": ALL,
        "properties": ["phone"],
        "objectIds": [],
    }
    hubspot.advance(1)
    again = read(app.post(path, contacts(hubspot, properties=["email"])))
    assert (again["id"], again["properties"], again["createdAt"]) == (made["id"], ["email"], made["createdAt"])
    assert again["updatedAt"] > made["updatedAt"]
    other = read(app.post(path, contacts(hubspot, objectTypeId="0-2")))
    assert read(app.get(path))["results"] == [again, other]
    assert read(app.get(f"{path}/{made['id']}")) == again
    assert app.send("DELETE", f"{path}/{made['id']}").status_code == 204
    assert app.get(f"{path}/{made['id']}").status_code == 404
    assert app.send("DELETE", f"{path}/portals/1").status_code == 204
    assert read(app.get(path))["results"] == [other]
    assert app.send("DELETE", f"{path}/portals/{hubspot.portal.id}").status_code == 204
    assert read(app.get(path))["results"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"subscriptionType": "UNICORN"},
        {"portalId": 1},
        {"portalId": None},
        {"actions": []},
        {"actions": ["GDPR_DELETE"]},
        {"objectTypeId": "0-99"},
        {"objectTypeId": None},
    ],
)
def test_subscriptions_that_do_not_fit_are_refused(hubspot: RunningSandbox, app: Api, wrong: dict[str, object]) -> None:
    assert read(app.post(SUBSCRIPTIONS, contacts(hubspot) | wrong), 400)["category"] == "VALIDATION_ERROR"


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ({"operator": "EQ", "value": "Berlin"}, ["Ada"]),
        ({"operator": "NEQ", "value": "Berlin"}, ["Grace", "Mary"]),
        ({"operator": "IN", "values": ["Berlin", "Oslo"]}, ["Ada", "Grace"]),
        ({"operator": "NOT_IN", "values": ["Berlin", "Oslo"]}, ["Mary"]),
        ({"operator": "CONTAINS", "value": "l"}, ["Ada", "Grace"]),
    ],
)
def test_a_filter_lets_pass_what_meets_it(
    hubspot: RunningSandbox, app: Api, condition: dict[str, object], told: list[str]
) -> None:
    subscription = subscribe(app, contacts(hubspot))
    conditions = [{"filterType": "CRM_OBJECT_PROPERTY", "property": "city", **condition}]
    body = {"subscriptionId": subscription["id"], "filter": {"conditions": conditions}}
    read(app.post(f"{SUBSCRIPTIONS}/filters", body), 201)
    for name, city in (("Ada", "Berlin"), ("Grace", "Oslo"), ("Mary", None)):
        hubspot.create(firstname=name, city=city)
    assert [each["propertyChanges"]["firstname"] for each in events(app)] == told


def test_conditions_are_all_to_be_met_and_filters_any(hubspot: RunningSandbox, app: Api) -> None:
    subscription = subscribe(app, contacts(hubspot))

    def add(**wanted: str) -> None:
        conditions = [{"property": name, "operator": "EQ", "value": value} for name, value in wanted.items()]
        body = {"subscriptionId": subscription["id"], "filter": {"conditions": conditions}}
        read(app.post(f"{SUBSCRIPTIONS}/filters", body), 201)

    add(firstname="Ada", lastname="King")
    add(firstname="Grace")
    for first, last in (("Ada", "King"), ("Ada", "Other"), ("Grace", "Hopper"), ("Mary", "King")):
        hubspot.create(firstname=first, lastname=last)
    names = [each["propertyChanges"]["firstname"] for each in events(app)]
    assert names == ["Ada", "Grace"]


def test_filters_are_listed_and_deleted(hubspot: RunningSandbox, app: Api) -> None:
    subscription = subscribe(app, contacts(hubspot))
    conditions = [{"filterType": "CRM_OBJECT_PROPERTY", "property": "city", "operator": "EQ", "value": "Berlin"}]
    body = {"subscriptionId": subscription["id"], "filter": {"conditions": conditions}}
    filter_id = read(app.post(f"{SUBSCRIPTIONS}/filters", body), 201)["filterId"]
    known = read(app.get(f"{SUBSCRIPTIONS}/filters/{filter_id}"))
    assert known["filter"]["conditions"][0]["value"] == "Berlin"
    assert app.get(f"{SUBSCRIPTIONS}/filters/subscription/{subscription['id']}").json() == [known]
    assert app.send("DELETE", f"{SUBSCRIPTIONS}/filters/{filter_id}").status_code == 204
    assert app.get(f"{SUBSCRIPTIONS}/filters/{filter_id}").status_code == 404
    hubspot.create(firstname="Ada")
    assert len(events(app)) == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"subscriptionId": 1}, 404),
        ({"filter": {"conditions": []}}, 400),
        ({"filter": {"conditions": [{"property": "city", "operator": "SOUNDS_LIKE", "value": "x"}]}}, 400),
    ],
)
def test_filters_that_do_not_fit_are_refused(
    hubspot: RunningSandbox, app: Api, change: dict[str, object], status: int
) -> None:
    subscription = subscribe(app, contacts(hubspot))
    conditions = [{"property": "city", "operator": "EQ", "value": "Berlin"}]
    body = {"subscriptionId": subscription["id"], "filter": {"conditions": conditions}} | change
    assert app.post(f"{SUBSCRIPTIONS}/filters", body).status_code == status
