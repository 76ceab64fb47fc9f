"""Reading a phone number: which of the ways to understand the digits makes a number that can exist.

The readings are tried from the likeliest to the boldest and the first valid one wins. Digits of an extension never
become part of an E.164, and no input raises.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from itertools import chain

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from callbook.phone import ranges
from callbook.phone import text as writing

# Without it validity compiles the same expressions again and again: 140 µs a number instead of 8.
phonenumbers.enable_pattern_cache()

_NOT_DIALLED = str.maketrans("", "", " \t.-()/'_")
_MAX_DIGITS = 21  # E.164 has 15; a prefix such as 0011 and a trunk zero may stand before them
_MIN_CARRIER_DIGITS = 9
_MIN_SECOND_DIGITS = 7
_MAX_NUMBERS = 10
REMEMBERED = 4096  # a number that rings, or stands in a history, is read and shown again and again
_DESK_DIGITS = 5
_PREFIX_ABROAD = re.compile(r"\A\+?(?:0011|011|010|00|810)(?=[1-9])")
_TRUNK_IN_BRACKETS = re.compile(r"\(\s*0\d?\s*\)")
_LAST_GROUP = re.compile(r"(.*\d)[ \t().\-'_]+(\d{1,6})\Z", re.DOTALL)
_FIRST_GROUP = re.compile(r"\D*(\d{1,4})[ \t().\-'_]+(?=[(\d])")
_LISTED = re.compile(r"\d+\)")
_NORTH_AMERICAN = re.compile(r"\(|\d{3}\W*\d{3}\W+\d{4}(?!\d)")
_SPACE = re.compile(r"(?<=\d)[ \t]+(?=[(\d])")
_HOURS = re.compile(r"[ \t]+(?:24/7|\d{1,2} ?- ?\d{1,2})\Z")  # "24/7", "9-5"
_OLD_MEXICAN_MOBILE = re.compile(r"\A(?:\+|00|011)?521(?=\d{10}\Z)")  # the 1 was abolished in 2019 and is still written
_BETWEEN_NUMBERS = re.compile(r"\s*/\s*|\s{2,}|\s-+\s")
_VANITY = re.compile(r"[\s(+]*(\d[\d\s().\-]*?)[\s).\-]*([A-Za-z](?:[\s.\-\d]*[A-Za-z]){2}[A-Za-z\s.\-\d]*)\Z")
_NOT_VANITY = frozenset(
    {"WORK", "HOME", "CELL", "MAIN", "DESK", "MOBILE", "OFFICE", "FAX", "PHONE", "EXT", "TEL", "DIRECT"}
)
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_TOLL_FREE = re.compile(r"\+?1?8(?:00|33|44|55|66|77|88)\Z|0800\Z|1[38]00\Z")


class Unreadable(StrEnum):
    """Why a text gives no number."""

    UNREADABLE = "unreadable"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Number:
    e164: str
    extension: str | None
    region: str | None  # ISO 3166 alpha-2; None for numbers of no country (+800...) or of an unknown range


def parse(raw: str, region: str | None) -> Number | Unreadable:
    """The first number in the text, read as somebody in `region` would (None: only international forms)."""
    numbers = parse_all(raw, region)
    if numbers:
        return numbers[0]
    return Unreadable.WITHHELD if writing.is_withheld(writing.plain(raw)) else Unreadable.UNREADABLE


def parse_all(raw: str, region: str | None) -> list[Number]:
    """Every number in the text, in order, none twice; at most ten."""
    if region not in phonenumbers.SUPPORTED_REGIONS:
        region = _known_region(region)
    quick = _read_quickly(raw, region)
    if quick is not None:
        return [quick]
    text = writing.plain(raw)
    if writing.is_withheld(text):
        return []
    return _numbers_in(text, region) or list(_vanity(text, region))


@lru_cache(maxsize=REMEMBERED)
def display(e164: str, home_region: str | None) -> str:
    """National form for a number of the home region, international for any other."""
    known = ranges.read(e164, None)
    number = known.parsed() if known else _parsed(e164, home_region)
    if number is None:
        return e164
    region = known.region if known else phonenumbers.region_code_for_number(number)
    at_home = home_region is not None and region == home_region.upper()
    return phonenumbers.format_number(
        number, PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    )


def national_digits(e164: str) -> str:
    """Without the country code: the digits that HubSpot searches numbers by."""
    return phonenumbers.national_significant_number(phonenumbers.parse(e164, None))


def _known_region(region: str | None) -> str | None:
    folded = (region or "").strip().upper()
    return folded if folded in phonenumbers.SUPPORTED_REGIONS else None


def _read_quickly(raw: str, region: str | None) -> Number | None:
    """Nearly every number is digits with spaces, brackets and dashes: those need none of the care below."""
    dialled = raw.strip().translate(_NOT_DIALLED)
    digits = dialled.removeprefix("+")
    plainly = 7 <= len(digits) <= 15 and digits.isascii() and digits.isdigit()  # noqa: PLR2004  local to E.164's longest
    if not plainly or "/" in raw or raw.rstrip().endswith((")", ".0")) or _carrier_is_likelier(dialled, region):
        return None
    return _valid(dialled, region)


def _numbers_in(text: str, region: str | None) -> list[Number]:
    found: list[Number] = []
    for run in writing.runs(text):
        home = region or (found[0].region if found else None)
        if found and len(_dialled(run.text)) < _MIN_SECOND_DIGITS:
            continue
        whole_text = text.strip().endswith(run.text) and not run.worded
        found += [number for number in _read_run(run, home, sure=whole_text) if number not in found]
        if len(found) >= _MAX_NUMBERS:
            break
    return found[:_MAX_NUMBERS]


def _read_run(run: writing.Run, region: str | None, *, sure: bool) -> list[Number]:
    parts = [part for part in _BETWEEN_NUMBERS.split(run.text) if part]
    whole_numbers = [part for part in parts if len(_dialled(part)) >= _MIN_SECOND_DIGITS]
    for pieces in (whole_numbers, [run.text], parts) if len(whole_numbers) > 1 else ([run.text], parts):
        read: list[Number] = []
        for piece in pieces:
            home = region or (read[0].region if read else None)
            extension = run.extension if piece is pieces[-1] else None
            number = _read_one(piece, home, extension, worded=run.worded, sure=sure)
            read += [number] if number else []
        if read:
            return read
    return _neighbours(run, region)


def _neighbours(run: writing.Run, region: str | None) -> list[Number]:
    """Two numbers with nothing but a space between them."""
    for space in _SPACE.finditer(run.text):
        first = _valid(_dialled(run.text[: space.start()]), region)
        second = _valid(_dialled(run.text[space.end() :]), region, run.extension) if first else None
        if first and second:
            return [first, second]
    return []


def _read_one(text: str, region: str | None, extension: str | None, *, worded: bool, sure: bool) -> Number | None:
    for dialled, tail in chain(_readings(text, region), _bold_readings(text, region, worded=worded)):
        number = _valid(dialled, region, extension or tail)
        if number is not None:
            return number
    possible = _possible(_PREFIX_ABROAD.sub("+", _dialled(text)), region) if sure and "/" not in text else None
    home = phonenumbers.region_code_for_number(possible) if possible else None
    return _finished(possible, extension, home) if possible else None


def _readings(text: str, region: str | None) -> Iterator[tuple[str, str | None]]:
    """What may be dialled, with the extension found on the way."""
    dialled = _dialled(text)
    tail = _LAST_GROUP.match(text)
    in_brackets = tail is not None and text.rstrip()[len(tail[1]) :].lstrip().startswith("(")
    if tail and in_brackets:
        yield _dialled(tail[1]), tail[2]
    if _carrier_is_likelier(dialled, region):
        yield "+" + dialled, None
    yield dialled, None
    if _TRUNK_IN_BRACKETS.search(text):
        without = _dialled(_TRUNK_IN_BRACKETS.sub("", text, count=1))
        yield without, None
        yield _PREFIX_ABROAD.sub("+", without), None
    if _PREFIX_ABROAD.match(dialled):
        yield _PREFIX_ABROAD.sub("+", dialled), None
    if _begins_with_country_code(text):
        yield "+" + dialled, None
    if _HOURS.search(text):
        yield _dialled(_HOURS.sub("", text)), None
    if tail and not in_brackets and len(tail[2]) <= _DESK_DIGITS:
        yield _dialled(tail[1]), tail[2]


def _bold_readings(text: str, region: str | None, *, worded: bool) -> Iterator[tuple[str, str | None]]:
    """Tried when nothing in the text as written makes a number."""
    dialled = _dialled(text)
    if dialled[:1] not in "+0" and len(dialled) >= _MIN_CARRIER_DIGITS and not _NORTH_AMERICAN.match(text):
        yield "+" + dialled, None
    if _OLD_MEXICAN_MOBILE.match(dialled):
        yield _OLD_MEXICAN_MOBILE.sub("+52", dialled), None
    first = _FIRST_GROUP.match(text)
    if first and (worded or _LISTED.match(text)):
        yield _dialled(text[first.end() :]), None
    if dialled.startswith("+") and region:
        yield dialled[1:], None


def _dialled(text: str) -> str:
    digits = text.translate(_NOT_DIALLED)
    return "+" + digits.replace("+", "") if "+" in digits else digits


def _begins_with_country_code(text: str) -> bool:
    first = _FIRST_GROUP.match(text)
    return first is not None and "(" not in text[: first.start(1)] and _is_country_code(first[1])


def _is_country_code(digits: str) -> bool:
    return digits.isdigit() and int(digits) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE and digits[0] != "0"


def _carrier_is_likelier(dialled: str, region: str | None) -> bool:
    """In Germany 4930123456 is +49 30 123456 as a carrier sends it, not a number that lost its leading zero."""
    country_code = _country_code_after_zero(region)
    if country_code is None or not dialled.startswith(country_code) or len(dialled) < _MIN_CARRIER_DIGITS:
        return False
    return _valid("+" + dialled, region) is not None


@cache
def _country_code_after_zero(region: str | None) -> str | None:
    """The country code, where a zero takes its place within the country."""
    if region is None or phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) != "0":
        return None
    return str(phonenumbers.country_code_for_region(region))


def _valid(dialled: str, region: str | None, extension: str | None = None) -> Number | None:
    number = _valid_number(dialled, region)
    return replace(number, extension=extension) if number and extension else number


@lru_cache(maxsize=REMEMBERED)
def _valid_number(dialled: str, region: str | None) -> Number | None:
    """As `is_valid_number`, which works out a region that is needed again afterwards: dear where many share a code."""
    if _is_internal(dialled, region):
        return None
    if known := ranges.read(dialled, region):
        return Number(known.e164, None, known.region)
    number = _parsed(dialled, region)
    home = phonenumbers.region_code_for_number(number) if number is not None else None
    if number is None or home is None or not phonenumbers.is_valid_number_for_region(number, home):
        return None
    return _finished(number, None, home)


@lru_cache(maxsize=1024)  # what is read is then often shown
def _parsed(dialled: str, region: str | None) -> PhoneNumber | None:
    if len(dialled) > _MAX_DIGITS or _is_internal(dialled, region):
        return None
    try:
        return phonenumbers.parse(dialled, region)
    except NumberParseException:
        return None


def _is_internal(dialled: str, region: str | None) -> bool:
    """Five digits or fewer are a desk's extension, except where the country's own numbers are as short."""
    return len(dialled) <= _DESK_DIGITS and not dialled.startswith("+") and len(dialled) < _usual_digits(region)


@cache
def _usual_digits(region: str | None) -> int:
    example = phonenumbers.example_number(region) if region else None
    return len(phonenumbers.national_significant_number(example)) if example else _MAX_DIGITS


def _possible(dialled: str, region: str | None) -> PhoneNumber | None:
    """A number of the right length in a range that the library does not know (yet).

    Believed when the whole text is international, or North American, whose shape leaves no doubt.
    """
    number = _parsed(dialled, region)
    if number is None or phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    national = phonenumbers.national_significant_number(number)
    if number.country_code == 1:
        return number if re.fullmatch(r"[2-9]\d{9}", national) else None
    lively = len(set(national)) > 2 and national[0] != "0"  # noqa: PLR2004  not 000000000, not 121212121
    return number if lively and dialled.startswith("+") and len(dialled) > _MIN_CARRIER_DIGITS else None


def _vanity(text: str, region: str | None) -> Iterator[Number]:
    """1-800-FLOWERS: the keypad's letters; what is dialled past the end of a toll-free number is dropped."""
    named, extension = writing.split_extension(text)
    match = _VANITY.match(named)
    if match is None or _NOT_VANITY & set(re.findall("[A-Z]+", match[2].upper())):
        return
    digits, letters = _dialled(named[: match.end(1)]), match[2]
    toll_free = _TOLL_FREE.match(digits) is not None
    if not toll_free and letters != letters.upper():
        return
    dialled = digits + _dialled(letters.upper().translate(_KEYPAD))
    ends = (None, len(digits) + 7, len(digits) + 6) if toll_free else (None,)
    for form in [dialled[:end] for end in ends]:
        number = _valid(form, region, extension) or _valid("+" + form.removeprefix("+"), None, extension)
        if number is not None:
            yield number
            return


def _finished(number: PhoneNumber, extension: str | None, home: str | None) -> Number:
    region = home if home in phonenumbers.SUPPORTED_REGIONS else None
    return Number(phonenumbers.format_number(number, PhoneNumberFormat.E164), extension, region)
