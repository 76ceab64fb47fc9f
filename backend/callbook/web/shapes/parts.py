"""What several shapes are made of, and what a refusal is."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

MAX_ID = 2**63 - 1
Source = Literal["hubspot", "personal"]
Interval = Literal[5, 20]
Identifier = Annotated[int, Field(ge=0, le=MAX_ID)]
RawNumber = Annotated[str, StringConstraints(max_length=200)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
PhoneKind = Literal["phone", "mobile", "whatsapp"]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Given(Shape):
    """What is sent to us."""

    @field_validator("*", mode="before")
    @classmethod
    def _without_nul(cls, value: object) -> object:
        """No database keeps U+0000 in a text, and no person types it."""
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("holds a NUL character")
        return value


class FieldRefusal(Shape):
    where: str
    what: str


class RefusalFacts(Shape):
    """`kind` is for programs, `message` for developers; the server's log knows the request id."""

    kind: str
    message: str
    request_id: str
    fields: list[FieldRefusal] | None = None


class Refusal(Shape):
    error: RefusalFacts


class Account(Shape):
    portal_id: int
    portal_name: str
    ui_domain: str
    user_email: str | None
    demo: bool


class CountsOut(Shape):
    all: int
    hubspot: int
    personal: int


class PhoneOut(Shape):
    kind: PhoneKind
    raw: str
    e164: str | None
    extension: str | None
    display: str


class CompanyLine(Shape):
    """A company's main line, as somebody wrote it and as a number."""

    kind: Literal["company"]
    raw: str
    e164: str | None
    extension: str | None
    display: str


class ContactRow(Shape):
    """`company` is the name HubSpot keeps of the contact's company; where it knows none, the contact's own text."""

    id: int
    source: Source
    name: str
    company: str | None
    job_title: str | None
    letter: str
    phone: PhoneOut | None
