"""The way of push events to the app's server: gathered for a moment, shuffled, some of them doubled, cut into batches,
signed, posted, and posted again over a day while the receiver fails.

Time is the portal's, so that a moved clock brings the retries; the receiver's deadline and the moment in the signature
are the machine's, as the receiver's own clock is. All happens on the server's thread but the waiting for answers.
"""

import asyncio
import heapq
import json
import random
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

from hubspot_sandbox import signatures
from hubspot_sandbox.moments import Clock
from hubspot_sandbox.options import Options
from hubspot_sandbox.outgoing import post

MAX_BATCH = 100
IN_FLIGHT = 10
THREADS = 32
# When the retries come after the first attempt: ten of them, spread over a day, each a little earlier by chance.
RETRIES_AFTER_S = (60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 57_600, 86_400)
EARLIER = 0.1
SUCCESSES = range(200, 300)
KEPT = 200

Event = dict[str, object]


@dataclass(frozen=True)
class Target:
    url: str
    max_in_flight: int
    since_ms: int


@dataclass
class Batch:
    events: list[Event]
    first_at_ms: int
    attempt: int = 0


@dataclass(frozen=True)
class Attempt:
    at_ms: int
    events: int
    number: int  # 0 is the first
    status: int | None  # None: no answer in time


class Deliveries:
    """`attempts` are the last ones made, newest first."""

    def __init__(self, clock: Clock, options: Callable[[], Options]) -> None:
        self.target: Target | None = None
        self.attempts: deque[Attempt] = deque(maxlen=KEPT)
        self._clock = clock
        self._options = options
        self._random = random.Random(options().webhook_seed)
        self._event_id = 0
        self._gathered: list[Event] = []
        self._flush_at_ms = 0
        self._due: list[tuple[int, int, Batch]] = []  # a heap by moment
        self._order = count()
        self._in_flight: set[asyncio.Task[None]] = set()
        self._alarm: asyncio.TimerHandle | None = None
        self._threads = ThreadPoolExecutor(THREADS, "sandbox-webhooks")
        clock.watchers.append(self._work)

    @property
    def waiting(self) -> int:
        """How many batches will be tried again."""
        return len(self._due)

    def take(self, events: Iterable[Event]) -> None:
        """Take events for delivery; without a target there is nobody to tell."""
        if self.target is None:
            return
        numbered = [{"eventId": self._next_event_id(), **event} for event in events]
        if numbered and not self._gathered:
            self._flush_at_ms = self._clock.now_ms() + round(self._options().webhook_delay_s * 1000)
        self._gathered += numbered
        self._work()

    async def settle(self) -> None:
        """Deliver what is gathered or due and wait for its answers. Retries whose time has not come stay."""
        self._flush_at_ms = self._clock.now_ms()
        self._work()
        while self._in_flight:
            await asyncio.wait(set(self._in_flight))

    def _work(self) -> None:
        """Start whatever may start now, and wake up for the rest."""
        now_ms = self._clock.now_ms()
        if self._gathered and self._flush_at_ms <= now_ms:
            self._cut(now_ms)
        while self._due and self._due[0][0] <= now_ms and self._has_room():
            self._start(heapq.heappop(self._due)[2])
        self._set_alarm(now_ms)

    def _cut(self, now_ms: int) -> None:
        options, events = self._options(), self._gathered
        self._gathered = []
        events += [event for event in events if self._random.random() < options.webhooks_doubled]
        if self._random.random() < options.webhooks_shuffled:
            self._random.shuffle(events)
        for start in range(0, len(events), MAX_BATCH):
            self._queue(Batch(events[start : start + MAX_BATCH], now_ms), now_ms)

    def _queue(self, batch: Batch, at_ms: int) -> None:
        heapq.heappush(self._due, (at_ms, next(self._order), batch))

    def _has_room(self) -> bool:
        return self.target is None or len(self._in_flight) < self.target.max_in_flight

    def _start(self, batch: Batch) -> None:
        if self.target is None:  # taken away since: nobody to tell
            return
        task = asyncio.get_running_loop().create_task(self._deliver(self.target.url, batch))
        self._in_flight.add(task)
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._in_flight.discard(task)
        if not task.cancelled():
            self._work()

    async def _deliver(self, url: str, batch: Batch) -> None:
        at_ms = self._clock.now_ms()
        status = await self._post(url, batch)
        self.attempts.appendleft(Attempt(at_ms, len(batch.events), batch.attempt, status))
        if status in SUCCESSES or batch.attempt == len(RETRIES_AFTER_S):
            return
        after_s = RETRIES_AFTER_S[batch.attempt] * (1 - EARLIER * self._random.random())
        batch.attempt += 1
        self._queue(batch, batch.first_at_ms + round(after_s * 1000))

    async def _post(self, url: str, batch: Batch) -> int | None:
        events = [{**event, "attemptNumber": batch.attempt} for event in batch.events]
        body = json.dumps(events, ensure_ascii=False, separators=(",", ":")).encode()
        options = self._options()
        signed = signatures.Signed("POST", url, body, str(time.time_ns() // 1_000_000))
        headers = {"Content-Type": "application/json", **signatures.headers(options.client_secret, signed)}
        timeout_s = options.webhook_timeout_s
        posting = asyncio.get_running_loop().run_in_executor(self._threads, post, url, body, headers, timeout_s)
        try:
            return (await asyncio.wait_for(posting, timeout_s)).status
        except TimeoutError:  # it sends an answer, but in drops
            return None

    def _set_alarm(self, now_ms: int) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        moments = [self._flush_at_ms] if self._gathered else []
        if self._due and self._has_room():
            moments.append(self._due[0][0])
        if moments:
            wait_s = max(0, min(moments) - now_ms) / 1000
            self._alarm = asyncio.get_running_loop().call_later(wait_s, self._work)

    def _next_event_id(self) -> int:
        """HubSpot does not promise that they are unique."""
        if not self._event_id or self._random.random() >= self._options().webhook_ids_repeated:
            self._event_id += self._random.randint(1, 1_000_000)
        return self._event_id
