"""Who is this number: the caller name, the user's own word on a number that leads to several, and a live search for
one that is nobody's.
"""

from callbook.callers.choosing import choose
from callbook.callers.live_search import Found, Sought, find_missed, note_miss, search, take_due
from callbook.callers.lookup import CallerName, lookup, told
from callbook.callers.ranking import Candidate

__all__ = [
    "CallerName",
    "Candidate",
    "Found",
    "Sought",
    "choose",
    "find_missed",
    "lookup",
    "note_miss",
    "search",
    "take_due",
    "told",
]
