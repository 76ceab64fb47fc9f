"""The history of calls: shown in parts, counted, searched, walked by cursor. Test calls that are over are not in it.

Its order is by when calls began, not by when they were told: a telephone that was offline tells of them hours later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from peewee import Case, fn

from callbook import contacts, phone
from callbook.calls.states import MISSED
from callbook.contacts.naming import fold
from callbook.models import Call, Company, Contact, Owner, Phone, now, tuples
from callbook.settings import Settings

NEWEST_FIRST = (Call.started_at.desc(), Call.id.desc())


@dataclass(frozen=True)
class Asked:
    """Which part of the history: `show` all, those missed, or those of unknown callers; `query` is a name or number.
    `before` is the id of the last call shown; no call follows one that is not there.
    """

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


def find(owner: Owner, call_id: int) -> Call | None:
    """By our own id."""
    return Call.of(owner).select().where(Call.id == call_id).get_or_none()


def newest_with(owner: Owner, e164s: Sequence[str]) -> Call | None:
    """The newest call with one of these numbers, each asked for by itself: no index is in order for several."""
    found = [call for e164 in e164s if (call := _newest_with(owner, e164)) is not None]
    return max(found, key=lambda call: (call.started_at, call.id), default=None)


def _newest_with(owner: Owner, e164: str) -> Call | None:
    theirs = Call.of(owner).select().where((Call.e164 == e164) & _in_the_history())
    return theirs.order_by(*NEWEST_FIRST).limit(1).get_or_none()


def history(owner: Owner, asked: Asked, settings: Settings) -> History:
    found = _matching(owner, asked.query)
    shown = {"all": Call.id.is_null(is_null=False), "missed": _missed(settings), "unknown": _unknown(owner)}
    calls = Call.of(owner).select().where(found & shown[asked.show])
    if asked.before is not None:
        calls = calls.where(_older(find(owner, asked.before)))
    rows = list(calls.order_by(*NEWEST_FIRST).limit(asked.limit + 1))
    older = rows[asked.limit - 1].id if len(rows) > asked.limit else None
    tallies = [fn.COUNT(Case(None, [(condition, 1)])) for condition in shown.values()]
    (counts,) = tuples(Call.of(owner).select(*tallies).where(found))
    return History(rows[: asked.limit], dict(zip(shown, counts, strict=True)), older)


def _older(call: Call | None) -> Any:  # noqa: ANN401 - a peewee expression
    if call is None:
        return Call.id.is_null()
    tie = (Call.started_at < call.started_at) | (Call.id < call.id)
    return (Call.started_at <= call.started_at) & tie  # a range of the index, where "earlier, or a tie" would be none


def _missed(settings: Settings) -> Any:  # noqa: ANN401 - a peewee expression
    """As `telling` has it; a call that the rep made and nobody answered is not one they missed."""
    stale = (Call.state == "ringing") & (Call.started_at < now() - timedelta(seconds=settings.ring_s))
    return (Call.direction == "inbound") & (Call.state.in_(MISSED) | stale) & Call.ends_at.is_null()


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
    found = _in_the_history()
    forms = phone.search_forms(query, contacts.home_region(owner))
    if forms:
        return found & reduce(or_, (Call.number_text.contains(form) for form in forms))
    for word in fold(query).split():
        found &= Call.names.contains(word) | Call.number_text.contains(word) | _named_now(owner, word)
    return found


def _in_the_history() -> Any:  # noqa: ANN401 - a peewee expression
    return Call.ends_at.is_null() | (Call.ends_at > now())


def _named_now(owner: Owner, word: str) -> Any:  # noqa: ANN401 - a peewee expression
    """Rang without a name, and has one with `word` in the cache there is now. The texts are searched once for all;
    a search bound to each call would be as many searches as calls.
    """
    people = Contact.of(owner).select(Contact.id).where(Contact.search_text.contains(word))
    own = Phone.of(owner).select(Phone.e164).where(Phone.contact_id.in_(people))
    lines = Company.of(owner).select(Company.e164).where(Company.search_text.contains(word))
    return Call.caller.is_null() & (Call.e164.in_(own) | Call.e164.in_(lines))
