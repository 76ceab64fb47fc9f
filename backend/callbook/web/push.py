"""Events to the browser: a WebSocket that a service worker can keep (a message at least every 20 s), and the same
events by cursor for whoever missed some. What an event tells is read when it is sent, so nobody hears of a state that
has passed.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from apiflask import APIBlueprint
from flask import request
from flask_sock import Sock

from callbook import accounts, calls, events, sync
from callbook.accounts import Signed
from callbook.errors import Refused
from callbook.models import Event, Owner
from callbook.settings import Settings
from callbook.web import door
from callbook.web.shapes import MAX_ID, EventOut, EventsOut, EventsQuery, TicketOut

blueprint = APIBlueprint("push", __name__)
sock = Sock()

POLL_S = 0.25
PING_S = 20.0  # a service worker lives as long as messages come less than 30 s apart
PING = '{"kind":"ping"}'
SIGNED_OUT = 4401


class Socket(Protocol):
    def send(self, data: str) -> None: ...
    def receive(self, timeout: float) -> object: ...
    def close(self, reason: int) -> None: ...


@blueprint.post("/api/tickets")
@blueprint.output(TicketOut)
def ticket() -> dict[str, Any]:
    """One opening of the event socket."""
    text, expires_at = accounts.new_ticket(door.signed())
    return {"ticket": text, "expires_at": expires_at}


@blueprint.get("/api/events")
@blueprint.input(EventsQuery, location="query", arg_name="query")
@blueprint.output(EventsOut)
def missed(query: EventsQuery) -> dict[str, Any]:
    owner = door.owner()
    heard = events.after(owner, query.after)
    told = list(_told(owner, heard.events, door.settings()))
    return {"events": told, "newest": heard.newest, "start_again": heard.start_again}


@sock.route("/api/events/socket", bp=blueprint)  # type: ignore[untyped-decorator] # the library has no types
@door.open_to_all
def socket(ws: Socket) -> None:
    """The ticket in the address is this view's session."""
    try:
        signed = accounts.redeem_ticket(request.args.get("ticket", ""))
    except Refused:
        ws.close(SIGNED_OUT)
        return
    _serve(ws, signed, door.settings(), request.args.get("after", 0, _cursor))


def _cursor(text: str) -> int:
    """Raises `ValueError`: then the stream starts from the beginning."""
    number = int(text)
    if not 0 <= number <= MAX_ID:
        raise ValueError(text)
    return number


def _serve(ws: Socket, signed: Signed, settings: Settings, cursor: int) -> None:
    """Until the client leaves (the library raises, and sees to it) or the session ends."""
    pinged_s = time.monotonic()
    while accounts.still_signed(signed):
        for event in events.after(signed.owner, cursor).events:
            for told in _told(signed.owner, [event], settings):
                ws.send(EventOut.model_validate(told).model_dump_json())
            cursor = event.number
        if time.monotonic() - pinged_s >= PING_S:
            ws.send(PING)
            pinged_s = time.monotonic()
        ws.receive(timeout=POLL_S)
    ws.close(SIGNED_OUT)


def _told(owner: Owner, heard: Sequence[Event], settings: Settings) -> Iterator[dict[str, Any]]:
    for event in heard:
        data = _data(owner, event, settings)
        if data is not None:
            yield {"number": event.number, "kind": event.kind, "at": event.at, "data": data}


def _data(owner: Owner, event: Event, settings: Settings) -> dict[str, Any] | None:
    """None for what is gone meanwhile."""
    if event.kind == "progress":
        run = sync.find(owner, event.data["run"])
        return None if run is None else {"run": sync.run_report(run)}
    if event.kind == "call":
        call = calls.find(owner, event.data["call"])
        return None if call is None else calls.event_told(owner, call, settings)
    return {}
