"""Contacts as HubSpot serves them: listing, single reads and batch reads."""

import re
from itertools import pairwise

import pytest

import hubspot_sandbox
from hubspot_sandbox import RunningSandbox
from tests.sandbox.client import CONTACTS, Api, ids, read

ISO_MS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def walk(api: Api, **query: object) -> list[str]:
    found: list[str] = []
    after: str | None = None
    while True:
        page = api.list(**query, **({} if after is None else {"after": after}))
        found += ids(page)
        if "paging" not in page:
            return found
        after = page["paging"]["next"]["after"]


def test_walk_gives_every_contact_once_in_ascending_order(hubspot: RunningSandbox, api: Api) -> None:
    assert walk(api, limit=7) == [str(contact.id) for contact in hubspot.portal.live()]


def test_ids_are_sparse_strings(api: Api) -> None:
    found = ids(api.list(limit=60))
    assert all(isinstance(each, str) for each in found)
    gaps = {int(b) - int(a) for a, b in pairwise(found)}
    assert min(gaps) < 60
    assert max(gaps) > 1_000_000


def test_after_is_emitted_as_last_id_plus_one(api: Api) -> None:
    page = api.list(limit=5)
    after = page["paging"]["next"]["after"]
    assert after == str(int(page["results"][-1]["id"]) + 1)
    assert f"after={after}" in page["paging"]["next"]["link"]
    assert "limit=5" in page["paging"]["next"]["link"]


def test_after_is_an_inclusive_lower_bound_that_need_not_exist(api: Api) -> None:
    second, third = ids(api.list(limit=3))[1:]
    assert ids(api.list(after=second, limit=1)) == [second]
    assert ids(api.list(after=int(second) + 1, limit=1)) == [third]


def test_last_page_has_no_paging(hubspot: RunningSandbox, api: Api) -> None:
    assert "paging" not in api.list(limit=60)
    assert api.list(after=hubspot.portal.live_ids[-1] + 1) == {"results": []}


def test_default_limit_is_ten(api: Api) -> None:
    assert len(api.list()["results"]) == 10


@pytest.mark.parametrize("limit", ["101", "0", "-1", "many"])
def test_limit_outside_the_range_is_refused(api: Api, limit: str) -> None:
    assert read(api.get(CONTACTS, limit=limit), 400)["category"] == "VALIDATION_ERROR"


@pytest.mark.parametrize("after", ["x", "--5", "1e3", "9" * 25])
def test_after_that_is_no_number_is_refused(api: Api, after: str) -> None:
    assert read(api.get(CONTACTS, after=after), 400)["category"] == "VALIDATION_ERROR"


def test_default_properties(api: Api) -> None:
    names = list(api.list(limit=1)["results"][0]["properties"])
    assert names == ["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"]


@pytest.mark.parametrize("asked", [["phone,nope,company"], ["phone", "nope", "company"]])
def test_properties_repeated_or_comma_separated(hubspot: RunningSandbox, api: Api, asked: list[str]) -> None:
    created = hubspot.create(phone="+1 212 555 0100")
    record = read(api.get(f"{CONTACTS}/{created.id}", properties=asked))
    assert list(record["properties"]) == ["company", "createdate", "hs_object_id", "lastmodifieddate", "phone"]
    assert record["properties"]["company"] is None  # known and unset
    assert record["properties"]["phone"] == "+1 212 555 0100"
    assert record["properties"]["hs_object_id"] == record["id"]


def test_only_unknown_properties_leave_the_three_that_always_come(api: Api) -> None:
    record = api.list(limit=1, properties="nope")["results"][0]
    assert list(record["properties"]) == ["createdate", "hs_object_id", "lastmodifieddate"]


def test_dates_are_iso_with_milliseconds(api: Api) -> None:
    for record in api.list(limit=60)["results"]:
        assert ISO_MS.fullmatch(record["createdAt"])
        assert ISO_MS.fullmatch(record["updatedAt"])
        assert record["properties"]["createdate"] == record["createdAt"] <= record["updatedAt"]
        assert record["properties"]["lastmodifieddate"] == record["updatedAt"]
        assert record["archived"] is False
        assert "archivedAt" not in record


def test_hs_lastmodifieddate_is_known_but_empty_on_contacts(api: Api) -> None:
    record = api.list(limit=1, properties="hs_lastmodifieddate")["results"][0]
    assert record["properties"]["hs_lastmodifieddate"] is None


def test_a_contact_created_during_a_walk_shows_up_at_its_end(hubspot: RunningSandbox, api: Api) -> None:
    page = api.list(limit=50)
    created = hubspot.create(firstname="Late")
    rest = api.list(limit=50, after=page["paging"]["next"]["after"])
    assert ids(rest)[-1] == str(created.id)


def test_archived_contacts_are_only_in_the_archived_listing(hubspot: RunningSandbox, api: Api) -> None:
    gone = hubspot.portal.live_ids[4]
    hubspot.archive(gone)
    assert str(gone) not in ids(api.list(limit=100))
    listed = api.list(limit=100, archived="true")["results"]
    assert [each["id"] for each in listed] == [str(gone)]
    assert listed[0]["archived"] is True
    assert ISO_MS.fullmatch(listed[0]["archivedAt"])


@pytest.mark.parametrize("root", ["/crm/objects/2026-09", "/crm/v3/objects"])
@pytest.mark.parametrize("name", ["contacts", "contact", "0-1"])
def test_both_path_families_take_every_name_of_a_kind(api: Api, root: str, name: str) -> None:
    page = read(api.get(f"{root}/{name}", limit=3))
    assert page["results"] == api.list(limit=3)["results"]
    assert f"{root}/{name}?" in page["paging"]["next"]["link"]
    first = page["results"][0]
    assert read(api.get(f"{root}/{name}/{first['id']}")) == first


@pytest.mark.parametrize("root", ["/crm/objects/2026-09", "/crm/v3/objects"])
def test_an_unknown_kind_is_refused(api: Api, root: str) -> None:
    assert read(api.get(f"{root}/unicorns"), 400)["category"] == "VALIDATION_ERROR"
    assert read(api.post(f"{root}/unicorns/batch/read", {"inputs": []}), 400)["category"] == "VALIDATION_ERROR"
    assert read(api.get(f"{root}/contacts/1/2/3"), 404)["message"] == "resource not found"


def test_get_one_by_id_and_by_email(hubspot: RunningSandbox, api: Api) -> None:
    created = hubspot.create(email="Ada@Lovelace.example", firstname="Ada")
    by_id = read(api.get(f"{CONTACTS}/{created.id}"))
    assert by_id["properties"]["firstname"] == "Ada"
    assert read(api.get(f"{CONTACTS}/ada@lovelace.example", idProperty="email")) == by_id


def test_get_by_a_property_that_is_not_unique_is_refused(api: Api) -> None:
    assert read(api.get(f"{CONTACTS}/Ada", idProperty="firstname"), 400)["category"] == "VALIDATION_ERROR"


def test_missing_contact_is_404_without_a_category(api: Api) -> None:
    body = read(api.get(f"{CONTACTS}/999999999999"), 404)
    assert body["message"] == "resource not found"
    assert "category" not in body


def test_id_that_is_not_numeric_is_404_with_a_category(api: Api) -> None:
    body = read(api.get(f"{CONTACTS}/abc"), 404)
    assert body["category"] == "OBJECT_NOT_FOUND"
    assert body["message"] == "Object not found.  objectId are usually numeric."


def test_archived_contact_is_found_only_when_archived_is_asked_for(hubspot: RunningSandbox, api: Api) -> None:
    gone = hubspot.portal.live_ids[0]
    hubspot.archive(gone)
    assert read(api.get(f"{CONTACTS}/{gone}"), 404)["status"] == "error"
    assert read(api.get(f"{CONTACTS}/{gone}", archived="true"))["archived"] is True


def test_batch_read_of_known_ids(hubspot: RunningSandbox, api: Api) -> None:
    wanted = [str(each) for each in hubspot.portal.live_ids[:3]]
    inputs = [{"id": each} for each in [*wanted, wanted[0]]]
    body = read(api.post(f"{CONTACTS}/batch/read", {"inputs": inputs, "properties": ["company", "nope"]}))
    assert body["status"] == "COMPLETE"
    assert sorted(ids(body)) == sorted(wanted)
    assert list(body["results"][0]["properties"]) == ["company", "createdate", "hs_object_id", "lastmodifieddate"]
    assert ISO_MS.fullmatch(body["startedAt"])
    assert ISO_MS.fullmatch(body["completedAt"])
    assert "errors" not in body


def test_batch_read_with_missing_ids_is_207(hubspot: RunningSandbox, api: Api) -> None:
    first, second, *_ = hubspot.portal.live_ids
    hubspot.archive(second)
    inputs = [{"id": each} for each in (str(first), str(second), "999", "abc")]
    body = read(api.post(f"{CONTACTS}/batch/read", {"inputs": inputs}), 207)
    assert ids(body) == [str(first)]
    assert body["numErrors"] == 1  # groups of errors, not ids
    (error,) = body["errors"]
    assert error["category"] == "OBJECT_NOT_FOUND"
    assert error["context"]["ids"] == [str(second), "999", "abc"]


def test_batch_read_by_email(hubspot: RunningSandbox, api: Api) -> None:
    created = hubspot.create(email="a@b.example")
    body = read(api.post(f"{CONTACTS}/batch/read", {"idProperty": "email", "inputs": [{"id": "a@b.example"}]}))
    assert ids(body) == [str(created.id)]


def test_batch_read_takes_a_hundred_inputs_and_no_more(api: Api) -> None:
    inputs = [{"id": str(each)} for each in range(101)]
    assert api.post(f"{CONTACTS}/batch/read", {"inputs": inputs[:100]}).status_code == 207
    body = read(api.post(f"{CONTACTS}/batch/read", {"inputs": inputs}), 400)
    assert body["category"] == "VALIDATION_ERROR"
    assert "maximum number of inputs supported in a batch is 100" in body["message"]


def test_batch_read_of_broken_json_says_where(api: Api) -> None:
    response = api.send("POST", f"{CONTACTS}/batch/read", data=b'{"inputs": [,]}')
    assert read(response, 400)["message"].startswith("Invalid input JSON on line 1, column 13")


def test_body_of_another_shape_is_refused(api: Api) -> None:
    assert read(api.post(f"{CONTACTS}/batch/read", {"inputs": "7"}), 400)["category"] == "VALIDATION_ERROR"


def test_a_page_above_the_maximum_may_be_cut_to_it(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.change_options(oversized_pages_are_refused=False)
    assert len(api.list(limit=101)["results"]) == 60
    assert len(api.list(limit=60, propertiesWithHistory="phone")["results"]) == 50


def test_history_has_the_versions_of_a_value_newest_first(hubspot: RunningSandbox, api: Api) -> None:
    first, second = hubspot.portal.live_ids[:2]
    now_ms = hubspot.portal.clock.now_ms()
    hubspot.edit(first, phone="1", at_ms=now_ms)
    hubspot.edit(first, firstname="Ada", at_ms=now_ms + 1)
    hubspot.edit(first, phone="", at_ms=now_ms + 2)
    edited, untouched = api.list(limit=2, propertiesWithHistory="phone,fax,nope")["results"]
    assert edited["properties"].keys() == {"createdate", "fax", "hs_object_id", "lastmodifieddate", "phone"}
    assert edited["propertiesWithHistory"].keys() == {"fax", "phone"}
    assert edited["propertiesWithHistory"]["fax"] == []
    history = edited["propertiesWithHistory"]["phone"]
    assert [each["value"] for each in history][:2] == ["", "1"]
    assert history[0]["timestamp"] == edited["updatedAt"]
    assert {each["sourceType"] for each in history} == {"CRM_UI"}
    value = hubspot.portal.contacts[second].value("phone")
    told = [{"value": value, "timestamp": untouched["updatedAt"], "sourceType": "CRM_UI"}]
    assert untouched["propertiesWithHistory"]["phone"] == ([] if value is None else told)


def test_history_of_values_is_read_one_by_one_and_in_batches_too(hubspot: RunningSandbox, api: Api) -> None:
    contact_id = hubspot.create(phone="1").id
    alone = read(api.get(f"{CONTACTS}/{contact_id}", propertiesWithHistory="phone"))
    body = {"inputs": [{"id": str(contact_id)}], "propertiesWithHistory": ["phone"]}
    assert read(api.post(f"{CONTACTS}/batch/read", body))["results"] == [alone]
    assert len(alone["propertiesWithHistory"]["phone"]) == 1


def test_with_history_pages_and_batches_hold_fifty(api: Api) -> None:
    assert api.get(CONTACTS, limit=50, propertiesWithHistory="phone").status_code == 200
    assert read(api.get(CONTACTS, limit=51, propertiesWithHistory="phone"), 400)["category"] == "VALIDATION_ERROR"
    inputs = [{"id": str(each)} for each in range(51)]
    asked = {"inputs": inputs[:50], "propertiesWithHistory": ["phone"]}
    assert api.post(f"{CONTACTS}/batch/read", asked).status_code == 207
    read(api.post(f"{CONTACTS}/batch/read", {**asked, "inputs": inputs}), 400)


def test_batch_read_of_the_archived(hubspot: RunningSandbox, api: Api) -> None:
    gone, kept = hubspot.portal.live_ids[:2]
    hubspot.archive(gone)
    body = read(
        api.post(f"{CONTACTS}/batch/read?archived=true", {"inputs": [{"id": str(each)} for each in (gone, kept)]}), 207
    )
    assert [(each["id"], each["archived"]) for each in body["results"]] == [(str(gone), True)]


def test_a_unique_property_of_the_portals_own_finds_a_contact(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.add_property("contacts", "badge", unique=True)
    contact_id = hubspot.create(badge="A-1").id
    assert read(api.get(f"{CONTACTS}/a-1", idProperty="badge"))["id"] == str(contact_id)
    body = {"inputs": [{"id": "A-1"}, {"id": "A-2"}], "idProperty": "badge"}
    found = read(api.post(f"{CONTACTS}/batch/read", body), 207)
    assert ids(found) == [str(contact_id)]
    assert found["errors"][0]["context"]["ids"] == ["A-2"]


def test_a_property_that_disappears_between_two_pages(hubspot: RunningSandbox, api: Api) -> None:
    page = api.list(limit=2, properties="jobtitle")
    assert "jobtitle" in page["results"][0]["properties"]
    hubspot.archive_property("contacts", "jobtitle")
    rest = api.list(limit=2, properties="jobtitle", after=page["paging"]["next"]["after"])
    assert "jobtitle" not in rest["results"][0]["properties"]


def test_companies_are_searched_too(hubspot: RunningSandbox, api: Api) -> None:
    company = hubspot.create_company(name="Works of Our Own")
    filters = [{"propertyName": "name", "operator": "EQ", "value": "works of our own"}]
    body = {"filterGroups": [{"filters": filters}], "properties": ["name", "nope"]}
    found = read(api.post("/crm/objects/2026-09/companies/search", body))
    assert (found["total"], ids(found)) == (1, [str(company.id)])
    assert found["results"][0]["properties"].keys() == {"createdate", "hs_lastmodifieddate", "hs_object_id", "name"}


def test_empty_portal_lists_nothing() -> None:
    with hubspot_sandbox.running(contacts=0) as empty:
        api = Api(empty.url, empty.grant().token)
        assert api.list() == {"results": []}
        assert api.search() == {"total": 0, "results": []}
        api.close()
