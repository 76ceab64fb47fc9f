"""Events of phone calls, in; the history of calls, out."""

from typing import Any

from apiflask import APIBlueprint

from callbook import calls
from callbook.calls import Asked, CallEvent
from callbook.web import door
from callbook.web.shapes import CallIn, CallOut, CallsOut, CallsQuery, NoData

blueprint = APIBlueprint("calls", __name__)


@blueprint.post("/api/calls")
@blueprint.input(CallIn, arg_name="given")
@blueprint.output(CallOut, status_code=202)
def record(given: CallIn) -> dict[str, Any]:
    at = calls.moment(given.at)
    event = CallEvent(given.call_id, given.direction, given.state, given.number, at, given.name)
    return calls.told(door.owner(), [calls.record(door.owner(), event)], door.settings())[0]


@blueprint.post("/api/calls/test")
@blueprint.input(NoData, arg_name="_nothing")
@blueprint.output(CallOut, status_code=202)
def ring_test(_nothing: NoData) -> dict[str, Any]:
    """A made-up caller rings the user for ten seconds; asked for again meanwhile, it is the same call."""
    return calls.told(door.owner(), [calls.ring_test(door.owner())], door.settings())[0]


@blueprint.get("/api/calls")
@blueprint.input(CallsQuery, location="query", arg_name="query")
@blueprint.output(CallsOut)
def history(query: CallsQuery) -> dict[str, Any]:
    asked = Asked(query.filter, query.q, query.limit, query.before)
    found = calls.history(door.owner(), asked, door.settings())
    return {
        "calls": calls.told(door.owner(), found.calls, door.settings()),
        "next": None if found.older is None else str(found.older),
        "total": found.counts[query.filter],
        "counts": found.counts,
    }
