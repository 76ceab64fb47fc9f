"""A call as the API tells it. It is ringing until `rings_until` and never longer, whatever became of its end. How long
that still is, is told in milliseconds: the clock of whoever hears it may be wrong.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from callbook import callers
from callbook.calls.naming import reported
from callbook.models import Call, Owner, now
from callbook.settings import Settings


def rings_until(call: Call, settings: Settings) -> datetime:
    until = call.started_at + timedelta(seconds=settings.ring_s)
    return until if call.ends_at is None else min(until, call.ends_at)


def told(owner: Owner, rows: Sequence[Call], settings: Settings) -> list[dict[str, Any]]:
    """A call without a name is looked up in the cache there is now."""
    found = _told_by_number(owner, [row.number for row in rows if row.caller is None])
    facts = ("id", "call_id", "direction", "number", "started_at", "answered_at", "ended_at")
    return [
        {
            **{name: getattr(row, name) for name in facts},
            "state": _state_now(row, settings),
            "rings_ms": _rings_ms(row, settings),
            "caller": reported(row.caller or found[row.number], row.carrier_name),
        }
        for row in rows
    ]


def event_told(owner: Owner, call: Call, settings: Settings) -> dict[str, Any]:
    return {"call": told(owner, [call], settings)[0]}


def _rings_ms(call: Call, settings: Settings) -> int:
    left = rings_until(call, settings) - now() if call.state == "ringing" else timedelta(0)
    return max(0, round(left.total_seconds() * 1000))


def _state_now(call: Call, settings: Settings) -> str:
    """A call nobody told the end of does not ring for ever."""
    stale = call.state == "ringing" and rings_until(call, settings) < now()
    missed = call.direction == "inbound" and call.ends_at is None
    return ("missed" if missed else "ended") if stale else call.state


def _told_by_number(owner: Owner, numbers: Sequence[str]) -> dict[str, dict[str, Any]]:
    asked = list(dict.fromkeys(numbers))
    return {each.number: callers.told(each) for each in callers.lookup(owner, asked)} if asked else {}
