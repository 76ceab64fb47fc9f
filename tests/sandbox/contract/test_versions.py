"""Section 1: one host, dated paths and the older ones beside them, an object type by its name or its id."""

import pytest

from tests.sandbox.client import ids, read
from tests.sandbox.contract.account import Account

OLD_AND_NEW = [
    ("/crm/v3/objects/contacts", "/crm/objects/2026-09/contacts"),
    ("/crm/v3/objects/companies", "/crm/objects/2026-09/companies"),
    ("/crm/v3/properties/contacts", "/crm/properties/2026-09/contacts"),
    ("/crm/v3/owners", "/crm/owners/2026-09"),
    ("/crm/v4/associations/contacts/companies/labels", "/crm/associations/2026-09/contacts/companies/labels"),
    ("/account-info/v3/details", "/account-info/2026-09/details"),
]


@pytest.mark.parametrize(("old", "new"), OLD_AND_NEW)
def test_1_the_older_paths_and_the_dated_ones_answer_alike(account: Account, old: str, new: str) -> None:
    bodies = [read(account.api.get(path, limit=1)) for path in (old, new)]
    for body in bodies:
        body.pop("paging", None)  # its link names the path
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("base", ["/crm/v3/objects", "/crm/objects/2026-09"])
@pytest.mark.parametrize(("name", "number"), [("contacts", "0-1"), ("companies", "0-2")])
def test_1_an_object_type_goes_by_name_or_by_id(account: Account, base: str, name: str, number: str) -> None:
    if name == "companies":
        account.new_company()
    else:
        account.new(lastname="Typed")
    by_name, by_id = (read(account.api.get(f"{base}/{each}", limit=3)) for each in (name, number))
    assert ids(by_name) == ids(by_id) != []


def test_1_writes_go_by_the_older_paths_too(account: Account) -> None:
    created = read(account.api.post("/crm/v3/objects/contacts", {"properties": {"lastname": "Old"}}), 201)
    account.keep(created["id"])
    assert account.get(created["id"])["properties"]["lastname"] == "Old"


def test_1_a_link_to_the_next_page_stays_in_its_version(account: Account) -> None:
    account.new_batch({"lastname": "One"}, {"lastname": "Two"})
    for path in OLD_AND_NEW[0]:
        assert path in read(account.api.get(path, limit=1))["paging"]["next"]["link"]


def test_1_a_version_that_never_was_is_not_found(account: Account) -> None:
    assert account.api.get("/crm/objects/1999-01/contacts").status_code == 404
