"""What the portal says of its properties, and which it has."""

import pytest

from hubspot_sandbox import RunningSandbox
from hubspot_sandbox.properties import CONTACT_PROPERTIES, Property
from tests.sandbox.client import CONTACTS, Api, Json, read

PROPERTIES = "/crm/properties/2026-09/contacts"


def listed(api: Api, path: str = PROPERTIES, **query: str) -> dict[str, Json]:
    body = read(api.get(path, **query))
    assert body.keys() == {"results"}
    return {each["name"]: each for each in body["results"]}


def test_every_property_is_listed_in_full(api: Api) -> None:
    properties = listed(api)
    assert properties.keys() == CONTACT_PROPERTIES.keys()
    assert properties["phone"] == {
        "name": "phone",
        "label": "Phone Number",
        "type": "string",
        "fieldType": "phonenumber",
        "groupName": "contactinformation",
        "description": "",
        "options": [],
        "calculated": False,
        "externalOptions": False,
        "hasUniqueValue": False,
        "hidden": False,
        "hubspotDefined": True,
        "formField": True,
        "displayOrder": -1,
        "modificationMetadata": {"archivable": False, "readOnlyDefinition": True, "readOnlyValue": False},
        "dataSensitivity": "non_sensitive",
        "createdAt": "2019-03-01T09:00:00.000Z",
        "updatedAt": "2019-03-01T09:00:00.000Z",
        "archived": False,
    }


def test_choices_have_options(api: Api) -> None:
    properties = listed(api)
    assert [each["value"] for each in properties["hs_lead_status"]["options"]][:2] == ["NEW", "OPEN"]
    assert properties["hs_lead_status"]["options"][1] == {
        "label": "Open", "value": "OPEN", "displayOrder": 1, "hidden": False, "description": "",
    }  # fmt: skip
    assert [each["value"] for each in properties["hs_email_optout"]["options"]] == ["true", "false"]
    assert properties["hs_email_optout"]["modificationMetadata"]["readOnlyOptions"] is True


def test_owners_are_options_from_elsewhere(api: Api) -> None:
    owner = listed(api)["hubspot_owner_id"]
    assert (owner["externalOptions"], owner["referencedObjectType"], owner["options"]) == (True, "OWNER", [])


def test_calculated_and_unique_properties_say_so(api: Api) -> None:
    properties = listed(api)
    calculated = properties["hs_calculated_phone_number"]
    assert (calculated["calculated"], calculated["modificationMetadata"]["readOnlyValue"]) == (True, True)
    assert {name for name, each in properties.items() if each["hasUniqueValue"]} == {"email", "hs_object_id"}


@pytest.mark.parametrize(
    "path", [PROPERTIES, "/crm/properties/2026-09/0-1", "/crm/v3/properties/contacts", "/crm/v3/properties/contact"]
)
def test_one_property_under_every_path(api: Api, path: str) -> None:
    assert read(api.get(f"{path}/phone")) == listed(api, path)["phone"]
    assert read(api.get(f"{path}/nope"), 404)["category"] == "OBJECT_NOT_FOUND"


def test_companies_have_their_own(api: Api) -> None:
    properties = listed(api, "/crm/properties/2026-09/companies")
    assert "domain" in properties
    assert "email" not in properties
    assert read(api.get("/crm/properties/2026-09/unicorns"), 400)["category"] == "VALIDATION_ERROR"


def test_each_kind_takes_its_own_scope(hubspot: RunningSandbox) -> None:
    reader = Api(hubspot.url, hubspot.grant(scopes=["crm.schemas.contacts.read"]).token)
    assert reader.get(PROPERTIES).status_code == 200
    assert reader.get("/crm/properties/2026-09/companies").status_code == 403
    reader.close()


def test_a_property_comes_and_goes(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.add_property("contacts", "badge", label="Badge", type="number")
    badge = listed(api)["badge"]
    assert (badge["label"], badge["fieldType"], badge["hubspotDefined"]) == ("Badge", "number", False)
    assert badge["modificationMetadata"]["archivable"] is True
    contact_id = hubspot.create(badge="7").id
    hubspot.archive_property("contacts", "badge")
    assert "badge" not in listed(api)
    assert listed(api, archived="true").keys() == {"badge"}
    assert read(api.get(f"{PROPERTIES}/badge", archived="true"))["archived"] is True
    assert "badge" not in read(api.get(f"{CONTACTS}/{contact_id}", properties="badge"))["properties"]
    hubspot.add_property("contacts", "badge", type="number")
    assert read(api.get(f"{CONTACTS}/{contact_id}", properties="badge"))["properties"]["badge"] == "7"


def test_a_property_goes_over_http_too(anonymous: Api, api: Api) -> None:
    body = {"name": "badge", "type": "enumeration", "options": ["a", "b"]}
    assert anonymous.post("/__sandbox/properties/contacts", body).status_code == 201
    assert [each["value"] for each in listed(api)["badge"]["options"]] == ["a", "b"]
    assert anonymous.send("DELETE", "/__sandbox/properties/contacts/badge").status_code == 200
    assert "badge" not in listed(api)
    assert anonymous.send("DELETE", "/__sandbox/properties/contacts/badge").status_code == 404


@pytest.mark.parametrize(
    ("type_", "value", "code"),
    [
        ("string", "x" * 65_537, "PROPERTY_VALUE_TOO_LONG"),
        ("bool", "yes", "INVALID_OPTION"),
        ("number", "nan", "INVALID_INTEGER"),
        ("datetime", "2026-13-01", "INVALID_LONG"),
    ],
)
def test_values_of_another_type_have_a_problem(type_: str, value: str, code: str) -> None:
    found = Property("badge", type_).problem_with(value)
    assert found is not None
    assert found[0] == code


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("string", "x" * 65_536),
        ("bool", "true"),
        ("number", "-7.5"),
        ("date", "2026-11-01"),
        ("datetime", "1762000000000"),
        ("enumeration", "anything"),
        ("number", ""),
    ],
)
def test_values_of_the_type_have_none(type_: str, value: str) -> None:
    assert Property("badge", type_).problem_with(value) is None
