"""The search index: what it shows of a portal that is being edited, and when."""

import random
from collections.abc import Callable

import pytest

from hubspot_sandbox.bodies import SearchBody
from hubspot_sandbox.filters import Comparable, Terms
from hubspot_sandbox.generate import fill
from hubspot_sandbox.index import AT_ONCE, REMEMBERED, WAITING, SearchIndex
from hubspot_sandbox.kinds import COMPANY, CONTACT, Kind
from hubspot_sandbox.moments import Clock
from hubspot_sandbox.options import Options
from hubspot_sandbox.portal import Portal
from hubspot_sandbox.records import Record
from hubspot_sandbox.search import checked
from tests.sandbox.client import Json

LAG_S = 5
BY_ID = {"propertyName": "hs_object_id", "direction": "ASCENDING"}
BY_CHANGE = {"propertyName": "lastmodifieddate", "direction": "DESCENDING"}
BY_JOB = {"propertyName": "jobtitle", "direction": "DESCENDING"}


class Searched:
    """A portal with an index, and the few words a test needs of both."""

    def __init__(self, contacts: int = 0, **options: object) -> None:
        self.portal = Portal(1, Clock())
        fill(self.portal, contacts, seed=3)
        self.options = Options.model_validate(options)
        self.index = SearchIndex(self.portal, lambda: self.options)

    def find(self, *filters: Json, sort: Json = BY_ID, kind: Kind = CONTACT, **more: object) -> list[Record]:
        groups = [{"filters": filters}] if filters else []
        body = SearchBody.model_validate({"filterGroups": groups, "sorts": [sort], "limit": 200, **more})
        terms = Terms(kind, dict(self.portal.table(kind).properties), self.options.search_slack_ms)
        return self.index.find(checked(body, 0, terms, self.options)).records

    def firstnames(self, *filters: Json) -> list[str]:
        return [each.properties.get("firstname", "") for each in self.find(*filters)]


def where(name: str, operator: str, value: object) -> Json:
    return {"propertyName": name, "operator": operator, "value": value}


@pytest.fixture
def late() -> Searched:
    return Searched(index_lag_s=LAG_S)


def test_a_new_contact_is_missing_until_it_is_indexed(late: Searched) -> None:
    late.portal.create({"firstname": "Ada"})
    assert late.firstnames() == []
    late.portal.clock.advance(LAG_S)
    assert late.firstnames() == ["Ada"]


def test_an_edited_contact_is_found_by_its_old_values_until_then(late: Searched) -> None:
    ada = late.portal.create({"firstname": "Ada"})
    late.portal.clock.advance(LAG_S)
    late.portal.edit(ada.id, {"firstname": "Bo"})
    assert late.firstnames(where("firstname", "EQ", "Ada")) == ["Ada"]
    late.portal.clock.advance(LAG_S)
    assert late.firstnames(where("firstname", "EQ", "Ada")) == []
    assert late.firstnames(where("firstname", "EQ", "Bo")) == ["Bo"]


def test_changes_are_shown_one_after_the_other_each_at_its_time(late: Searched) -> None:
    ada = late.portal.create({"firstname": "Ada"})
    late.portal.clock.advance(LAG_S - 1)
    late.portal.edit(ada.id, {"firstname": "Bo"})
    late.portal.clock.advance(1)
    assert late.firstnames() == ["Ada"]
    late.portal.clock.advance(LAG_S)
    assert late.firstnames() == ["Bo"]


@pytest.mark.parametrize("delete", ["archive", "gdpr_delete"])
def test_what_is_deleted_lingers(late: Searched, delete: str) -> None:
    ada = late.portal.create({"firstname": "Ada", "email": "ada@example.com"})
    late.portal.clock.advance(LAG_S)
    getattr(late.portal, delete)(ada.id)
    assert late.firstnames() == ["Ada"]
    late.portal.clock.advance(LAG_S)
    assert late.firstnames() == []


def test_what_is_merged_away_lingers_and_what_came_of_it_is_missing(late: Searched) -> None:
    ada, bo = late.portal.create({"firstname": "Ada"}), late.portal.create({"firstname": "Bo"})
    late.portal.clock.advance(LAG_S)
    merged = late.portal.merge(ada.id, bo.id)
    assert [each.id for each in late.find()] == [ada.id, bo.id]
    late.portal.clock.advance(LAG_S)
    assert [each.id for each in late.find()] == [merged.id]


def test_a_restored_contact_comes_back(late: Searched) -> None:
    ada = late.portal.create({"firstname": "Ada"})
    late.portal.archive(ada.id)
    late.portal.clock.advance(LAG_S)
    assert late.firstnames() == []
    late.portal.restore(ada.id)
    assert late.firstnames() == []
    late.portal.clock.advance(LAG_S)
    assert late.firstnames() == ["Ada"]


def test_a_lag_that_is_taken_away_shows_everything_at_once(late: Searched) -> None:
    late.portal.create({"firstname": "Ada"})
    assert late.firstnames() == []
    late.options = late.options.changed(index_lag_s=0)
    assert late.firstnames() == ["Ada"]


def test_companies_have_an_index_of_their_own(late: Searched) -> None:
    company = late.portal.create_company({"name": "Acme"})
    contact = late.portal.create({"firstname": "Ada"})
    assert late.find(kind=COMPANY) == []
    late.portal.clock.advance(LAG_S)
    assert late.find(kind=COMPANY) == [company]
    assert late.find() == [contact]
    edited = late.portal.edit_company(company.id, {"name": "Acme Ltd"})
    late.portal.clock.advance(LAG_S)
    since = where("hs_lastmodifieddate", "GTE", edited.modified_at_ms)
    assert late.find(since, where("name", "EQ", "acme ltd"), kind=COMPANY) == [edited]
    assert late.find(kind=COMPANY, query="ACME") == [edited]


def test_contacts_have_no_hs_lastmodifieddate() -> None:
    assert Searched(contacts=5).find(where("hs_lastmodifieddate", "GT", 1)) == []


def test_whatever_happens_a_search_finds_what_a_look_at_every_contact_finds() -> None:
    """What the index keeps up from change to change is held against what an index made anew finds."""
    random_ = random.Random(11)  # noqa: S311 - the same changes every time
    searched = Searched(contacts=120)
    portal = searched.portal
    middle_ms = sorted(each.modified_at_ms for each in portal.live())[60]
    window = where("lastmodifieddate", "GTE", middle_ms)
    queries: list[tuple[Json, list[Json]]] = [
        (BY_ID, []),
        (BY_ID, [window]),
        (BY_ID, [window, where("jobtitle", "HAS_PROPERTY", None), where("hs_object_id", "GT", portal.live_ids[20])]),
        (BY_CHANGE, [window]),
        (BY_CHANGE, [where("lastmodifieddate", "LT", middle_ms)]),
        (BY_JOB, []),
        (BY_JOB, [where("firstname", "NEQ", "Ada")]),
    ]
    for _ in range(150):
        _change(portal, random_, middle_ms)
        anew = Searched()
        anew.index = SearchIndex(portal, Options)
        for sort, filters in queries:
            assert searched.find(*filters, sort=sort) == anew.find(*filters, sort=sort)


def _change(portal: Portal, random_: random.Random, middle_ms: int) -> None:
    contact_id = random_.choice(portal.live_ids)
    at_ms = middle_ms + random_.randint(-3, 3)  # many on the same millisecond
    match random_.randrange(6):
        case 0:
            portal.create({"firstname": "Ada", "jobtitle": "Buyer"}, at_ms=at_ms)
        case 1:
            portal.archive(contact_id)
        case 2:
            portal.merge(contact_id, next(each for each in portal.live_ids if each != contact_id), at_ms=at_ms)
        case 3 if portal.archived_ids:
            portal.restore(random_.choice(portal.archived_ids))
        case _:
            portal.edit(contact_id, {"jobtitle": random_.choice(["", "Buyer", "Clerk"])}, at_ms=at_ms)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of records whose country was read, each time it was."""
    ids: list[int] = []
    value_of = Terms.value_of

    def noting(terms: Terms, name: str) -> Callable[[Record], Comparable | None]:
        read = value_of(terms, name)

        def noted(record: Record) -> Comparable | None:
            ids.append(record.id)
            return read(record)

        return noted if name == "country" else read

    monkeypatch.setattr(Terms, "value_of", noting)
    return ids


def test_a_walk_among_edits_looks_at_every_contact_only_once(looked_at: list[int]) -> None:
    searched = Searched(contacts=300)
    last, pages = 0, 0
    not_there = where("country", "NEQ", "Atlantis")
    while page := searched.find(not_there, where("hs_object_id", "GT", last), limit=5):
        last, pages = page[-1].id, pages + 1
        searched.portal.edit(page[0].id, {"jobtitle": "Clerk"})
    assert pages > 30
    assert len(looked_at) <= 300 + 2 * pages  # once each, then before and after each edit


def test_what_was_asked_for_lately_is_remembered_and_the_rest_is_not(looked_at: list[int]) -> None:
    searched = Searched(contacts=3)

    def is_remembered(number: int) -> bool:
        looked_at.clear()
        searched.find(where("country", "NEQ", f"Atlantis {number}"))
        return not looked_at

    assert not any(is_remembered(number) for number in range(REMEMBERED))
    assert is_remembered(0)
    assert not is_remembered(REMEMBERED)
    assert is_remembered(0)
    assert not is_remembered(1)


def test_a_change_of_many_at_once_is_taken() -> None:
    searched = Searched(contacts=AT_ONCE + 10)
    before = searched.find(where("company", "EQ", "Bulk"))
    for contact_id in searched.portal.live_ids:
        searched.portal.edit(contact_id, {"company": "Bulk"}, at_ms=1_790_000_000_000)
    assert before == []
    assert [each.id for each in searched.find(where("company", "EQ", "Bulk"))] == searched.portal.live_ids[:200]


def test_changes_do_not_pile_up_when_nobody_searches() -> None:
    searched = Searched(contacts=1)
    for _ in range(WAITING + 5):
        searched.portal.edit(1, {"company": "Acme"})
    assert searched.index.waiting < WAITING


def test_contacts_are_found_by_their_companies() -> None:
    searched = Searched()
    portal = searched.portal
    acme, bolt = portal.create_company({"name": "Acme"}), portal.create_company({"name": "Bolt"})
    ada, bo, _cy = (portal.create({"firstname": name}) for name in ("Ada", "Bo", "Cy"))
    portal.associate(ada.id, acme.id)
    portal.associate(bo.id, acme.id)
    portal.associate(bo.id, bolt.id)
    at_acme = where("associations.companies", "EQ", acme.id)
    either = {"propertyName": "associations.companies", "operator": "IN", "values": [acme.id, bolt.id]}
    assert searched.firstnames(at_acme) == searched.firstnames(either) == ["Ada", "Bo"]
    assert searched.find(where("associations.contacts", "EQ", bo.id), kind=COMPANY) == [
        portal.companies[acme.id],
        portal.companies[bolt.id],
    ]
    portal.dissociate(ada.id, acme.id)
    assert searched.firstnames(at_acme) == ["Bo"]


def test_a_property_that_disappears_is_no_longer_found_by() -> None:
    searched = Searched()
    searched.portal.create({"jobtitle": "Clerk"})
    clerks = where("jobtitle", "EQ", "clerk")
    assert len(searched.find(clerks)) == 1
    searched.portal.table(CONTACT).archive_property("jobtitle")
    assert searched.find(clerks) == []
    searched.portal.create({"firstname": "Ada"})
    assert searched.find(clerks) == []
    assert len(searched.find()) == 2


def test_with_slack_results_lie_a_little_outside_the_moments_and_out_of_order() -> None:
    searched = Searched(search_slack_ms=9)
    for at_ms in (1_009, 1_005, 1_000, 1_010, 1_020):
        searched.portal.create({}, at_ms=at_ms)

    def moments(*filters: Json) -> list[int]:
        sort = {"propertyName": "lastmodifieddate", "direction": "ASCENDING"}
        return [each.modified_at_ms for each in searched.find(*filters, sort=sort)]

    assert moments() == [1_009, 1_005, 1_000, 1_010, 1_020]
    assert moments(where("lastmodifieddate", "GT", 1_008), where("lastmodifieddate", "LT", 1_010)) == [
        1_009,
        1_005,
        1_000,
        1_010,
    ]
    searched.options = Options()
    assert moments(where("lastmodifieddate", "GT", 1_008), where("lastmodifieddate", "LT", 1_010)) == [1_009]
