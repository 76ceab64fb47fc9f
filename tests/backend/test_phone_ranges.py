"""The ranges read at once say of a number what the library says of it, however and from wherever it is dialled."""

from collections.abc import Iterator

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbook.phone import ranges

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
SEEN_FROM = ("US", "IT", "AR", "RU")  # a code shared by many, no prefix, digits that move, a prefix of its own
KINDS = range(11)  # the library's types of number, from fixed line to voicemail


Told = tuple[str, str, phonenumbers.PhoneNumber]


def by_ranges(dialled: str, region: str | None) -> Told | None:
    known = ranges.read(dialled, region)
    return None if known is None else (known.e164, known.region, known.parsed())


def by_the_library(dialled: str, region: str | None) -> Told | None:
    try:
        number = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return None
    home = phonenumbers.region_code_for_number(number)
    if home is None or not phonenumbers.is_valid_number_for_region(number, home):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), home, number


def numbers_of(region: str) -> Iterator[str]:
    for kind in KINDS:
        number = phonenumbers.example_number_for_type(region, kind)
        if number is not None:
            yield phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def dialled_forms(e164: str, region: str) -> Iterator[str]:
    """As it may be written within its country and abroad, and with a digit too few, too many or changed."""
    number = phonenumbers.parse(e164, None)
    within = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    national, digits = phonenumbers.national_significant_number(number), "".join(filter(str.isdigit, within))
    prefix = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) or ""
    for form in (e164, e164[1:], f"00{e164[1:]}", f"011{e164[1:]}", national, digits, f"{prefix}{national}"):
        yield form
        yield form[:-1]
        yield f"{form}5"
        yield f"{form[:-4]}{(int(form[-4]) + 3) % 10}{form[-3:]}"
    yield f"+{number.country_code}{prefix}{national}"
    yield f"+{number.country_code}0{national}"


@pytest.mark.parametrize("region", REGIONS)
def test_every_country_and_kind_of_number_is_read_as_the_library_reads_it(region: str) -> None:
    for e164 in numbers_of(region):
        for dialled in dialled_forms(e164, region):
            for seen_from in (region, None, *SEEN_FROM):
                known = by_the_library(dialled, seen_from)
                assert by_ranges(dialled, seen_from) in (None, known), f"{dialled} from {seen_from}"


def test_a_number_as_it_is_dialled_needs_no_library() -> None:
    """Where more is known of a number than its ranges (a carrier's code, a digit that moves), it does."""
    asked = [(e164, region) for region in REGIONS for e164 in numbers_of(region)]
    abroad = [ranges.read(e164, None) for e164, _ in asked]
    within = [ranges.read(phonenumbers.national_significant_number(phonenumbers.parse(e164)), at) for e164, at in asked]
    assert abroad.count(None) < len(asked) * 0.02
    assert within.count(None) < len(asked) * 0.1


@given(st.from_regex(r"\+?[0-9]{1,21}", fullmatch=True), st.sampled_from([None, *REGIONS]))
def test_any_digits_from_anywhere_are_read_as_the_library_reads_them(dialled: str, region: str | None) -> None:
    assert by_ranges(dialled, region) in (None, by_the_library(dialled, region))


@pytest.mark.parametrize("written", ["", "+", "++", "+0", "abc", "+49 30 12345", "\u0661\u0662", "1234567\n", "+1²"])
def test_what_is_not_digits_is_left_to_the_library(written: str) -> None:
    assert ranges.read(written, "DE") is None
