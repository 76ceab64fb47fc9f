"""Owners and companies as HubSpot gives them: parsed once, and one odd record costs only itself."""

from collections.abc import Iterator
from typing import Any

import pytest

from callbook.errors import Permanent, Transient
from callbook.hubspot import Client, RemoteCompany, RemoteOwner, owners_page, read_companies
from hubspot_sandbox import RunningSandbox


class OneToken:
    def __init__(self, token: str) -> None:
        self._token = token

    def access_token(self) -> str:
        return self._token

    def replace(self, stale: str) -> str:
        raise AssertionError(stale)


class Told(Client):
    """A HubSpot that says what the test tells it to."""

    def __init__(self, *results: object) -> None:
        super().__init__("http://nowhere.example", OneToken(""))
        self._results = list(results)

    def _read(self, method: str, path: str, *, patient: bool = True, **content: Any) -> dict[str, Any]:  # noqa: ARG002 - whatever is asked
        return {"results": self._results}


@pytest.fixture
def client(shared_hubspot: RunningSandbox) -> Iterator[Client]:
    client = Client(shared_hubspot.url, OneToken(shared_hubspot.grant().token), sleep=lambda _: None)
    yield client
    client.close()


def company(**properties: object) -> dict[str, Any]:
    return {"id": "7", "properties": properties}


def test_companies_are_read_by_id_and_a_missing_one_is_left_out(client: Client, shared_hubspot: RunningSandbox) -> None:
    made = shared_hubspot.create_company(name="Works", phone="(212) 555-0100", country="US")
    found = read_companies(client, [made.id, 999])
    assert found == [RemoteCompany(made.id, "Works", "(212) 555-0100", "US")]
    assert shared_hubspot.requests.count("companies_batch_read", 207) == 1


def test_companies_without_the_scope(shared_hubspot: RunningSandbox) -> None:
    lacking = shared_hubspot.grant(scopes=["crm.objects.contacts.read"]).token
    client = Client(shared_hubspot.url, OneToken(lacking))
    with pytest.raises(Permanent) as refused:
        read_companies(client, [1])
    assert refused.value.kind == "scope_missing"
    client.close()


@pytest.mark.parametrize("odd", [None, 7, {}, {"id": None}, {"id": "²", "properties": {}}, {"id": "7"}])
def test_an_odd_company_costs_only_itself(odd: object) -> None:
    assert [each.name for each in read_companies(Told(odd, company(name="Works")), [7])] == ["Works"]


def test_a_companys_texts_can_be_stored_and_an_empty_one_is_none() -> None:
    (found,) = read_companies(Told(company(name=" W\x00orks \ud83d", phone="  ", country=None)), [7])
    assert found == RemoteCompany(7, "Works ?", None, None)


def test_owners_are_read_page_by_page(
    client: Client, shared_hubspot: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callbook.hubspot.owners.LIMIT", 3)
    found: list[RemoteOwner] = []
    page = owners_page(client, None)
    found += page.owners
    while page.after is not None:
        page = owners_page(client, page.after)
        found += page.owners
    there = shared_hubspot.portal.owners
    assert {each.id: (each.name, each.email, each.user_id) for each in found} == {
        id_: (each.name, each.email, each.user_id) for id_, each in there.items()
    }
    assert len(found) == len(there)


@pytest.mark.parametrize("odd", [None, {}, {"id": "x"}, {"id": "1", "userIdIncludingInactive": 2**70}])
def test_an_odd_owner_costs_only_itself(odd: object) -> None:
    page = owners_page(Told(odd, {"id": "7", "firstName": "Ada"}), None)
    assert page.owners == (RemoteOwner(7, "Ada", None, None),)


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"firstName": " Ada ", "lastName": "King"}, "Ada King"),
        ({"lastName": "King"}, "King"),
        ({"firstName": "", "lastName": " ", "email": "ada@one.example"}, "ada@one.example"),
        ({}, None),
    ],
)
def test_an_owner_is_called_by_name_or_by_address(record: dict[str, Any], name: str | None) -> None:
    assert owners_page(Told({"id": "7", **record}), None).owners[0].name == name


@pytest.mark.parametrize("body", [{}, {"results": None}])
def test_an_answer_of_another_shape_may_be_right_next_time(
    body: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Told, "_read", lambda *_args, **_content: body)
    for read in (lambda: owners_page(Told(), None), lambda: read_companies(Told(), [1])):
        with pytest.raises(Transient):
            read()
