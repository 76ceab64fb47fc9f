"""What could not be synced: one record each, with the name of an older copy where there is one."""

from datetime import UTC, datetime
from typing import Any

import pytest
from apiflask import APIFlask

from callbook import accounts, contacts
from callbook.contacts.store import reread_phones
from callbook.models import Owner, Problem, connected, now, transaction
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Rep, cache, keep_personal, new_user, owner_of, remote

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def rep(app: APIFlask, settings: Settings) -> Rep:
    with connected():
        token = accounts.open_session(settings, new_user().owner)
    return Rep(app.test_client(), token)


def note(owner: Owner, remote_id: str, **changed: Any) -> None:
    noted = {"object_type": "contacts", "category": "invalid", "run_id": 1, "seen_at": now()}
    with connected():
        Problem.of(owner).insert(remote_id=remote_id, **{**noted, **changed}).execute()


def test_where_all_could_be_read_there_are_none(rep: Rep) -> None:
    assert rep.read("/api/problems") == {"problems": [], "total": 0}


def test_a_problem_has_its_page_at_hubspot_and_the_name_of_the_copy_that_is_kept(rep: Rep) -> None:
    owner = owner_of(rep)
    cache(owner, remote(7, firstname="Ada", lastname="Abel"), remote(9, lastname="Gone"))
    with connected(), transaction():
        contacts.retire(owner, [9])
    for remote_id in ("7", "8", "9"):
        note(owner, remote_id, seen_at=NOON)
    found = rep.read("/api/problems")
    assert [(each["remote_id"], each["name"]) for each in found["problems"]] == [
        ("9", None),
        ("8", None),
        ("7", "Ada Abel"),
    ]
    assert found["problems"][2] == {
        "remote_id": "7",
        "category": "invalid",
        "name": "Ada Abel",
        "hubspot_url": "https://app.hubspot.com/contacts/1/record/0-1/7",
        "seen_at": "2026-03-02T12:00:00Z",
    }


@pytest.mark.parametrize(
    "changed", [{"remote_id": "no id"}, {"remote_id": ""}, {"remote_id": "7", "object_type": "companies"}]
)
def test_what_is_no_contacts_id_leads_nowhere(rep: Rep, changed: dict[str, str]) -> None:
    owner = owner_of(rep)
    cache(owner, remote(7, lastname="Abel"))
    note(owner, **changed)
    (problem,) = rep.read("/api/problems")["problems"]
    assert (problem["name"], problem["hubspot_url"]) == (None, None)


@pytest.mark.parametrize("category", ["invalid", "refused", "no_answer"])
def test_every_category_can_be_told(rep: Rep, category: str) -> None:
    note(owner_of(rep), "7", category=category)
    assert rep.read("/api/problems")["problems"][0]["category"] == category


def test_the_newest_come_first_and_the_total_is_of_all(rep: Rep) -> None:
    owner = owner_of(rep)
    for number in range(5):
        note(owner, str(number), seen_at=NOON.replace(minute=number))
    found = rep.read("/api/problems", limit=2)
    assert ([each["remote_id"] for each in found["problems"]], found["total"]) == (["4", "3"], 5)


def test_a_contact_is_listed_of_whose_numbers_none_can_be_read(rep: Rep) -> None:
    cache(
        owner_of(rep),
        remote(1, lastname="Unreadable", phone="ask Bob", mobilephone="n/a"),
        remote(2, lastname="Readable", phone="ask Bob", mobilephone="+1 212 555 0100"),
        remote(3, lastname="Bare"),
    )
    keep_personal(owner_of(rep), lastname="Mine", phone="ask Bob")
    found = rep.read("/api/problems")
    assert [(each["remote_id"], each["category"], each["name"]) for each in found["problems"]] == [
        ("1", "number_unreadable", "Unreadable")
    ]
    assert found["total"] == 1
    assert found["problems"][0]["hubspot_url"] == "https://app.hubspot.com/contacts/1/record/0-1/1"


@pytest.mark.parametrize("number", ["+1 212 555 0100", ""])
def test_it_is_forgotten_when_it_is_corrected(rep: Rep, number: str) -> None:
    owner = owner_of(rep)
    cache(owner, remote(1, lastname="Abel", phone="ask Bob"))
    assert rep.read("/api/problems")["total"] == 1
    cache(owner, remote(1, lastname="Abel", phone=number, modified_at=NOON))
    assert rep.read("/api/problems") == {"problems": [], "total": 0}


def test_it_is_forgotten_when_the_contact_is_gone(rep: Rep) -> None:
    owner = owner_of(rep)
    cache(owner, remote(1, lastname="Abel", phone="ask Bob"))
    with connected(), transaction():
        contacts.retire(owner, [1])
    assert rep.read("/api/problems")["total"] == 0


def test_a_number_that_another_country_reads_is_no_problem_any_more(rep: Rep) -> None:
    owner = owner_of(rep)
    cache(owner, remote(1, lastname="Abel", phone="020 7946 0018"))
    assert rep.read("/api/problems")["total"] == 1
    with connected(), transaction():
        reread_phones(owner, "GB", 0, 10)
    assert rep.read("/api/problems")["total"] == 0


def test_a_record_with_two_problems_is_listed_once_and_the_graver_come_first(rep: Rep) -> None:
    owner = owner_of(rep)
    cache(owner, *(remote(id_, lastname="Abel", phone="ask Bob") for id_ in (1, 2, 3)))
    note(owner, "2", category="refused", seen_at=NOON)
    found = rep.read("/api/problems", limit=2)
    assert [(each["remote_id"], each["category"]) for each in found["problems"]] == [
        ("2", "refused"),
        ("3", "number_unreadable"),
    ]
    assert found["total"] == 3


@pytest.mark.parametrize("limit", ["0", "201", "x"])
def test_a_limit_out_of_bounds_is_invalid(rep: Rep, limit: str) -> None:
    assert rep.get("/api/problems", limit=limit).status_code == 422


def test_nobody_sees_anothers(rep: Rep) -> None:
    note(new_owner(), "7")
    assert rep.read("/api/problems") == {"problems": [], "total": 0}


def new_owner() -> Owner:
    with connected():
        return new_user("ben@one.example").owner
