"""What an event makes of a call: pure, to be read as a table.

A call rings, is answered, is over. What is over rings never again, and is over for good once the phone system has said
`ended`. What else it says of an end may be said too early, by one of several telephones: of a call that the user
answers afterwards it was not true. By which telephone an end was told nobody knows, so `at` decides what came first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callbook.models import Call

RINGING, ANSWERED, OVER = range(3)
STAGE = {
    "ringing": RINGING,
    "answered": ANSWERED,
    "answered_elsewhere": OVER,
    "missed": OVER,
    "voicemail": OVER,
    "ended": OVER,
}
TELLING = ("ended", "missed", "voicemail", "answered_elsewhere")  # of a call not answered here, the last says most
MISSED = ("missed", "voicemail")

Columns = dict[str, Any]


@dataclass(frozen=True)
class CallEvent:
    """What a phone system says happened. `call_id` is its own name for the call, `name` what it calls the caller.
    `ends_at` is of test calls.
    """

    call_id: str
    direction: str
    state: str
    number: str
    at: datetime
    name: str | None = None
    ends_at: datetime | None = None


def begun(event: CallEvent) -> Columns:
    """Of a call that is first heard of."""
    state = _named(event.state, event.direction)
    if STAGE[state] == OVER:
        return {"state": state, "ended_at": event.at, "hung_up": event.state == "ended"}
    return {"state": state, "answered_at": event.at} if state == "answered" else {"state": state}


def after(call: Call, event: CallEvent) -> Columns:
    """The columns that change; none where the event says nothing new. A call began no later than whatever is told of
    it: what was heard of it first may have come late.
    """
    earlier = {"started_at": event.at} if event.at < call.started_at else {}
    return {**_after(call, event), **earlier}


def _after(call: Call, event: CallEvent) -> Columns:
    if STAGE[event.state] == RINGING:
        return {}
    if STAGE[event.state] == ANSWERED:
        return _answered(call, event.at)
    if STAGE[call.state] == OVER:
        return _over_before(call, event)
    return _over_while_answered(call, event) if call.answered_at else _over_while_ringing(call, event)


def _answered(call: Call, at: datetime) -> Columns:
    if call.answered_at is not None:
        return {}
    if STAGE[call.state] == RINGING:
        return {"state": "answered", "answered_at": at}
    ended_at = call.ended_at or call.started_at
    if at > ended_at and not call.hung_up:
        return {"state": "answered", "answered_at": at, "ended_at": None}
    state = "ended" if call.state in MISSED else call.state
    return {"state": state, "answered_at": min(at, ended_at)}


def _over_while_ringing(call: Call, event: CallEvent) -> Columns:
    """An inbound call that ends while it rings was missed, whatever the phone system calls it; not so a test."""
    state = _named(event.state, call.direction)
    if state == "ended" and call.direction == "inbound" and call.ends_at is None:
        state = "missed"
    return {"state": state, "ended_at": event.at, "hung_up": event.state == "ended"}


def _over_while_answered(call: Call, event: CallEvent) -> Columns:
    """Whoever answered has not missed it. A colleague's taking it over is the end of it here."""
    hung_up, answered_at = event.state == "ended", call.answered_at or event.at
    if not hung_up and event.at < answered_at:  # told late: another telephone had given it up before
        return {}
    state = event.state if event.state == "answered_elsewhere" else "ended"
    return {"state": state, "ended_at": max(event.at, answered_at), "hung_up": hung_up}


def _over_before(call: Call, event: CallEvent) -> Columns:
    state = _named(event.state, call.direction)
    changed: Columns = {}
    if call.answered_at is None and TELLING.index(state) > TELLING.index(call.state):
        changed["state"] = state
    if event.state == "ended" and not call.hung_up:
        changed |= {"hung_up": True, "ended_at": max(event.at, call.ended_at or event.at)}
    return changed


def _named(state: str, direction: str) -> str:
    """Reaching another's voicemail is the end of a call that the user has made."""
    return "ended" if state == "voicemail" and direction == "outbound" else state
