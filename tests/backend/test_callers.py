"""Who is this number: every form of it finds the contact, and every answer has a label and a reason."""

import pytest

from callbook import callers, contacts
from callbook.callers import CallerName
from callbook.models import Owner, transaction
from hubspot_sandbox import RunningSandbox
from tests.backend.people import cache, keep_personal, new_user, remote


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
    assert (caller.label, len(caller.candidates)) == ("shared", 20)
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
    (candidate,) = callers.told(ask(owner, "2015550132"), "US")["candidates"]
    assert (candidate["name"], candidate["source"], candidate["company"]) == ("Abel", "hubspot", "Works")
    assert candidate["matched"] == {
        "kind": "phone",
        "raw": "2015550132 x22",
        "e164": "+12015550132",
        "extension": "22",
        "display": "(201) 555-0132",
    }
