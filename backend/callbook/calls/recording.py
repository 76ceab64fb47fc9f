"""An event of a phone call changes its row, gives it a caller name, and is told to the rung user's browsers."""

from datetime import datetime

from callbook import callers, events
from callbook.calls import states
from callbook.calls.naming import GOING_ON, name_columns
from callbook.calls.states import CallEvent, Columns
from callbook.contacts.naming import fold
from callbook.models import Call, Owner, now, transaction


def moment(said: datetime | None) -> datetime:
    """When an event was. A phone system whose clock is ahead must not ring for longer."""
    return min(said or now(), now())


def record(owner: Owner, event: CallEvent) -> Call:
    """The call as it stands after the event. An event that tells nothing new changes nothing and is told to nobody."""
    name = name_columns(owner, event.number, _name_in(event))
    with transaction():
        events.take_turn(owner)
        call = _known(owner, event.call_id)
        if call is None:
            facts = {"direction": event.direction, "number": event.number, "started_at": event.at}
            begun = {**facts, "ends_at": event.ends_at, **states.begun(event), **name}
            Call.of(owner).insert(call_id=event.call_id, **begun).execute()
            _seek(owner, begun)
        else:
            changed = {**states.after(call, event), **_named_late(call, event)}
            if not changed:
                return call
            Call.of(owner).update(**changed).where(Call.id == call.id).execute()
        call = Call.of(owner).select().where(Call.call_id == event.call_id).get()
        events.append(owner, "call", {"call": call.id})
    return call


def _seek(owner: Owner, begun: Columns) -> None:
    """Of a call that goes on, from a number that is nobody's."""
    nobodys = begun["caller"] is None and begun["e164"] is not None
    if nobodys and begun["state"] in GOING_ON and begun["ends_at"] is None:
        callers.note_miss(owner, begun["e164"])


def _known(owner: Owner, call_id: str) -> Call | None:
    return Call.of(owner).select().where(Call.call_id == call_id).get_or_none()


def _name_in(event: CallEvent) -> str | None:
    """What has no letter is the number once more, or nothing."""
    name = " ".join((event.name or "").split())
    return name if any(character.isalpha() for character in name) else None


def _named_late(call: Call, event: CallEvent) -> Columns:
    name = _name_in(event)
    if name is None or call.carrier_name is not None:
        return {}
    return {"carrier_name": name, "names": "\n".join([*filter(None, [call.names]), fold(name)])}
