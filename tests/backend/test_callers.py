"""Who is this number: every form of it finds the contact, and every answer has a label and a reason."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callbook import callers, contacts
from callbook.callers import CallerName
from callbook.callers.ranking import FIELDS
from callbook.contacts import personal
from callbook.errors import Refused
from callbook.hubspot import RemoteCompany, RemoteOwner
from callbook.models import Choice, Contact, Owner, User, connected, transaction
from callbook.models import database as bound
from hubspot_sandbox import RunningSandbox
from tests.backend.databases import embedded_only
from tests.backend.people import cache, cache_companies, cache_owners, keep_personal, new_user, remote


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def owner(database: None) -> Owner:  # noqa: ARG001 - there to be connected
    return new_user().owner


def ask(owner: Owner, number: str) -> CallerName:
    return callers.lookup(owner, [number])[0]


def names(caller: CallerName) -> list[str]:
    return [each.contact.name for each in caller.candidates]


@pytest.mark.parametrize(
    ("home", "written", "country", "forms"),
    [
        ("US", "(929) 555-0164", "", ["+19295550164", "(929) 555-0164", "9295550164", "19295550164", "1-929-555-0164"]),
        ("GB", "020 7946 0018", "", ["+442079460018", "020 7946 0018", "442079460018", "00442079460018"]),
        ("US", "020 7946 0018", "UK", ["+442079460018", "442079460018", "011442079460018", "+44 (0)20 7946 0018"]),
        (
            "DE",
            "030 3456789",
            "Germany",
            ["+49303456789", "030 3456789", "49303456789", "sip:+49303456789@pbx.example"],
        ),
    ],
)
def test_a_lookup_by_e164_by_national_form_and_by_the_carriers_form_finds_the_contact(
    database: None,  # noqa: ARG001 - there to be connected
    home: str,
    written: str,
    country: str,
    forms: list[str],
) -> None:
    owner = new_user(portal_region=home).owner
    cache(owner, remote(1, lastname="Abel", phone=written, country=country))
    for form in forms:
        caller = ask(owner, form)
        assert (form, caller.label, names(caller)) == (form, "exact", ["Abel"])
        assert caller.number == form


def test_the_users_own_country_reads_a_national_number(database: None) -> None:  # noqa: ARG001 - to be connected
    owner = new_user(portal_region="US", default_country="GB").owner
    caller = ask(owner, "020 7946 0018")
    assert (caller.e164, caller.country, caller.display) == ("+442079460018", "GB", "020 7946 0018")


def test_one_contact_with_the_very_number_is_exact(owner: Owner) -> None:
    cache(owner, remote(1, lastname="Abel", phone="201-555-0132 ext 22"))
    caller = ask(owner, "+1 201 555 0132 x22")
    assert (caller.label, caller.reason, caller.e164, caller.extension) == ("exact", None, "+12015550132", "22")


@pytest.mark.parametrize(
    ("kept", "asked"),
    [("201-555-0132 ext 22", "2015550132"), ("201-555-0132", "2015550132 x22"), ("2015550132 x21", "2015550132 x22")],
)
def test_one_contact_with_another_extension_is_an_other_form(owner: Owner, kept: str, asked: str) -> None:
    cache(owner, remote(1, lastname="Abel", phone=kept))
    caller = ask(owner, asked)
    assert (caller.label, names(caller)) == ("other_form", ["Abel"])


def test_several_contacts_share_a_number_and_are_all_told_in_the_order_of_the_list(owner: Owner) -> None:
    cache(owner, remote(2, lastname="Berg", phone="2015550132"), remote(1, lastname="Abel", mobilephone="2015550132"))
    keep_personal(owner, lastname="Zola", phone="2015550132")
    caller = ask(owner, "2015550132")
    assert (caller.label, caller.reason, names(caller)) == ("shared", None, ["Abel", "Berg", "Zola"])


def test_of_those_who_share_a_number_the_one_with_the_extension_comes_first(owner: Owner) -> None:
    cache(owner, remote(1, lastname="Abel", phone="2015550132"), remote(2, lastname="Berg", phone="2015550132 x22"))
    assert names(ask(owner, "2015550132 x22")) == ["Berg", "Abel"]
    assert names(ask(owner, "2015550132")) == ["Abel", "Berg"]


def test_a_contact_that_has_the_number_twice_is_one_candidate_with_its_best_match(owner: Owner) -> None:
    cache(owner, remote(1, lastname="Abel", mobilephone="2015550132 x9", phone="2015550132"))
    caller = ask(owner, "2015550132")
    assert (caller.label, names(caller)) == ("exact", ["Abel"])
    assert caller.candidates[0].matched.property == "phone"


def test_no_more_than_twenty_candidates_are_told(owner: Owner) -> None:
    cache(owner, *(remote(number, lastname=f"Desk {number:02}", phone="2015550132") for number in range(1, 26)))
    caller = ask(owner, "2015550132")
    assert (caller.label, caller.people, len(caller.candidates)) == ("shared", 25, 20)
    assert names(caller)[0] == "Desk 01"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("+1 201 555 0199", "not_found"),
        ("", "withheld"),
        ("Betty", "unreadable"),
        ("+", "unreadable"),
        ("9" * 200, "unreadable"),
        ("\x00", "unreadable"),
        ("anonymous", "withheld"),
        ("Restricted", "withheld"),
        ("sip:anonymous@anonymous.invalid", "withheld"),
    ],
)
def test_a_number_without_a_name_has_a_reason(owner: Owner, number: str, reason: str) -> None:
    cache(owner, remote(1, lastname="Abel", phone="2015550132"))
    caller = ask(owner, number)
    assert (caller.label, caller.reason, caller.candidates) == ("none", reason, ())
    assert caller.display or not number.strip()


def test_answers_come_in_the_order_asked_duplicates_too(owner: Owner) -> None:
    cache(owner, remote(1, lastname="Abel", phone="2015550132"))
    asked = ["x", "2015550132", "+12015550132", "x"]
    answers = callers.lookup(owner, asked)
    assert [each.number for each in answers] == asked
    assert [each.label for each in answers] == ["none", "exact", "exact", "none"]
    assert callers.lookup(owner, []) == []


def test_deleted_contacts_call_nobody(owner: Owner) -> None:
    cache(owner, remote(1, lastname="Abel", phone="2015550132"))
    with transaction():
        contacts.retire(owner, [1])
    assert ask(owner, "2015550132").label == "none"


def test_another_users_contacts_call_nobody_here(owner: Owner) -> None:
    cache(new_user("ben@one.example").owner, remote(1, lastname="Abel", phone="2015550132"))
    assert ask(owner, "2015550132").reason == "not_found"


def test_what_is_told_has_the_row_and_the_number_matched(owner: Owner) -> None:
    cache(owner, remote(1, lastname="Abel", company="Works", mobilephone="2015550133", phone="2015550132 x22"))
    (candidate,) = callers.told(ask(owner, "2015550132"))["candidates"]
    assert (candidate["name"], candidate["source"], candidate["company"]) == ("Abel", "hubspot", "Works")
    assert candidate["matched"] == {
        "kind": "phone",
        "raw": "2015550132 x22",
        "e164": "+12015550132",
        "extension": "22",
        "display": "(201) 555-0132",
    }


def own(owner: Owner) -> str:
    """An owner's id by which HubSpot's contacts name the user."""
    cache_owners(
        owner,
        RemoteOwner(501, "Me", "me@one.example", User.get_by_id(owner.id).hubspot_user_id),
        RemoteOwner(502, "Somebody else", None, 999),
    )
    return "501"


def test_candidates_come_in_the_order_stated(owner: Owner) -> None:
    """Each beats the next by one thing alone, and loses to it by everything that counts less."""
    mine = own(owner)
    spring, summer = "2026-03-01T00:00:00.000Z", "2026-07-01T00:00:00.000Z"
    cache(
        owner,
        remote(1, lastname="A list", phone="2015550132"),
        remote(2, lastname="B list", phone="2015550132"),
        remote(3, lastname="C field", mobilephone="2015550132"),
        remote(4, lastname="D spring", phone="2015550132", notes_last_contacted=spring),
        remote(5, lastname="E summer", hs_whatsapp_phone_number="2015550132", notes_last_contacted=summer),
        remote(6, lastname="F mine", phone="2015550132", hubspot_owner_id=mine),
        remote(7, lastname="G not mine", phone="2015550132", hubspot_owner_id="502"),
        remote(8, lastname="H very number", phone="2015550132 x22"),
    )
    assert names(ask(owner, "2015550132 x22")) == [
        "H very number",
        "F mine",
        "E summer",
        "D spring",
        "C field",
        "A list",
        "B list",
        "G not mine",
    ]
    assert names(ask(owner, "2015550132"))[-1] == "H very number"


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What the database is asked from here on."""
    asked: list[tuple[str, Any]] = []
    execute = bound.obj.execute_sql

    def overheard(sql: str, params: Any = None) -> Any:
        asked.append((sql, params))
        return execute(sql, params)

    monkeypatch.setattr(bound.obj, "execute_sql", overheard)
    return asked


def test_of_a_number_that_thousands_share_twenty_are_told_in_the_order_stated(
    owner: Owner, statements: list[tuple[str, Any]]
) -> None:
    mine, dice = own(owner), random.Random(1)  # noqa: S311 - the same each time
    days = ["", *(f"2026-{month:02}-01T00:00:00Z" for month in range(1, 13))]
    people: dict[int, dict[str, Any]] = {
        id_: {
            "lastname": f"Desk {dice.randrange(900):03}",
            "hubspot_owner_id": dice.choice([mine, "502", "502", ""]),
            "notes_last_contacted": dice.choice(days),
            dice.choice(FIELDS): dice.choice(["2015550132", "2015550132", "2015550132", "2015550132 x22"]),
        }
        for id_ in range(1, 2501)
    }
    cache(owner, *(remote(id_, **each) for id_, each in people.items()))

    def rank(id_: int) -> tuple[object, ...]:
        each = people[id_]
        (field,) = set(FIELDS) & set(each)
        last = days.index(each["notes_last_contacted"])
        very = each[field].endswith("x22")
        return not very, each["hubspot_owner_id"] != mine, -last, FIELDS.index(field), each["lastname"], id_

    statements.clear()
    caller = ask(owner, "2015550132 x22")
    ids = {row.id: row.hubspot_id for row in Contact.of(owner).with_ids(each.contact.id for each in caller.candidates)}
    assert [ids[each.contact.id] for each in caller.candidates] == sorted(people, key=rank)[:20]
    assert (caller.label, caller.people) == ("shared", 2500)
    assert len(statements) == 3  # who the user is, who has the number; and the ids above


@embedded_only
def test_callers_are_found_by_their_indexes(works: Owner, statements: list[tuple[str, Any]]) -> None:
    callers.lookup(works, ["2015550132", "2015550100"])
    plans = [bound.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params).fetchall() for sql, params in list(statements)]
    steps = [step[-1] for plan in plans for step in plan]
    for index in ("phones_number (user_id=? AND e164=?)", "contacts_company (user_id=? AND epoch=? AND company_id=?)"):
        assert any(step.endswith(f"INDEX {index}") for step in steps), steps


def test_two_extensions_of_one_number_are_two_questions(owner: Owner) -> None:
    cache(owner, remote(1, lastname="Abel", phone="2015550132 x21"), remote(2, lastname="Berg", phone="2015550132 x22"))
    answers = callers.lookup(owner, ["2015550132 x22", "2015550132 x21", "2015550132 x22"])
    assert [names(each) for each in answers] == [["Berg", "Abel"], ["Abel", "Berg"], ["Berg", "Abel"]]


def test_an_extension_alone_never_makes_two_people_one(owner: Owner) -> None:
    cache(owner, remote(1, lastname="Abel", phone="2015550132 x21"), remote(2, lastname="Berg", phone="2015550132 x22"))
    for number, first in (("2015550132 x22", "Berg"), ("2015550132 x21", "Abel"), ("2015550132", "Abel")):
        caller = ask(owner, number)
        assert (caller.label, caller.people, names(caller)[0]) == ("shared", 2, first)
        assert len(caller.candidates) == 2


def test_why_a_candidate_stands_where_they_do_is_told(owner: Owner) -> None:
    mine = own(owner)
    cache(
        owner,
        remote(1, lastname="Abel", phone="2015550132", hubspot_owner_id=mine),
        remote(2, lastname="Berg", phone="2015550132", notes_last_contacted="2026-07-01T09:00:00.500+02:00"),
        remote(3, lastname="Carl", phone="2015550132", notes_last_contacted="yesterday", hubspot_owner_id="502"),
        remote(4, lastname="Dorn", phone="2015550132", notes_last_contacted="0001-01-01T00:00:00+14:00"),
    )
    told = callers.told(ask(owner, "2015550132"))["candidates"]
    assert [(each["name"], each["is_mine"], each["last_contacted_at"]) for each in told] == [
        ("Abel", True, None),
        ("Berg", False, "2026-07-01T07:00:00.500000Z"),
        ("Carl", False, None),
        ("Dorn", False, None),
    ]


# --- the user's own word on a shared number


@pytest.fixture
def shared(owner: Owner) -> Owner:
    cache(owner, *(remote(id_, lastname=name, phone="2015550132") for id_, name in enumerate(("Abel", "Berg"), 1)))
    return owner


def id_of(owner: Owner, name: str) -> int:
    return Contact.of(owner).select().where(Contact.name == name).get().id


def pick(owner: Owner, name: str | None, number: str = "2015550132") -> CallerName:
    return callers.choose(owner, number, None if name is None else id_of(owner, name))


def test_whom_the_user_picks_comes_first_until_it_is_taken_back(shared: Owner) -> None:
    for name in ("Berg", "Abel", "Berg"):
        caller = pick(shared, name)
        assert (caller.label, caller.people, caller.chosen) == ("shared", 2, id_of(shared, name))
        assert names(ask(shared, "+1 201 555 0132")) == names(caller)
        assert names(caller)[0] == name
    caller = pick(shared, None)
    assert (names(caller), caller.chosen) == (["Abel", "Berg"], None)
    assert pick(shared, None).chosen is None


def test_a_pick_is_of_the_number_with_its_extension(shared: Owner) -> None:
    pick(shared, "Berg", "2015550132 x7")
    assert [ask(shared, f"2015550132{ext}").chosen is not None for ext in ("", " x7", " x8")] == [False, True, False]


def test_a_pick_is_told_even_of_a_company_line_and_of_the_last_of_many(owner: Owner) -> None:
    cache_companies(owner, RemoteCompany(70, "Works", "2015550100", None))
    cache(owner, *(remote(number, lastname=f"Hand {number:02}", associatedcompanyid="70") for number in range(1, 26)))
    caller = pick(owner, "Hand 25", "2015550100")
    assert (caller.label, names(caller)[0]) == ("company_line", "Hand 25")


def test_of_many_who_share_a_number_all_are_counted_and_twenty_told(owner: Owner) -> None:
    cache(owner, *(remote(number, lastname=f"Hand {number:02}", phone="2015550100") for number in range(1, 26)))
    caller = pick(owner, "Hand 25", "2015550100")
    assert (caller.label, caller.people, len(caller.candidates)) == ("shared", 25, 20)
    assert names(caller)[:2] == ["Hand 25", "Hand 01"]


def test_a_pick_survives_a_sync_and_waits_while_its_number_is_another(shared: Owner) -> None:
    pick(shared, "Berg")
    berg = {"lastname": "Berg", "jobtitle": "Smith"}
    for day, number, chosen in ((2, "2015550132", True), (3, "2015550177", False), (4, "2015550132", True)):
        cache(shared, remote(2, modified_at=datetime(2026, 1, day, tzinfo=UTC), phone=number, **berg))
        assert (ask(shared, "2015550132").chosen is not None) == chosen


def test_a_pick_goes_with_its_contact_even_if_that_comes_back(shared: Owner) -> None:
    pick(shared, "Berg")
    with transaction():
        contacts.retire(shared, [2])
    assert ask(shared, "2015550132").chosen is None
    again = remote(2, lastname="Berg", phone="2015550132")
    cache(shared, replace(again, read_at=again.read_at + timedelta(milliseconds=1)))  # not in the very same one
    caller = ask(shared, "2015550132")
    assert (names(caller), caller.chosen) == (["Abel", "Berg"], None)


def test_a_pick_goes_with_a_personal_contact(shared: Owner) -> None:
    mine = keep_personal(shared, lastname="Zola", phone="2015550132")
    assert names(pick(shared, "Zola"))[0] == "Zola"
    personal.remove(shared, mine)
    with connected():
        assert Choice.of(shared).select().count() == 0


def test_only_whom_the_number_leads_to_can_be_picked(shared: Owner) -> None:
    cache(shared, remote(3, lastname="Carl", phone="2015550177"))
    stranger = new_user("ben@one.example").owner
    cache(stranger, remote(1, lastname="Dorn", phone="2015550132"))
    for contact_id in (id_of(shared, "Carl"), id_of(stranger, "Dorn"), 987654321):
        with pytest.raises(Refused, match="does not lead") as refused:
            callers.choose(shared, "2015550132", contact_id)
        assert refused.value.kind == "not_found"
    for number in ("anonymous", "Betty"):
        with pytest.raises(Refused, match="not a phone number"):
            callers.choose(shared, number, None)


def test_a_pick_is_its_users_own(shared: Owner) -> None:
    other = new_user("ben@one.example").owner
    cache(other, *(remote(id_, lastname=name, phone="2015550132") for id_, name in enumerate(("Abel", "Berg"), 1)))
    pick(shared, "Berg")
    assert ask(other, "2015550132").chosen is None


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("home", "country", "kept", "asked", "label"),
    [
        ("US", "United Kingdom", "020 7946 0018", "+442079460018", "exact"),
        ("GB", "United States", "(201) 555-0132", "+1 201 555 0132", "exact"),
        ("GB", "", "020 7946 0018", "020 7946 0018", "exact"),
        ("US", "United Kingdom", "020 7946 0018", "020 7946 0018", "none"),  # not at home where it was dialled
        ("GB", "United States", "(201) 555-0132", "(201) 555-0132", "none"),
        ("US", "", "020 7946 0018", "+442079460018", "none"),  # nobody said that it is British
    ],
)
def test_a_national_form_is_read_where_it_was_written_and_where_it_is_asked(
    home: str,
    country: str,
    kept: str,
    asked: str,
    label: str,
) -> None:
    owner = new_user(portal_region=home).owner
    cache(owner, remote(1, lastname="Abel", phone=kept, country=country))
    assert ask(owner, asked).label == label


@pytest.fixture
def works(owner: Owner) -> Owner:
    """Two who work at Works, whose main line is nobody's own."""
    cache_companies(owner, RemoteCompany(70, "Works", "(201) 555-0100 press 0", "US"))
    cache(
        owner,
        remote(1, lastname="Abel", company="works inc", associatedcompanyid="70", phone="2015550132"),
        remote(2, lastname="Berg", associatedcompanyid="70", hubspot_owner_id=own(owner)),
        remote(3, lastname="Cole", associatedcompanyid="71"),
    )
    return owner


@pytest.mark.parametrize("number", ["+12015550100", "(201) 555-0100", "2015550100 x7"])
def test_a_companys_main_line_names_the_company_and_who_works_there(works: Owner, number: str) -> None:
    caller = ask(works, number)
    assert (caller.label, caller.reason, caller.company, caller.people) == ("company_line", None, "Works", 2)
    assert names(caller) == ["Berg", "Abel"]
    first, _ = callers.told(caller)["candidates"]
    assert (first["company"], first["phone"]) == ("Works", None)
    assert first["matched"] == {
        "kind": "company",
        "raw": "(201) 555-0100 press 0",
        "e164": "+12015550100",
        "extension": "0",
        "display": "(201) 555-0100",
    }


def test_a_main_line_that_is_somebodys_own_is_theirs(works: Owner) -> None:
    cache(works, remote(4, lastname="Desk", phone="2015550100"))
    caller = ask(works, "2015550100")
    assert (caller.label, names(caller), caller.company, caller.people) == ("exact", ["Desk"], None, 1)


def test_a_main_line_behind_which_nobody_is_known_is_not_found(works: Owner) -> None:
    with transaction():
        contacts.retire(works, [1, 2])
    caller = ask(works, "2015550100")
    assert (caller.label, caller.reason, caller.company) == ("none", "not_found", None)


def test_a_main_line_of_two_companies_names_neither_and_tells_the_people_of_both(works: Owner) -> None:
    cache_companies(works, RemoteCompany(71, "Other Works", "+1 201 555 0100", None))
    caller = ask(works, "2015550100")
    assert (caller.label, caller.company, caller.people) == ("company_line", None, 3)
    assert names(caller) == ["Berg", "Abel", "Cole"]


def test_of_a_large_company_all_are_counted_and_five_told(owner: Owner) -> None:
    cache_companies(owner, RemoteCompany(70, "Works", "2015550100", None))
    cache(owner, *(remote(number, lastname=f"Hand {number:02}", associatedcompanyid="70") for number in range(1, 26)))
    caller = ask(owner, "2015550100")
    assert (caller.people, len(caller.candidates), names(caller)[0]) == (25, 5, "Hand 01")


def test_another_users_companies_answer_nobody_here(works: Owner) -> None:
    assert ask(works, "2015550100").label == "company_line"
    assert ask(new_user("ben@one.example").owner, "2015550100").label == "none"


def test_a_caller_is_told_with_the_companys_name_of_hubspots_record(works: Owner) -> None:
    (candidate,) = callers.told(ask(works, "2015550132"))["candidates"]
    assert candidate["company"] == "Works"
