"""Records created, changed and archived over HTTP, one by one and in batches."""

import pytest
import requests

from hubspot_sandbox import RunningSandbox
from tests.sandbox.client import CONTACTS, Api, Json, ids, read

COMPANIES = "/crm/objects/2026-09/companies"
WRITE_ONLY = ["crm.objects.contacts.write"]


def patch(api: Api, path: str, **properties: str | None) -> requests.Response:
    return api.send("PATCH", path, json={"properties": properties})


def batch(api: Api, verb: str, *inputs: Json, root: str = CONTACTS) -> requests.Response:
    return api.post(f"{root}/batch/{verb}", {"inputs": list(inputs)})


def new(trace_id: str | None = None, **properties: str) -> Json:
    return {"properties": properties} | ({} if trace_id is None else {"objectWriteTraceId": trace_id})


def codes(response: requests.Response) -> list[tuple[str, str]]:
    body = read(response, 400)
    assert body["category"] == "VALIDATION_ERROR"
    return [(error["code"], error["context"]["propertyName"][0]) for error in body["errors"]]


def test_create_answers_with_what_was_given_and_the_three(hubspot: RunningSandbox, api: Api) -> None:
    given = new("t 1", firstname="Ada", fax="", hubspot_owner_id="710011")
    record = read(api.post(CONTACTS, given), 201)
    assert list(record["properties"]) == [
        "createdate",
        "fax",
        "firstname",
        "hs_object_id",
        "hubspot_owner_id",
        "lastmodifieddate",
    ]
    assert (record["properties"]["fax"], record["objectWriteTraceId"]) == (None, "t 1")
    assert hubspot.portal.contacts[int(record["id"])].properties == {"firstname": "Ada", "hubspot_owner_id": "710011"}
    assert hubspot.portal.live_ids[-1] == int(record["id"])


def test_create_joins_contact_and_company_from_either_side(hubspot: RunningSandbox, api: Api) -> None:
    works = read(api.post(COMPANIES, new(name="Works")), 201)["id"]
    to_works = {
        "to": {"id": works},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}],
    }
    ada = read(api.post(CONTACTS, {**new(firstname="Ada"), "associations": [to_works]}), 201)["id"]
    to_ada = {"to": {"id": ada}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 2}]}
    mill = read(api.post(COMPANIES, {**new(name="Mill"), "associations": [to_ada]}), 201)["id"]
    assert hubspot.portal.links.companies_of(hubspot.portal.contacts[int(ada)]) == [int(mill), int(works)]


@pytest.mark.parametrize(("target", "type_id", "status"), [("999", 279, 404), (None, 280, 400)])
def test_create_with_an_association_that_cannot_be_makes_nothing(
    hubspot: RunningSandbox, api: Api, target: str | None, type_id: int, status: int
) -> None:
    company_id = target or str(next(iter(hubspot.portal.companies)))
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
    body = {**new(firstname="Ada"), "associations": [{"to": {"id": company_id}, "types": types}]}
    assert api.post(CONTACTS, body).status_code == status
    assert len(hubspot.portal.live_ids) == 60


def test_a_second_holder_of_an_address_is_a_conflict(hubspot: RunningSandbox, api: Api) -> None:
    ada, bo = hubspot.create(email="a@x.example"), hubspot.create()
    hubspot.edit(bo.id, hs_additional_emails="b@x.example;c@x.example")
    for response, holder in (
        (api.post(CONTACTS, new(email="A@X.example")), ada.id),
        (api.post(CONTACTS, new(email="c@x.example")), bo.id),
        (patch(api, f"{CONTACTS}/{bo.id}", email="a@x.example"), ada.id),
    ):
        body = read(response, 409)
        assert (body["category"], body["message"]) == ("CONFLICT", f"Contact already exists. Existing ID: {holder}")
    assert patch(api, f"{CONTACTS}/{ada.id}", email="a@X.example").status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("nope", "x", "PROPERTY_DOESNT_EXIST"),
        ("lastmodifieddate", "0", "READ_ONLY_VALUE"),
        ("email", "nobody", "INVALID_EMAIL"),
        ("lifecyclestage", "Lead", "INVALID_OPTION"),
        ("hubspot_owner_id", "5", "INVALID_OPTION"),
        ("associatedcompanyid", "works", "INVALID_INTEGER"),
        ("birthday", "tomorrow", "INVALID_LONG"),
        ("colours", "red;pink", "INVALID_OPTION"),
    ],
)
def test_values_that_do_not_fit_are_refused(
    hubspot: RunningSandbox, api: Api, name: str, value: str, code: str
) -> None:
    hubspot.add_property("contacts", "birthday", type="date")
    hubspot.add_property("contacts", "colours", type="enumeration", field_type="checkbox", options=("red", "blue"))
    contact = hubspot.create(firstname="Ada")
    for response in (
        api.post(CONTACTS, new(firstname="Bo", **{name: value})),
        patch(api, f"{CONTACTS}/{contact.id}", firstname="Bo", **{name: value}),
        batch(api, "create", new(firstname="Bo", **{name: value})),
    ):
        assert codes(response) == [(code, name)]
    assert hubspot.portal.contacts[contact.id] == contact
    assert hubspot.portal.live_ids[-1] == contact.id


def test_values_of_every_type_are_taken_and_cleared(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.add_property("contacts", "birthday", type="date")
    hubspot.add_property("contacts", "colours", type="enumeration", field_type="checkbox", options=("red", "blue"))
    contact_id = hubspot.create().id
    given = {"birthday": "2000-01-31", "colours": "red;blue", "associatedcompanyid": "7", "lifecyclestage": "lead"}
    assert patch(api, f"{CONTACTS}/{contact_id}", **given).status_code == 200
    assert hubspot.portal.contacts[contact_id].properties == given
    assert patch(api, f"{CONTACTS}/{contact_id}", **dict.fromkeys(given, "")).status_code == 200
    assert hubspot.portal.contacts[contact_id].properties == {}


def test_update_by_id_by_address_and_not_at_all(hubspot: RunningSandbox, api: Api) -> None:
    contact = hubspot.create(email="a@x.example")
    record = read(patch(api, f"{CONTACTS}/{contact.id}", firstname="Ada"))
    assert record["updatedAt"] >= record["createdAt"]
    assert record["properties"]["firstname"] == "Ada"
    assert read(patch(api, f"{CONTACTS}/A@x.example?idProperty=email", firstname="Bo"))["id"] == str(contact.id)
    assert hubspot.portal.contacts[contact.id].value("firstname") == "Bo"
    assert "category" not in read(patch(api, f"{CONTACTS}/999", firstname="Bo"), 404)
    assert read(patch(api, f"{CONTACTS}/abc", firstname="Bo"), 404)["category"] == "OBJECT_NOT_FOUND"


def test_archive_and_archive_again(hubspot: RunningSandbox, api: Api) -> None:
    gone = hubspot.portal.live_ids[0]
    for _ in range(2):
        response = api.send("DELETE", f"{CONTACTS}/{gone}")
        assert (response.status_code, response.content) == (204, b"")
    assert hubspot.portal.archived_ids == [gone]
    assert api.send("DELETE", f"{CONTACTS}/999").status_code == 404
    hubspot.change_options(archiving_again_is_not_found=True)
    assert api.send("DELETE", f"{CONTACTS}/{gone}").status_code == 404


def test_a_batch_create_without_trace_ids_happens_as_a_whole(hubspot: RunningSandbox, api: Api) -> None:
    made = read(batch(api, "create", new(firstname="Ada"), new(firstname="Bo")), 201)
    assert hubspot.portal.live_ids[-2:] == [int(each) for each in ids(made)]
    hubspot.create(email="a@x.example")
    before = list(hubspot.portal.live_ids)
    assert batch(api, "create", new(firstname="Cy"), new(email="a@x.example")).status_code == 409
    assert batch(api, "create", new(firstname="Cy"), new(nope="x")).status_code == 400
    assert batch(api, "create", new(email="d@x.example"), new(email="D@x.example")).status_code == 400
    assert hubspot.portal.live_ids == before


def test_a_batch_create_with_trace_ids_happens_as_far_as_it_can(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.create(email="a@x.example")
    inputs = [new("well", firstname="Cy"), new("taken", email="a@x.example"), new("unknown", nope="x")]
    body = read(batch(api, "create", *inputs), 207)
    assert [each["objectWriteTraceId"] for each in body["results"]] == ["well"]
    assert [(each["category"], each["context"]["objectWriteTraceId"]) for each in body["errors"]] == [
        ("CONFLICT", ["taken"]),
        ("VALIDATION_ERROR", ["unknown"]),
    ]
    assert body["numErrors"] == 2


def test_a_batch_update_tells_of_missing_ids_and_drops_merged_ones(hubspot: RunningSandbox, api: Api) -> None:
    one, two, three = hubspot.portal.live_ids[:3]
    hubspot.merge(two, three)
    inputs = [{"id": str(each), **new(firstname="Ada")} for each in (one, two, 999)]
    body = read(batch(api, "update", *inputs), 207)
    assert ids(body) == [str(one)]
    (error,) = body["errors"]
    assert (error["category"], error["context"]["ids"]) == ("OBJECT_NOT_FOUND", ["999"])
    assert ids(read(batch(api, "update", *inputs[:2]))) == [str(one)]


def test_a_batch_update_by_address_and_as_a_whole(hubspot: RunningSandbox, api: Api) -> None:
    ada, bo = hubspot.create(email="a@x.example"), hubspot.create()
    by_address = {"id": "a@x.example", "idProperty": "email", **new(firstname="Ada")}
    assert ids(read(batch(api, "update", by_address))) == [str(ada.id)]
    wrong = {"id": str(bo.id), **new(nope="x")}
    assert batch(api, "update", {**by_address, **new(firstname="Cy")}, wrong).status_code == 400
    assert hubspot.portal.contacts[ada.id].value("firstname") == "Ada"
    twice = {"id": str(ada.id), **new(firstname="Cy")}
    assert "Duplicate IDs found in batch input" in read(batch(api, "update", by_address, twice), 400)["message"]


def test_upsert_updates_creates_and_says_which(hubspot: RunningSandbox, api: Api) -> None:
    ada = hubspot.create(email="a@x.example")
    inputs = [
        {"id": "a@x.example", "idProperty": "email", **new(firstname="Ada")},
        {"id": "b@x.example", "idProperty": "email", **new(firstname="Bo")},
    ]
    known, unknown = read(batch(api, "upsert", *inputs))["results"]
    assert (known["id"], known["new"], unknown["new"]) == (str(ada.id), False, True)
    assert hubspot.portal.contacts[int(unknown["id"])].properties == {"email": "b@x.example", "firstname": "Bo"}


def test_an_upsert_by_address_is_never_partial_and_by_another_property_may_be(
    hubspot: RunningSandbox, api: Api
) -> None:
    hubspot.add_property("contacts", "badge", unique=True)

    def inputs(id_property: str, well: str, wrong: str) -> list[Json]:
        return [
            {"id": well, "idProperty": id_property, **new("well", firstname="Ada")},
            {"id": wrong, "idProperty": id_property, **new("wrong", nope="x")},
        ]

    assert batch(api, "upsert", *inputs("email", "c@x.example", "d@x.example")).status_code == 400
    assert len(hubspot.portal.live_ids) == 60
    body = read(batch(api, "upsert", *inputs("badge", "A-1", "A-2")), 207)
    assert [(each["new"], each["objectWriteTraceId"]) for each in body["results"]] == [(True, "well")]
    assert body["errors"][0]["context"]["objectWriteTraceId"] == ["wrong"]
    assert read(api.get(f"{CONTACTS}/A-1", idProperty="badge"))["properties"]["firstname"] == "Ada"


def test_an_upsert_by_id_creates_nothing(hubspot: RunningSandbox, api: Api) -> None:
    body = read(batch(api, "upsert", {"id": "999", **new(firstname="Ada")}), 207)
    assert (body["results"], body["errors"][0]["context"]["ids"]) == ([], ["999"])
    assert len(hubspot.portal.live_ids) == 60


def test_a_batch_archive_minds_nobody_missing(hubspot: RunningSandbox, api: Api) -> None:
    one, two = hubspot.portal.live_ids[:2]
    response = batch(api, "archive", {"id": str(one)}, {"id": "999"}, {"id": str(two)}, {"id": str(one)})
    assert (response.status_code, response.content) == (204, b"")
    assert hubspot.portal.archived_ids == [one, two]


@pytest.mark.parametrize("verb", ["create", "update", "upsert", "archive"])
def test_batches_hold_a_hundred(api: Api, verb: str) -> None:
    body = read(batch(api, verb, *[{"id": "1", "properties": {}}] * 101), 400)
    assert "maximum number of inputs supported in a batch is 100" in body["message"]


def test_gdpr_delete_by_id_and_by_address(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.change_options(gdpr_deleted_are_listed_as_archived=False)
    ada, bo, cy = hubspot.create(), hubspot.create(email="b@x.example"), hubspot.create()
    hubspot.archive(cy.id)
    for body in ({"objectId": str(ada.id)}, {"objectId": "b@x.example", "idProperty": "email"}, {"objectId": cy.id}):
        response = api.post(f"{CONTACTS}/gdpr-delete", body)
        assert (response.status_code, response.content) == (204, b"")
    assert not {ada.id, bo.id, cy.id} & hubspot.portal.contacts.keys()
    assert api.post(f"{CONTACTS}/gdpr-delete", {"objectId": "999"}).status_code == 404


def test_an_unknown_address_is_barred(api: Api) -> None:
    forget = {"objectId": "Nobody@x.example", "idProperty": "email"}
    assert api.post(f"{CONTACTS}/gdpr-delete", forget).status_code == 204
    assert codes(api.post(CONTACTS, new(email="nobody@X.example"))) == [("INVALID_EMAIL", "email")]


def test_companies_are_written_as_contacts_are(hubspot: RunningSandbox, api: Api) -> None:
    company_id = read(api.post(COMPANIES, new(name="Works", domain="works.example")), 201)["id"]
    record = read(patch(api, f"{COMPANIES}/{company_id}", name="New Works"))
    assert list(record["properties"]) == ["createdate", "hs_lastmodifieddate", "hs_object_id", "name"]
    body = read(batch(api, "create", new(name="Mill"), new(name="Shop"), root=COMPANIES), 201)
    inputs = [{"id": each, **new(country="Ireland")} for each in ids(body)]
    assert ids(read(batch(api, "update", *inputs, root=COMPANIES))) == ids(body)
    assert batch(api, "archive", *inputs, root=COMPANIES).status_code == 204
    assert api.send("DELETE", f"{COMPANIES}/{company_id}").status_code == 204
    assert {hubspot.portal.companies[int(each)].archived_at_ms is None for each in [company_id, *ids(body)]} == {False}
    assert api.get(f"{COMPANIES}/{company_id}").status_code == 404
    assert [each["id"] for each in read(api.get(COMPANIES, archived="true"))["results"]] == [company_id, *ids(body)]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", CONTACTS),
        ("PATCH", f"{CONTACTS}/1"),
        ("DELETE", f"{CONTACTS}/1"),
        ("POST", f"{CONTACTS}/merge"),
        ("POST", f"{CONTACTS}/batch/upsert"),
        ("PUT", f"{CONTACTS}/1/associations/default/companies/2"),
    ],
)
def test_writing_takes_a_scope_of_its_own(hubspot: RunningSandbox, method: str, path: str) -> None:
    reader = Api(hubspot.url, hubspot.grant(scopes=["crm.objects.contacts.read"]).token)
    body = read(reader.send(method, path, json={}), 403)
    assert body["errors"][0]["context"]["requiredGranularScopes"] == WRITE_ONLY
    reader.close()
