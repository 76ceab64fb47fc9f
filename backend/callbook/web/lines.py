"""The numbers and extensions whose calls are the user's."""

from typing import Any

from apiflask import APIBlueprint

from callbook import contacts, phone, routing
from callbook.web import door
from callbook.web.shapes import LinesIn, LinesOut

blueprint = APIBlueprint("lines", __name__)


@blueprint.get("/api/lines")
@blueprint.output(LinesOut)
def read() -> dict[str, Any]:
    return _told()


@blueprint.put("/api/lines")
@blueprint.input(LinesIn, arg_name="wish")
@blueprint.output(LinesOut)
def replace(wish: LinesIn) -> dict[str, Any]:
    """All of them, as they are to be."""
    routing.set_lines(door.owner(), wish.lines)
    return _told()


def _told() -> dict[str, Any]:
    home = contacts.home_region(door.owner())
    return {
        "lines": [{"line": each, "display": phone.display_line(each, home)} for each in routing.lines(door.owner())]
    }
