"""The name a call has: the one it rang with is kept; while it has none, it is looked up whenever the call is told."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from callbook import callers, events
from callbook.calls.states import OVER, STAGE
from callbook.contacts.naming import fold
from callbook.models import Call, Owner, now, transaction

GOES_ON = timedelta(days=1)  # whose end was lost goes on no longer than that
GOING_ON = [state for state, stage in STAGE.items() if stage < OVER]


def name_columns(owner: Owner, number: str, carrier_name: str | None) -> dict[str, Any]:
    """The columns of a call that its number comes to; a caller without a name is not kept."""
    (found,) = callers.lookup(owner, [number])
    digits = ("".join(character for character in text if character.isdigit()) for text in (found.e164 or "", number))
    number_text = fold("\n".join([number, *digits]))
    told = callers.told(found) if found.label != "none" else None
    names = fold("\n".join([*_names(told or {}), *([carrier_name] if carrier_name else [])])) or None
    columns = {"caller": told, "carrier_name": carrier_name, "names": names}
    return {"e164": found.e164, "number_text": number_text, **columns}


def choose(owner: Owner, number: str, contact_id: int | None) -> dict[str, Any]:
    """The user's word on who calls from a number. Calls that go on are told with it; those that are over keep what
    they said. Raises as `callers.choose` does.
    """
    caller = callers.choose(owner, number, contact_id)
    going_on = Call.state.in_(GOING_ON) & (Call.started_at > now() - GOES_ON)
    name_again(owner, caller.e164 or "", going_on)
    return callers.told(caller)


def name_again(owner: Owner, e164: str, which: Any) -> None:  # noqa: ANN401 - a peewee expression
    """Calls with the number get the name that it has now, and browsers hear of those that thereby change."""
    with transaction():
        events.take_turn(owner)
        for call in list(Call.of(owner).select().where((Call.e164 == e164) & which)):
            columns = name_columns(owner, call.number, call.carrier_name)
            if columns["caller"] != call.caller:
                Call.of(owner).update(**columns).where(Call.id == call.id).execute()
                events.append(owner, "call", {"call": call.id})


def reported(caller: Mapping[str, Any], carrier_name: str | None) -> dict[str, Any]:
    """With the name that the phone system gave, which stands where nobody is known."""
    label = "carrier" if carrier_name and caller["label"] == "none" else caller["label"]
    return {**caller, "label": label, "carrier_name": carrier_name}


def _names(told: Mapping[str, Any]) -> list[str]:
    """What a person may remember of a caller: the names of people and companies."""
    people = [each[name] for each in told.get("candidates", ()) for name in ("name", "company")]
    return list(dict.fromkeys(text for text in (told.get("company"), *people) if text))
