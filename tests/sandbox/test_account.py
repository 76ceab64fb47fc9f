"""The account's details and its owners."""

from collections.abc import Iterator

import pytest

import hubspot_sandbox
from hubspot_sandbox import RunningSandbox
from tests.sandbox.client import Api, ids, read

OWNERS = "/crm/owners/2026-09"


@pytest.fixture(scope="module")
def hubspot() -> Iterator[RunningSandbox]:
    """One sandbox for the whole module: nothing here changes its contacts."""
    with hubspot_sandbox.running(contacts=60, seed=3) as running:
        yield running


def test_details(hubspot: RunningSandbox, api: Api) -> None:
    body = read(api.get("/account-info/2026-09/details"))
    assert body["portalId"] == hubspot.portal.id
    assert body["uiDomain"] == "app.hubspot.com"
    assert body["dataHostingLocation"] == "na1"
    assert body["accountType"] == "STANDARD"


def test_admin_and_rep_are_owners_and_the_rep_without_access_is_not(api: Api) -> None:
    owners = {each["email"]: each for each in read(api.get(OWNERS))["results"]}
    dana = owners["dana.whitlock@brightmoor-supply.example"]
    assert (dana["firstName"], dana["lastName"], dana["userId"]) == ("Dana", "Whitlock", 50110021)
    assert dana["type"] == "PERSON"
    assert dana["archived"] is False
    assert "sam.ortiz@brightmoor-supply.example" in owners
    assert "robin.vale@brightmoor-supply.example" not in owners


def test_every_contacts_owner_exists(hubspot: RunningSandbox, api: Api) -> None:
    owned = {contact.value("hubspot_owner_id") for contact in hubspot.portal.live()} - {None}
    assert owned
    assert owned <= set(ids(read(api.get(OWNERS))))


def test_owners_are_paged(api: Api) -> None:
    everyone = ids(read(api.get(OWNERS)))
    found: list[str] = []
    page = read(api.get(OWNERS, limit=3))
    found += ids(page)
    while "paging" in page:
        page = read(api.get(OWNERS, limit=3, after=page["paging"]["next"]["after"]))
        found += ids(page)
    assert found == everyone
    assert len(everyone) > 6


def test_owners_by_email_and_archived(api: Api) -> None:
    only = read(api.get(OWNERS, email="Sam.Ortiz@brightmoor-supply.example"))["results"]
    assert [each["firstName"] for each in only] == ["Sam"]
    assert read(api.get(OWNERS, archived="true"))["results"] == []


def test_bad_paging_of_owners_is_refused(api: Api) -> None:
    assert read(api.get(OWNERS, limit=501), 400)["category"] == "VALIDATION_ERROR"
    assert read(api.get(OWNERS, after="x"), 400)["category"] == "VALIDATION_ERROR"


def test_one_owner_by_id_and_by_user_id(api: Api) -> None:
    owner = read(api.get(OWNERS))["results"][0]
    assert read(api.get(f"{OWNERS}/{owner['id']}")) == owner
    assert read(api.get(f"{OWNERS}/{owner['userId']}", idProperty="userId")) == owner
    assert read(api.get(f"{OWNERS}/{owner['userId']}"), 404)["message"] == "resource not found"


@pytest.mark.parametrize("path", ["/account-info/2026-09/details", "/account-info/v3/details"])
def test_details_are_the_same_in_both_path_families(hubspot: RunningSandbox, api: Api, path: str) -> None:
    assert read(api.get(path))["portalId"] == hubspot.portal.id


@pytest.mark.parametrize("path", ["/crm/v3/owners", "/crm/v3/owners/"])
def test_owners_are_the_same_in_both_path_families(api: Api, path: str) -> None:
    assert read(api.get(path))["results"] == read(api.get(OWNERS))["results"]


def test_owners_have_teams_with_one_primary_among_them(api: Api) -> None:
    dana, *_ = read(api.get(OWNERS, email="dana.whitlock@brightmoor-supply.example"))["results"]
    assert dana["teams"] == [{"id": "8801", "name": "Sales", "primary": True}]
    assert dana["userIdIncludingInactive"] == dana["userId"]


def test_a_queue_has_neither_user_nor_address() -> None:
    with hubspot_sandbox.running(contacts=0) as hubspot:
        api = Api(hubspot.url, hubspot.grant().token)
        queue = hubspot.add_owner("Support Line", queue=True)
        record = read(api.get(f"{OWNERS}/{queue.id}"))
        assert (record["type"], record["email"], record["firstName"]) == ("QUEUE", "", "Support")
        assert not {"userId", "userIdIncludingInactive", "teams"} & record.keys()
        api.close()


def test_an_archived_owner_is_only_among_the_archived() -> None:
    with hubspot_sandbox.running(contacts=0) as hubspot:
        api = Api(hubspot.url, hubspot.grant().token)
        gone = hubspot.archive_owner(710012)
        assert str(gone.id) not in ids(read(api.get(OWNERS)))
        (record,) = read(api.get(OWNERS, archived="true"))["results"]
        assert (record["id"], record["archived"]) == (str(gone.id), True)
        assert (record.get("userId"), record["userIdIncludingInactive"]) == (None, gone.user_id)
        assert api.get(f"{OWNERS}/{gone.id}").status_code == 404
        assert read(api.get(f"{OWNERS}/{gone.id}", archived="true")) == record
        api.close()


@pytest.mark.parametrize("path", ["/crm/limits/2026-09/records", "/crm/v3/limits/records"])
def test_limits_count_the_live_records_of_each_kind(hubspot: RunningSandbox, api: Api, path: str) -> None:
    types = {each["objectTypeId"]: each for each in read(api.get(path))["hubspotDefinedObjectTypes"]}
    assert {kind: each["usage"] for kind, each in types.items()} == {"0-1": 60, "0-2": len(hubspot.portal.companies)}
    assert types["0-1"]["limit"] > 1_000_000


def test_limits_take_the_scope_of_contacts(hubspot: RunningSandbox) -> None:
    api = Api(hubspot.url, hubspot.grant(scopes=["crm.objects.owners.read"]).token)
    assert api.get("/crm/limits/2026-09/records").status_code == 403
    api.close()
