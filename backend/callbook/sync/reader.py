"""Reading all contacts of a span of ids with several requests at once: HubSpot's list, entered wherever nobody reads
yet, and its search on a budget of its own beside it. What is read is proven: pages are held against the order of ids,
and what does not keep to it proves nothing.

Whether the list can be entered anywhere, and comes in the order of ids at all, HubSpot does not promise: it is tried.
If not, one request after the other goes through the list from below while search comes towards it from above; if it has
no order, search reads alone.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from math import inf

from callbook import hubspot
from callbook.errors import CallbookError, Permanent, Transient
from callbook.hubspot import Client, Page
from callbook.models import now
from callbook.sync.course import Course, Proof, proven
from callbook.sync.pool import Answer, Pool, Request, Source
from callbook.sync.tiling import Spread, Tiling

# Requests under way: the budgets' rates times HubSpot's answering time. More would cut what is left into more pieces,
# each of which ends with a page that is not full.
LIST_HEADS, SEARCH_HEADS = 6, 2
SLOW_SEARCH_S = 0.5  # with the wait for the budget; slower, and two at a time do not use the budget up
SLOW_IN_A_ROW = 3  # slow searches before a third runs beside them
DOUBTS = 2  # pages against the order, at one place, before the list counts as having none
GATHERED_S = 0.15  # pages that come within are stored together: to store one costs little more than to begin
MOST_KEPT = 12  # while so many pages wait to be stored, no more are asked for
FINISHED_WITHIN_S = 5.0  # whoever stops us kills us after 10 s


class Reader:
    """`since`: only contacts modified then or later, by search alone. `cautious`: one request first, after trouble.

    `course` covers the pages handed out, `_ahead` also those that have come since. While the run's thread stores pages,
    the thread that brings an answer sends the next request; both change this state only under the lock.
    """

    def __init__(
        self, client: Client, course: Course, *, since: datetime | None = None, cautious: bool = False
    ) -> None:
        self.course = course
        self._ahead = course.copy()
        self._kept: list[Proof] = []  # not handed out yet
        self._broken: BaseException | None = None
        self._lock = threading.Lock()
        self._client = client
        self._since = since
        self._heads = {Source.LIST: LIST_HEADS, Source.SEARCH: SEARCH_HEADS}
        if since:  # a few pages, and somebody waits for them
            self._heads = {Source.LIST: 0, Source.SEARCH: SEARCH_HEADS + 1}
        self._open_at_s = dict.fromkeys(Source, 0.0)
        self._slow = 0  # slow searches in a row
        self._refused: set[Source] = set()  # throttled, with no page since
        # Requests allowed at once: 1 after trouble, then doubling.
        self._width = 1 if cautious else sum(self._heads.values())
        self._pool = Pool(client, self._read, self._meanwhile)
        self._under_way: dict[int, Request] = {}
        self._problem: CallbookError | None = None
        self.failed: Request | None = None  # whose problem was raised; None if it was no request's
        self._tries = 0
        self._finish_at_s = inf
        self._doubted: Counter[tuple[Source, int]] = Counter()

    def pages(self) -> list[Proof]:
        """Waits for a page; all that have come. Empty when everything is read. Raises what the requests raised, once
        nothing is under way any more and trying again at short intervals has not helped.
        """
        with self._lock:
            try:
                return self._pages()
            finally:
                self.course = self._ahead.copy()

    def _pages(self) -> list[Proof]:
        proofs, self._kept = self._kept, []
        until_s = self._gathered_at_s() if proofs else inf
        while not self._ahead.tiling.done and time.monotonic() < until_s:
            self._send_out()
            if not self._under_way and not self._finishing:
                if proofs:
                    break
                self._wait_out()
                continue
            proofs += self._take_all(self._answers(until_s))
            if proofs:
                until_s = min(until_s, self._gathered_at_s())
                self._width, self._tries = min(2 * self._width, sum(self._heads.values())), 0
            if self._finishing and not self._awaited:
                break
        self._send_ahead()  # before these are stored: HubSpot need not wait for that
        return proofs

    def _meanwhile(self) -> None:
        """On the thread that has brought an answer. If the run's own is waiting for one, it sees to it by itself."""
        while self._may_take_ahead() and self._lock.acquire(blocking=False):
            try:
                self._kept += self._take_all(self._pool.answers(0))
                self._send_out()
            finally:
                self._lock.release()

    def _may_take_ahead(self) -> bool:
        return self._wide and len(self._kept) < MOST_KEPT and self._broken is None and self._pool.has_come()

    def _gathered_at_s(self) -> float:
        """At once, where the first page is to tell how much there is."""
        known = self._ahead.tiling.spread.total
        return time.monotonic() + (GATHERED_S if self._wide and known else 0.0)

    @property
    def _wide(self) -> bool:
        """Whether all is well, and there is more than one request at a time."""
        return self._width == sum(self._heads.values()) > 1

    def begin(self) -> None:
        """Sends what can be sent already, beside whatever else the run asks for."""
        with self._lock:
            self._send_ahead()

    def learn(self, spread: Spread) -> None:
        """Where the rest is likely to lie, once it is known how much there is."""
        with self._lock:
            self.course.tiling.spread = self._ahead.tiling.spread = spread
            self._send_ahead()

    def prove(self, page: Page, low: int, high: int | None) -> Proof | None:
        """Of a page that was read elsewhere, while nothing is under way."""
        with self._lock:
            proof = proven(self._ahead.tiling, page, low, high)
            self.course = self._ahead.copy()
        return proof

    def finish(self) -> bool:
        """Sends no more, so that nothing has to be asked for twice: `pages` gives what is under way. Whether there is
        anything left to wait for.
        """
        with self._lock:
            self._finish_at_s = min(self._finish_at_s, time.monotonic() + FINISHED_WITHIN_S)
            return self._awaited

    def close(self) -> None:
        with self._lock:
            self._finish_at_s = 0.0  # sends no more
        self._pool.close()

    @property
    def _awaited(self) -> bool:
        """While finishing: whether there is something to wait for."""
        return bool(self._kept) or (bool(self._under_way) and time.monotonic() < self._finish_at_s)

    @property
    def _finishing(self) -> bool:
        return self._finish_at_s < inf

    def _answers(self, until_s: float) -> list[Answer]:
        if not self._under_way:
            return []
        within_s = min(until_s, self._finish_at_s) - time.monotonic()
        return self._pool.answers(None if within_s == inf else max(0.0, within_s))

    def _read(self, client: Client, request: Request) -> Page:
        if request.source is Source.LIST:
            return hubspot.list_page(client, request.after, now(), patient=False)
        return hubspot.search_page(client, request.low, request.high, self._since, now(), patient=False)

    def _send_ahead(self) -> None:
        if self._wide:
            self._send_out()

    def _send_out(self) -> None:
        for source in Source:
            while self._may_send(source) and (request := self._next(source)):
                self._under_way[request.low] = request
                self._pool.send(request)

    def _may_send(self, source: Source) -> bool:
        busy = sum(1 for request in self._under_way.values() if request.source is source)
        heads = min(self._heads[source], 1) if source in self._refused else self._heads[source]
        free = busy < heads and len(self._under_way) < self._width
        wanted = self._problem is None and self._broken is None and not self._finishing
        return free and wanted and time.monotonic() >= self._open_at_s[source]

    def _next(self, source: Source) -> Request | None:
        if source is Source.LIST:
            return self._next_of_list()
        if self._ahead.seeks or self._ahead.cursor is None:
            place = self._ahead.tiling.place(self._under_way, hubspot.LIST_LIMIT)
        else:
            place = self._ahead.tiling.place_beside(self._ahead.cursor[0], self._under_way, hubspot.SEARCH_LIMIT)
        return place and Request(source, *place)

    def _next_of_list(self) -> Request | None:
        """The list's own next page, if it is still wanted; elsewhere only if that has been seen to work, or to try."""
        chain = self._chain()
        if chain is not None:
            return chain
        trying = any(request.seeking for request in self._under_way.values())
        if self._ahead.seeks is False or (self._ahead.seeks is None and trying):
            return None
        place = self._ahead.tiling.place(self._under_way, hubspot.LIST_LIMIT)
        return place and Request(Source.LIST, *place, after=str(place[0]), seeking=True)

    def _chain(self) -> Request | None:
        if self._ahead.cursor is None:
            return None
        low, after = self._ahead.cursor
        at = next((each for each in self._ahead.tiling.segments(self._under_way) if each[0] == low), None)
        if at is None:  # search has been here
            self._ahead.cursor = None
        elif low not in self._under_way:
            return Request(Source.LIST, *at, after)
        return None

    def _take_all(self, answers: Iterable[Answer]) -> list[Proof]:
        return [proof for answer in answers if (proof := self._take(*answer))]

    def _take(self, request: Request, answer: Page | BaseException) -> Proof | None:
        del self._under_way[request.low]
        if isinstance(answer, CallbookError):
            self._fail(request, answer)
            return None
        if isinstance(answer, BaseException):
            self._broken = self._broken or answer
            return None
        self._refused.discard(request.source)
        self._add_a_head_if_slow(request)
        upto = self._upto(request, answer)
        if upto == request.low:
            self._doubt(request)
            return None
        if request.seeking and answer.ids:
            self._ahead.seeks = True
        if request.source is Source.LIST and not request.seeking:
            self._ahead.cursor = None if answer.after is None or upto is None else (upto, answer.after)
        return proven(self._ahead.tiling, answer, request.low, upto)

    def _add_a_head_if_slow(self, request: Request) -> None:
        if request.source is not Source.SEARCH:
            return
        self._slow = self._slow + 1 if time.monotonic() - request.sent_at_s > SLOW_SEARCH_S else 0
        if self._slow >= SLOW_IN_A_ROW and self._heads[Source.SEARCH] == SEARCH_HEADS:
            self._heads[Source.SEARCH] += 1

    def _upto(self, request: Request, page: Page) -> int | None:
        """Below which id (None: to the end) a page proves its span; its own `low` if it proves nothing."""
        ids, rising = page.ids, all(earlier < later for earlier, later in pairwise(each.id for each in page.contacts))
        if request.source is Source.SEARCH:
            if len(page.contacts) + len(page.unreadable) < hubspot.SEARCH_LIMIT and page.after is None:
                return request.high
            # search may be a little out of order: then the first half is still whole
            return max(request.low, ids[-1 if rising else len(ids) // 2] + 1) if ids else request.low
        if not rising or min(ids, default=request.low) < request.low:
            return request.low
        return None if page.after is None else ids[-1] + 1 if ids else request.low

    def _doubt(self, request: Request) -> None:
        """A page that proves nothing: once may be a slip, twice is how this list is."""
        if request.seeking and self._ahead.seeks is None:
            self._ahead.seeks = False
            return
        self._doubted[request.source, request.low] += 1
        self.failed = None
        self._problem = Transient("hubspot_error", "a page that does not go on where the last one ended")
        if self._doubted[request.source, request.low] < DOUBTS:
            return
        if request.source is Source.SEARCH or not self._heads[Source.SEARCH]:
            self._problem = Permanent("hubspot_error", "HubSpot's pages do not come in the order of their ids")
            return
        self._problem = None
        self._ahead.cursor, self._ahead.seeks = None, False
        self._ahead.tiling = Tiling(spread=self._ahead.tiling.spread)  # what the list has proven before was no proof

    def _fail(self, request: Request, problem: CallbookError) -> None:
        refused = isinstance(problem, Permanent) and problem.kind == "hubspot_error"
        if request.seeking and self._ahead.seeks is None and refused:
            self._ahead.seeks = False
        elif problem.kind == "throttled" and isinstance(problem, Transient):
            self._throttle(request.source, problem)
        elif self._problem is None:
            self._problem, self.failed = problem, request

    def _throttle(self, source: Source, problem: Transient) -> None:
        """The reading goes on without this source for a while, if there is one that is not refused."""
        self._refused.add(source)
        if any(request.source not in self._refused for request in self._under_way.values()):
            wait_s = max(problem.retry_after_s or 0, hubspot.RETRY_WAITS_S[0])  # "0 s" would be a storm
            self._open_at_s[source] = time.monotonic() + wait_s
        elif self._problem is None:
            self._problem, self.failed = problem, None

    def _wait_out(self) -> None:
        if self._broken is not None:
            raise self._broken
        problem, self._problem = self._problem, None
        if problem is None:
            self._wait_for_an_open_source()
            return
        passing = isinstance(problem, Transient) and problem.retry_after_s is None
        if not passing or self._tries >= len(hubspot.RETRY_WAITS_S):
            raise problem
        self.failed = None
        self._client.sleep(hubspot.RETRY_WAITS_S[self._tries])
        self._width = 1
        self._tries += 1

    def _wait_for_an_open_source(self) -> None:
        """Nothing is under way and nothing could be sent."""
        closed = [at_s for source, at_s in self._open_at_s.items() if self._heads[source] and at_s > time.monotonic()]
        if not closed:
            raise Permanent("hubspot_error", "neither HubSpot's list nor its search can be read")
        raise Transient("throttled", retry_after_s=min(closed) - time.monotonic())
