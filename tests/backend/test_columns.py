"""What a contact's properties come to in its row."""

from datetime import UTC, datetime

import pytest

from callbook.contacts.columns import Columns, columns_of

LAST_RESORT = "HubSpot contact 7"


def columns(region: str | None = "US", **properties: str) -> Columns:
    return columns_of(properties, region, LAST_RESORT)


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({"firstname": "Ada", "lastname": "Lovelace", "email": "ada@x.example"}, "Ada Lovelace"),
        ({"firstname": " ", "email": "ada@x.example", "company": "Engines"}, "ada@x.example"),
        ({"company": " Engines ", "phone": "+1 201 555 0132"}, "Engines"),
        ({"phone": "+1 201 555 0132"}, "+1 201 555 0132"),
        ({}, LAST_RESORT),
    ],
)
def test_a_contact_is_named_after_the_best_there_is(properties: dict[str, str], name: str) -> None:
    assert columns(**properties).contact["name"] == name


def test_the_contacts_country_decides_over_the_default() -> None:
    found = columns("US", country="United Kingdom", phone="020 7946 0018")
    assert found.contact["region"] == "GB"
    assert found.phones[0]["e164"] == "+442079460018"


def test_hubspots_own_guess_counts_only_where_no_country_is_named() -> None:
    code = {"hs_calculated_phone_number_country_code": "DE"}
    assert columns(country="Atlantis", **code).contact["region"] == "DE"
    assert columns(country="France", **code).contact["region"] == "FR"
    assert columns().contact["region"] is None


def test_the_mobile_comes_first_and_each_number_of_a_field_is_a_row() -> None:
    found = columns(phone="201-555-0132 ext 22 / 201-555-0133", mobilephone="201-555-0134").phones
    assert [(row["property"], row["e164"], row["extension"], row["position"]) for row in found] == [
        ("mobilephone", "+12015550134", None, 0),
        ("phone", "+12015550132", "22", 1),
        ("phone", "+12015550133", None, 2),
    ]


def test_a_field_that_holds_no_number_keeps_its_text() -> None:
    found = columns(phone="ask Betty", mobilephone="  ")
    assert [(row["written"], row["e164"]) for row in found.phones] == [("ask Betty", None)]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-07-01T09:00:00.500+02:00", datetime(2026, 7, 1, 7, 0, 0, 500_000, UTC)),
        ("2026-07-01T07:00:00Z", datetime(2026, 7, 1, 7, tzinfo=UTC)),
        ("2026-07-01T07:00:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_when_somebody_was_last_contacted_is_a_moment_or_nothing(written: str, read: datetime | None) -> None:
    assert columns(notes_last_contacted=written).contact["last_contacted_at"] == read


def test_the_search_text_has_every_word_folded_and_every_number_as_digits() -> None:
    text = columns(
        firstname="Žofia",
        company="Müller & Co",
        email="Z@X.example",
        hs_additional_emails="zofia@y.example",
        phone="(201) 555-0132",
    ).contact["search_text"]
    assert text.split("\n") == [
        "zofia",
        "muller & co",
        "z@x.example",
        "zofia@y.example",
        "12015550132",
        "2015550132",
    ]
