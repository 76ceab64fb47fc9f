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


def test_object_type_by_id_is_the_same_and_an_unknown_one_is_refused(api: Api) -> None:
    assert read(api.get("/crm/objects/2026-09/0-1"))["results"] == api.list()["results"]
    assert read(api.get("/crm/objects/2026-09/unicorns"), 400)["category"] == "VALIDATION_ERROR"


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


def test_empty_portal_lists_nothing() -> None:
    with hubspot_sandbox.running(contacts=0) as empty:
        api = Api(empty.url, empty.grant().token)
        assert api.list() == {"results": []}
        assert api.search() == {"total": 0, "results": []}
        api.close()
