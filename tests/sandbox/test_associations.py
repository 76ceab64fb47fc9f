"""Contacts and companies joined and parted over HTTP, and read from either side."""

import pytest

from hubspot_sandbox import RunningSandbox
from hubspot_sandbox.portal import Portal
from tests.sandbox.client import CONTACTS, Api, Json, ids, read

COMPANIES = "/crm/objects/2026-09/companies"
PAIRS = "/crm/associations/2026-09/contacts/companies"
BACKWARDS = "/crm/associations/2026-09/companies/contacts"
V4 = "/crm/v4/associations/contacts/companies"
UNLABELED: Json = {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None}
PRIMARY: Json = {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"}


@pytest.fixture
def contact(hubspot: RunningSandbox) -> int:
    return hubspot.create(firstname="Ada").id


@pytest.fixture
def works(hubspot: RunningSandbox) -> int:
    return hubspot.create_company(name="Works").id


@pytest.fixture
def mill(hubspot: RunningSandbox, works: int) -> int:
    mill = hubspot.create_company(name="Mill").id
    assert mill > works
    return mill


def asked(*record_ids: int | str) -> Json:
    return {"inputs": [{"id": str(each)} for each in record_ids]}


def of_type(type_id: int) -> list[Json]:
    return [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]


def targets(result: Json) -> dict[int, list[int]]:
    """Give a record's targets with the ids of their types."""
    return {
        int(each["toObjectId"]): [one["typeId"] for one in each["associationTypes"]]
        for each in result["to" if "to" in result else "results"]
    }


def companies_of(hubspot: RunningSandbox, contact: int) -> list[int]:
    return hubspot.portal.links.companies_of(hubspot.portal.contacts[contact])


def test_pairs_are_read_with_their_types(
    hubspot: RunningSandbox, api: Api, contact: int, works: int, mill: int
) -> None:
    hubspot.associate(contact, mill)
    hubspot.associate(contact, works, primary=False)
    for path in (PAIRS, V4, "/crm/associations/2026-09/0-1/company"):
        body = read(api.post(f"{path}/batch/read", asked(contact)))
        assert (body["status"], len(body["results"])) == ("COMPLETE", 1)
        assert body["results"][0]["from"] == {"id": str(contact)}
        assert body["results"][0]["to"] == [
            {"toObjectId": works, "associationTypes": [UNLABELED]},
            {"toObjectId": mill, "associationTypes": [PRIMARY, UNLABELED]},
        ]


def test_pairs_are_read_from_the_companys_side(
    hubspot: RunningSandbox, api: Api, contact: int, works: int, mill: int
) -> None:
    other = hubspot.create().id
    hubspot.associate(contact, works)
    hubspot.associate(other, mill)
    hubspot.associate(other, works, primary=False)
    (result,) = read(api.post(f"{BACKWARDS}/batch/read", asked(works)))["results"]
    assert targets(result) == {contact: [2, 280], other: [280]}


def test_ids_may_be_strings_under_the_dated_paths(hubspot: RunningSandbox, api: Api, contact: int, works: int) -> None:
    hubspot.associate(contact, works)
    hubspot.change_options(association_ids_are_numbers=False)
    for path, wanted in ((PAIRS, str(works)), (V4, works)):
        (result,) = read(api.post(f"{path}/batch/read", asked(contact)))["results"]
        assert result["to"][0]["toObjectId"] == wanted


def test_who_belongs_nowhere_is_an_error_of_their_own(
    hubspot: RunningSandbox, api: Api, contact: int, works: int
) -> None:
    alone, gone, other = (hubspot.create().id for _ in range(3))
    for each in (contact, gone, other):
        hubspot.associate(each, works)
    hubspot.archive(gone)
    body = read(api.post(f"{PAIRS}/batch/read", asked(contact, alone, gone, other, 999, contact)), 207)
    assert [each["from"]["id"] for each in body["results"]] == [str(contact), str(other)]
    assert {each["context"]["fromObjectId"][0] for each in body["errors"]} == {str(alone), str(gone), "999"}
    assert body["numErrors"] == 3
    error = next(each for each in body["errors"] if each["context"]["fromObjectId"] == [str(alone)])
    assert error["message"] == f"No company is associated with contact {alone}."
    assert (error["category"], error["subCategory"]) == (
        "OBJECT_NOT_FOUND",
        "crm.associations.NO_ASSOCIATIONS_FOUND",
    )
    assert (error["context"]["fromObjectType"], error["context"]["toObjectType"]) == (["contact"], ["company"])


def test_answers_do_not_line_up_with_inputs(hubspot: RunningSandbox, api: Api, works: int) -> None:
    people = [hubspot.create(associatedcompanyid=str(works)).id for _ in range(3)]
    body = read(api.post(f"{PAIRS}/batch/read", asked(*people)))
    assert [int(each["from"]["id"]) for each in body["results"]] == people[::-1]


def test_a_batch_read_holds_a_thousand(api: Api) -> None:
    assert api.post(f"{PAIRS}/batch/read", asked(*range(1000))).status_code == 207
    assert "supported in a batch is 1000" in read(api.post(f"{PAIRS}/batch/read", asked(*range(1001))), 400)["message"]


def test_many_targets_are_paged_for_each_record(hubspot: RunningSandbox, api: Api, works: int) -> None:
    people = hire(hubspot, works, 501)
    (first,) = read(api.post(f"{BACKWARDS}/batch/read", asked(works)))["results"]
    after = first["paging"]["next"]["after"]
    (last,) = read(api.post(f"{BACKWARDS}/batch/read", {"inputs": [{"id": str(works), "after": after}]}))["results"]
    assert (len(first["to"]), "paging" in last) == (500, False)
    assert [*targets(first), *targets(last)] == people


def hire(hubspot: RunningSandbox, works: int, count: int) -> list[int]:
    return [hubspot.create(associatedcompanyid=str(works)).id for _ in range(count)]


def test_one_records_pairs_are_only_under_v4_unless_told_otherwise(
    hubspot: RunningSandbox, api: Api, contact: int, works: int, mill: int
) -> None:
    hubspot.associate(contact, works)
    hubspot.associate(contact, mill, primary=False)
    path = f"{CONTACTS}/{contact}/associations/companies"
    first = read(api.get(f"/crm/v4/objects/contacts/{contact}/associations/companies", limit=1))
    last = read(api.get(f"/crm/v4/objects/0-1/{contact}/associations/0-2", after=first["paging"]["next"]["after"]))
    assert (targets(first), targets(last), "paging" in last) == ({works: [1, 279]}, {mill: [279]}, False)
    assert api.get(path).status_code == 404
    hubspot.change_options(single_associations_are_missing_in_2026_09=False)
    assert targets(read(api.get(path))) == {works: [1, 279], mill: [279]}
    assert api.get(f"{CONTACTS}/999/associations/companies").status_code == 404


def test_labels_of_both_directions(api: Api) -> None:
    for path, type_ids in ((PAIRS, {1: "Primary", 279: None}), (BACKWARDS, {2: "Primary", 280: None})):
        results = read(api.get(f"{path}/labels"))["results"]
        assert {each["typeId"]: each["label"] for each in results} == type_ids


def test_the_default_association_from_either_side(
    hubspot: RunningSandbox, api: Api, contact: int, works: int, mill: int
) -> None:
    body = read(api.send("PUT", f"/crm/v4/objects/contacts/{contact}/associations/default/companies/{works}"))
    assert [each["associationSpec"]["associationTypeId"] for each in body["results"]] == [279, 280]
    assert body["results"][0]["from"] == body["results"][1]["to"] == {"id": str(contact)}
    read(api.send("PUT", f"{COMPANIES}/{mill}/associations/default/contacts/{contact}"))
    assert companies_of(hubspot, contact) == [works, mill]
    assert hubspot.portal.contacts[contact].value("associatedcompanyid") == str(works)


def test_a_labelled_association_moves_the_primary_company(
    hubspot: RunningSandbox, api: Api, contact: int, works: int, mill: int
) -> None:
    hubspot.associate(contact, works)
    path = f"/crm/v4/objects/contacts/{contact}/associations/companies/{mill}"
    pair = read(api.send("PUT", path, json=of_type(1)), 201)
    assert (pair["fromObjectId"], pair["toObjectId"], pair["labels"]) == (contact, mill, ["Primary"])
    assert companies_of(hubspot, contact) == [mill, works]
    assert api.send("DELETE", path).status_code == 204
    assert companies_of(hubspot, contact) == [works]
    assert hubspot.portal.contacts[contact].value("associatedcompanyid") is None
    assert read(api.send("PUT", path, json=of_type(2)), 400)["category"] == "VALIDATION_ERROR"
    assert read(api.send("PUT", path, json={}), 400)["category"] == "VALIDATION_ERROR"


def test_pairs_are_made_and_removed_in_batches(
    hubspot: RunningSandbox, api: Api, contact: int, works: int, mill: int
) -> None:
    def pair(company: int, type_id: int) -> Json:
        return {"from": {"id": contact}, "to": {"id": str(company)}, "types": of_type(type_id)}

    body = read(api.post(f"{PAIRS}/batch/create", {"inputs": [pair(works, 279), pair(mill, 1)]}), 201)
    assert [(each["toObjectId"], each["labels"]) for each in body["results"]] == [(works, []), (mill, ["Primary"])]
    assert companies_of(hubspot, contact) == [mill, works]
    removed = {"from": {"id": str(contact)}, "to": [{"id": str(mill)}, {"id": "999"}]}
    assert api.post(f"{PAIRS}/batch/archive", {"inputs": [removed]}).status_code == 204
    assert companies_of(hubspot, contact) == [works]
    default = {"from": {"id": str(mill)}, "to": {"id": str(contact)}}
    assert len(read(api.post(f"{BACKWARDS}/batch/associate/default", {"inputs": [default]}))["results"]) == 2
    assert companies_of(hubspot, contact) == [mill, works]


def test_a_batch_with_a_record_that_is_not_there_joins_nobody(
    hubspot: RunningSandbox, api: Api, contact: int, works: int
) -> None:
    inputs = [{"from": {"id": contact}, "to": {"id": each}, "types": of_type(279)} for each in (works, 999)]
    assert api.post(f"{PAIRS}/batch/create", {"inputs": inputs}).status_code == 404
    assert companies_of(hubspot, contact) == []
    assert api.post(f"{PAIRS}/batch/create", {"inputs": inputs[:1] * 2001}).status_code == 400


@pytest.mark.parametrize("path", ["contacts/contacts", "contacts/deals", "companies/companies"])
def test_what_is_not_associated_here_is_refused(api: Api, path: str) -> None:
    response = api.post(f"/crm/associations/2026-09/{path}/batch/read", asked(1))
    assert read(response, 400)["category"] == "VALIDATION_ERROR"


def test_associations_come_with_the_list_and_with_one(
    hubspot: RunningSandbox, api: Api, contact: int, works: int, mill: int
) -> None:
    hubspot.associate(contact, mill)
    hubspot.associate(contact, works, primary=False)
    listed = api.list(after=contact, limit=1, associations="companies")["results"][0]
    assert read(api.get(f"{CONTACTS}/{contact}", associations="0-2")) == listed
    assert listed["associations"] == {
        "companies": {
            "results": [
                {"id": str(works), "type": "contact_to_company_unlabeled"},
                {"id": str(mill), "type": "contact_to_company"},
                {"id": str(mill), "type": "contact_to_company_unlabeled"},
            ]
        }
    }
    alone = hubspot.create().id
    assert "associations" not in read(api.get(f"{CONTACTS}/{alone}", associations="companies"))
    assert api.get(CONTACTS, associations="unicorns").status_code == 400


def test_a_companys_many_contacts_are_a_page_away(hubspot: RunningSandbox, api: Api, works: int) -> None:
    people = hire(hubspot, works, 101)
    for path, query in ((f"{COMPANIES}/{works}", {}), (COMPANIES, {"after": works, "limit": 1})):
        body = read(api.get(path, associations="contacts", **query))
        record = body if "id" in body else body["results"][0]
        found = record["associations"]["contacts"]
        assert {each["id"] for each in found["results"]} == {str(each) for each in people[:100]}
        assert {each["type"] for each in found["results"]} == {"company_to_contact", "company_to_contact_unlabeled"}
        assert found["paging"]["next"]["after"] == str(people[100])
        assert f"{COMPANIES}/{works}/associations/contacts?" in found["paging"]["next"]["link"]


def test_a_written_company_id_and_the_associations_are_in_step(api: Api, contact: int, works: int, mill: int) -> None:
    for company in (works, mill):
        api.send("PATCH", f"{CONTACTS}/{contact}", json={"properties": {"associatedcompanyid": str(company)}})
    (result,) = read(api.post(f"{PAIRS}/batch/read", asked(contact)))["results"]
    assert targets(result) == {works: [279], mill: [1, 279]}
    api.send("PATCH", f"{CONTACTS}/{contact}", json={"properties": {"associatedcompanyid": ""}})
    (result,) = read(api.post(f"{PAIRS}/batch/read", asked(contact)))["results"]
    assert targets(result) == {works: [279]}


def test_every_generated_contacts_company_is_among_its_associations(hubspot: RunningSandbox, api: Api) -> None:
    portal: Portal = hubspot.portal
    named = {str(each.id): each.value("associatedcompanyid") for each in portal.live()}
    body = read(api.post(f"{PAIRS}/batch/read", asked(*named)), 207)
    assert {each["from"]["id"]: str(each["to"][0]["toObjectId"]) for each in body["results"]} == {
        contact: company for contact, company in named.items() if company is not None
    }
    assert ids(read(api.get(COMPANIES, limit=1)))
