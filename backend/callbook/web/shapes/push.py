"""Events and the ticket to their socket."""

from datetime import datetime
from typing import Literal

from callbook.web.shapes.calls import CallOut
from callbook.web.shapes.parts import Given, Identifier, Shape
from callbook.web.shapes.sync import RunOut


class TicketOut(Shape):
    ticket: str
    expires_at: datetime


class EventsQuery(Given):
    after: Identifier


class ProgressData(Shape):
    run: RunOut


class CallData(Shape):
    call: CallOut


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
