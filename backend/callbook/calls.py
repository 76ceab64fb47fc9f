"""Calls: an event of a phone call changes its row, gives it a caller name, and is told to the rung user's browsers.

A call only goes forward (ringing, answered, over), so events may come twice and in any order. It is ringing until
`rings_until` and never longer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from callbook import callers, contacts, events
from callbook.models import Call, Owner, User, now, transaction
from callbook.settings import Settings

STAGE = {"ringing": 0, "answered": 1, "answered_elsewhere": 2, "missed": 2, "ended": 2}
RINGING_ENDED_UNANSWERED = "missed"


@dataclass(frozen=True)
class CallEvent:
    """What a phone system says happened; `call_id` is its own name for the call."""

    call_id: str
    direction: str
    state: str
    number: str
    at: datetime


@dataclass(frozen=True)
class History:
    """Newest first; `older` continues it, None at the end."""

    calls: Sequence[Call]
    total: int
    older: int | None


def record(owner: Owner, event: CallEvent) -> Call:
    """The call as it stands after the event. An event that tells nothing new changes nothing and is told to nobody."""
    caller = _caller(owner, event.number)
    with transaction():
        call = _known(owner, event.call_id)
        if call is None:
            values = {"direction": event.direction, "number": event.number, "started_at": event.at, "caller": caller}
            Call.of(owner).insert(call_id=event.call_id, state=event.state, **values, **_moments(event)).execute()
        elif STAGE[event.state] > STAGE[call.state]:
            state = _state_after(call, event)
            Call.of(owner).update(state=state, **_moments(event)).where(Call.id == call.id).execute()
        else:
            return call
        changed = Call.of(owner).select().where(Call.call_id == event.call_id).get()
        events.append(owner, "call", {"call": changed.id})
    return changed


def find(owner: Owner, call_id: int) -> Call | None:
    """By our own id."""
    return Call.of(owner).select().where(Call.id == call_id).get_or_none()


def history(owner: Owner, limit: int, before: int | None) -> History:
    calls = Call.of(owner).select().order_by(Call.id.desc()).limit(limit + 1)
    if before is not None:
        calls = calls.where(Call.id < before)
    rows = list(calls)
    older = rows[limit - 1].id if len(rows) > limit else None
    return History(rows[:limit], Call.of(owner).select().count(), older)


def rings_until(call: Call, settings: Settings) -> datetime:
    return call.started_at + timedelta(seconds=settings.ring_s)


def told(owner: Owner, rows: Sequence[Call], settings: Settings) -> list[dict[str, Any]]:
    """As the API tells them. A call whose name was removed with its cache is looked up in the cache there is now."""
    nameless = {row.number for row in rows if row.caller is None}
    found = {number: _caller(owner, number) for number in nameless}
    facts = ("id", "call_id", "direction", "number", "started_at", "answered_at", "ended_at")
    return [
        {
            **{name: getattr(row, name) for name in facts},
            "state": _state_now(row, settings),
            "caller": row.caller or found[row.number],
        }
        for row in rows
    ]


def event_told(owner: Owner, call: Call, settings: Settings) -> dict[str, Any]:
    return {"call": told(owner, [call], settings)[0], "rings_until": rings_until(call, settings)}


def _state_now(call: Call, settings: Settings) -> str:
    """A call nobody told the end of does not ring for ever."""
    stale = call.state == "ringing" and rings_until(call, settings) < now()
    return {"inbound": RINGING_ENDED_UNANSWERED, "outbound": "ended"}[call.direction] if stale else call.state


def _known(owner: Owner, call_id: str) -> Call | None:
    return Call.of(owner).select().where(Call.call_id == call_id).get_or_none()


def _caller(owner: Owner, number: str) -> dict[str, Any]:
    region = contacts.default_region(User.get_by_id(owner.id))
    return callers.told(callers.lookup(owner, [number])[0], region)


def _moments(event: CallEvent) -> dict[str, datetime]:
    return {0: {}, 1: {"answered_at": event.at}, 2: {"ended_at": event.at}}[STAGE[event.state]]


def _state_after(call: Call, event: CallEvent) -> str:
    """An inbound call that ends while it rings was missed, whatever the phone system calls it."""
    unanswered = call.state == "ringing" and call.direction == "inbound"
    return RINGING_ENDED_UNANSWERED if event.state == "ended" and unanswered else event.state
