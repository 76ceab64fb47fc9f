"""Who is this number? And who the user says it is."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response

from callbook import callers, calls
from callbook.web import door
from callbook.web.shapes import CallerOut, CallersIn, CallersOut, ChoiceIn

blueprint = APIBlueprint("callers", __name__)


@blueprint.post("/api/callers")
@blueprint.input(CallersIn, arg_name="asked")
@blueprint.output(CallersOut)
def lookup(asked: CallersIn) -> Response:
    """An unreadable number is an answer with a reason, not an error."""
    found = callers.lookup(door.owner(), asked.numbers)
    return door.written({"callers": [callers.told(each) for each in found]})


@blueprint.put("/api/callers/choice")
@blueprint.input(ChoiceIn, arg_name="wish")
@blueprint.output(CallerOut)
def choose(wish: ChoiceIn) -> dict[str, Any]:
    """The number's answer from now on. A contact that the number does not lead to is not found."""
    return calls.choose(door.owner(), wish.number, wish.contact_id)
