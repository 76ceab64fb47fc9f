"""Requests for pages, and the threads that send them, one each at a time."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from queue import Empty, SimpleQueue

from callbook.hubspot import Client, Page

JOINED_WITHIN_S = 1.0


class Source(Enum):
    LIST = "list"
    SEARCH = "search"


@dataclass(frozen=True)
class Request:
    """For contacts from `low` on, of no interest from `high` on. `after` is the list's cursor, which is of our own
    making if we are `seeking`.
    """

    source: Source
    low: int
    high: int | None
    after: str | None = None
    seeking: bool = False
    sent_at_s: float = field(default_factory=lambda: time.monotonic(), compare=False)  # noqa: PLW0108 - tests have a clock


Answer = tuple[Request, Page | BaseException]


@dataclass
class Pool:
    """Threads that send a request each; made when they are first needed, and not waited for long when they hang."""

    client: Client
    read: Callable[[Client, Request], Page]
    brought: Callable[[], None]  # called on the thread that has brought an answer
    requests: SimpleQueue[Request | None] = field(default_factory=SimpleQueue)
    come: SimpleQueue[Answer] = field(default_factory=SimpleQueue)
    threads: list[threading.Thread] = field(default_factory=list)
    under_way: int = 0

    def send(self, request: Request) -> None:
        self.under_way += 1
        if self.under_way > len(self.threads):
            self.threads.append(threading.Thread(target=self._run, name="hubspot-reader", daemon=True))
            self.threads[-1].start()
        self.requests.put(request)

    def answers(self, within_s: float | None) -> list[Answer]:
        """Waits for one; all that are there."""
        answers: list[Answer] = []
        try:
            answers.append(self.come.get(timeout=within_s))
            while True:
                answers.append(self.come.get_nowait())
        except Empty:
            self.under_way -= len(answers)
            return answers

    def has_come(self) -> bool:
        return not self.come.empty()

    def close(self) -> None:
        for _ in self.threads:
            self.requests.put(None)
        for thread in self.threads:
            thread.join(JOINED_WITHIN_S)

    def _run(self) -> None:
        while (request := self.requests.get()) is not None:
            self.come.put((request, self._answer(request)))
            self.brought()

    def _answer(self, request: Request) -> Page | BaseException:
        try:
            return self.read(self.client, request)
        except BaseException as problem:  # noqa: BLE001 - the edge of a thread: the run's own thread raises it
            return problem
