"""The worker: an alarm clock. huey carries wake-ups between processes and hands runs to threads; it forgets what it was
doing when it is killed, so a sweep of our own rows, every few seconds, finds whatever there is to do. Losing every
wake-up costs those seconds and nothing else.

The timetable is `sweep`: a flat list. What cannot wait for it is `look`, several times a second.
"""

import ctypes
import logging
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from huey import Huey, PostgresHuey, SqliteHuey

from callbook import accounts, callers, calls, contacts, events, models, routing, sync
from callbook.models import connected, sqlite_path
from callbook.sealing import Keyring
from callbook.settings import Settings

log = logging.getLogger(__name__)

POLL_MAX_S = 0.25
LOOK_EVERY_S = 0.25
SEARCHES_AT_ONCE = 4
M_ARENA_MAX, HEAPS = -8, 2
M_MMAP_THRESHOLD, LARGE = -3, 65_536


class Jobs:
    """The queue, as both processes see it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.stopping = threading.Event()
        self.huey = _queue(settings.database_url)
        self._worker = sync.Worker(settings, self.stopping)
        self._searchers = ThreadPoolExecutor(SEARCHES_AT_ONCE, "search")
        self._advance = self.huey.task(name="advance")(self._work)

    def wake(self, run_id: int) -> None:
        """Has a run taken up at once instead of at the next sweep."""
        if run_id not in {task.args[0] for task in self.huey.pending()}:
            self._advance(run_id)

    def sweep(self) -> None:
        """Everything whose time has come."""
        with connected():
            for owner in sync.due():
                sync.start_if_due(owner, self._settings)
            for run_id in sync.claimable():
                self.wake(run_id)
            for user_id in accounts.purges_due():
                accounts.purge_one(user_id)
            accounts.revoke_due(Keyring(self._settings.secret_keys), accounts.hubspot_oauth(self._settings))
            contacts.reread_stale_phones()
            contacts.prune_tombstones()
            events.prune()
            routing.prune()

    def look(self) -> None:
        """What cannot wait for a sweep."""
        calls.end_tests()
        for sought in callers.take_due():
            self._searchers.submit(self._search, sought)

    def run_worker(self) -> None:
        """Until SIGTERM or SIGINT; runs in hand are given back between two steps."""
        consumer = self.huey.create_consumer(
            workers=self._settings.worker_threads, periodic=False, initial_delay=0.05, max_delay=POLL_MAX_S
        )
        consumer.start()
        for number in (signal.SIGTERM, signal.SIGINT):  # after the consumer's own handlers, which forget running tasks
            signal.signal(number, lambda *_: self.stopping.set())
        log.info("worker %s started", os.getpid())
        lookout = threading.Thread(target=self._look_out, name="lookout", daemon=True)
        lookout.start()
        while not self.stopping.is_set():
            self._sweep_safely()
            self.stopping.wait(self._settings.heartbeat_s)
        lookout.join()
        self._searchers.shutdown(wait=False, cancel_futures=True)
        consumer.stop(graceful=True)

    def _look_out(self) -> None:
        """Over one connection to the database, as long as that lasts."""
        while not self.stopping.is_set():
            try:
                with connected():
                    while not self.stopping.wait(LOOK_EVERY_S):
                        self.look()
            except Exception:  # the edge of the timer: it looks again
                log.exception("look")
                self.stopping.wait(self._settings.heartbeat_s)

    def _sweep_safely(self) -> None:
        try:
            self.sweep()
        except Exception:  # the edge of the timer: the next sweep tries again
            log.exception("sweep")

    def _search(self, sought: callers.Sought) -> None:
        try:
            with connected():
                calls.name_missed(self._settings, sought)
        except Exception:  # the edge of a search: the call stays without a name
            log.exception("search %s", sought.id)

    def _work(self, _woken: int) -> None:
        """The first run there is, whichever was woken: a manual one waits for none that was in the queue before it."""
        with connected():
            for run_id in sync.claimable():
                if self._worker.work(run_id):
                    break


def _queue(database_url: str) -> Huey:
    """Beside the rows: a file next to SQLite's, tables within PostgreSQL."""
    path = sqlite_path(database_url)
    if path is None:
        return PostgresHuey("callbook", dsn=database_url, results=False)
    return SqliteHuey("callbook", filename=str(path.with_suffix(".queue")), results=False)


def worker(settings: Settings) -> None:
    _share_heaps()
    models.connect(settings.database_url)
    Jobs(settings).run_worker()


def _share_heaps() -> None:
    """The threads that read pages: glibc gives each a heap of its own, which keeps what its largest page took, and lets
    pages be held apart by what outlives them. See mallopt(3); elsewhere nothing happens.
    """
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_ARENA_MAX, HEAPS)
        mallopt(M_MMAP_THRESHOLD, LARGE)
