"""The change feed: every HubSpot contact once and in order, nothing missed while rows change, and an honest word to a
reader whose cursor leads nowhere.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from apiflask import APIFlask

from callbook import accounts, contacts, feed
from callbook.hubspot import RemoteCompany
from callbook.models import Contact, Owner, User, connected, transaction
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Rep, cache, cache_companies, keep_personal, new_user, owner_of, remote

ENDLESS = 500
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


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


class Portal:
    """Contacts at HubSpot that come, change and go, and the cache that follows."""

    def __init__(self, owner: Owner, seed: int) -> None:
        self._owner, self._dice = owner, random.Random(seed)  # noqa: S311 - the same each time
        self._day = 0

    def change(self) -> None:
        self._day += 1
        id_, version = self._dice.randint(1, 40), str(self._day)
        read_at = datetime.now(UTC) + timedelta(hours=self._day)  # later than any deletion: it comes back
        if self._dice.random() < 0.3:
            with connected(), transaction():
                contacts.retire(self._owner, [id_])
        elif self._dice.random() < 0.1:
            keep_personal(self._owner, lastname=version)
        else:
            one = remote(id_, lastname=version, modified_at=FIRST_DAY + timedelta(days=self._day))
            cache(self._owner, type(one)(one.id, one.properties, one.modified_at, read_at, primary=True))

    def names(self) -> dict[str, str]:
        """What a whole copy holds, by HubSpot's id."""
        with connected():
            alive = Contact.of(self._owner).select().where(Contact.deleted_at.is_null())
            return {str(row.hubspot_id): row.name for row in alive if row.source == "hubspot"}


class Reader:
    """A copy kept by the feed, page by page."""

    def __init__(self, rep: Rep, limit: int = 3) -> None:
        self._rep, self._limit = rep, limit
        self.names: dict[str, str] = {}
        self.place: dict[str, int] = {}

    def page(self) -> dict[str, Any]:
        page = self._rep.read("/api/feed", **self.place, limit=self._limit)
        for row in page["contacts"]:
            if row["deleted"]:
                self.names.pop(row["hubspot_id"], None)
            else:
                self.names[row["hubspot_id"]] = row["name"]
        self.place = {"epoch": page["epoch"], "after": page["cursor"]}
        return page

    def read_on(self) -> None:
        for _ in range(ENDLESS):
            page = self.page()
            assert not page["start_again"]
            if not page["more"]:
                return
        pytest.fail("the feed has no end")


def later(days: int) -> time_machine.travel:
    return time_machine.travel(datetime.now(UTC) + timedelta(days=days))


def retire(owner: Owner, *ids: int) -> None:
    with connected(), transaction():
        contacts.retire(owner, ids)


@pytest.mark.parametrize("seed", range(6))
def test_a_copy_read_page_by_page_while_rows_change_ends_equal_to_the_cache(rep: Rep, owner: Owner, seed: int) -> None:
    portal, reader, dice = Portal(owner, seed), Reader(rep), random.Random(seed)  # noqa: S311 - the same each time
    for _ in range(60):
        portal.change()
    for _ in range(40):
        reader.page()
        for _ in range(dice.randint(0, 3)):
            portal.change()
    reader.read_on()
    assert reader.names == portal.names()
    assert rep.read("/api/feed", **reader.place)["contacts"] == []


@pytest.mark.parametrize("seed", range(3))
def test_the_newest_of_the_first_page_is_where_the_next_reading_begins(rep: Rep, owner: Owner, seed: int) -> None:
    portal, reader = Portal(owner, seed), Reader(rep)
    for _ in range(60):
        portal.change()
    for _ in range(5):
        first = reader.page()
        portal.change()
        if first["more"]:
            reader.read_on()
        portal.change()
        reader.place = {"epoch": first["epoch"], "after": first["newest"]}
    reader.read_on()
    assert reader.names == portal.names()


def test_a_change_is_told_with_what_a_phones_contact_list_needs(rep: Rep, owner: Owner) -> None:
    cache_companies(owner, RemoteCompany(70, "Works", None, None))
    cache(
        owner,
        remote(
            12,
            firstname="Ann",
            lastname="Abel",
            company="works inc",
            associatedcompanyid="70",
            jobtitle="Head",
            email="ann@one.example",
            hs_additional_emails="a@two.example; ann@one.example;",
            mobilephone="ask Betty",
            phone="(201) 555-0132 x7",
            hs_whatsapp_phone_number="+44 20 7946 0018",
        ),
    )
    page = rep.read("/api/feed")
    (row,) = page["contacts"]
    assert row.pop("id") == rep.contacts()["contacts"][0]["id"]
    assert row == {
        "hubspot_id": "12",
        "deleted": False,
        "name": "Ann Abel",
        "first_name": "Ann",
        "last_name": "Abel",
        "company": "Works",
        "job_title": "Head",
        "emails": ["ann@one.example", "a@two.example"],
        "phones": [
            {"number": "+12015550132", "extension": "7", "kind": "phone"},
            {"number": "+442079460018", "extension": None, "kind": "whatsapp"},
        ],
    }
    assert (page["cursor"], page["newest"], page["more"], page["start_again"]) == (1, 1, False, False)


def test_who_is_gone_is_told_without_a_word_about_them(rep: Rep, owner: Owner) -> None:
    cache(owner, remote(12, firstname="Ann", email="ann@one.example", phone="+12015550132"))
    place = Reader(rep)
    place.read_on()
    retire(owner, 12)
    (row,) = rep.read("/api/feed", **place.place)["contacts"]
    assert {name for name, value in row.items() if value} == {"id", "hubspot_id", "deleted"}


def test_personal_contacts_are_not_in_the_feed(rep: Rep, owner: Owner) -> None:
    keep_personal(owner, lastname="Mine")
    assert rep.read("/api/feed")["contacts"] == []


def test_pages_are_in_the_order_of_change_and_without_overlap(rep: Rep, owner: Owner) -> None:
    cache(owner, *(remote(number, lastname=str(number)) for number in range(1, 8)))
    cache(owner, remote(2, lastname="two", modified_at=FIRST_DAY + timedelta(days=1)))
    reader, read = Reader(rep, limit=2), []
    while True:
        page = reader.page()
        read += [row["hubspot_id"] for row in page["contacts"]]
        if not page["more"]:
            break
    assert read == ["1", "3", "4", "5", "6", "7", "2"]


@pytest.mark.parametrize("query", [{"epoch": 2, "after": 1}, {"after": 1}, {"epoch": 1, "after": 99}])
def test_a_cursor_of_another_cache_or_of_the_future_starts_again(rep: Rep, owner: Owner, query: dict[str, int]) -> None:
    cache(owner, remote(1), remote(2))
    page = rep.read("/api/feed", **query)
    assert (page["contacts"], page["start_again"], page["more"]) == ([], True, False)
    assert len(rep.read("/api/feed")["contacts"]) == 2


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 1001}, {"after": "x"}, {"after": 2**63}, {"epoch": -1}])
def test_what_is_no_place_in_the_feed_is_refused(rep: Rep, query: dict[str, Any]) -> None:
    assert rep.get("/api/feed", **query).status_code == 422


def test_tombstones_live_thirty_days_and_who_missed_them_starts_again(rep: Rep, owner: Owner) -> None:
    cache(owner, *(remote(number) for number in range(1, 6)))
    early, aware = Reader(rep), Reader(rep)
    early.read_on()
    retire(owner, 2, 3)
    aware.read_on()
    with connected():
        for days, left in ((29, 2), (31, 0)):
            with later(days):
                contacts.prune_tombstones()
            assert Contact.of(owner).select().where(Contact.deleted_at.is_null(is_null=False)).count() == left
    assert early.page()["start_again"]
    assert not aware.page()["start_again"]
    assert set(aware.names) == {"1", "4", "5"}


def test_a_first_reading_has_no_use_for_pruned_tombstones(rep: Rep, owner: Owner) -> None:
    cache(owner, *(remote(number) for number in range(1, 9)))
    retire(owner, 8)
    with connected(), later(31):
        contacts.prune_tombstones()
    reader = Reader(rep, limit=2)
    reader.read_on()
    reader.read_on()
    assert set(reader.names) == {str(number) for number in range(1, 8)}


def test_pruning_takes_each_user_for_themselves_and_only_tombstones(rep: Rep, owner: Owner) -> None:
    cache(owner, remote(1), remote(2))
    with connected():
        other = new_user("ben@one.example").owner
    cache(other, *(remote(number) for number in range(1, 6)))
    retire(other, 1, 2)
    retire(owner, 1)
    with connected(), later(31):
        contacts.prune_tombstones()
        assert [User.get_by_id(each.id).seq_pruned for each in (owner, other)] == [3, 7]
        assert [Contact.of(each).select().count() for each in (owner, other)] == [1, 3]
        contacts.prune_tombstones()
    assert not rep.read("/api/feed", epoch=1, after=3)["start_again"]


def test_the_feed_of_an_unauthorized_cache_is_over(owner: Owner) -> None:
    cache(owner, remote(1))
    with connected():
        accounts.unauthorize(owner)
        after = User.get_by_id(owner.id).owner
        assert feed.read(after, 1, owner.epoch, 10).start_again
        assert feed.read(after, None, None, 10).contacts == []
