"""A HubSpot in memory and in virtual time, in the place of a reader's threads: requests depart as the budget's ledgers
allow, take as long as HubSpot takes, and come back in the order in which they are done.
"""

import heapq
import json
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from callbook import hubspot
from callbook.accounts.budget import TERMS, Ledger
from callbook.errors import Permanent
from callbook.hubspot import Family, Page, RemoteContact
from callbook.sync.course import Course, Proof
from callbook.sync.pool import Answer, Request, Source
from callbook.sync.reader import Reader

LATENCY_S, PER_RECORD_S, STORING_S = 0.16, 0.001, 0.01
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
MIXED = 2_654_435_761
FAMILIES = {Source.LIST: Family.GENERAL, Source.SEARCH: Family.SEARCH}

Trouble = Callable[[Request, Page], Page]  # may raise what a request raises


@dataclass(frozen=True)
class Asked:
    request: Request
    departed_s: float


@dataclass
class Pretended:
    """`seeks`: what the list does with an `after` it never gave out. `order`: what it is ordered by. `troubles` are
    tried on each answer, `changes` happen when their moment has come.
    """

    ids: list[int]
    seeks: str = "sought"
    order: Callable[[int], int] = int
    unindexed: set[int] = field(default_factory=set)
    slips: int = 0  # how far search is out of order
    troubles: list[Trouble] = field(default_factory=list)
    changes: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(3))  # noqa: S311 - an order
    now_s: float = 0.0
    asked: list[Asked] = field(default_factory=list)
    slept_s: list[float] = field(default_factory=list)
    most_at_once: Counter[Source] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._ledgers = {family: Ledger(TERMS[family].limit) for family in Family}
        self._under_way: list[tuple[float, int, Request]] = []
        self._given_out: dict[str, int] = {}

    # --- as `time`

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, wait_s: float) -> None:
        self.slept_s.append(wait_s)
        self.now_s += wait_s

    # --- as the pool

    def send(self, request: Request) -> None:
        family, at_ms = FAMILIES[request.source], round(self.now_s * 1000)
        departure = self._ledgers[family].next_departure(TERMS[family], at_ms)
        self._ledgers[family] = self._ledgers[family].departing(departure)
        self.asked.append(Asked(request, departure / 1000))
        records = hubspot.LIST_LIMIT if request.source is Source.LIST else hubspot.SEARCH_LIMIT
        back_s = departure / 1000 + LATENCY_S + PER_RECORD_S * records * (0.8 + 0.4 * self.dice.random())
        heapq.heappush(self._under_way, (back_s, len(self.asked), request))
        at_once = sum(1 for _, _, each in self._under_way if each.source is request.source)
        self.most_at_once[request.source] = max(self.most_at_once[request.source], at_once)

    def answers(self, within_s: float | None = None) -> list[Answer]:
        if within_s is not None and self._under_way[0][0] > self.now_s + within_s:
            self.now_s += within_s
            return []
        come = [self._come()]
        self.now_s += STORING_S
        while self._under_way and self._under_way[0][0] <= self.now_s:
            come.append(self._come())
        return come

    def close(self) -> None:
        self._under_way.clear()

    def _come(self) -> Answer:
        back_s, _, request = heapq.heappop(self._under_way)
        self.now_s = max(self.now_s, back_s)
        while self.changes and self.changes[0][0] <= self.now_s:
            self.changes.pop(0)[1]()
        try:
            page = self._listed(request) if request.source is Source.LIST else self._found(request)
            for trouble in self.troubles:
                page = trouble(request, page)
        except Exception as problem:  # noqa: BLE001 - as a thread hands it over
            return request, problem
        return request, page

    def _listed(self, request: Request) -> Page:
        order = sorted(self.ids, key=lambda each: (self.order(each), each))
        if request.after is None:
            start = 0
        elif request.after in self._given_out:
            last = self._given_out[request.after]
            start = bisect_left(order, (self.order(last), last + 1), key=lambda each: (self.order(each), each))
        elif self.seeks == "sought" and self.order is int:
            start = bisect_left(order, int(request.after))
        elif self.seeks == "refused":
            raise Permanent("hubspot_error", "HTTP 400")
        else:
            start = 0
        chunk = order[start : start + hubspot.LIST_LIMIT]
        if start + hubspot.LIST_LIMIT >= len(order):
            return page_of(chunk)
        self._given_out[str(chunk[-1] + 1)] = chunk[-1]
        return page_of(chunk, after=str(chunk[-1] + 1))

    def _found(self, request: Request) -> Page:
        known = [each for each in self.ids if each not in self.unindexed]
        end = len(known) if request.high is None else bisect_left(known, request.high)
        found = known[bisect_left(known, request.low) : end]
        chunk = found[: hubspot.SEARCH_LIMIT]
        for place in range(len(chunk) - 1) if self.slips else ():
            if self.dice.random() < 1 / self.slips:
                chunk[place : place + 2] = reversed(chunk[place : place + 2])
        after = str(len(chunk)) if len(found) > len(chunk) else None
        return page_of(chunk, after=after, total=len(found), primary=False)


def page_of(ids: Iterable[int], *, after: str | None = None, total: int | None = None, primary: bool = True) -> Page:
    return Page(tuple(RemoteContact(each, {}, LONG_AGO, LONG_AGO, primary) for each in ids), (), after, total)


def shuffled(id_: int) -> int:
    return id_ * MIXED % 2**32


def read(reader: Reader, most: int = 100_000) -> list[Proof]:
    """Up to `most` times what has come."""
    proofs: list[Proof] = []
    for _ in range(most):
        come = reader.pages()
        if not come:
            break
        proofs += come
    return proofs


def resumed(course: Course) -> Course:
    """As it comes out of a checkpoint."""
    return Course.of(json.loads(json.dumps(course.kept())))


def ids_in(proofs: list[Proof]) -> list[int]:
    return sorted(id_ for proof in proofs for id_ in proof.page.ids)
