"""Word from phone systems. What comes is checked in this order: whether it is JSON, its size, who sent it and when,
whether it came before, its shape, whom it is for.
"""

from apiflask import APIBlueprint
from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from callbook import routing, telephony
from callbook.errors import Refused
from callbook.models import now
from callbook.web import door

blueprint = APIBlueprint("hooks", __name__)

MAX_BYTES = 16 * 1024


@blueprint.post("/hooks/calls")
@blueprint.doc(hide=True)  # not the extension's: the README tells phone systems of it
def calls() -> tuple[dict[str, bool], int]:
    keys = door.settings().call_hook_secrets
    if not keys:
        raise Refused("not_set_up", "this server has no secret for phone systems: CALLBOOK_CALL_HOOK_SECRETS")
    if not request.is_json:
        raise UnsupportedMediaType("send application/json")
    request.max_content_length = MAX_BYTES
    body = request.get_data()
    headers = {name.lower(): value for name, value in request.headers}
    message_id = telephony.verified(keys, headers, body, now())
    routed = routing.answered(message_id)
    if routed is None:
        routed = routing.take(message_id, telephony.read(body))
    return {"routed": routed}, 202
