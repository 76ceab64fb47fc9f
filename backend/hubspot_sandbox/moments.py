"""Moments as HubSpot writes them (UTC, milliseconds, `Z`) and a clock that tests can move.

Inside the sandbox a moment is an int of milliseconds since 1970, because that is what HubSpot compares.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE_EPOCH = EPOCH.replace(tzinfo=None)  # is written out a third faster, and that is most of what writing a record is
MILLISECOND = timedelta(milliseconds=1)


def iso(at_ms: int) -> str:
    return (NAIVE_EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds") + "Z"


def to_ms(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND


def parse_ms(text: str) -> int:
    """Read epoch milliseconds or ISO 8601, the two forms HubSpot takes. Raises ValueError."""
    if text.lstrip("-").isdigit():
        return int(text)
    moment = datetime.fromisoformat(text)
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


class Clock:
    """The portal's time: the machine's, plus whatever it was advanced by. `watchers` hear that it was."""

    def __init__(self) -> None:
        self.watchers: list[Callable[[], None]] = []
        self._ahead_ms = 0

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self._ahead_ms

    def advance(self, seconds: float) -> None:
        self._ahead_ms += round(seconds * 1000)
        for watcher in self.watchers:
            watcher()
