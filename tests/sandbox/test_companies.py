"""Companies as HubSpot serves them, and what the control API does to them."""

import pytest

from hubspot_sandbox import RunningSandbox
from tests.sandbox.client import Api, Json, ids, read

COMPANIES = "/crm/objects/2026-09/companies"


def walk(api: Api, limit: int) -> list[str]:
    page = read(api.get(COMPANIES, limit=limit))
    found = ids(page)
    while "paging" in page:
        page = read(api.get(COMPANIES, limit=limit, after=page["paging"]["next"]["after"]))
        found += ids(page)
    return found


def test_a_walk_gives_every_company_once_in_ascending_order(hubspot: RunningSandbox, api: Api) -> None:
    assert len(hubspot.portal.companies) == 10
    assert walk(api, 3) == [str(each) for each in sorted(hubspot.portal.companies)]


def test_default_properties(api: Api) -> None:
    names = list(read(api.get(COMPANIES))["results"][0]["properties"])
    assert names == ["createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"]


def test_get_one(hubspot: RunningSandbox, api: Api) -> None:
    works = hubspot.create_company(name="Works", phone="(212) 555-0100")
    record = read(api.get(f"{COMPANIES}/{works.id}", properties="name,phone,nope"))
    assert record["id"] == record["properties"]["hs_object_id"] == str(works.id)
    assert (record["properties"]["name"], record["properties"]["phone"]) == ("Works", "(212) 555-0100")
    assert record["properties"]["hs_lastmodifieddate"] == record["updatedAt"]
    assert "nope" not in record["properties"]
    assert read(api.get(f"{COMPANIES}/1"), 404)["message"] == "resource not found"
    assert read(api.get(f"{COMPANIES}/x"), 404)["category"] == "OBJECT_NOT_FOUND"


def asked(*wanted: object) -> Json:
    return {"inputs": [{"id": str(each)} for each in wanted], "properties": ["name", "phone"]}


def test_batch_read_of_known_ids(hubspot: RunningSandbox, api: Api) -> None:
    first, second, *_ = hubspot.portal.companies
    body = read(api.post(f"{COMPANIES}/batch/read", asked(first, second, first)))
    assert sorted(ids(body)) == sorted(map(str, (first, second)))
    assert list(body["results"][0]["properties"]) == [
        "createdate",
        "hs_lastmodifieddate",
        "hs_object_id",
        "name",
        "phone",
    ]


def test_batch_read_with_missing_ids_is_207(hubspot: RunningSandbox, api: Api) -> None:
    first = next(iter(hubspot.portal.companies))
    contact = hubspot.portal.live_ids[0]
    body = read(api.post(f"{COMPANIES}/batch/read", asked(first, contact, "abc")), 207)
    assert ids(body) == [str(first)]
    (error,) = body["errors"]
    assert error["context"]["ids"] == [str(contact), "abc"]
    assert "COMPANY" in error["message"]


def test_batch_read_takes_a_hundred_inputs_and_no_more(api: Api) -> None:
    assert api.post(f"{COMPANIES}/batch/read", asked(*range(100))).status_code == 207
    body = read(api.post(f"{COMPANIES}/batch/read", asked(*range(101))), 400)
    assert body["category"] == "VALIDATION_ERROR"


def test_batch_read_by_a_property_that_is_not_unique_is_refused(api: Api) -> None:
    read(api.post(f"{COMPANIES}/batch/read", {**asked(1), "idProperty": "name"}), 400)


def test_object_type_by_id_is_the_same(api: Api) -> None:
    assert read(api.get("/crm/objects/2026-09/0-2")) == read(api.get(COMPANIES))


def test_every_contacts_company_exists_and_several_share_one(hubspot: RunningSandbox, api: Api) -> None:
    named = [each.value("associatedcompanyid") for each in hubspot.portal.live()]
    companies = {each for each in named if each is not None}
    assert companies <= set(walk(api, 100))
    assert len(companies) < len([each for each in named if each is not None])


def test_companies_are_made_and_edited_over_http(api: Api, anonymous: Api) -> None:
    made = read(anonymous.post("/__sandbox/companies", {"properties": {"name": "Works", "phone": "1"}}), 201)
    path = f"/__sandbox/companies/{made['id']}"
    edited = read(anonymous.send("PATCH", path, json={"properties": {"name": "New Works", "phone": ""}}))
    assert edited["updatedAt"] >= made["updatedAt"]
    record = read(api.get(f"{COMPANIES}/{made['id']}", properties="name,phone"))
    assert (record["properties"]["name"], record["properties"]["phone"]) == ("New Works", None)
    assert anonymous.send("PATCH", "/__sandbox/companies/1", json={}).status_code == 404


@pytest.mark.parametrize("properties", [{"nope": "x"}, {"hs_object_id": "5"}, {"firstname": "Ada"}])
def test_company_properties_that_do_not_fit_are_refused(anonymous: Api, properties: Json) -> None:
    body = read(anonymous.post("/__sandbox/companies", {"properties": properties}), 400)
    assert body["category"] == "VALIDATION_ERROR"


def test_editing_a_company_from_python_changes_no_contact(hubspot: RunningSandbox) -> None:
    before = list(hubspot.portal.live())
    first = next(iter(hubspot.portal.companies))
    assert hubspot.edit_company(first, name="Renamed").properties["name"] == "Renamed"
    assert list(hubspot.portal.live()) == before


def test_a_fault_of_companies_spares_the_contacts(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("companies", 500)
    assert api.get("/crm/objects/2026-09/contacts").status_code == 200
    assert api.get(COMPANIES).status_code == 500
    assert hubspot.requests.count("companies", 500) == 1
