"""What was asked and what it cost: requests by endpoint and status, the recent ones, and the peaks.

Seconds here are the machine's, not the portal's: they tell how hard a client really asked.
"""

import time
from collections import Counter, deque
from dataclasses import dataclass, field
from http import HTTPStatus

RECENT = 30
NO_ANSWER = 0  # the status of a request whose connection ended before any answer

Counts = dict[str, Counter[int]]


@dataclass(frozen=True, slots=True)
class Served:
    at_ms: int
    method: str
    path: str  # with the query
    endpoint: str
    status: int
    took_ms: float
    bytes_out: int = 0  # of the body


@dataclass
class _Busiest:
    """The most requests that arrived within any one second."""

    most: int = 0
    arrived_s: deque[float] = field(default_factory=deque)

    def note(self, now_s: float) -> None:
        arrived_s = self.arrived_s
        arrived_s.append(now_s)
        while arrived_s[0] <= now_s - 1:
            arrived_s.popleft()
        self.most = max(self.most, len(arrived_s))


class Statistics:
    def __init__(self) -> None:
        self.by_endpoint: Counts = {}
        self.recent: deque[Served] = deque(maxlen=RECENT)
        self.peak_concurrency = 0
        self.bytes_out = 0
        self._under_way = 0
        self._busiest: dict[str | None, _Busiest] = {}

    def arrived(self, endpoint: str) -> None:
        self._under_way += 1
        self.peak_concurrency = max(self.peak_concurrency, self._under_way)
        now_s = time.perf_counter()
        for each in (None, endpoint):
            self._busiest.setdefault(each, _Busiest()).note(now_s)

    def note(self, served: Served) -> None:
        self._under_way -= 1
        self.by_endpoint.setdefault(served.endpoint, Counter())[served.status] += 1
        self.bytes_out += served.bytes_out
        self.recent.appendleft(served)

    def count(self, endpoint: str | None = None, status: int | None = None) -> int:
        """Count requests served, of one endpoint and with one status if named."""
        counters = self.by_endpoint.values() if endpoint is None else [self.by_endpoint.get(endpoint, Counter[int]())]
        return sum(sum(each.values()) if status is None else each[status] for each in counters)

    @property
    def throttled(self) -> int:
        return self.count(status=HTTPStatus.TOO_MANY_REQUESTS)

    def busiest_second(self, endpoint: str | None = None) -> int:
        """Give the most requests that arrived within any one second, to one endpoint if named."""
        return self._busiest.get(endpoint, _Busiest()).most

    def clear(self) -> None:
        """Forget everything but what is under way."""
        self.by_endpoint.clear()
        self.recent.clear()
        self.peak_concurrency = self._under_way
        self.bytes_out = 0
        self._busiest.clear()
