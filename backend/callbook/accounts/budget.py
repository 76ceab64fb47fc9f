"""A portal's request budgets, one for each family of endpoints: rows that all processes share. Every request is given
its moment of departure by one conditional UPDATE, so that no window of HubSpot's ever holds more of ours than it may.

A ledger learns: from the headers how many others ask of the same account (and gives way), from a refusal that it was
wrong. Limits: https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import reduce

from callbook import models
from callbook.errors import Transient
from callbook.hubspot import Family
from callbook.models import connected, now, to_ms, transaction

AHEAD = 8  # departures taken at a time, at most
LONGEST_WAIT_S = 15.0
FORGIVEN_AFTER_S = 60.0  # from one request a window back to all of them
LEAST_SHARE = 0.05
NOISE = 6  # requests under way make `Remaining` differ by a few from what we count


@dataclass(frozen=True)
class Terms:
    """At most `limit` in `window_ms`, `spared` of them left alone, `apart_ms` between two. `margin_ms`: requests do not
    all travel equally long.
    """

    limit: int
    window_ms: int
    spared: int
    apart_ms: int
    margin_ms: int
    forgiven_after_s: float = FORGIVEN_AFTER_S


# Together below 30 a second at any time: 1000/45 + 5. Five searches within 1,025 ms are refused as soon as one is late;
# and a refusal costs as much as fifty that have 1,050 ms.
TERMS = {
    Family.GENERAL: Terms(limit=110, window_ms=10_000, spared=2, apart_ms=45, margin_ms=60),
    Family.SEARCH: Terms(limit=5, window_ms=1_000, spared=0, apart_ms=45, margin_ms=50, forgiven_after_s=20.0),
}


@dataclass(frozen=True)
class Ledger:
    """Moments in ms. `others`: requests a window that are not ours; `share`: what of the rest we take."""

    limit: int
    departures: list[int] = field(default_factory=list)
    others: int = 0
    share: float = 1.0
    changed_at: int = 0
    closed_until: int = 0

    def room(self, terms: Terms) -> int:
        """How many may leave within a window."""
        return max(1, round((self.limit - terms.spared - self.others) * self.share))

    def next_departure(self, terms: Terms, at_ms: int) -> int:
        """The fuller the window, the wider apart: a burst at first, then evenly, never all at once and then nothing."""
        earliest, room = max(at_ms, self.closed_until), self.room(terms)
        if self.departures:
            used = sum(1 for each in self.departures if each > at_ms - terms.window_ms)
            evenly_ms = terms.window_ms * used // (room * room)
            earliest = max(earliest, self.departures[-1] + max(terms.apart_ms, evenly_ms))
        if len(self.departures) >= room:
            earliest = max(earliest, self.departures[-room] + terms.window_ms + terms.margin_ms)
        return earliest

    def departing(self, moment: int) -> "Ledger":
        return replace(self, departures=[*self.departures[1 - self.limit :], moment])

    def recovering(self, at_ms: int, forgiven_after_s: float = FORGIVEN_AFTER_S) -> "Ledger":
        """Time forgives a refusal."""
        passed_s = max(0, at_ms - self.changed_at) / 1000
        return replace(self, share=min(1.0, self.share + passed_s / forgiven_after_s), changed_at=at_ms)

    def told(self, terms: Terms, limit: int, remaining: int, at_ms: int) -> "Ledger":
        """What a reply's headers said: who has used what we did not is somebody else."""
        ours = sum(1 for each in self.departures if at_ms - terms.window_ms < each <= at_ms)
        others = limit - remaining - ours
        return replace(self, limit=limit, others=max(0, others) if others > NOISE else 0)

    def refused(self, until_ms: int) -> "Ledger":
        return replace(self, share=max(LEAST_SHARE, self.share / 2), closed_until=max(self.closed_until, until_ms))


class Budget:
    """The budgets of one portal; what `hubspot.Client` asks before every request. Who would have to wait longer than
    `longest_wait_s` is told so.
    """

    def __init__(self, portal_id: int, longest_wait_s: float = LONGEST_WAIT_S) -> None:
        self._portal_id = portal_id
        self._longest_wait_s = longest_wait_s
        self._locks = {family: threading.Lock() for family in Family}
        self._taken: dict[Family, deque[int]] = {family: deque() for family in Family}
        self._waiting = dict.fromkeys(Family, 0)
        self._gates = {family: threading.Lock() for family in Family}
        self._left = {family: deque[int](maxlen=TERMS[family].limit) for family in Family}
        self._told: dict[Family, tuple[int, int, int]] = {}

    def leave(self, family: Family) -> None:
        self._waiting[family] += 1
        try:
            with self._locks[family]:
                taken = self._taken[family]
                if not taken:
                    taken.extend(self._take(family, min(AHEAD, self._waiting[family])))
                departure = taken.popleft()
        finally:
            self._waiting[family] -= 1
        _sleep_until(departure)
        self._pass(family)

    def _pass(self, family: Family) -> None:
        """Who left late, because the machine was busy, is not followed by the whole of the next window."""
        terms, left = TERMS[family], self._left[family]
        with self._gates[family]:
            if len(left) == terms.limit and left[0] <= to_ms(now()):  # a clock may be set back
                _sleep_until(left[0] + terms.window_ms + terms.margin_ms)
            left.append(to_ms(now()))

    def has_left(self, family: Family, count: int) -> None:
        """So many requests without asking, a moment ago."""

        def departed(ledger: Ledger, at_ms: int) -> Ledger:
            return reduce(Ledger.departing, [at_ms] * count, ledger)

        self._change(family, departed)

    def heard(self, family: Family, limit: int, remaining: int) -> None:
        self._told[family] = (limit, remaining, to_ms(now()))

    def refused(self, family: Family, wait_s: float) -> None:
        until_ms = to_ms(now()) + round(wait_s * 1000)
        with self._locks[family]:
            self._taken[family].clear()
        self._change(family, lambda ledger, at_ms: ledger.recovering(at_ms).refused(until_ms))

    def _take(self, family: Family, count: int) -> list[int]:
        """Raises `Transient`."""
        terms, departures = TERMS[family], list[int]()

        def taking(ledger: Ledger, at_ms: int) -> Ledger:
            departures.clear()
            if told := self._told.pop(family, None):
                ledger = ledger.told(terms, *told)
            ledger = ledger.recovering(at_ms, terms.forgiven_after_s)
            for _ in range(count):
                departures.append(ledger.next_departure(terms, at_ms))
                if departures[0] - at_ms > self._longest_wait_s * 1000:
                    wait_s = (departures[0] - at_ms) / 1000
                    raise Transient("throttled", "the portal's budget is used up", retry_after_s=wait_s)
                ledger = ledger.departing(departures[-1])
            return ledger

        self._change(family, taking)
        return departures

    def _change(self, family: Family, change: Callable[[Ledger, int], Ledger]) -> None:
        """By one conditional UPDATE, tried until nobody came in between."""
        while True:
            with connected(), transaction():
                row = self._row(family)
                ledger = change(Ledger(**row.ledger), to_ms(now()))
                changed = models.Budget.update(version=row.version + 1, ledger=asdict(ledger))
                mine = (models.Budget.id == row.id) & (models.Budget.version == row.version)
                if changed.where(mine).execute():
                    return

    def _row(self, family: Family) -> models.Budget:
        keys = {"portal_id": self._portal_id, "family": family.value}
        row = models.Budget.get_or_none(**keys)
        if row is None:
            first = asdict(Ledger(TERMS[family].limit, changed_at=to_ms(now())))
            models.Budget.insert(**keys, version=1, ledger=first).on_conflict_ignore().execute()
            row = models.Budget.get(**keys)
        return row


def _sleep_until(moment_ms: int) -> None:
    wait_ms = moment_ms - to_ms(now())
    if wait_ms > 0:
        time.sleep(wait_ms / 1000)
