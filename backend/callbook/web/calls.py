"""Events of phone calls, in; the history of calls, out."""

from typing import Any

from apiflask import APIBlueprint

from callbook import calls
from callbook.calls import Asked, CallEvent
from callbook.models import now
from callbook.web import door
from callbook.web.shapes import CallIn, CallOut, CallsOut, CallsQuery

blueprint = APIBlueprint("calls", __name__)


@blueprint.post("/api/calls")
@blueprint.input(CallIn, arg_name="given")
@blueprint.output(CallOut, status_code=202)
def record(given: CallIn) -> dict[str, Any]:
    at = min(given.at or now(), now())  # a phone system whose clock is ahead must not ring for longer
    event = CallEvent(given.call_id, given.direction, given.state, given.number, at)
    return calls.told(door.owner(), [calls.record(door.owner(), event)], door.settings())[0]


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
