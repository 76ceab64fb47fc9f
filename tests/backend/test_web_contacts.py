"""The list of contacts as it goes over the wire, and one contact."""

from typing import Any

import pytest
from apiflask import APIFlask

from callbook import accounts
from callbook.hubspot import RemoteCompany, RemoteOwner
from callbook.models import Owner, User, connected
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.people import (
    Rep,
    cache,
    cache_companies,
    cache_owners,
    json_of,
    keep_personal,
    new_user,
    owner_of,
    remote,
)

ENDLESS = 1000
NAMES = ["Abel", "Ábel", "Berg", "Zola", "Яковлев", "7 Eleven", ""]


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def rep(app: APIFlask, settings: Settings) -> Rep:
    with connected():
        token = accounts.open_session(settings, new_user().owner)
    return Rep(app.test_client(), token)


@pytest.fixture
def owner(rep: Rep) -> Owner:
    return owner_of(rep)


@pytest.fixture
def crowd(owner: Owner) -> Owner:
    numbered = enumerate((f"{name}{suffix}" for name in NAMES for suffix in ("", "son", "sen", "ski")), 100)
    cache(owner, *(remote(number, lastname=name) for number, name in numbered))
    for name in NAMES:
        keep_personal(owner, firstname="Mine", lastname=name)
    return owner


def walked(rep: Rep, **query: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    page = rep.contacts(**query)
    rows += page["contacts"]
    while page["next"] is not None:
        page = rep.contacts(**query, after=page["next"])
        rows += page["contacts"]
        assert len(rows) < ENDLESS
    return rows


@pytest.mark.parametrize("source", ["all", "hubspot", "personal"])
def test_the_walk_the_jumps_the_headings_and_the_counts_agree(rep: Rep, crowd: Owner, source: str) -> None:
    assert crowd == owner_of(rep)
    rows = walked(rep, source=source, limit=9)
    ids = [row["id"] for row in rows]
    first = rep.contacts(source=source, letters=True)
    assert len(set(ids)) == len(ids) == first["total"]
    assert first["counts"] == {"all": 35, "hubspot": 28, "personal": 7}
    assert source == "all" or {row["source"] for row in rows} == {source}
    for offset in (0, 3, len(ids) - 1, len(ids)):
        jumped = rep.contacts(source=source, offset=offset, limit=4)["contacts"]
        assert [row["id"] for row in jumped] == ids[offset : offset + 4]
    for heading in first["letters"]:
        stretch = rows[heading["offset"] : heading["offset"] + heading["count"]]
        assert {row["letter"] for row in stretch} == {heading["letter"]}
    assert [heading["letter"] for heading in first["letters"]][-1] == "#"


def test_letters_are_told_only_when_asked_for(rep: Rep) -> None:
    assert rep.contacts()["letters"] is None
    assert rep.contacts(letters=True)["letters"] == []


def test_total_is_of_the_source_and_the_search_counts_are_of_the_search(rep: Rep, owner: Owner) -> None:
    cache(owner, remote(1, lastname="Abel"), remote(2, lastname="Berg"))
    keep_personal(owner, lastname="Abelson")
    found = rep.contacts(source="personal", q="abel")
    assert (found["total"], found["counts"]) == (1, {"all": 2, "hubspot": 1, "personal": 1})


@pytest.mark.parametrize(
    ("query", "searched_as"),
    [
        ("(929) 555-0164", {"e164": "+19295550164", "display": "+1 929-555-0164"}),
        ("+44 20 7946 0018", {"e164": "+442079460018", "display": "+44 20 7946 0018"}),
        ("0164", None),
        ("abel", None),
        ("", None),
    ],
)
def test_a_search_that_is_a_number_says_how_it_was_read(
    rep: Rep, query: str, searched_as: dict[str, str] | None
) -> None:
    assert rep.contacts(q=query)["searched_as"] == searched_as


def test_a_row_shows_what_the_list_needs(rep: Rep, owner: Owner) -> None:
    person: dict[str, Any] = {"firstname": "Ada", "lastname": "Lovelace", "company": "Engines", "jobtitle": "Analyst"}
    cache(owner, remote(7, **person, phone="201-555-0132 x22", mobilephone="020 7946 0018", country="UK"))
    (row,) = rep.contacts()["contacts"]
    assert row.pop("id") > 0
    assert row == {
        "source": "hubspot",
        "name": "Ada Lovelace",
        "company": "Engines",
        "job_title": "Analyst",
        "letter": "L",
        "phone": {
            "kind": "mobile",
            "raw": "020 7946 0018",
            "e164": "+442079460018",
            "extension": None,
            "display": "+44 20 7946 0018",
        },
    }


def test_a_hubspot_contact_has_its_page_at_hubspot_and_all_its_numbers(rep: Rep, owner: Owner) -> None:
    cache(owner, remote(7, lastname="Abel", email="a@x.example", phone="ask Betty", mobilephone="2015550132 x22"))
    (row,) = rep.contacts()["contacts"]
    one = rep.read(f"/api/contacts/{row['id']}")
    assert {name: one[name] for name in row} == row
    assert one["hubspot_url"] == "https://app.hubspot.com/contacts/1/record/0-1/7"
    assert (one["email"], one["modified_at"]) == ("a@x.example", "2026-01-01T00:00:00Z")
    assert [(each["kind"], each["e164"], each["extension"], each["display"]) for each in one["phones"]] == [
        ("mobile", "+12015550132", "22", "(201) 555-0132"),
        ("phone", None, None, "ask Betty"),
    ]


def test_a_personal_contact_never_has_a_page_at_hubspot(rep: Rep, owner: Owner) -> None:
    id_ = keep_personal(owner, lastname="Mine", hs_object_id="7", phone="2015550132")
    one = rep.read(f"/api/contacts/{id_}")
    assert (one["source"], one["hubspot_url"], one["modified_at"]) == ("personal", None, None)


def test_a_contact_without_anything_is_still_a_row(rep: Rep, owner: Owner) -> None:
    cache(owner, remote(7))
    (row,) = rep.contacts()["contacts"]
    assert (row["name"], row["letter"], row["phone"], row["company"]) == ("HubSpot contact 7", "#", None, None)


def test_a_contact_is_told_with_its_owner_and_its_company(rep: Rep, owner: Owner) -> None:
    with connected():
        me = User.get_by_id(owner.id).hubspot_user_id
    cache_owners(owner, RemoteOwner(501, "Me", "me@one.example", me), RemoteOwner(502, "Ann", None, me + 1))
    cache_companies(owner, RemoteCompany(70, "Works", "(201) 555-0100 x7", "US"), RemoteCompany(71, None, None, None))
    cache(
        owner,
        remote(1, lastname="A", company="works inc", associatedcompanyid="70", hubspot_owner_id="501"),
        remote(2, lastname="B", company="Own text", associatedcompanyid="71", hubspot_owner_id="502"),
        remote(3, lastname="C", company="Own text", associatedcompanyid="72", hubspot_owner_id="503"),
    )
    keep_personal(owner, lastname="D", company="Mine")
    rows = rep.contacts()["contacts"]
    assert [row["company"] for row in rows] == ["Works", "Own text", "Own text", "Mine"]
    told = [rep.read(f"/api/contacts/{row['id']}") for row in rows]
    assert [each["company"] for each in told] == ["Works", "Own text", "Own text", "Mine"]
    assert [each["owner"] for each in told] == [
        {"name": "Me", "email": "me@one.example", "is_me": True},
        {"name": "Ann", "email": None, "is_me": False},
        None,
        None,
    ]
    assert told[0]["company_line"] == {
        "kind": "company",
        "raw": "(201) 555-0100 x7",
        "e164": "+12015550100",
        "extension": "7",
        "display": "(201) 555-0100",
    }
    assert [each["company_line"] for each in told[1:]] == [None, None, None]


def test_a_company_line_is_told_over_the_api(rep: Rep, owner: Owner) -> None:
    cache_companies(owner, RemoteCompany(70, "Works", "(201) 555-0100", "US"))
    cache(owner, remote(1, lastname="Abel", associatedcompanyid="70"))
    (caller,) = json_of(rep.post("/api/callers", {"numbers": ["+1 201 555 0100"]}))["callers"]
    assert (caller["label"], caller["company"], caller["people"]) == ("company_line", "Works", 1)
    assert caller["candidates"][0]["matched"]["kind"] == "company"
