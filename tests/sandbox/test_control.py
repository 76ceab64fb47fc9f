"""The control API over HTTP."""

import pytest

from hubspot_sandbox import RunningSandbox
from tests.sandbox.client import CONTACTS, TOKEN, Api, client_form, ids, read


def test_create_edit_and_archive(api: Api, anonymous: Api) -> None:
    created = read(anonymous.post("/__sandbox/contacts", {"properties": {"firstname": "Ada", "phone": "1"}}), 201)
    path = f"/__sandbox/contacts/{created['id']}"
    assert read(api.get(f"{CONTACTS}/{created['id']}"))["properties"]["firstname"] == "Ada"

    body = {"properties": {"firstname": "Augusta", "phone": ""}}
    edited = read(anonymous.send("PATCH", path, json=body))
    assert edited["properties"]["firstname"] == "Augusta"
    assert edited["properties"]["phone"] is None
    assert edited["updatedAt"] >= created["updatedAt"]
    assert edited["createdAt"] == created["createdAt"]

    assert read(anonymous.send("DELETE", path))["archived"] is True
    assert api.get(f"{CONTACTS}/{created['id']}").status_code == 404
    assert anonymous.send("DELETE", path).status_code == 404


def test_moment_of_a_change_can_be_set(api: Api, anonymous: Api, hubspot: RunningSandbox) -> None:
    path = f"/__sandbox/contacts/{hubspot.portal.live_ids[0]}"
    anonymous.send("PATCH", path, json={"modified_at": "2026-11-02T03:04:05.678Z"})
    assert api.list(limit=1)["results"][0]["updatedAt"] == "2026-11-02T03:04:05.678Z"


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"nope": "x"}, "PROPERTY_DOESNT_EXIST"),
        ({"hs_object_id": "5"}, "READ_ONLY_VALUE"),
        ({"email": "not an address"}, "INVALID_EMAIL"),
    ],
)
def test_properties_that_do_not_fit_are_refused(
    hubspot: RunningSandbox, anonymous: Api, properties: dict[str, str], code: str
) -> None:
    before = len(hubspot.portal.live_ids)
    body = read(anonymous.post("/__sandbox/contacts", {"properties": properties}), 400)
    assert body["category"] == "VALIDATION_ERROR"
    assert [each["code"] for each in body["errors"]] == [code]
    assert len(hubspot.portal.live_ids) == before


def test_taken_email_is_a_conflict_that_names_the_holder(hubspot: RunningSandbox, anonymous: Api) -> None:
    holder = hubspot.create(email="ada@analytical.example")
    body = read(anonymous.post("/__sandbox/contacts", {"properties": {"email": "ADA@analytical.example"}}), 409)
    assert body["category"] == "CONFLICT"
    assert body["message"] == f"Contact already exists. Existing ID: {holder.id}"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/__sandbox/contacts", {"propertys": {}}),
        ("PATCH", "/__sandbox/contacts/1", {"modified_at": "yesterday"}),
        ("POST", "/__sandbox/clock", {"advance_s": -1}),
        ("POST", "/__sandbox/clock", {}),
        ("POST", "/__sandbox/faults", {"endpoint": "nowhere", "status": 500}),
        ("POST", "/__sandbox/faults", {"endpoint": "list", "status": 200}),
        ("POST", "/__sandbox/latency", {"latency": 5}),
    ],
)
def test_control_bodies_are_checked(anonymous: Api, method: str, path: str, body: object) -> None:
    assert read(anonymous.send(method, path, json=body), 400)["category"] == "VALIDATION_ERROR"


def test_statistics_count_by_endpoint_and_status(api: Api, anonymous: Api) -> None:
    api.list()
    api.list(limit=1)
    api.get(CONTACTS, limit=101)
    api.search(limit=1)
    anonymous.get(CONTACTS)
    body = read(anonymous.get("/__sandbox/statistics"))
    assert body["by_endpoint"] == {"list": {"200": 2, "400": 1, "401": 1}, "search": {"200": 1}}
    assert body["total"] == 5
    assert body["contacts"] == {"live": 60, "archived": 0}


def test_token_expiry_follows_the_clock(api: Api, anonymous: Api) -> None:
    read(anonymous.post("/__sandbox/clock", {"advance_s": 1801}))
    assert read(api.get(CONTACTS), 401)["category"] == "EXPIRED_AUTHENTICATION"


def test_changes_after_a_moved_clock_are_later(hubspot: RunningSandbox, api: Api, anonymous: Api) -> None:
    first = read(anonymous.post("/__sandbox/contacts", {"properties": {}}), 201)
    read(anonymous.post("/__sandbox/clock", {"advance_s": 60}))
    second = read(anonymous.post("/__sandbox/contacts", {"properties": {}}), 201)
    since = {"propertyName": "lastmodifieddate", "operator": "GT", "value": first["updatedAt"]}
    assert ids(api.search(filterGroups=[{"filters": [since]}])) == [second["id"]]
    assert int(second["id"]) == hubspot.portal.live_ids[-1]


def test_faults_are_set_and_cleared(api: Api, anonymous: Api) -> None:
    fault = {"endpoint": "list", "status": 500, "times": 5}
    read(anonymous.post("/__sandbox/faults", fault), 201)
    assert api.get(CONTACTS).status_code == 500
    anonymous.send("DELETE", "/__sandbox/faults")
    assert api.get(CONTACTS).status_code == 200


def test_revoke_ends_every_grant(hubspot: RunningSandbox, api: Api, anonymous: Api) -> None:
    tokens = hubspot.grant("rep")
    assert read(anonymous.post("/__sandbox/revoke", {})) == {"grants": 2}
    assert read(api.get(CONTACTS), 401)["category"] == "INVALID_AUTHENTICATION"
    form = client_form(hubspot, grant_type="refresh_token", refresh_token=tokens.grant.refresh_token)
    assert read(anonymous.post_form(TOKEN, **form), 400)["status"] == "BAD_REFRESH_TOKEN"
