"""Section 3.4: create, update, upsert, archive, merge and GDPR delete, one by one and in batches."""

from typing import Any

import pytest
import requests

from tests.sandbox.client import CONTACTS, Json, ids, read
from tests.sandbox.contract.account import MARKER, Account, settle, unique_email

DAY_S = 24 * 3600
PRIMARY_COMPANY = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}


def batch(account: Account, verb: str, *inputs: Json) -> requests.Response:
    return account.api.post(f"{CONTACTS}/batch/{verb}", {"inputs": list(inputs)})


def contact(**properties: str) -> Json:
    return {"properties": {"company": MARKER} | properties}


def upsert_by_email(email: str, **properties: str) -> Json:
    return {"id": email, "idProperty": "email", "properties": {"email": email} | properties}


def patch(account: Account, path: str, **properties: str) -> requests.Response:
    return account.api.send("PATCH", f"{CONTACTS}/{path}", json={"properties": properties})


def property_errors(response: requests.Response) -> list[tuple[str, str]]:
    """The code and the property of each error in a refusal of values."""
    body = read(response, 400)
    assert body["category"] == "VALIDATION_ERROR"
    return [(error["code"], error["context"]["propertyName"][0]) for error in body["errors"]]


def test_3_4_create_answers_201_with_the_object(account: Account) -> None:
    email = unique_email()
    record = read(account.api.post(CONTACTS, contact(firstname="Ada", email=email)), 201)
    account.keep(record["id"])
    assert record["properties"]["firstname"] == "Ada"
    assert record["properties"]["email"] == email
    assert record["archived"] is False
    assert account.get(record["id"])["properties"]["email"] == email


def test_3_4_create_takes_associations(account: Account) -> None:
    company_id = account.new_company()
    associations = [{"to": {"id": company_id}, "types": [PRIMARY_COMPANY]}]
    record = read(account.api.post(CONTACTS, contact(lastname="Joined") | {"associations": associations}), 201)
    account.keep(record["id"])
    joined = account.get(record["id"], associations="companies", properties="associatedcompanyid")
    assert joined["associations"]["companies"]["results"][0]["id"] == company_id
    assert joined["properties"]["associatedcompanyid"] == company_id


def test_3_4_a_duplicate_address_is_a_conflict(account: Account) -> None:
    email = unique_email()
    contact_id = account.new(email=email)
    body = read(account.api.post(CONTACTS, contact(email=email.upper())), 409)
    assert body["category"] == "CONFLICT"
    assert body["message"] == f"Contact already exists. Existing ID: {contact_id}"


def test_3_4_update_answers_200_with_the_object(account: Account) -> None:
    contact_id = account.new(firstname="Ada")
    before = account.get(contact_id)
    record = read(patch(account, contact_id, firstname="Augusta"))
    assert record["id"] == contact_id
    assert record["properties"]["firstname"] == "Augusta"
    assert record["createdAt"] == before["createdAt"]
    assert record["updatedAt"] >= before["updatedAt"]


def test_3_4_an_empty_text_clears_a_value(account: Account) -> None:
    contact_id = account.new(firstname="Ada", phone="+1 212 555 0104")
    assert patch(account, contact_id, phone="").status_code == 200
    properties = account.get(contact_id, properties="phone,firstname")["properties"]
    assert properties["phone"] in (None, "")
    assert properties["firstname"] == "Ada"


def test_3_4_update_takes_a_unique_property(account: Account) -> None:
    email = unique_email()
    contact_id = account.new(email=email)
    assert read(patch(account, f"{email}?idProperty=email", firstname="Ada"))["id"] == contact_id
    assert account.get(contact_id)["properties"]["firstname"] == "Ada"


def test_3_4_archive_answers_204_and_the_contact_is_gone(account: Account) -> None:
    contact_id = account.new(lastname="Gone")
    response = account.api.send("DELETE", f"{CONTACTS}/{contact_id}")
    assert (response.status_code, response.content) == (204, b"")
    assert account.api.get(f"{CONTACTS}/{contact_id}").status_code == 404
    assert patch(account, contact_id, lastname="Back").status_code == 404


def test_3_4_archiving_again(account: Account) -> None:
    def observe(one: Account) -> int:
        contact_id = one.new(lastname="Gone")
        one.archive(contact_id)
        return one.api.send("DELETE", f"{CONTACTS}/{contact_id}").status_code

    settle(account, "archiving_again_is_not_found", {True: 404, False: 204}, observe)


def test_3_4_the_archived_are_restored_only_in_hubspots_pages(steered: Account) -> None:
    contact_id = steered.new(lastname="Back")
    steered.archive(contact_id)
    steered.sandbox.restore(contact_id)
    record = steered.get(contact_id)
    assert record["archived"] is False
    assert "archivedAt" not in record
    assert contact_id in ids(steered.api.list(after=contact_id))
    assert ids(steered.api.list(after=contact_id, archived="true")) == []


def test_3_4_the_archived_are_kept_for_90_days(steered: Account) -> None:
    contact_id = steered.new(lastname="Gone")
    steered.archive(contact_id)
    steered.pass_time(89 * DAY_S)
    assert contact_id in ids(steered.api.list(after=contact_id, archived="true"))
    steered.pass_time(2 * DAY_S)
    assert ids(steered.api.list(after=contact_id, archived="true")) == []


def test_3_4_batch_create_answers_201(account: Account) -> None:
    response = batch(account, "create", contact(lastname="One"), contact(lastname="Two"))
    body = read(response, 201)
    assert body["status"] == "COMPLETE"
    assert {account.get(account.keep(each))["properties"]["lastname"] for each in ids(body)} == {"One", "Two"}


def test_3_4_a_batch_create_that_fails_in_part_is_a_207_that_names_the_trace_ids(account: Account) -> None:
    email = unique_email()
    account.new(email=email)
    well = contact(lastname="Well") | {"objectWriteTraceId": "well"}
    double = contact(email=email) | {"objectWriteTraceId": "double"}
    body = read(batch(account, "create", well, double), 207)
    assert [account.keep(record["id"]) and record["objectWriteTraceId"] for record in body["results"]] == ["well"]
    assert body["numErrors"] == 1
    assert body["errors"][0]["context"]["objectWriteTraceId"] == ["double"]


def test_3_4_batch_update_answers_200(account: Account) -> None:
    one, two = account.new_batch({"lastname": "One"}, {"lastname": "Two"})
    changes = [{"id": each, "properties": {"jobtitle": "Buyer"}} for each in (one, two)]
    body = read(batch(account, "update", *changes))
    assert {record["id"]: record["properties"]["jobtitle"] for record in body["results"]} == {
        one: "Buyer",
        two: "Buyer",
    }


def test_3_4_batch_update_takes_a_unique_property(account: Account) -> None:
    email = unique_email()
    contact_id = account.new(email=email)
    change = {"id": email, "idProperty": "email", "properties": {"firstname": "Ada"}}
    assert ids(read(batch(account, "update", change))) == [contact_id]


def test_3_4_a_batch_update_of_a_missing_contact_is_a_207(account: Account) -> None:
    contact_id = account.new(lastname="There")
    changes = [{"id": each, "properties": {"firstname": "Ada"}} for each in (contact_id, "7")]
    body = read(batch(account, "update", *changes), 207)
    assert ids(body) == [contact_id]
    assert body["errors"][0]["category"] == "OBJECT_NOT_FOUND"


def test_3_4_merged_ids_are_dropped_silently_from_a_batch_update(account: Account) -> None:
    primary, other, bystander = account.new_batch(*({"lastname": name} for name in ("Primary", "Other", "Bystander")))
    survivor = account.merge(primary, other)["id"]
    changes = [{"id": each, "properties": {"jobtitle": "Buyer"}} for each in (primary, other, bystander)]
    body = read(batch(account, "update", *changes))
    assert ids(body) == [bystander]
    assert account.get(survivor, properties="jobtitle")["properties"]["jobtitle"] is None


def test_3_4_batch_upsert_says_which_are_new(account: Account) -> None:
    known, unknown = unique_email(), unique_email()
    contact_id = account.new(email=known, firstname="Old")
    inputs = [upsert_by_email(known, firstname="New"), upsert_by_email(unknown, company=MARKER)]
    body = read(batch(account, "upsert", *inputs))
    created = {account.keep(record["id"]): record["new"] for record in body["results"]}
    assert created.pop(contact_id) is False
    assert list(created.values()) == [True]
    assert account.get(contact_id)["properties"]["firstname"] == "New"


def test_3_4_an_upsert_by_address_is_all_or_nothing(account: Account) -> None:
    email, other = unique_email(), unique_email()
    response = batch(account, "upsert", upsert_by_email(email), upsert_by_email(other, no_such_property_here="x"))
    assert response.status_code == 400
    assert account.api.get(f"{CONTACTS}/{email}", idProperty="email").status_code == 404


def test_3_4_batch_archive_answers_204(account: Account) -> None:
    one, two = account.new_batch({"lastname": "One"}, {"lastname": "Two"})
    response = batch(account, "archive", {"id": one}, {"id": two})
    assert (response.status_code, response.content) == (204, b"")
    assert [account.api.get(f"{CONTACTS}/{each}").status_code for each in (one, two)] == [404, 404]


@pytest.mark.parametrize(
    ("verb", "entry"),
    [
        ("create", {"properties": {}}),
        ("update", {"id": "7", "properties": {}}),
        ("upsert", {"id": "a@example.com", "idProperty": "email", "properties": {}}),
        ("archive", {"id": "7"}),
    ],
)
def test_3_4_a_batch_holds_a_hundred_inputs_at_most(account: Account, verb: str, entry: Json) -> None:
    body = read(batch(account, verb, *[entry] * 101), 400)
    assert body["category"] == "VALIDATION_ERROR"


def test_3_4_merge_answers_with_a_new_id(account: Account) -> None:
    primary, other = account.new_batch({"lastname": "Primary"}, {"lastname": "Other"})
    merged = account.merge(primary, other)
    assert merged["id"] not in (primary, other)
    assert int(merged["id"]) > int(other)
    assert merged["archived"] is False


def test_3_4_gdpr_delete_answers_204_and_the_contact_is_gone(account: Account) -> None:
    contact_id = account.new(lastname="Forgotten")
    response = account.api.post(f"{CONTACTS}/gdpr-delete", {"objectId": contact_id})
    assert (response.status_code, response.content) == (204, b"")
    assert account.api.get(f"{CONTACTS}/{contact_id}").status_code == 404


def test_3_4_gdpr_delete_takes_an_address_known_or_not(account: Account) -> None:
    email = unique_email()
    contact_id = account.new(email=email)
    forget: dict[str, Any] = {"idProperty": "email"}
    assert account.api.post(f"{CONTACTS}/gdpr-delete", forget | {"objectId": email}).status_code == 204
    assert account.api.get(f"{CONTACTS}/{contact_id}").status_code == 404
    assert account.api.post(f"{CONTACTS}/gdpr-delete", forget | {"objectId": unique_email()}).status_code == 204


def test_3_4_an_address_on_the_blocklist_cannot_come_back(account: Account) -> None:
    email = unique_email()
    account.api.post(f"{CONTACTS}/gdpr-delete", {"idProperty": "email", "objectId": email})
    assert account.api.post(CONTACTS, contact(email=email)).status_code != 201


def test_3_4_a_write_bumps_the_last_change(account: Account) -> None:
    contact_id = account.new(firstname="Ada")
    before = account.get(contact_id)
    patch(account, contact_id, firstname="Augusta")
    after = account.get(contact_id)
    assert after["updatedAt"] == after["properties"]["lastmodifieddate"]
    assert after["updatedAt"] >= before["updatedAt"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("no_such_property_here", "x", "PROPERTY_DOESNT_EXIST"),
        ("hs_object_id", "7", "READ_ONLY_VALUE"),
        ("email", "not an address", "INVALID_EMAIL"),
        ("hs_lead_status", "NO_SUCH_STATUS", "INVALID_OPTION"),
        ("associatedcompanyid", "seven", "INVALID_INTEGER"),
    ],
)
def test_4_1_values_that_do_not_fit_are_refused_with_a_code(account: Account, name: str, value: str, code: str) -> None:
    for response in (
        account.api.post(CONTACTS, contact(**{name: value})),
        patch(account, account.new(lastname="Kept"), **{name: value}),
    ):
        assert property_errors(response) == [(code, name)]
        assert read(response, 400)["message"].startswith('Property values were not valid: [{"isValid":false,')
