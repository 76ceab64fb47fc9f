"""What a contact is called and where that puts it in the list."""

import sys
import unicodedata

import pytest

from callbook.contacts.naming import fold, full_name, letter, letter_order, sort_key

ASSIGNED = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.name(chr(code), "")]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Žofia", "zofia"),
        ("ZOFIA", "zofia"),
        ("Zofia\u030c", "zofia"),
        ("Straße", "strasse"),
        ("Łukasz Øre", "lukasz ore"),
        ("Æsir Þór", "aesir thor"),
        ("İstanbul", "istanbul"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("ﬁne", "fine"),
        ("Ｗｉｄｅ", "wide"),
        ("が", "か"),
        ("𝐀𝐝𝐚", "ada"),
    ],
)
def test_folding_forgets_case_and_accents(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_folding_twice_changes_nothing() -> None:
    assert [character for character in ASSIGNED if fold(fold(character)) != fold(character)] == []


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("Ada", "Lovelace", "Ada Lovelace"),
        ("  Ada \t May ", "Lovelace\n", "Ada May Lovelace"),
        ("Ada", None, "Ada"),
        (" ", "Lovelace", "Lovelace"),
        (None, None, ""),
    ],
)
def test_a_full_name_has_no_needless_spaces(first: str | None, last: str | None, name: str) -> None:
    assert full_name(first, last) == name


def test_the_order_is_last_name_then_first_accents_after_their_base_letter_and_no_name_last() -> None:
    people = [
        ("Ann", "Abel"),
        ("Zoe", "Abel"),
        ("Ann", "Ábel"),
        ("Ann", "Abeles"),
        ("Ab", None),
        ("Émile", "Zola"),
        ("Анна", "Ахматова"),
        ("太郎", "山田"),
        ("7", "7 Eleven"),
        (None, None),
    ]
    keys = {person: sort_key(*person) for person in people}
    in_order = sorted(people, key=lambda person: keys[person])
    assert in_order == [
        ("Ab", None),
        ("Ann", "Abel"),
        ("Ann", "Ábel"),
        ("Zoe", "Abel"),
        ("Ann", "Abeles"),
        ("Émile", "Zola"),
        ("Анна", "Ахматова"),
        ("7", "7 Eleven"),
        ("太郎", "山田"),
        (None, None),
    ]


@pytest.mark.parametrize(
    ("last", "shown"),
    [
        ("abel", "A"),
        ("Østergaard", "O"),
        ("Łuk", "L"),
        ("Ælfric", "A"),
        ("Zola", "Z"),
        ("Ωμέγα", "Ω"),
        ("Яковлев", "Я"),
        ("כהן", "כ"),
        ("山田", "#"),
        ("7 Eleven", "#"),
        ("😀", "#"),
        (None, "#"),
    ],
)
def test_the_heading_of_a_name(last: str | None, shown: str) -> None:
    assert letter(sort_key(None, last)) == shown


def test_every_heading_is_one_stretch_of_the_list() -> None:
    """Whatever character a name begins with: headings are found by offset, so none may come twice."""
    keys = sorted(sort_key(None, character) for character in ASSIGNED if character.strip())
    headings = [letter(key) for key in keys]
    stretches = [after for before, after in zip(["", *headings], headings, strict=False) if after != before]
    assert len(stretches) == len(set(stretches))
    assert stretches[:26] == [chr(code) for code in range(ord("A"), ord("Z") + 1)]
    assert stretches[-1] == "#"
    assert sorted(stretches, key=letter_order) == stretches


@pytest.mark.parametrize("name", ["x" * 5000, "\x01", "\x00", "\u0301", "\u202e", "\ufeff", "\x01\x01a"])
def test_odd_names_have_a_key_of_bounded_length_and_a_heading(name: str) -> None:
    key = sort_key(name, name)
    assert 0 < len(key) <= 120
    assert len(letter(key)) == 1
