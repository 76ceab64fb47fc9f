"""Invented contacts: the same for the same seed, many-languaged, and messy the way people are."""

import gc
import unicodedata
from collections import Counter
from itertools import pairwise

from hubspot_sandbox.generate import fill, generate, generate_companies
from hubspot_sandbox.moments import Clock, parse_ms
from hubspot_sandbox.portal import Portal
from hubspot_sandbox.records import Company, Contact

OWNERS = ["710011", "710012"]
PHONES = ("phone", "mobilephone", "hs_whatsapp_phone_number")


def some(count: int = 2_000, seed: int = 1) -> list[Contact]:
    return list(generate(count, seed, OWNERS, some_companies(count, seed)))


def some_companies(count: int = 2_000, seed: int = 1) -> list[Company]:
    """Of a portal of so many contacts."""
    return list(generate_companies(count, seed))


def numbers(contacts: list[Contact]) -> list[str]:
    return [contact.properties[name] for contact in contacts for name in PHONES if name in contact.properties]


def test_the_same_seed_gives_the_same_contacts() -> None:
    assert some(300, seed=4) == some(300, seed=4)
    assert some(300, seed=4) != some(300, seed=5)


def test_a_seed_s_people_stay_who_they_are() -> None:
    """Other tests name contacts of a seed: what is drawn for one must not change unnoticed."""
    first, *_, last = some(300, seed=3)
    assert (first.id, first.properties["phone"]) == (1, "201 552 9040")
    assert (last.id, last.properties["phone"]) == (10_006_220_989, "+1 312.553.9932 x9264")


def test_a_portal_is_filled_and_garbage_is_looked_for_again() -> None:
    portal = Portal(1, Clock())
    fill(portal, 30, seed=3)
    owners = [str(owner_id) for owner_id in portal.owners]
    assert list(portal.live()) == list(generate(30, 3, owners, list(portal.companies.values())))
    assert len(portal.companies) == 5
    assert gc.isenabled()


def test_about_half_of_the_contacts_work_at_a_company_and_several_share_one() -> None:
    names = {str(each.id): each.properties.get("name") for each in some_companies()}
    employed = [each for each in some() if "associatedcompanyid" in each.properties]
    assert 0.45 < len(employed) / 2_000 < 0.65
    heads = Counter(each.properties["associatedcompanyid"] for each in employed)
    assert heads.keys() <= names.keys()
    assert 2 < len(employed) / len(heads) < 10
    for each in employed:
        name = names[each.properties["associatedcompanyid"]]
        assert name is None or each.properties.get("company", name) == name


def test_companies_are_the_same_for_the_same_seed_and_messy() -> None:
    companies = some_companies()
    assert companies == some_companies()
    assert companies != some_companies(seed=2)
    assert len({each.id for each in companies}) == len(companies)
    lines = [each.properties["phone"] for each in companies if "phone" in each.properties]
    assert 0.6 < len(lines) / len(companies) < 0.9
    for mark in ("+", "(", "x", "00", "."):
        assert any(mark in line for line in lines), mark
    assert 0 < sum("name" not in each.properties for each in companies) < len(companies) / 10


def test_companies_change_nothing_else_of_the_contacts() -> None:
    """So that a seed's people stay who they are."""
    for with_company, without in zip(some(300), generate(300, 1, OWNERS), strict=True):
        assert with_company.id == without.id
        for name in ("firstname", "lastname", "phone", "mobilephone", "jobtitle", "hubspot_owner_id"):
            assert with_company.properties.get(name) == without.properties.get(name)


def test_some_were_contacted_after_they_were_created() -> None:
    contacted = [each for each in some() if "notes_last_contacted" in each.properties]
    assert 0.3 < len(contacted) / 2_000 < 0.5
    assert all(parse_ms(each.properties["notes_last_contacted"]) >= each.created_at_ms for each in contacted)


def test_ids_rise_from_one_with_gaps_from_one_to_millions() -> None:
    ids = [contact.id for contact in some()]
    gaps = [b - a for a, b in pairwise(ids)]
    assert ids[0] == 1
    assert min(gaps) == 1
    assert sum(gap > 100_000 for gap in gaps) > 5
    assert ids[-1] < 2**53


def test_none_to_three_numbers_each() -> None:
    counts = [sum(name in contact.properties for name in PHONES) for contact in some()]
    assert set(counts) == {0, 1, 2, 3}
    assert 0.1 < counts.count(0) / len(counts) < 0.3


def test_numbers_are_written_in_all_sorts_of_forms() -> None:
    texts = numbers(some())
    for mark in ("+1", "00", "(", ".", "-", "/", " x", "ext", ";ext=", "tel:", "n/a", "（"):
        assert any(mark in text for text in texts), mark
    assert sum(text.isdigit() for text in texts) > 50


def test_calculated_numbers_are_e164() -> None:
    contacts = some()
    calculated = [
        contact.properties["hs_calculated_phone_number"]
        for contact in contacts
        if "hs_calculated_phone_number" in contact.properties
    ]
    assert 0.2 < len(calculated) / len(contacts) < 0.7  # HubSpot could not read them all
    assert all(number[0] == "+" and number[1:].isdigit() and 8 < len(number) <= 16 for number in calculated)
    for contact in contacts:
        assert ("hs_calculated_phone_number" in contact.properties) == (
            "hs_calculated_phone_number_country_code" in contact.properties
        )


def test_names_of_many_alphabets() -> None:
    letters = {char for contact in some() for char in contact.properties.get("lastname", "") if char.isalpha()}
    alphabets = {unicodedata.name(char).split()[0] for char in letters}
    assert {"LATIN", "CJK", "HEBREW", "DEVANAGARI"} <= alphabets
    assert any(not char.isascii() and unicodedata.name(char).startswith("LATIN") for char in letters)


def test_emails_are_unique_and_some_are_missing() -> None:
    emails = [contact.properties.get("email") for contact in some()]
    present = [email for email in emails if email is not None]
    assert len(set(present)) == len(present) < len(emails)
    assert all(email.isascii() and email.count("@") == 1 for email in present)


def test_owners_countries_jobs_and_names_are_there_or_missing() -> None:
    contacts = some()
    for name in ("firstname", "lastname", "company", "jobtitle", "country", "hubspot_owner_id"):
        present = sum(name in contact.properties for contact in contacts)
        assert len(contacts) / 2 < present < len(contacts), name
    assert any("firstname" not in each.properties and "lastname" not in each.properties for each in contacts)
    assert {each.properties.get("hubspot_owner_id") for each in contacts} == {None, *OWNERS}


def test_no_value_is_empty_and_no_contact_was_changed_before_it_was_created() -> None:
    for contact in some():
        assert all(contact.properties.values())
        assert contact.created_at_ms <= contact.modified_at_ms
