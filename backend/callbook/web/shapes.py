"""What goes over the wire, in and out; `/openapi.json` is made from it. Unknown fields are refused."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from callbook import phone
from callbook.models import EPOCH
from callbook.sync import RunProblem

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

    @field_validator("*", mode="before")
    @classmethod
    def _without_nul(cls, value: object) -> object:
        """No database keeps U+0000 in a text, and no person types it."""
        if isinstance(value, str) and "\x00" in value:
            message = "holds a NUL character"
            raise ValueError(message)
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


class RedeemIn(Shape):
    code: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    verifier: Annotated[str, StringConstraints(min_length=43, max_length=128)]
    extension: Annotated[str, StringConstraints(pattern=r"^[a-p]{32}$")]


class SessionOut(Shape):
    token: str
    expires_at: datetime
    account: Account


class Health(Shape):
    status: Literal["ok"]
    service: Literal["callbook"]
    version: str


class CountsOut(Shape):
    all: int
    hubspot: int
    personal: int


class CacheCounts(CountsOut):
    without_phone: int


class ConnectionOut(Shape):
    state: Literal["connected", "reconnect_needed", "paused"]
    since: datetime
    account: Account


class RunOut(Shape):
    id: int
    kind: Literal["full", "recent"]
    trigger: Literal["first", "manual", "automatic"]
    state: Literal["queued", "running", "waiting", "finished", "incomplete", "failed", "cancelled"]
    problem: RunProblem | None
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    retry_at: datetime | None
    changed_since: datetime | None
    duration_s: float | None
    seconds_left: int | None
    total: int | None
    read: int
    added: int
    updated: int
    removed: int
    unchanged: int
    failed: int
    requests: int
    throttled: int
    remote_total: int | None
    local_total: int | None
    removal_held: int


class SyncState(Shape):
    connection: ConnectionOut
    counts: CacheCounts
    run: RunOut | None
    last_run: RunOut | None
    last_synced_at: datetime | None
    next_sync_at: datetime | None
    interval_minutes: Interval
    event: int


class SyncIn(Shape):
    kind: Literal["full", "recent"]
    accept_removals: bool = False


def _country(code: str | None) -> str | None:
    if code is not None and not phone.is_region(code):
        message = "not a country that has phone numbers (two letters, ISO 3166)"
        raise ValueError(message)
    return code


class PreferencesIn(Shape):
    """Only what is sent changes."""

    interval_minutes: Interval = 20
    default_country: str | None = None

    _known = field_validator("default_country")(_country)


class PreferencesOut(Shape):
    interval_minutes: Interval
    default_country: str | None
    effective_country: str | None


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


class OwnerOut(Shape):
    """Whose contact it is in HubSpot."""

    name: str
    email: str | None
    is_me: bool


class ContactRow(Shape):
    """`company` is the name HubSpot keeps of the contact's company; where it knows none, the contact's own text."""

    id: int
    source: Source
    name: str
    company: str | None
    job_title: str | None
    letter: str
    phone: PhoneOut | None


class ContactsQuery(Shape):
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


class CallersIn(Shape):
    numbers: Annotated[list[RawNumber], Field(max_length=100)]


class CandidateOut(ContactRow):
    """`matched` is the number that it is: one of theirs, or the main line of their company."""

    matched: PhoneOut | CompanyLine


class CallerOut(Shape):
    """`people` counts all whom the number leads to, `candidates` are the first of them; `company` is whose line it is.
    Calls kept from before these two were told have neither.
    """

    number: str
    e164: str | None
    extension: str | None
    display: str
    country: str | None
    label: Literal["exact", "other_form", "shared", "company_line", "none"]
    reason: Literal["not_found", "unreadable", "withheld"] | None
    people: int = 0
    company: str | None = None
    candidates: list[CandidateOut]


class CallersOut(Shape):
    callers: list[CallerOut]


CallState = Literal["ringing", "answered", "ended", "missed", "answered_elsewhere"]


class CallIn(Shape):
    call_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    direction: Literal["inbound", "outbound"]
    state: CallState
    number: RawNumber
    at: Annotated[AwareDatetime, Field(ge=EPOCH)] | None = None


class CallOut(Shape):
    id: int
    call_id: str
    direction: Literal["inbound", "outbound"]
    state: CallState
    number: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    caller: CallerOut


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


class PersonalPhone(Shape):
    kind: PhoneKind
    number: Text


class PersonalIn(Shape):
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
            message = "two numbers of one kind"
            raise ValueError(message)
        return phones

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        words = (self.first_name, self.last_name, self.company, self.email)
        if not any(words) and not any(each.number for each in self.phones):
            message = "neither a name, a company, an e-mail address nor a number"
            raise ValueError(message)
        return self


class CallsQuery(Shape):
    filter: Literal["all", "missed", "unknown"] = "all"
    q: Annotated[str, StringConstraints(max_length=100)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    before: Identifier | None = None


class CallCounts(Shape):
    """`unknown`: nobody in the cache has the number, or there is none to be read."""

    all: int
    missed: int
    unknown: int


class CallsOut(Shape):
    """`counts` are of what the search finds, `total` of its part that the filter shows."""

    calls: list[CallOut]
    next: str | None
    total: int
    counts: CallCounts


class ProblemsQuery(Shape):
    limit: Annotated[int, Field(ge=1, le=200)] = 100


class ProblemOut(Shape):
    """`name` where an older copy of the contact is kept."""

    remote_id: str
    category: Literal["invalid", "number_unreadable", "refused", "no_answer"]
    name: str | None
    hubspot_url: str | None
    seen_at: datetime


class ProblemsOut(Shape):
    problems: list[ProblemOut]
    total: int


class TicketOut(Shape):
    ticket: str
    expires_at: datetime


class EventsQuery(Shape):
    after: Identifier


class ProgressData(Shape):
    run: RunOut


class CallData(Shape):
    call: CallOut
    rings_until: datetime


class NoData(Shape):
    pass


class EventOut(Shape):
    number: int
    kind: Literal["progress", "contacts", "call"]
    at: datetime
    data: ProgressData | CallData | NoData


class EventsOut(Shape):
    events: list[EventOut]
    newest: int
    start_again: bool
