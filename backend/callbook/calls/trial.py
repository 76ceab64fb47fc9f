"""Test calls: a made-up caller rings the user, and the server itself ends it. They are no part of the history once they
are over, and nobody has missed them.
"""

import secrets
from datetime import timedelta

from callbook.calls.recording import record
from callbook.calls.states import CallEvent
from callbook.models import Call, Owner, User, now

CALLER = "+12025550100"  # of the numbers kept for fiction
NAME = "Callbook"
RINGS = timedelta(seconds=10)


def ring_test(owner: Owner) -> Call:
    """The call; the one that still rings, if there is one."""
    ringing = (Call.ends_at > now()) & (Call.state == "ringing")
    under_way = Call.of(owner).select().where(ringing).order_by(Call.id.desc()).limit(1).get_or_none()
    if under_way is not None:
        return under_way
    call_id, at = f"test-{secrets.token_hex(8)}", now()
    return record(owner, CallEvent(call_id, "inbound", "ringing", CALLER, at, NAME, at + RINGS))


def end_tests() -> None:
    """Those whose time has come."""
    due = Call.everyones().select().where((Call.ends_at <= now()) & (Call.state == "ringing"))
    for call in list(due):
        user = User.get_or_none(User.id == call.user_id)
        if user is not None:
            event = CallEvent(call.call_id, call.direction, "ended", call.number, call.ends_at or now())
            record(user.owner, event)
