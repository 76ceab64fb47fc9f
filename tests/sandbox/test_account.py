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
