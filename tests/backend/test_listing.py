"""The list: its order, its headings, the walk by cursor and the jump by offset, and what a search finds."""

import base64
import random
from typing import Any

import pytest

from callbook import contacts
from callbook.contacts import Wanted
from callbook.errors import Refused
from callbook.models import Contact, Owner, transaction
from hubspot_sandbox import RunningSandbox
from tests.backend.people import cache, keep_personal, new_user, remote

LAST = [
    "Abel",
    "Ábel",
    "abel",
    "Zola",
    "Østergaard",
    "Obi",
    "Ωμέγα",
    "Яковлев",
    "山田",
    "7 Eleven",
    "",
    "McKay",
    "Müller",
]
ENDLESS = 1000
FIRST = ["Ann", "Émile", "Zoë", "", "Bo", "Анна"]


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def owner(database: None) -> Owner:  # noqa: ARG001 - there to be connected
    return new_user().owner


@pytest.fixture
def crowd(owner: Owner) -> Owner:
    """Contacts of many alphabets, one in five personal; a few were deleted."""
    dice = random.Random(3)  # noqa: S311 - the same crowd every time
    names = [(dice.choice(FIRST), dice.choice(LAST)) for _ in range(90)]
    cache(owner, *(remote(id_, firstname=first, lastname=last) for id_, (first, last) in enumerate(names[:72], 1)))
    for first, last in names[72:]:
        keep_personal(owner, firstname=first, lastname=last)
    with transaction():
        contacts.retire(owner, [5, 6, 7])
    return owner


def ids(owner: Owner, **wanted: object) -> list[int]:
    return [row.id for row in contacts.listing(owner, Wanted(**wanted)).contacts]  # type: ignore[arg-type] # by name


def names(owner: Owner, query: str, region: str | None = "US") -> list[str]:
    return [row.name for row in contacts.listing(owner, Wanted(query=query, region=region)).contacts]


def walked(owner: Owner, limit: int, source: str | None = None, query: str = "") -> list[Contact]:
    rows: list[Contact] = []
    after = None
    while True:
        page = contacts.listing(owner, Wanted(source, query, limit=limit, after=after))
        rows += page.contacts
        if page.next is None:
            return rows
        assert len(page.contacts) == limit
        assert len(rows) < ENDLESS
        after = page.next


@pytest.mark.parametrize("source", [None, "hubspot", "personal"])
@pytest.mark.parametrize("limit", [1, 7, 87, 200])
def test_the_walk_gives_every_contact_once_in_the_order_of_the_list(
    crowd: Owner, limit: int, source: str | None
) -> None:
    rows = walked(crowd, limit, source)
    assert len({row.id for row in rows}) == len(rows) == contacts.counts(crowd).of(source)
    order = [(row.sort_key.encode(), row.id) for row in rows]
    assert order == sorted(order)
    assert source is None or {row.source for row in rows} == {source}


def test_offset_jumps_agree_with_the_walk(crowd: Owner) -> None:
    everyone = [row.id for row in walked(crowd, 50)]
    for offset in (0, 1, 40, 86, 87, 500):
        assert ids(crowd, offset=offset, limit=10) == everyone[offset : offset + 10]


def test_a_walk_goes_on_from_a_jump(crowd: Owner) -> None:
    everyone = [row.id for row in walked(crowd, 50)]
    jumped = contacts.listing(crowd, Wanted(offset=30, limit=10))
    assert ids(crowd, after=jumped.next, limit=10) == everyone[40:50]


@pytest.mark.parametrize("source", [None, "hubspot", "personal"])
def test_headings_stand_where_the_walk_has_their_contacts(crowd: Owner, source: str | None) -> None:
    everyone = walked(crowd, 50, source)
    headings = contacts.letters(crowd, source)
    assert [each.letter for each in headings] == list(dict.fromkeys(row.letter for row in everyone))
    for each in headings:
        stretch = everyone[each.offset : each.offset + each.count]
        assert {row.letter for row in stretch} == {each.letter}
    assert sum(each.count for each in headings) == len(everyone)


def test_latin_headings_come_first_and_the_rest_last(crowd: Owner) -> None:
    headings = [each.letter for each in contacts.letters(crowd, None)]
    assert [heading for heading in headings if heading.isascii()] == ["A", "B", "E", "M", "O", "Z", "#"]
    assert headings.index("Z") < headings.index("Ω") < headings.index("Я") < headings.index("#")


def test_an_empty_list_has_neither_headings_nor_a_next_page(owner: Owner) -> None:
    found = contacts.listing(owner, Wanted())
    assert (found.contacts, found.next, found.counts.all, contacts.letters(owner, None)) == ([], None, 0, [])


def test_counts_are_of_what_matches_the_search(owner: Owner) -> None:
    cache(owner, remote(1, lastname="Abel"), remote(2, lastname="Berg"))
    keep_personal(owner, lastname="Abelson")
    found = contacts.listing(owner, Wanted("personal", "abel"))
    assert [row.name for row in found.contacts] == ["Abelson"]
    assert found.counts.told() == {"all": 2, "hubspot": 1, "personal": 1}


def test_a_walk_in_a_search_stays_in_it(owner: Owner) -> None:
    cache(owner, *(remote(number, lastname=f"Abel {number}") for number in range(1, 8)), remote(9, lastname="Berg"))
    assert len(walked(owner, 2, query="abel")) == 7


def test_deleted_contacts_are_nowhere(owner: Owner) -> None:
    cache(owner, remote(1, lastname="Gone", phone="+1 201 555 0132"))
    (id_,) = ids(owner)
    with transaction():
        contacts.retire(owner, [1])
    assert (ids(owner), contacts.find(owner, id_), contacts.counts(owner).all) == ([], None, 0)
    assert (contacts.letters(owner, None), names(owner, "gone"), names(owner, "0132")) == ([], [], [])


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "no cursor",
        "ключ",
        base64.urlsafe_b64encode(b"no-colon").decode(),
        base64.urlsafe_b64encode(b"x:key").decode(),
        base64.urlsafe_b64encode(b"1:\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"9223372036854775808:key").decode(),
        base64.urlsafe_b64encode(b"1" * 5000 + b":key").decode(),
    ],
)
def test_what_is_no_cursor_is_refused(owner: Owner, cursor: str) -> None:
    with pytest.raises(Refused) as refused:
        contacts.listing(owner, Wanted(after=cursor))
    assert refused.value.kind == "bad_request"


@pytest.mark.parametrize(
    "query",
    ["žofia", "ZOFIA", "fia", "muller", "MÜLLER", "zofia muller", "müller  zofia", "müll", "Co.", "z@x", "y.example"],
)
def test_a_search_finds_parts_of_name_company_and_email_whatever_case_and_accents(owner: Owner, query: str) -> None:
    addresses = {"email": "z@x.example", "hs_additional_emails": "old@y.example"}
    person: dict[str, Any] = {"firstname": "Žofia", "lastname": "Novák", "company": "Müller & Co.", **addresses}
    cache(owner, remote(1, **person), remote(2, lastname="Berg", company="Berg"))
    assert names(owner, query) == ["Žofia Novák"]


def test_every_word_of_a_search_must_occur(owner: Owner) -> None:
    cache(owner, remote(1, firstname="Ann", lastname="Abel"), remote(2, firstname="Ann", lastname="Berg"))
    assert names(owner, "ann berg") == ["Ann Berg"]
    assert names(owner, "ann carl") == []
    assert names(owner, "  ") == ["Ann Abel", "Ann Berg"]


@pytest.mark.parametrize(
    "query",
    [
        *("(201) 555-0132", "201-555-0132", "201.555.0132", "2015550132", "12015550132", "+1 201 555 0132"),
        *("0012015550132", "+12015550132", "555-01", "0132", "201 555", "201-555-0132 x22", "5550"),
    ],
)
def test_any_part_of_a_number_in_any_format_finds_it(owner: Owner, query: str) -> None:
    cache(owner, remote(1, lastname="Abel", phone="(201) 555-0132 ext 22"), remote(2, lastname="B", phone="6465440199"))
    assert names(owner, query) == ["Abel"]


@pytest.mark.parametrize("query", ["020 7946 0018", "+44 20 7946 0018", "442079460018", "7946 00", "020 79", "0018"])
def test_a_national_number_is_found_at_home_and_from_abroad(owner: Owner, query: str) -> None:
    cache(owner, remote(1, lastname="Abel", phone="020 7946 0018", country="UK"))
    assert names(owner, query, "GB") == ["Abel"]


def test_a_number_that_cannot_be_read_is_found_as_written(owner: Owner) -> None:
    cache(owner, remote(1, lastname="Abel", phone="99-88"))
    assert names(owner, "9988") == ["Abel"]


@pytest.mark.parametrize(("query", "found"), [("%", ["100% Wool"]), ("_", ["a_b"]), ("a_b", ["a_b"]), ("\\", ["c\\d"])])
def test_percent_underscore_and_backslash_are_themselves(owner: Owner, query: str, found: list[str]) -> None:
    cache(owner, *(remote(number, company=name) for number, name in enumerate(("100% Wool", "a_b", "axb", "c\\d"), 1)))
    assert names(owner, query) == found


@pytest.mark.parametrize("query", ["'", '"', "a'; DROP TABLE contacts; --", "🙂", "*", "?", "[a-z]"])
def test_no_search_does_more_than_search(owner: Owner, query: str) -> None:
    cache(owner, remote(1, lastname="Berg"))
    assert names(owner, query) == []
    assert names(owner, "berg") == ["Berg"]


def test_without_phone_counts_hubspot_contacts_that_no_call_can_be_matched_to(owner: Owner) -> None:
    cache(owner, remote(1, phone="+12015550132"), remote(2, phone="ask Betty"), remote(3, lastname="Abel"))
    keep_personal(owner, lastname="Mine")
    assert contacts.counts(owner).without_phone == 2


class Emptied(dict[Owner, Any]):
    """Another thread empties it as soon as this one has touched it."""

    def __contains__(self, key: object) -> bool:
        return bool(self._once(super().__contains__(key)))

    def __getitem__(self, key: Owner) -> Any:
        return self._once(super().__getitem__(key))

    def get(self, key: Owner, default: Any = None) -> Any:
        return self._once(super().get(key, default))

    def __setitem__(self, key: Owner, value: Any) -> None:
        super().__setitem__(key, value)
        self.clear()

    def _once(self, found: Any) -> Any:
        self.clear()
        return found


@pytest.mark.parametrize("held", [False, True])
def test_counts_do_not_need_what_is_held_to_stay(owner: Owner, monkeypatch: pytest.MonkeyPatch, *, held: bool) -> None:
    cache(owner, remote(1, lastname="Abel"))
    monkeypatch.setattr("callbook.contacts.counting._tallies", Emptied({owner: (0, [])} if held else {}))
    assert contacts.counts(owner).hubspot == 1


def test_phones_of_a_contact_come_in_their_order(owner: Owner) -> None:
    cache(owner, remote(1, phone="+12015550132", mobilephone="+12015550133", hs_whatsapp_phone_number="+12015550134"))
    (id_,) = ids(owner)
    kept = [row.e164 for row in contacts.phones_of(owner, [id_])[id_]]
    assert kept == ["+12015550133", "+12015550132", "+12015550134"]


def test_another_users_rows_are_not_there(owner: Owner) -> None:
    other = new_user("ben@one.example").owner
    cache(owner, remote(1, lastname="Abel", phone="+12015550132"))
    (id_,) = ids(owner)
    assert (ids(other), contacts.find(other, id_), contacts.phones_of(other, [id_])) == ([], None, {id_: []})


def test_the_number_shown_is_the_one_searched_for(owner: Owner) -> None:
    cache(owner, remote(1, firstname="Ann", mobilephone="+1 212 555 0101", phone="+1 212 555 0177"))
    for query, shown in (("", "+12125550101"), ("Ann", "+12125550101"), ("0177", "+12125550177")):
        (number,) = contacts.listing(owner, Wanted(query=query)).shown.values()
        assert number is not None
        assert number.e164 == shown
