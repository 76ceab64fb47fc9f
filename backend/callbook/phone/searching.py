"""What a person types into the search box, as strings of digits to look for inside stored numbers."""

import re

import phonenumbers

from callbook.phone import text as writing
from callbook.phone.numbers import parse_all

_MIN_DIGITS = 3
_MAYBE_A_PART = 6  # so few digits may be a whole number, and are more often the end of one
_PART = re.compile(r"(?:tel:)?[\d\s+().\-/'_#*,;]*", re.IGNORECASE)
_PREFIX_ABROAD = re.compile(r"(?:\+|0011|011|00)")
_TRUNK_IN_BRACKETS = re.compile(r"\(\s*0\s*\)")


def search_forms(query: str, region: str | None) -> list[str]:
    """Digit strings of which one is contained in the digits of every number meant (E.164 without its "+").

    A whole number gives its E.164 digits, a part of one its own digits, also without trunk prefixes; anything that is
    not like a number gives nothing.
    """
    numbers = parse_all(query, region)
    whole = [number.e164[1:] for number in numbers]
    text = writing.plain(query).strip()
    if not _PART.fullmatch(text):
        return list(dict.fromkeys(whole))
    digits = re.sub(r"\D", "", text)
    if len(digits) < _MIN_DIGITS:
        return []
    parts = _parts(text, digits, region) if not whole or len(digits) <= _MAYBE_A_PART else []
    return list(dict.fromkeys(whole + parts))


def _parts(text: str, digits: str, region: str | None) -> list[str]:
    abroad = _PREFIX_ABROAD.match(re.sub(r"[^\d+]", "", text))
    inner = re.sub(r"\D", "", _TRUNK_IN_BRACKETS.sub("", text)) if abroad else digits
    trunk = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) if region else None
    forms = [digits, inner]
    if abroad:
        forms.append(inner.removeprefix(abroad[0].lstrip("+")))
    elif trunk:
        forms.append(digits.removeprefix(trunk))
    without_zeros = inner.lstrip("0")  # a trunk zero of some other country, unless little else is left
    if len(without_zeros) > _MIN_DIGITS:
        forms.append(without_zeros)
    return [form for form in forms if len(form) >= _MIN_DIGITS]
