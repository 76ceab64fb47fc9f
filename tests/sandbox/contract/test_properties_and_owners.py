"""Sections 9 and 10: what properties there are, and who owns contacts."""

import pytest

from tests.sandbox.client import CONTACTS, Json, read
from tests.sandbox.contract.account import Account

PROPERTIES = "/crm/properties/2026-09/contacts"
OWNERS = "/crm/owners/2026-09"
TYPES = {
    "bool", "enumeration", "date", "datetime", "string", "number", "phone_number", "object_coordinates", "json",
}  # fmt: skip
FIELD_TYPES = {
    "booleancheckbox", "calculation_equation", "calculation_read_time", "calculation_rollup", "calculation_score",
    "checkbox", "date", "file", "html", "number", "phonenumber", "radio", "select", "text", "textarea",
}  # fmt: skip


@pytest.fixture(scope="module")
def properties(account: Account) -> dict[str, Json]:
    body = read(account.api.get(PROPERTIES))
    assert set(body) == {"results"}
    return {entry["name"]: entry for entry in body["results"]}


@pytest.fixture(scope="module")
def owners(account: Account) -> list[Json]:
    found: list[Json] = read(account.api.get(OWNERS))["results"]
    assert found
    return found


def test_9_all_properties_come_at_once(properties: dict[str, Json]) -> None:
    asked = {"firstname", "lastname", "email", "phone", "mobilephone", "company", "lastmodifieddate", "hs_object_id"}
    assert asked <= set(properties)


def test_9_a_property_has_the_documented_fields(properties: dict[str, Json]) -> None:
    wanted = {"name", "label", "type", "fieldType", "groupName", "description", "options", "modificationMetadata"}
    wanted |= {"calculated", "externalOptions", "hasUniqueValue", "hidden", "hubspotDefined", "formField"}
    assert wanted <= set(properties["firstname"])
    assert {"archivable", "readOnlyDefinition", "readOnlyValue"} <= set(properties["phone"]["modificationMetadata"])


def test_9_types_and_field_types_are_of_the_documented_ones(properties: dict[str, Json]) -> None:
    assert {entry["type"] for entry in properties.values()} <= TYPES
    assert {entry["fieldType"] for entry in properties.values()} <= FIELD_TYPES


def test_9_an_enumeration_has_its_options(properties: dict[str, Json]) -> None:
    stage = properties["lifecyclestage"]
    assert stage["type"] == "enumeration"
    assert {"lead", "customer"} <= {option["value"] for option in stage["options"]}
    assert {"label", "value", "displayOrder", "hidden"} <= set(stage["options"][0])


def test_9_phone_fields_are_of_field_type_phonenumber(properties: dict[str, Json]) -> None:
    for name in ("phone", "mobilephone"):
        assert properties[name]["type"] in ("string", "phone_number")
        assert properties[name]["fieldType"] == "phonenumber"


def test_9_a_read_only_value_is_marked(properties: dict[str, Json]) -> None:
    marks = {name: properties[name]["modificationMetadata"]["readOnlyValue"] for name in ("hs_object_id", "phone")}
    assert marks == {"hs_object_id": True, "phone": False}
    assert properties["email"]["hasUniqueValue"] in (True, False)


def test_9_one_property_is_read_by_its_name(account: Account) -> None:
    assert read(account.api.get(f"{PROPERTIES}/firstname"))["name"] == "firstname"
    assert account.api.get(f"{PROPERTIES}/no_such_property_here").status_code == 404


def test_9_an_unknown_property_is_ignored_on_every_read(account: Account) -> None:
    contact_id = account.new(lastname="Reader")
    unknown = "no_such_property_here"
    batch = read(account.batch_read(contact_id, properties=[unknown]))["results"][0]
    for record in (
        account.get(contact_id, properties=unknown),
        account.api.list(after=contact_id, limit=1, properties=unknown)["results"][0],
        batch,
    ):
        assert unknown not in record["properties"]


def test_9_an_unknown_property_is_refused_on_write(account: Account) -> None:
    body = read(account.api.post(CONTACTS, {"properties": {"no_such_property_here": "x"}}), 400)
    assert body["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"


def test_9_a_text_has_65536_characters_at_most(account: Account) -> None:
    contact_id = account.new(address="x" * 65_536)
    assert len(account.get(contact_id, properties="address")["properties"]["address"]) == 65_536
    response = account.api.post(CONTACTS, {"properties": {"address": "x" * 65_537}})
    assert response.status_code == 400


def test_10_owners_are_listed_with_the_documented_fields(owners: list[Json]) -> None:
    wanted = {"id", "email", "type", "firstName", "lastName", "userId", "createdAt", "updatedAt", "archived"}
    for owner in owners:
        assert wanted <= set(owner)
        assert owner["type"] in ("PERSON", "QUEUE")
        assert isinstance(owner["id"], str)
        assert isinstance(owner["userId"], int)


def test_10_owners_are_paged(account: Account, owners: list[Json]) -> None:
    if len(owners) < 2:
        pytest.skip("needs an account with two owners")
    first = read(account.api.get(OWNERS, limit=1))
    second = read(account.api.get(OWNERS, limit=1, after=first["paging"]["next"]["after"]))
    assert first["results"][0]["id"] != second["results"][0]["id"]


def test_10_an_owner_is_found_by_address(account: Account, owners: list[Json]) -> None:
    found = read(account.api.get(OWNERS, email=owners[0]["email"]))["results"]
    assert [owner["id"] for owner in found] == [owners[0]["id"]]


def test_10_an_owner_is_read_by_owner_id_or_user_id(account: Account, owners: list[Json]) -> None:
    owner = owners[0]
    assert read(account.api.get(f"{OWNERS}/{owner['id']}"))["userId"] == owner["userId"]
    assert read(account.api.get(f"{OWNERS}/{owner['userId']}", idProperty="userId"))["id"] == owner["id"]


def test_10_the_archived_owners_are_listed_apart(account: Account, owners: list[Json]) -> None:
    archived = read(account.api.get(OWNERS, archived="true"))["results"]
    assert all(owner["archived"] for owner in archived)
    assert not {owner["id"] for owner in archived} & {owner["id"] for owner in owners}


def test_10_a_contacts_owner_is_an_owner_id(account: Account, owners: list[Json]) -> None:
    contact_id = account.new(hubspot_owner_id=owners[0]["id"])
    properties = account.get(contact_id, properties="hubspot_owner_id")["properties"]
    assert properties["hubspot_owner_id"] == owners[0]["id"] != str(owners[0]["userId"])
