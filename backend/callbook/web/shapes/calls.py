"""Calls and their history."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from callbook.web.shapes.callers import CallerOut
from callbook.web.shapes.parts import Given, Identifier, RawNumber, Shape, Text

A_YEAR_MS = 366 * 24 * 3_600_000
CallState = Literal["ringing", "answered", "ended", "missed", "voicemail", "answered_elsewhere"]


class CallIn(Given):
    """`name` is what the phone system calls the other side. `ago_ms`: how long ago it happened; when it was, the clock
    of whoever tells it may not know.
    """

    call_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    direction: Literal["inbound", "outbound"]
    state: CallState
    number: RawNumber
    name: Text | None = None
    ago_ms: Annotated[int, Field(ge=0, le=A_YEAR_MS)] = 0


class CallOut(Shape):
    id: int
    call_id: str
    direction: Literal["inbound", "outbound"]
    state: CallState
    rings_ms: Annotated[int, Field(description="how long it still rings, unless its end is told before", ge=0)]
    number: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    caller: CallerOut


class HistoryIn(Given):
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
    next: int | None
    total: int
    counts: CallCounts
