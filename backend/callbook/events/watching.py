"""Whoever waits for a user's events is woken when there may be some, by one thread for a whole process.

It wakes and does nothing else: each reader reads and sends in a thread of its own, so that a slow one holds up nobody.
It may wake for nothing. Should word be lost, nobody is woken: a reader looks by itself now and then.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

from callbook.models import Owner, User, among, announced, connected, tuples

AGAIN_S = 1.0

log = logging.getLogger(__name__)


class Watcher:
    """The thread begins with the first who waits, so that a process may fork before."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._bells: dict[int, list[Event]] = {}
        self._numbers: dict[int, int] = {}
        self._stopping = Event()
        self._thread: Thread | None = None

    @contextmanager
    def waking(self, owner: Owner, bell: Event) -> Iterator[None]:
        """Sets `bell` whenever something is told that is not there yet when this begins."""
        with self._lock:
            self._bells.setdefault(owner.id, []).append(bell)
            if self._thread is None:
                self._thread = Thread(target=self._watch, name="events", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._bells[owner.id].remove(bell)
                if not self._bells[owner.id]:
                    del self._bells[owner.id]

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            try:
                with connected():
                    for user_id in announced(self._stopping):
                        self._ring(self._stirred() if user_id is None else [user_id])
            except Exception:  # the edge of the thread: it begins anew, with everybody's number
                log.exception("watching for events")
                self._stopping.wait(AGAIN_S)

    def _stirred(self) -> list[int]:
        """Those who wait and whose events have another number than at the last look."""
        with self._lock:
            waiting = list(self._bells)
        before = self._numbers
        numbers = User.select(User.id, User.event_number).where(among(User.id, waiting))
        self._numbers = dict(tuples(numbers)) if waiting else {}
        return [id_ for id_ in waiting if self._numbers.get(id_) != before.get(id_)]

    def _ring(self, user_ids: Iterable[int]) -> None:
        with self._lock:
            for user_id in user_ids:
                for bell in self._bells.get(user_id, ()):
                    bell.set()
