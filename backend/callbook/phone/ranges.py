"""Which numbers can exist, by the ranges that the library of numbers knows.

The library tries the ranges of a country one after the other, each with an expression of its own, and does so several
times for a number. Here they are one expression for each length, and say what the library says. Where there is more to
a number than that, the library is asked.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber

_LONGEST_CODE = 3
_REGIONS = {str(code): regions for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()}
_KINDS = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)


class Valid(NamedTuple):
    """A number that can exist: its country's code, what follows that, and its region (ISO 3166 alpha-2)."""

    code: str
    national: str
    region: str

    @property
    def e164(self) -> str:
        return f"+{self.code}{self.national}"

    def parsed(self) -> PhoneNumber:
        """As the library parses it."""
        number = PhoneNumber(int(self.code), int(self.national))
        zeros = len(self.national) - len(self.national.lstrip("0"))
        if zeros:
            number.italian_leading_zero = True
            number.number_of_leading_zeros = zeros if zeros > 1 else None
        return number


def read(dialled: str, region: str | None) -> Valid | None:
    """Of digits, perhaps behind a plus, dialled in `region`. None says nothing about a number."""
    if not dialled.removeprefix("+").isdecimal() or not dialled.isascii():
        return None
    if dialled.startswith("+"):
        plan, written = _abroad(dialled[1:])
    else:
        plan, written = _from(_plan(region), dialled) if region else (None, dialled)
    national = plan.without_prefix(written) if plan else None
    home = _home(plan.code, national) if plan and national else None
    return Valid(plan.code, national, home) if plan and national and home else None


@dataclass(frozen=True)
class _Plan:
    """How a region's numbers are written."""

    region: str
    code: str
    abroad: re.Pattern[str] | None  # what is dialled before the code of another country
    prefix: re.Pattern[str] | None  # what is dialled before a number within the country
    leading: re.Pattern[str] | None  # what its numbers begin with, where others share its code
    lengths: tuple[int, ...]
    possible: re.Pattern[str]

    def without_prefix(self, written: str) -> str | None:
        """None where the prefix is more than something to leave out, such as a carrier's code."""
        prefix = self.prefix.match(written) if self.prefix else None
        if prefix is None:
            return written
        rest = written[prefix.end() :]
        leaves_a_number = len(rest) in self.lengths and not any(prefix.groups())
        return rest if leaves_a_number and not self.is_possible(written) else None

    def is_possible(self, national: str) -> bool:
        return self.possible.fullmatch(national) is not None

    def is_valid(self, national: str) -> bool:
        ranges = _ranges(self.region, len(national))
        return ranges is not None and ranges.fullmatch(national) is not None


def _home(code: str, national: str) -> str | None:
    """The region a valid number belongs to: of several with the same code the first that claims it."""
    for region in _REGIONS[code]:
        plan = _plan(region)
        if plan.leading is None and plan.is_valid(national):
            return region
        if plan.leading is not None and plan.leading.match(national):
            return region if plan.is_valid(national) else None
    return None


def _from(home: _Plan, dialled: str) -> tuple[_Plan | None, str]:
    """The plan of a number dialled from there, and what follows the country's code if it has one."""
    abroad = home.abroad.match(dialled) if home.abroad else None
    if abroad is not None:
        return _abroad(dialled[abroad.end() :])
    if dialled.startswith(home.code):
        national = home.without_prefix(dialled.removeprefix(home.code)) or ""
        return (home, national) if home.is_possible(national) and not home.is_possible(dialled) else (None, dialled)
    return home, dialled


def _abroad(digits: str) -> tuple[_Plan | None, str]:
    """The plan of the main region that a country's code belongs to, and what follows. No code begins another."""
    for end in range(1, _LONGEST_CODE + 1):
        if (plan := _plan_of(digits[:end])) is not None:
            return plan, digits[end:]
    return None, digits


@cache
def _plan_of(code: str) -> _Plan | None:
    """None for what is no country's."""
    regions = _REGIONS.get(code, ("",))
    return _plan(regions[0]) if regions[0] in phonenumbers.SUPPORTED_REGIONS else None


@cache
def _plan(region: str) -> _Plan:
    known = _metadata(region)
    expressions = (known.international_prefix, known.national_prefix_for_parsing, known.leading_digits)
    abroad, prefix, leading = (re.compile(each) if each else None for each in expressions)
    lengths, possible = known.general_desc.possible_length, re.compile(known.general_desc.national_number_pattern)
    return _Plan(region, str(known.country_code), abroad, prefix, leading, lengths, possible)


@cache
def _ranges(region: str, length: int) -> re.Pattern[str] | None:
    """All numbers of that many digits, without the country's code; None where there are none."""
    known = _metadata(region)
    kinds = [kind for name in _KINDS if (kind := getattr(known, name)) is not None and kind.national_number_pattern]
    fitting = [kind.national_number_pattern for kind in kinds if length in (kind.possible_length or (length,))]
    if length not in known.general_desc.possible_length or not fitting:
        return None
    return re.compile(f"(?=(?:{known.general_desc.national_number_pattern})\\Z)(?:{'|'.join(fitting)})")


def _metadata(region: str) -> Any:  # noqa: ANN401 - all optional in the library's stubs, and never missing
    return PhoneMetadata.metadata_for_region(region)
