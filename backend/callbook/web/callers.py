"""Who is this number?"""

from typing import Any

from apiflask import APIBlueprint

from callbook import callers, contacts
from callbook.models import User
from callbook.web import door
from callbook.web.shapes import CallersIn, CallersOut

blueprint = APIBlueprint("callers", __name__)


@blueprint.post("/api/callers")
@blueprint.input(CallersIn, arg_name="asked")
@blueprint.output(CallersOut)
def lookup(asked: CallersIn) -> dict[str, Any]:
    """An unreadable number is an answer with a reason, not an error."""
    owner = door.owner()
    region = contacts.default_region(User.get_by_id(owner.id))
    return {"callers": [callers.told(each, region) for each in callers.lookup(owner, asked.numbers)]}
