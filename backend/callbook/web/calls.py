"""Events of phone calls, in; the history of calls, out."""

from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint

from callbook import calls, routing
from callbook.calls import Asked, CallEvent
from callbook.models import now
from callbook.web import door
from callbook.web.shapes import CallIn, CallOut, CallsOut, HistoryIn, NoData

blueprint = APIBlueprint("calls", __name__)


@blueprint.post("/api/calls")
@blueprint.input(CallIn, arg_name="given")
@blueprint.output(CallOut, status_code=202)
def record(given: CallIn) -> dict[str, Any]:
    at = now() - timedelta(milliseconds=given.ago_ms)
    event = CallEvent(given.call_id, given.direction, given.state, given.number, at, given.name)
    return calls.told(door.owner(), [calls.record(door.owner(), event)], door.settings())[0]


@blueprint.post("/api/calls/test")
@blueprint.input(NoData, arg_name="_nothing")
@blueprint.output(CallOut, status_code=202)
def ring_test(_nothing: NoData) -> dict[str, Any]:
    """A made-up caller rings the user for ten seconds; asked for again meanwhile, it is the same call."""
    return calls.told(door.owner(), [routing.ring_test(door.owner())], door.settings())[0]


@blueprint.post("/api/calls/search")
@blueprint.input(HistoryIn, arg_name="wish")
@blueprint.output(CallsOut)
def history(wish: HistoryIn) -> dict[str, Any]:
    """What is asked stands in the body, as with the list of contacts."""
    asked = Asked(wish.filter, wish.q, wish.limit, wish.before)
    found = calls.history(door.owner(), asked, door.settings())
    return {
        "calls": calls.told(door.owner(), found.calls, door.settings()),
        "next": found.older,
        "total": found.counts[wish.filter],
        "counts": found.counts,
    }
