"""Events to the browser: a WebSocket that a service worker can keep (a message at least every 20 s), and the same
events by cursor for whoever missed some. A cursor from before what is gone is told to start again. What an event tells
is read when it is sent, so nobody hears of a state that has passed.
"""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from apiflask import APIBlueprint
from flask import request
from flask_sock import Sock

from callbook import accounts, calls, events, sync
from callbook.accounts import Signed
from callbook.errors import Refused
from callbook.events import Heard
from callbook.models import Event, Owner, connected
from callbook.settings import Settings
from callbook.web import door
from callbook.web.shapes import MAX_ID, EventOut, EventsOut, EventsQuery, TicketOut

blueprint = APIBlueprint("push", __name__)
sock = Sock()

LOOK_S = 5.0  # so often a socket looks without having been woken
PING_S = 20.0  # a service worker lives as long as messages come less than 30 s apart
PING = '{"kind":"ping"}'
SIGNED_OUT = 4401


class Socket(Protocol):
    event: threading.Event  # the library's own: set when the client has said something, or left

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
    door.release_database()
    with door.watcher().waking(signed.owner, ws.event):
        _serve(ws, signed, door.settings(), request.args.get("after", 0, _cursor))


def _cursor(text: str) -> int:
    """Raises `ValueError`: then the stream starts from the beginning."""
    number = int(text)
    if not 0 <= number <= MAX_ID:
        raise ValueError(text)
    return number


def _serve(ws: Socket, signed: Signed, settings: Settings, cursor: int) -> None:
    """Until the client leaves (the library raises, and sees to it) or the session ends. Nothing of the database is held
    while it waits, or while a slow client takes its time.
    """
    pinged_s = time.monotonic()
    while (heard := _heard(signed, cursor)) is not None:
        before, cursor = cursor, _send(ws, signed.owner, heard, cursor, settings)
        if time.monotonic() - pinged_s >= PING_S:
            ws.send(PING)
            pinged_s = time.monotonic()
        if cursor == before:
            ws.event.wait(LOOK_S)
        ws.receive(timeout=0)  # first this, which forgets why it was woken, then the next look
    ws.close(SIGNED_OUT)


def _heard(signed: Signed, cursor: int) -> Heard | None:
    """None once the session has ended."""
    with connected():
        return events.after(signed.owner, cursor) if accounts.still_signed(signed) else None


def _send(ws: Socket, owner: Owner, heard: Heard, cursor: int, settings: Settings) -> int:
    """The cursor after it."""
    if heard.start_again:
        ws.send(json.dumps({"kind": "start_again", "newest": heard.newest}))
        return heard.newest
    for event in heard.events:
        with connected():
            texts = [EventOut.model_validate(each).model_dump_json() for each in _told(owner, [event], settings)]
        for text in texts:
            ws.send(text)
        cursor = event.number
    return cursor


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
