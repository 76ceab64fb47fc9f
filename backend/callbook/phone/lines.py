"""A user's own line, as text that is the same however somebody writes it: `+12015550132`, with an extension
`+12015550132x7`, or the digits of an extension alone.
"""

import re

from callbook.phone.numbers import Number, display, parse
from callbook.phone.text import plain

_EXTENSION = re.compile(r"\s*(?:x|ext\.?|extension|[*#])?\s*([0-9]{1,6})\s*", re.IGNORECASE)


def line(written: str, region: str | None) -> str | None:
    """As somebody in `region` means it; None for what is neither a number nor an extension of up to six digits."""
    alone = _EXTENSION.fullmatch(plain(written))
    if alone is not None:
        return alone[1]
    number = parse(written, region)
    if not isinstance(number, Number):
        return None
    return number.e164 if number.extension is None else f"{number.e164}x{number.extension}"


def display_line(line: str, home_region: str | None) -> str:
    e164, sign, extension = line.partition("x")
    return f"{display(e164, home_region)}{sign and f' {sign}{extension}'}" if e164.startswith("+") else line
