"""The list, one contact, a personal one, and those that HubSpot is asked for live."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from callbook.web.shapes.calls import CallOut
from callbook.web.shapes.parts import (
    MAX_ID,
    CompanyLine,
    ContactRow,
    CountsOut,
    Given,
    Name,
    PhoneKind,
    PhoneOut,
    Shape,
    Text,
)


class OwnerOut(Shape):
    """Whose contact it is in HubSpot."""

    name: str
    email: str | None
    is_me: bool


class ContactsIn(Given):
    """What part of the list; `q` is what is searched for, `letters` asks for the headings, too."""

    source: Literal["all", "hubspot", "personal"] = "all"
    q: Annotated[str, StringConstraints(max_length=100)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 100
    after: Annotated[str, StringConstraints(max_length=1000)] | None = None
    offset: Annotated[int, Field(ge=0, le=MAX_ID)] = 0
    letters: bool = False


class LetterOut(Shape):
    letter: str
    offset: int
    count: int


class SearchedAs(Shape):
    e164: str
    display: str


class ContactsOut(Shape):
    contacts: list[ContactRow]
    counts: CountsOut
    total: int
    next: str | None
    letters: list[LetterOut] | None
    searched_as: SearchedAs | None


class RemoteSearchIn(Given):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class RemoteRow(Shape):
    """A contact that HubSpot has been asked for live; `contact_id` is theirs in the cache."""

    hubspot_id: str
    contact_id: int
    name: str
    company: str | None
    job_title: str | None
    phones: list[PhoneOut]
    email: str | None
    hubspot_url: str


class RemoteSearchOut(Shape):
    """`searched` is what was asked for, a number in international form; `retry_at` is when the next search may be
    asked, null for at once.
    """

    contacts: list[RemoteRow]
    searched: str
    retry_at: datetime | None


class ContactOut(ContactRow):
    first_name: str | None
    last_name: str | None
    email: str | None
    phones: list[PhoneOut]
    company_line: CompanyLine | None
    owner: OwnerOut | None
    last_call: CallOut | None
    hubspot_url: str | None
    modified_at: datetime | None


class PersonalPhone(Given):
    kind: PhoneKind
    number: Text


class PersonalIn(Given):
    """A personal contact as it is to be. A number that cannot be read is kept as text."""

    first_name: Name | None = None
    last_name: Name | None = None
    company: Text | None = None
    job_title: Text | None = None
    email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] | None = None
    phones: Annotated[list[PersonalPhone], Field(max_length=3)]

    @field_validator("phones")
    @classmethod
    def _each_kind_once(cls, phones: list[PersonalPhone]) -> list[PersonalPhone]:
        if len({each.kind for each in phones}) < len(phones):
            raise ValueError("two numbers of one kind")
        return phones

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        words = (self.first_name, self.last_name, self.company, self.email)
        if not any(words) and not any(each.number for each in self.phones):
            raise ValueError("neither a name, a company, an e-mail address nor a number")
        return self
