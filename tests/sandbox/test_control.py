"""The control API over HTTP: what happens behind a client's back, its own description, and who may use it."""

import json
import re
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from starlette.routing import Route

import hubspot_sandbox
from hubspot_sandbox import Options, RunningSandbox
from hubspot_sandbox.control import CONTROLS, PREFIX, ROUTES
from hubspot_sandbox.options import choices
from hubspot_sandbox.sandbox import Sandbox
from hubspot_sandbox.server import application
from tests.sandbox.client import CONTACTS, TOKEN, Api, Json, client_form, ids, read

COMPANIES = "/crm/objects/2026-09/companies"


def test_create_edit_and_archive(api: Api, anonymous: Api) -> None:
    created = read(anonymous.post("/__sandbox/contacts", {"properties": {"firstname": "Ada", "phone": "1"}}), 201)
    path = f"/__sandbox/contacts/{created['id']}"
    assert read(api.get(f"{CONTACTS}/{created['id']}"))["properties"]["firstname"] == "Ada"

    body = {"properties": {"firstname": "Augusta", "phone": ""}}
    edited = read(anonymous.send("PATCH", path, json=body))
    assert edited["properties"]["firstname"] == "Augusta"
    assert "phone" not in edited["properties"]
    assert edited["updatedAt"] >= created["updatedAt"]
    assert edited["createdAt"] == created["createdAt"]

    assert read(anonymous.send("DELETE", path))["archivedAt"]
    assert api.get(f"{CONTACTS}/{created['id']}").status_code == 404
    assert anonymous.send("DELETE", path).status_code == 404

    assert read(anonymous.post(f"{path}/restore", {}))["archivedAt"] is None
    assert read(api.get(f"{CONTACTS}/{created['id']}"))["properties"]["firstname"] == "Augusta"


def test_merge_gives_a_new_contact(hubspot: RunningSandbox, api: Api, anonymous: Api) -> None:
    primary, other = hubspot.portal.live_ids[:2]
    merged = read(anonymous.post("/__sandbox/contacts/merge", {"primary_id": primary, "other_id": other}), 201)
    assert merged["id"] not in {str(primary), str(other)}
    assert read(api.get(f"{CONTACTS}/{other}"))["id"] == merged["id"]
    assert anonymous.post("/__sandbox/contacts/merge", {"primary_id": primary, "other_id": other}).status_code != 201


def test_gdpr_deletion_is_for_good(hubspot: RunningSandbox, api: Api, anonymous: Api) -> None:
    gone = hubspot.portal.live_ids[0]
    read(anonymous.post(f"/__sandbox/contacts/{gone}/gdpr-delete", {}))
    assert api.get(f"{CONTACTS}/{gone}").status_code == 404
    assert anonymous.post(f"/__sandbox/contacts/{gone}/restore", {}).status_code == 404


def test_many_contacts_change_at_one_moment(hubspot: RunningSandbox, anonymous: Api) -> None:
    body = {"count": 40, "properties": {"lifecyclestage": "customer"}, "at": "2026-11-02T03:04:05.678Z"}
    assert read(anonymous.send("PATCH", "/__sandbox/contacts", json=body)) == {"edited": 40, "at": body["at"]}
    changed = [each for each in hubspot.portal.live() if each.value("lastmodifieddate") == body["at"]]
    assert [each.id for each in changed] == hubspot.portal.live_ids[:40]
    assert {each.properties["lifecyclestage"] for each in changed} == {"customer"}

    named = [hubspot.portal.live_ids[-1]]
    assert read(anonymous.send("PATCH", "/__sandbox/contacts", json={"ids": named}))["edited"] == 1


def test_companies_live_like_contacts(hubspot: RunningSandbox, api: Api, anonymous: Api) -> None:
    one, other = (
        read(anonymous.post("/__sandbox/companies", {"properties": {"name": name}}), 201) for name in ("One", "Other")
    )
    path = f"/__sandbox/companies/{one['id']}"
    assert read(anonymous.send("PATCH", path, json={"properties": {"name": "Uno"}}))["properties"]["name"] == "Uno"
    assert read(anonymous.send("DELETE", path))["archivedAt"]
    assert api.get(f"{COMPANIES}/{one['id']}").status_code == 404
    read(anonymous.post(f"{path}/restore", {}))
    body = {"primary_id": int(one["id"]), "other_id": int(other["id"])}
    merged = read(anonymous.post("/__sandbox/companies/merge", body), 201)
    assert read(api.get(f"{COMPANIES}/{other['id']}"))["id"] == merged["id"]
    assert int(merged["id"]) in hubspot.portal.companies


def test_contacts_join_and_leave_companies(hubspot: RunningSandbox, anonymous: Api) -> None:
    contact = hubspot.create(firstname="Ada")
    company = hubspot.create_company(name="Analytical Works")
    path = f"/__sandbox/contacts/{contact.id}/companies/{company.id}"
    read(anonymous.send("PUT", path, json={"primary": True}))
    assert hubspot.portal.contacts[contact.id].properties["associatedcompanyid"] == str(company.id)
    read(anonymous.send("DELETE", path))
    assert "associatedcompanyid" not in hubspot.portal.contacts[contact.id].properties


def test_owners_come_and_go(api: Api, anonymous: Api) -> None:
    owner = read(anonymous.post("/__sandbox/owners", {"name": "Mae Jemison"}), 201)
    assert owner["email"] == "mae.jemison@brightmoor-supply.example"
    assert read(anonymous.send("DELETE", f"/__sandbox/owners/{owner['id']}"))["archived"] is True
    listed = [each["id"] for each in read(api.get("/crm/owners/2026-09"))["results"]]
    assert str(owner["id"]) not in listed
    assert anonymous.send("DELETE", "/__sandbox/owners/1").status_code == 404


def test_moment_of_a_change_can_be_set(api: Api, anonymous: Api, hubspot: RunningSandbox) -> None:
    path = f"/__sandbox/contacts/{hubspot.portal.live_ids[0]}"
    anonymous.send("PATCH", path, json={"at": "2026-11-02T03:04:05.678Z"})
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
    ("method", "path", "body", "wrong"),
    [
        ("POST", "/__sandbox/contacts", {"propertys": {}}, "propertys"),
        ("PATCH", "/__sandbox/contacts/1", {"at": "yesterday"}, "at"),
        ("PATCH", "/__sandbox/contacts", {"count": -1}, "count"),
        ("POST", "/__sandbox/contacts/merge", {"primary_id": 1}, "other_id"),
        ("PUT", "/__sandbox/contacts/1/companies/2", {"primary": "perhaps"}, "primary"),
        ("POST", "/__sandbox/owners", {"name": ""}, "name"),
        ("POST", "/__sandbox/clock", {"advance_s": -1}, "advance_s"),
        ("POST", "/__sandbox/clock", {}, "advance_s"),
        ("POST", "/__sandbox/faults", {"endpoint": "nowhere", "status": 500}, "endpoint"),
        ("POST", "/__sandbox/faults", {"endpoint": "list", "status": 200}, "status"),
        ("PATCH", "/__sandbox/options", {"latency": 5}, "latency"),
        ("PATCH", "/__sandbox/options", {"index_lag_s": -1}, "index_lag_s"),
        ("PATCH", "/__sandbox/options", {"portal_id": 12}, "portal_id"),
        ("POST", "/__sandbox/grants", {"user": "nobody"}, "user"),
        ("POST", "/__sandbox/calls", {"number": "1"}, "to"),
        ("DELETE", "/__sandbox/faults", {"all": True}, "all"),
    ],
)
def test_bad_bodies_get_a_400_that_names_the_field(
    anonymous: Api, method: str, path: str, body: Json, wrong: str
) -> None:
    refused = read(anonymous.send(method, path, json=body), 400)
    assert refused["category"] == "VALIDATION_ERROR"
    assert re.search(rf"\b{wrong}\b", refused["message"])


def test_a_body_that_is_no_json_gets_a_400(anonymous: Api) -> None:
    assert "Invalid input JSON" in read(anonymous.send("POST", "/__sandbox/contacts", data="{"), 400)["message"]


def test_statistics_count_by_endpoint_and_status(api: Api, anonymous: Api) -> None:
    api.list()
    api.list(limit=1)
    api.get(CONTACTS, limit=101)
    api.search(limit=1)
    anonymous.get(CONTACTS)
    body = read(anonymous.get("/__sandbox/statistics"))
    assert body["by_endpoint"] == {"list": {"200": 2, "400": 1, "401": 1}, "search": {"200": 1}}
    assert body["total"] == 5
    assert body["throttled"] == 0
    assert body["peak_concurrency"] == 1
    assert 1 <= body["busiest_second"] <= 5
    assert body["bytes_out"] > 1000
    assert body["contacts"] == {"live": 60, "archived": 0}
    read(anonymous.send("DELETE", "/__sandbox/statistics"))
    assert read(anonymous.get("/__sandbox/statistics"))["total"] == 0


def test_options_are_read_and_changed(hubspot: RunningSandbox, api: Api, anonymous: Api) -> None:
    body = read(anonymous.get("/__sandbox/options"))
    assert body == json.loads(Options().model_dump_json())
    assert read(anonymous.send("PATCH", "/__sandbox/options", json={"general_limit": 1})) == body | {"general_limit": 1}
    assert [api.get(CONTACTS).status_code for _ in range(2)] == [200, 429]
    assert hubspot.options.general_limit == 1


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


def test_grants_are_given_and_ended(hubspot: RunningSandbox, anonymous: Api) -> None:
    given = read(anonymous.post("/__sandbox/grants", {"user": "rep", "scopes": ["crm.objects.contacts.read"]}), 201)
    api = Api(hubspot.url, given["access_token"])
    assert read(api.get(CONTACTS))["results"]
    assert api.get("/crm/owners/2026-09").status_code == 403
    assert read(anonymous.send("DELETE", "/__sandbox/grants")) == {"grants": 1}
    assert read(api.get(CONTACTS), 401)["category"] == "INVALID_AUTHENTICATION"
    form = client_form(hubspot, grant_type="refresh_token", refresh_token=given["refresh_token"])
    assert read(anonymous.post_form(TOKEN, **form), 400)["status"] == "BAD_REFRESH_TOKEN"
    api.close()


def test_index_lists_every_endpoint_with_an_example_that_is_taken(hubspot: RunningSandbox, anonymous: Api) -> None:
    listed = read(anonymous.get("/__sandbox/"))["controls"]
    routes = [route for route in application(Sandbox(Options(), hubspot.portal)).routes if isinstance(route, Route)]
    ours = [route for route in routes if route.path.startswith(PREFIX)]
    served = {(method, route.path) for route in ours for method in (route.methods or ()) if method != "HEAD"}
    assert {(each["method"], each["path"]) for each in listed} == served
    assert len(ROUTES) == len(served)
    for each in listed:
        assert each["says"].endswith(".")
        assert set(each["example"]) <= set(each["body"]), each["path"]
    for control in CONTROLS:
        control.body.model_validate(control.example)


def test_index_describes_the_fields_of_a_body(anonymous: Api) -> None:
    listed = {each["name"]: each["body"] for each in read(anonymous.get("/__sandbox/"))["controls"]}
    assert listed["advance"] == {
        "advance_s": "number, required, by how much; moments after it are later by this",
    }
    assert set(listed["change_options"]) == {each.name for each in choices()}
    assert listed["everything"] == {}


def test_fixture_has_every_power_by_the_same_name() -> None:
    assert [each.name for each in CONTROLS[1:] if not hasattr(RunningSandbox, each.name)] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:80"},
    ],
)
@pytest.mark.parametrize("path", ["/__sandbox/contacts", "/ring"])
def test_another_sites_request_is_refused(hubspot: RunningSandbox, path: str, headers: dict[str, str]) -> None:
    before = len(hubspot.portal.live_ids)
    api = Api(hubspot.url)
    assert "403" in str(api.send("POST", path, data="{}", headers=headers).status_code)
    assert len(hubspot.portal.live_ids) == before
    api.close()


def test_our_own_page_is_no_other_site(hubspot: RunningSandbox, anonymous: Api) -> None:
    headers = {"Origin": hubspot.url}
    assert anonymous.send("POST", "/__sandbox/contacts", data="{}", headers=headers).status_code == 201


def test_control_answers_this_machine_only_unless_told_otherwise() -> None:
    for options, status in ((Options(), 403), (Options(control_from_anywhere=True), 200)):
        with hubspot_sandbox.running(contacts=0, options=options) as hubspot:
            connection = HTTPConnection("127.0.0.1", urlsplit(hubspot.url).port or 0, timeout=10)
            connection.request("GET", "/__sandbox/clock", headers={"Host": "sandbox.example"})
            response = connection.getresponse()
            assert response.status == status
            assert re.search("this machine only" if status == 403 else "now", response.read().decode())
            connection.close()
