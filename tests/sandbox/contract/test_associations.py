"""Section 8: companies, and what joins them to contacts."""

from typing import Any

import requests

from tests.sandbox.client import CONTACTS, Json, ids, read
from tests.sandbox.contract.account import COMPANIES, MARKER, PAIRS, Account, settle, where

DEFAULTS = {"name", "domain", "createdate", "hs_lastmodifieddate", "hs_object_id"}


def read_pairs(account: Account, *contact_ids: str) -> requests.Response:
    return account.api.post(f"{PAIRS}/batch/read", {"inputs": [{"id": each} for each in contact_ids]})


def joined(account: Account, companies: int = 1) -> tuple[str, list[str]]:
    contact_id = account.new(lastname="Joined")
    company_ids = [account.new_company() for _ in range(companies)]
    for each in company_ids:
        account.associate(contact_id, each)
    return contact_id, company_ids


def test_8_companies_have_default_properties_of_their_own(account: Account) -> None:
    record = read(account.api.get(f"{COMPANIES}/{account.new_company()}"))
    assert set(record["properties"]) == DEFAULTS
    assert record["properties"]["hs_lastmodifieddate"] == record["updatedAt"]


def test_8_companies_are_listed_batch_read_created_changed_and_archived_as_contacts_are(account: Account) -> None:
    company_id = account.new_company()
    assert company_id in ids(read(account.api.get(COMPANIES, after=company_id, limit=1)))
    body: Json = {"properties": ["phone"], "propertiesWithHistory": [], "inputs": [{"id": company_id}, {"id": "7"}]}
    assert ids(read(account.api.post(f"{COMPANIES}/batch/read", body), 207)) == [company_id]
    change = {"properties": {"phone": "+1 212 555 0130"}}
    changed = read(account.api.send("PATCH", f"{COMPANIES}/{company_id}", json=change))
    assert changed["properties"]["phone"] == "+1 212 555 0130"
    assert account.api.send("DELETE", f"{COMPANIES}/{company_id}").status_code == 204
    assert account.api.get(f"{COMPANIES}/{company_id}").status_code == 404


def test_8_companies_are_searched_by_hs_lastmodifieddate(account: Account) -> None:
    company_id = account.new_company()
    filters = [where("hs_lastmodifieddate", "GT", "1700000000000"), where("name", "EQ", MARKER)]
    body: dict[str, Any] = {"filterGroups": [{"filters": filters}], "limit": 200}
    account.eventually(
        lambda: read(account.api.post(f"{COMPANIES}/search", body)), lambda found: company_id in ids(found)
    )


def test_8_the_primary_company_is_a_property_of_the_contact(account: Account) -> None:
    contact_id, [first, _] = joined(account, companies=2)
    record = account.get(contact_id, properties="associatedcompanyid,company")
    assert record["properties"]["associatedcompanyid"] == first
    assert record["properties"]["company"] == MARKER


def test_8_pairs_are_read_in_a_batch_with_their_types(account: Account) -> None:
    contact_id, [company_id] = joined(account)
    body = read(read_pairs(account, contact_id))
    assert body["status"] == "COMPLETE"
    assert {"startedAt", "completedAt"} <= set(body)
    [result] = body["results"]
    assert str(result["from"]["id"]) == contact_id
    [target] = result["to"]
    assert str(target["toObjectId"]) == company_id
    types = {(each["category"], each["typeId"], each["label"]) for each in target["associationTypes"]}
    assert types == {("HUBSPOT_DEFINED", 279, None), ("HUBSPOT_DEFINED", 1, "Primary")}


def test_8_pairs_are_read_from_the_companys_side_too(account: Account) -> None:
    contact_id, [company_id] = joined(account)
    path = "/crm/associations/2026-09/companies/contacts/batch/read"
    [result] = read(account.api.post(path, {"inputs": [{"id": company_id}]}))["results"]
    assert [str(target["toObjectId"]) for target in result["to"]] == [contact_id]
    assert {each["typeId"] for each in result["to"][0]["associationTypes"]} == {280, 2}


def test_8_a_contact_without_a_company_makes_a_207_with_an_error_for_each(account: Account) -> None:
    contact_id, _ = joined(account)
    alone = account.new_batch({"lastname": "Alone"}, {"lastname": "Alone"})
    body = read(read_pairs(account, contact_id, *alone), 207)
    assert [str(result["from"]["id"]) for result in body["results"]] == [contact_id]
    assert body["numErrors"] == len(body["errors"]) == 2
    errors = {error["context"]["fromObjectId"][0]: error for error in body["errors"]}
    assert set(errors) == set(alone)
    for contact, error in errors.items():
        assert error["category"] == "OBJECT_NOT_FOUND"
        assert error["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
        assert error["message"] == f"No company is associated with contact {contact}."
        assert error["context"]["fromObjectType"] == ["contact"]
        assert error["context"]["toObjectType"] == ["company"]


def test_8_a_batch_read_of_pairs_holds_a_thousand_inputs_at_most(account: Account) -> None:
    inputs = [{"id": str(number)} for number in range(1, 1002)]
    assert account.api.post(f"{PAIRS}/batch/read", {"inputs": inputs[:1000]}).status_code == 207
    assert account.api.post(f"{PAIRS}/batch/read", {"inputs": inputs}).status_code == 400


def test_8_one_contacts_pairs_are_read_by_themselves(account: Account) -> None:
    contact_id, company_ids = joined(account, companies=2)
    body = read(account.api.get(f"/crm/v4/objects/contacts/{contact_id}/associations/companies", limit=500))
    assert sorted(str(result["toObjectId"]) for result in body["results"]) == sorted(company_ids)
    primary = {str(each["toObjectId"]): {one["typeId"] for one in each["associationTypes"]} for each in body["results"]}
    assert primary == {company_ids[0]: {279, 1}, company_ids[1]: {279}}


def test_8_one_contacts_pairs_under_the_newest_version(account: Account) -> None:
    def observe(one: Account) -> int:
        contact_id, _ = joined(one)
        return one.api.get(f"{CONTACTS}/{contact_id}/associations/companies").status_code

    settle(account, "single_associations_are_missing_in_2026_09", {True: 404, False: 200}, observe)


def test_8_the_ids_of_targets_are_numbers_or_strings(account: Account) -> None:
    def observe(one: Account) -> type:
        contact_id, _ = joined(one)
        return type(read(read_pairs(one, contact_id))["results"][0]["to"][0]["toObjectId"])

    settle(account, "association_ids_are_numbers", {True: int, False: str}, observe)


def test_8_a_long_list_of_targets_is_paged(account: Account) -> None:
    contact_id, company_ids = joined(account, companies=3)
    path = f"/crm/v4/objects/contacts/{contact_id}/associations/companies"
    first = read(account.api.get(path, limit=2))
    last = read(account.api.get(path, limit=2, after=first["paging"]["next"]["after"]))
    assert len(first["results"]) == 2
    assert "paging" not in last
    assert sorted(str(each["toObjectId"]) for each in first["results"] + last["results"]) == sorted(company_ids)


def test_8_the_labels_are_known(account: Account) -> None:
    results = read(account.api.get(f"{PAIRS}/labels"))["results"]
    known = {(label["category"], label["typeId"], label["label"]) for label in results}
    assert {("HUBSPOT_DEFINED", 279, None), ("HUBSPOT_DEFINED", 1, "Primary")} <= known


def test_8_the_default_association_is_made_from_either_side(account: Account) -> None:
    contact_id, company_id = account.new(lastname="Joined"), account.new_company()
    path = f"{COMPANIES}/{company_id}/associations/default/contacts/{contact_id}"
    assert account.api.send("PUT", path).status_code == 200
    assert [str(each["toObjectId"]) for each in read(read_pairs(account, contact_id))["results"][0]["to"]] == [
        company_id
    ]


def test_8_pairs_are_made_in_a_batch_of_two_thousand_at_most(account: Account) -> None:
    contact_id, company_id = account.new(lastname="Joined"), account.new_company()
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    pair = {"from": {"id": contact_id}, "to": {"id": company_id}, "types": types}
    assert account.api.post(f"{PAIRS}/batch/create", {"inputs": [pair]}).status_code == 201
    assert read(read_pairs(account, contact_id))["results"]
    assert account.api.post(f"{PAIRS}/batch/create", {"inputs": [pair] * 2001}).status_code == 400


def test_8_pairs_are_removed_in_a_batch(account: Account) -> None:
    contact_id, [company_id] = joined(account)
    pair = {"from": {"id": contact_id}, "to": [{"id": company_id}]}
    assert account.api.post(f"{PAIRS}/batch/archive", {"inputs": [pair]}).status_code == 204
    assert read(read_pairs(account, contact_id), 207)["results"] == []
    record = account.get(contact_id, properties="associatedcompanyid")
    assert record["properties"]["associatedcompanyid"] is None
