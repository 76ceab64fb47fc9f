"""Calls: an event of a phone call changes its row, gives it a caller name, and is told to the rung user's browsers.

Events may come twice and in any order. A call is ringing until `rings_until` and never longer. It keeps the name it
rang with; while it has none, it is looked up whenever it is told.
"""

from callbook.calls.history import Asked, History, find, history, newest_with
from callbook.calls.live_search import name_missed, search_hubspot
from callbook.calls.naming import choose
from callbook.calls.recording import moment, record
from callbook.calls.states import STAGE, CallEvent
from callbook.calls.telling import event_told, rings_until, told
from callbook.calls.trial import end_tests, ring_test

__all__ = [
    "STAGE",
    "Asked",
    "CallEvent",
    "History",
    "choose",
    "end_tests",
    "event_told",
    "find",
    "history",
    "moment",
    "name_missed",
    "newest_with",
    "record",
    "ring_test",
    "rings_until",
    "search_hubspot",
    "told",
]
