"""What a merge leaves: a new record, two aliases, and nothing of the old ones where lists are read."""

import pytest

from hubspot_sandbox import RunningSandbox
from hubspot_sandbox.exchange import Refused
from hubspot_sandbox.moments import Clock
from hubspot_sandbox.portal import Portal
from hubspot_sandbox.tables import MAX_MERGES
from tests.sandbox.client import CONTACTS, Api, Json, ids, read

COMPANIES = "/crm/objects/2026-09/companies"
ASKED = "hs_merged_object_ids,hs_calculated_merged_vids,firstname,lastname,email,hs_additional_emails"


def merge(api: Api, primary: int | str, other: int | str, root: str = CONTACTS) -> Json:
    return read(api.post(f"{root}/merge", {"primaryObjectId": primary, "objectIdToMerge": other}))


def test_a_merge_makes_a_new_record_in_which_the_primary_wins(hubspot: RunningSandbox, api: Api) -> None:
    ada = hubspot.create(firstname="Ada", email="a@x.example", at_ms=2_000)
    bo = hubspot.create(firstname="Bo", lastname="Byron", email="b@x.example", at_ms=1_000)
    merged = merge(api, ada.id, bo.id)
    record = read(api.get(f"{CONTACTS}/{merged['id']}", properties=ASKED))
    at_ms = hubspot.portal.contacts[int(merged["id"])].modified_at_ms
    assert int(merged["id"]) > bo.id
    assert record["createdAt"] == "1970-01-01T00:00:01.000Z"
    assert record["updatedAt"] > "2026"
    properties = record["properties"]
    assert (properties["firstname"], properties["lastname"], properties["email"]) == ("Ada", "Byron", "a@x.example")
    assert properties["hs_additional_emails"] == "b@x.example"
    assert properties["hs_merged_object_ids"] == f"{ada.id};{bo.id}"
    assert properties["hs_calculated_merged_vids"] == f"{ada.id}:{at_ms};{bo.id}:{at_ms}"


def test_merged_ids_are_aliases_for_get_and_patch_alone(hubspot: RunningSandbox, api: Api) -> None:
    ada, bo, cy = (hubspot.create(firstname=name) for name in ("Ada", "Bo", "Cy"))
    survivor = merge(api, ada.id, bo.id)["id"]
    for gone in (ada.id, bo.id):
        assert read(api.get(f"{CONTACTS}/{gone}"))["id"] == survivor
        changed = api.send("PATCH", f"{CONTACTS}/{gone}", json={"properties": {"fax": str(gone)}})
        assert read(changed)["id"] == survivor
        assert api.send("DELETE", f"{CONTACTS}/{gone}").status_code == 404
        assert api.get(f"{CONTACTS}/{gone}", archived="true").status_code == 404
    body = {"inputs": [{"id": str(each)} for each in (ada.id, bo.id, cy.id)]}
    found = read(api.post(f"{CONTACTS}/batch/read", body), 207)
    assert (ids(found), found["errors"][0]["context"]["ids"]) == ([str(cy.id)], [str(ada.id), str(bo.id)])
    listed = ids(api.list(limit=100)) + ids(api.list(limit=100, archived="true"))
    assert survivor in listed
    assert not {str(ada.id), str(bo.id)} & {*listed, *ids(api.search(limit=200))}
    assert survivor in ids(api.search(limit=200))


def test_chains_lead_to_the_last_record(hubspot: RunningSandbox, api: Api) -> None:
    ada, bo, cy = (hubspot.create(firstname=name) for name in ("Ada", "Bo", "Cy"))
    first = merge(api, ada.id, bo.id)["id"]
    last = merge(api, cy.id, first)["id"]
    assert {read(api.get(f"{CONTACTS}/{gone}"))["id"] for gone in (ada.id, bo.id, cy.id, first)} == {last}
    properties = read(api.get(f"{CONTACTS}/{last}", properties=ASKED))["properties"]
    assert properties["hs_merged_object_ids"] == f"{cy.id};{ada.id};{bo.id};{first}"
    assert [each.split(":")[0] for each in properties["hs_calculated_merged_vids"].split(";")] == [str(cy.id), first]


def test_the_losers_address_finds_the_survivor(hubspot: RunningSandbox, api: Api) -> None:
    ada, bo = hubspot.create(email="a@x.example"), hubspot.create(email="b@x.example")
    survivor = merge(api, ada.id, bo.id)["id"]
    for email in ("a@x.example", "b@x.example"):
        assert read(api.get(f"{CONTACTS}/{email}", idProperty="email"))["id"] == survivor


def test_merged_ids_may_be_null_on_contacts(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.change_options(merged_object_ids_are_null_on_contacts=True)
    one, two, three = hubspot.portal.live_ids[:3]
    survivor = merge(api, merge(api, one, two)["id"], three)["id"]
    properties = read(api.get(f"{CONTACTS}/{one}", properties=ASKED))["properties"]
    assert properties["hs_merged_object_ids"] is None
    assert properties["hs_calculated_merged_vids"].endswith(f"{three}:{properties['hs_calculated_merged_vids'][-13:]}")
    assert hubspot.portal.aliases[one] == int(survivor)


def test_the_survivor_works_for_the_companies_of_both(hubspot: RunningSandbox, api: Api) -> None:
    works, mill = hubspot.create_company(name="Works"), hubspot.create_company(name="Mill")
    ada, bo = hubspot.create(), hubspot.create()
    hubspot.associate(ada.id, works.id)
    hubspot.associate(bo.id, mill.id)
    survivor = hubspot.portal.contacts[int(merge(api, ada.id, bo.id)["id"])]
    assert hubspot.portal.links.companies_of(survivor) == [works.id, mill.id]
    assert hubspot.portal.links.contacts_of(mill.id) == [survivor.id]
    assert survivor.value("associatedcompanyid") == str(works.id)


def test_companies_are_merged_too(hubspot: RunningSandbox, api: Api) -> None:
    works, mill = hubspot.create_company(name="Works"), hubspot.create_company(name="Mill", country="Ireland")
    merged = merge(api, works.id, mill.id, COMPANIES)
    record = read(api.get(f"{COMPANIES}/{mill.id}", properties="name,country,hs_merged_object_ids"))
    assert record["id"] == merged["id"]
    properties = record["properties"]
    assert (properties["name"], properties["country"]) == ("Works", "Ireland")
    assert properties["hs_merged_object_ids"] == f"{works.id};{mill.id}"


@pytest.mark.parametrize(("pick", "status"), [(lambda one, _: (one, one), 400), (lambda one, _: (one, 999), 404)])
def test_a_merge_needs_two_that_are_there(hubspot: RunningSandbox, api: Api, pick: object, status: int) -> None:
    one, two = hubspot.portal.live_ids[:2]
    primary, other = pick(one, two)  # type: ignore[operator]  # one of the two lambdas above
    body = {"primaryObjectId": str(primary), "objectIdToMerge": str(other)}
    assert api.post(f"{CONTACTS}/merge", body).status_code == status
    assert hubspot.portal.live_ids[:2] == [one, two]


def test_ids_that_are_none_are_refused(api: Api) -> None:
    body = {"primaryObjectId": "x", "objectIdToMerge": "1"}
    assert read(api.post(f"{CONTACTS}/merge", body), 400)["category"] == "VALIDATION_ERROR"


def test_a_record_takes_part_in_250_merges_at_most() -> None:
    portal = Portal(1, Clock())
    record = portal.create({})
    for _ in range(MAX_MERGES):
        record = portal.merge(record.id, portal.create({}).id)
    assert len(record.properties["hs_merged_object_ids"].split(";")) == 2 * MAX_MERGES
    last = portal.create({})
    with pytest.raises(Refused) as refused:
        portal.merge(record.id, last.id)
    assert refused.value.answer.status == 400
    assert portal.live_ids == [record.id, last.id]
