"""Calls: an event of a phone call changes its row, gives it a caller name, and is told to the rung user's browsers.

A call only goes forward (ringing, answered, over), so events may come twice and in any order. It is ringing until
`rings_until` and never longer. It keeps the name it rang with; while it has none, it is looked up whenever it is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from peewee import Case, fn

from callbook import callers, contacts, events, phone
from callbook.contacts.naming import fold
from callbook.models import Call, Company, Contact, Owner, Phone, User, now, transaction, tuples
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
class Asked:
    """Which part of the history: `show` all, those missed, or those of unknown callers; `query` is a name or number."""

    show: str = "all"
    query: str = ""
    limit: int = 50
    before: int | None = None


@dataclass(frozen=True)
class History:
    """Newest first; `older` continues it, None at the end. `counts` are of all that the query finds, by part."""

    calls: Sequence[Call]
    counts: Mapping[str, int]
    older: int | None


def record(owner: Owner, event: CallEvent) -> Call:
    """The call as it stands after the event. An event that tells nothing new changes nothing and is told to nobody."""
    caller = _caller(owner, event.number)
    with transaction():
        call = _known(owner, event.call_id)
        if call is None:
            values = {"direction": event.direction, "number": event.number, "started_at": event.at, **caller}
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


def newest_with(owner: Owner, e164s: Sequence[str]) -> Call | None:
    """The newest call with one of these numbers."""
    theirs = Call.of(owner).select().where(Call.e164.in_(list(e164s)))
    return theirs.order_by(Call.id.desc()).limit(1).get_or_none()


def history(owner: Owner, asked: Asked, settings: Settings) -> History:
    found = _matching(owner, asked.query)
    shown = {"all": Call.id.is_null(is_null=False), "missed": _missed(settings), "unknown": _unknown(owner)}
    calls = Call.of(owner).select().where(found & shown[asked.show])
    if asked.before is not None:
        calls = calls.where(Call.id < asked.before)
    rows = list(calls.order_by(Call.id.desc()).limit(asked.limit + 1))
    older = rows[asked.limit - 1].id if len(rows) > asked.limit else None
    tallies = [fn.COUNT(Case(None, [(condition, 1)])) for condition in shown.values()]
    (counts,) = tuples(Call.of(owner).select(*tallies).where(found))
    return History(rows[: asked.limit], dict(zip(shown, counts, strict=True)), older)


def _missed(settings: Settings) -> Any:  # noqa: ANN401 - a peewee expression
    """As `_state_now` has it; a call that the rep made and nobody answered is not one they missed."""
    stale = (Call.state == "ringing") & (Call.started_at < now() - timedelta(seconds=settings.ring_s))
    return (Call.direction == "inbound") & ((Call.state == RINGING_ENDED_UNANSWERED) | stale)


def _unknown(owner: Owner) -> Any:  # noqa: ANN401 - a peewee expression
    """Rang without a name, and the number is nobody's, and no company's that somebody works for, in the cache there is
    now.
    """
    named = Contact.company_id.is_null(is_null=False) & Contact.deleted_at.is_null()
    at_work = Contact.of(owner).select(Contact.company_id).where(named)
    own = Phone.of(owner).select().where(Phone.e164 == Call.e164)
    lines = Company.of(owner).select().where((Company.e164 == Call.e164) & Company.company_id.in_(at_work))
    return Call.caller.is_null() & ~fn.EXISTS(own) & ~fn.EXISTS(lines)


def _matching(owner: Owner, query: str) -> Any:  # noqa: ANN401 - a peewee expression
    """What reads as a number, or part of one, may occur in any of its forms; every word else in name or number."""
    found: Any = Call.id.is_null(is_null=False)
    forms = phone.search_forms(query, contacts.default_region(User.get_by_id(owner.id)))
    if forms:
        return reduce(or_, (Call.number_text.contains(form) for form in forms))
    for word in fold(query).split():
        found &= Call.names.contains(word) | Call.number_text.contains(word) | _named_now(owner, word)
    return found


def _named_now(owner: Owner, word: str) -> Any:  # noqa: ANN401 - a peewee expression
    """Rang without a name, and has one with `word` in the cache there is now. The texts are searched once for all;
    a search bound to each call would be as many searches as calls.
    """
    people = Contact.of(owner).select(Contact.id).where(Contact.search_text.contains(word))
    own = Phone.of(owner).select(Phone.e164).where(Phone.contact_id.in_(people))
    lines = Company.of(owner).select(Company.e164).where(Company.search_text.contains(word))
    return Call.caller.is_null() & (Call.e164.in_(own) | Call.e164.in_(lines))


def rings_until(call: Call, settings: Settings) -> datetime:
    return call.started_at + timedelta(seconds=settings.ring_s)


def told(owner: Owner, rows: Sequence[Call], settings: Settings) -> list[dict[str, Any]]:
    """As the API tells them. A call without a name is looked up in the cache there is now."""
    found = _told_by_number(owner, [row.number for row in rows if row.caller is None])
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


def _told_by_number(owner: Owner, numbers: Sequence[str]) -> dict[str, dict[str, Any]]:
    region = contacts.default_region(User.get_by_id(owner.id))
    asked = list(dict.fromkeys(numbers))
    return {each.number: callers.told(each, region) for each in callers.lookup(owner, asked)} if asked else {}


def _caller(owner: Owner, number: str) -> dict[str, Any]:
    """The columns of a call that its number comes to; a caller without a name is not kept."""
    (found,) = callers.lookup(owner, [number])
    digits = ("".join(character for character in text if character.isdigit()) for text in (found.e164 or "", number))
    columns = {"e164": found.e164, "number_text": fold("\n".join([number, *digits]))}
    if found.label == "none":
        return columns
    told = callers.told(found, contacts.default_region(User.get_by_id(owner.id)))
    return {**columns, "caller": told, "names": fold("\n".join(_names(told)))}


def _names(told: Mapping[str, Any]) -> list[str]:
    """What a person may remember of a caller: the names of people and companies."""
    people = [each[name] for each in told["candidates"] for name in ("name", "company")]
    return list(dict.fromkeys(text for text in (told.get("company"), *people) if text))


def _moments(event: CallEvent) -> dict[str, datetime]:
    return {0: {}, 1: {"answered_at": event.at}, 2: {"ended_at": event.at}}[STAGE[event.state]]


def _state_after(call: Call, event: CallEvent) -> str:
    """An inbound call that ends while it rings was missed, whatever the phone system calls it."""
    unanswered = call.state == "ringing" and call.direction == "inbound"
    return RINGING_ENDED_UNANSWERED if event.state == "ended" and unanswered else event.state
