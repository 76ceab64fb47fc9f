"""Who a number is."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from callbook.web.shapes.parts import CompanyLine, ContactRow, Given, Identifier, PhoneOut, RawNumber, Shape


class CallersIn(Given):
    numbers: Annotated[list[RawNumber], Field(max_length=100)]


class CandidateOut(ContactRow):
    """`matched` is the number that it is: one of theirs, or the main line of their company. Why they stand where they
    do: `is_mine` (the user is their owner in HubSpot), `last_contacted_at`, and which number it is.
    """

    matched: PhoneOut | CompanyLine
    is_mine: bool = False
    last_contacted_at: datetime | None = None


class CallerOut(Shape):
    """`people` counts all whom the number leads to, `candidates` are the first of them; `company` is whose line it is.
    `chosen` is the candidate whom the user has picked for the number, who is the first then; `carrier_name` is what the
    phone system calls the caller, and the label is "carrier" where nobody is known. What has a default here, a call
    that was kept from before it was told has not.
    """

    number: str
    e164: str | None
    extension: str | None
    display: str
    country: str | None
    label: Literal["exact", "other_form", "shared", "company_line", "carrier", "none"]
    reason: Literal["not_found", "unreadable", "withheld"] | None
    people: int = 0
    company: str | None = None
    chosen: int | None = None
    carrier_name: str | None = None
    candidates: list[CandidateOut]


class CallersOut(Shape):
    callers: list[CallerOut]


class ChoiceIn(Given):
    """Who calls from a number that leads to several, as the user says; null takes it back."""

    number: RawNumber
    contact_id: Identifier | None
