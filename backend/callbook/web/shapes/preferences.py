"""What a user sets, and which lines are theirs."""

from typing import Annotated

from pydantic import Field, field_validator

from callbook import phone
from callbook.web.shapes.parts import Given, Interval, RawNumber, Shape


def _country(code: str | None) -> str | None:
    if code is not None and not phone.is_region(code):
        raise ValueError("not a country that has phone numbers (two letters, ISO 3166)")
    return code


class PreferencesIn(Given):
    """Only what is sent changes."""

    interval_minutes: Interval = 20
    default_country: str | None = None

    _known = field_validator("default_country")(_country)


class PreferencesOut(Shape):
    interval_minutes: Interval
    default_country: str | None
    effective_country: str | None


class LinesIn(Given):
    """The user's own numbers and extensions, as they write them."""

    lines: Annotated[list[RawNumber], Field(max_length=20)]


class LineOut(Shape):
    """`line` is E.164, with `x` and an extension where there is one, or the digits of an extension alone."""

    line: str
    display: str


class LinesOut(Shape):
    lines: list[LineOut]
