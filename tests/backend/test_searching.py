"""What is held of a user's contacts for their searches: it finds what a scan of the table finds, whatever has changed
since, and holds only so much.
"""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callbook import accounts, contacts, phone
from callbook.contacts import Wanted, searching
from callbook.contacts.naming import fold
from callbook.hubspot import RemoteCompany
from callbook.models import Company, Contact, Owner, User, transaction
from hubspot_sandbox import RunningSandbox
from tests.backend.people import cache, cache_companies, keep_personal, new_user, remote

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = ["Ann", "Anna", "Žofia", "Müller", "Яна", "山田", "Co. & Söhne", "a_b", "100%", "x\\y", "Bo", "it's", "555"]
NUMBERS = ["+1 201 555 0132", "(201) 555-0177 x22", "020 7946 0018", "+44 20 7946 0999", "ask Betty", "99-88"]
TYPED = ["a", "n", "z", "ж", "я", "an", "ann", "anna", "ANNA m", "müll", "muller", "5", "55", "555", "0132", "201 555"]
TYPED += ["+12015550132", "020 7946", "%", "_", "\\", "'", ".", "o. &", "山", "works", "works 555", "q", "bo an", "  "]


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def owner(database: None) -> Owner:  # noqa: ARG001 - there to be connected
    return new_user().owner


class Crowd:
    """Contacts that come, change and go, of companies that are renamed."""

    def __init__(self, owner: Owner, seed: int) -> None:
        self._owner, self._dice = owner, random.Random(seed)  # noqa: S311 - the same each time
        self._turn = 0

    def change(self) -> None:
        self._turn += 1
        kind = self._dice.random()
        if kind < 0.15:
            with transaction():
                contacts.retire(self._owner, self._dice.sample(range(1, 60), 4))
        elif kind < 0.3:
            name = self._dice.choice(["Works", "Works 555", "Müller", None])
            cache_companies(self._owner, RemoteCompany(self._dice.randint(70, 74), name, None, None))
        elif kind < 0.4:
            keep_personal(self._owner, **self._person())
        else:
            changed_at = FIRST_DAY + timedelta(days=self._turn)
            each = (self._dice.randint(1, 60) for _ in range(5))
            cache(self._owner, *(remote(id_, modified_at=changed_at, **self._person()) for id_ in each))

    def _person(self) -> dict[str, str]:
        names = {name: self._dice.choice([*WORDS, ""]) for name in ("firstname", "lastname", "company")}
        at = {"associatedcompanyid": str(self._dice.randint(70, 74))} if self._dice.random() < 0.6 else {}
        return {**names, **at, "phone": self._dice.choice([*NUMBERS, ""])}


def scanned(owner: Owner, query: str, source: str | None) -> list[int]:
    """The ids that a scan of the table finds."""
    rows: Iterable[Contact] = Contact.of(owner).select().where(Contact.deleted_at.is_null())
    at = {row.company_id: row.search_text for row in Company.of(owner).select()}
    forms = phone.search_forms(query, "US")

    def matches(row: Contact) -> bool:
        if forms:
            return any(form in row.search_text for form in forms)
        words = fold(query).split()
        return all(word in row.search_text or word in at.get(row.company_id or 0, "") for word in words)

    found = [row for row in rows if source in (None, row.source) and matches(row)]
    return [row.id for row in sorted(found, key=lambda row: (row.sort_key.encode(), row.id))]


def listed(owner: Owner, query: str, **wanted: Any) -> list[int]:
    return [row.id for row in contacts.listing(owner, Wanted(query=query, region="US", **wanted)).contacts]


def walked(owner: Owner, query: str, source: str | None) -> list[int]:
    found: list[int] = []
    after = None
    while True:
        page = contacts.listing(owner, Wanted(source, query, "US", 3, after))
        found += [row.id for row in page.contacts]
        if page.next is None:
            return found
        after = page.next


@pytest.mark.parametrize("seed", range(3))
def test_a_search_finds_what_a_scan_finds_whatever_has_changed_since(
    owner: Owner, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "BLOCK", 3)
    crowd, dice = Crowd(owner, seed), random.Random(seed)  # noqa: S311 - the same each time
    for _ in range(20):
        crowd.change()
    for _ in range(12):
        crowd.change()
        for query in dice.sample(TYPED, 4):
            source = dice.choice([None, "hubspot", "personal"])
            expected = scanned(owner, query, source)
            offset = dice.randint(0, 4)
            assert listed(owner, query, source=source, limit=200) == expected, query
            assert listed(owner, query, source=source, offset=offset, limit=2) == expected[offset : offset + 2], query
            assert walked(owner, query, source) == expected, query
            counted = contacts.listing(owner, Wanted(query=query, region="US")).counts
            assert counted.hubspot == len(scanned(owner, query, "hubspot")), query
            assert counted.personal == len(scanned(owner, query, "personal")), query


def test_only_what_has_changed_is_read_again(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    changed = searching._changed  # noqa: SLF001 - what it reads is what this is about

    def counted(owner: Owner, seq: int) -> list[tuple[int, str, str | None]]:
        rows = changed(owner, seq)
        read.append(len(rows))
        return rows

    monkeypatch.setattr(searching, "_changed", counted)
    cache(owner, *(remote(number, lastname=f"Abel {number}") for number in range(1, 9)))
    for _ in range(3):
        assert len(listed(owner, "abel")) == 8
    cache(owner, remote(3, lastname="Berg", modified_at=FIRST_DAY + timedelta(days=1)))
    assert len(listed(owner, "abel")) == 7
    assert read == [8, 1]


def test_a_contact_is_found_by_its_companys_new_name_and_no_longer_by_the_old(owner: Owner) -> None:
    cache(owner, remote(1, lastname="Abel", associatedcompanyid="70", company="Mine"))
    for name, before in (("Engines", "Works"), ("Wheels", "Engines"), (None, "Wheels"), ("Mine", "Wheels")):
        cache_companies(owner, RemoteCompany(70, name, None, None))
        assert len(listed(owner, name or "mine")) == 1
        assert listed(owner, before) == []


def test_who_is_told_of_by_another_company_name_is_a_change_in_the_feed(owner: Owner) -> None:
    cache(owner, *(remote(number, associatedcompanyid="70", company=own) for number, own in ((1, "Works"), (2, "x"))))
    before = {row.hubspot_id: row.seq for row in Contact.of(owner).select()}
    cache_companies(owner, RemoteCompany(70, "Works", None, None))
    learned = {row.hubspot_id: row.seq for row in Contact.of(owner).select()}
    assert (learned[1], learned[2]) == (before[1], User.get_by_id(owner.id).seq)
    cache_companies(owner, RemoteCompany(70, "Works", "+1 201 555 0132", None))
    assert {row.hubspot_id: row.seq for row in Contact.of(owner).select()} == learned
    cache_companies(owner, RemoteCompany(70, "Wheels", None, None))
    renamed = {row.hubspot_id: row.seq for row in Contact.of(owner).select()}
    assert sorted(renamed.values()) == [4, 5]


def test_an_unauthorized_cache_is_neither_searched_nor_held_once_its_user_searches_again(owner: Owner) -> None:
    cache(owner, remote(1, lastname="Abel"))
    keep_personal(owner, lastname="Abelson")
    assert len(listed(owner, "abel")) == 2
    accounts.unauthorize(owner)
    after = User.get_by_id(owner.id).owner
    assert len(listed(after, "abel")) == 1
    assert list(searching._held) == [after]  # noqa: SLF001 - nothing else would show it


def test_so_many_contacts_are_held_and_those_of_the_latest_to_search(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "HELD", 5)
    owners = [owner, *(new_user(f"{name}@one.example").owner for name in ("ben", "cid", "dan"))]
    for each in owners:
        cache(each, *(remote(number, lastname="Abel") for number in range(1, 4)))
        assert len(listed(each, "abel")) == 3
        assert sum(len(held.ids) for held in searching._held.values()) <= 5 + 3  # noqa: SLF001 - what is held
    assert list(searching._held) == owners[-2:]  # noqa: SLF001 - the same
    assert [len(listed(each, "abel")) for each in owners] == [3, 3, 3, 3]


def test_rows_are_read_by_their_ids_and_only_the_owners(owner: Owner) -> None:
    other = new_user("ben@one.example").owner
    cache(owner, remote(1), remote(2))
    cache(other, remote(3))
    every = [row.id for row in Contact.everyones().select()]
    assert len(list(Contact.of(owner).with_ids(every))) == 2
    assert [row.hubspot_id for row in Contact.of(other).with_ids(every, Contact.hubspot_id)] == [3]
    assert list(Contact.of(Owner(owner.id, owner.epoch + 1)).with_ids(every)) == []
