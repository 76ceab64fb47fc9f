"""Callbook's own payload, for any phone system that can send JSON; the README tells its fields."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from callbook.errors import Refused

_MALFORMED = "json_invalid"  # pydantic's word for what is no JSON at all
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_HIGHEST = 2**63 - 1

_Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$", strip_whitespace=True)]


@dataclass(frozen=True)
class Notice:
    """One event of a call, and whom it is for: `address` is an e-mail address, a phone number or an extension. `number`
    is the other side's, "" where it is withheld; `name` is what the phone system calls them.
    """

    address: str
    portal_id: int | None
    call_id: str
    direction: str
    state: str
    number: str
    at: datetime | None
    name: str | None = None


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    call_id: Annotated[_Text, StringConstraints(min_length=1)]
    direction: Literal["inbound", "outbound"]
    state: Literal["ringing", "answered", "answered_elsewhere", "missed", "voicemail", "ended"]
    caller: _Text | None = Field(alias="from")
    called: _Text | None = Field(alias="to")
    name: _Text | None = None
    at: Annotated[AwareDatetime, Field(ge=_EARLIEST)] | None = None
    portal: Annotated[int, Field(ge=0, le=_HIGHEST)] | None = None

    @property
    def sides(self) -> tuple[str, str]:
        """Ours and the other one."""
        caller, called = self.caller or "", self.called or ""
        return (called, caller) if self.direction == "inbound" else (caller, called)

    @model_validator(mode="after")
    def _for_somebody(self) -> Self:
        if not self.sides[0]:
            raise ValueError("names nobody: of an inbound call `to` says whom it is for, of an outbound one `from`")
        return self


def read(body: bytes) -> Notice:
    """Raises `Refused`: "bad_request" for what is no JSON, "invalid" for another shape."""
    try:
        given = _Payload.model_validate_json(body)
    except ValidationError as problem:
        raise _refused(problem) from None  # its text holds what was sent
    ours, theirs = given.sides
    return Notice(ours, given.portal, given.call_id, given.direction, given.state, theirs, given.at, given.name)


def _refused(problem: ValidationError) -> Refused:
    found = problem.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == _MALFORMED:
        return Refused("bad_request", "the body is not JSON")
    fields = [(".".join(map(str, each["loc"])) or "body", each["msg"]) for each in found]
    return Refused("invalid", "the body is not as described", fields)
