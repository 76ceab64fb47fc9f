"""Callers who are nobody's in the cache are searched for at HubSpot; the call of who is found gets its name."""

import logging
from datetime import timedelta

from callbook import callers
from callbook.callers import Found, Sought
from callbook.calls.naming import name_again
from callbook.errors import CallbookError
from callbook.models import Call, Owner, now
from callbook.settings import Settings

RECENT = timedelta(minutes=10)

log = logging.getLogger(__name__)


def name_missed(settings: Settings, sought: Sought) -> None:
    """A call that is not found stays as it is, whatever HubSpot said."""
    try:
        found = callers.find_missed(settings, sought)
    except CallbookError as problem:
        log.info("search %s: %s: %s", sought.id, problem.kind, problem)
        return
    if found:
        _name_nameless(sought.owner, sought.e164)


def search_hubspot(settings: Settings, owner: Owner, text: str) -> Found:
    """What the user asks for. Raises as `callers.search` does."""
    found = callers.search(settings, owner, text)
    if found.e164 is not None and found.contacts:
        _name_nameless(owner, found.e164)
    return found


def _name_nameless(owner: Owner, e164: str) -> None:
    name_again(owner, e164, Call.caller.is_null() & (Call.started_at > now() - RECENT))
