"""Working a run to its end: claim, sign of life, steps, and what each kind of failure means for it.

Whatever happens, the run's row ends in a state or is left for the next worker to take up.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from peewee import OperationalError

from callbook import accounts
from callbook.errors import CallbookError, Transient
from callbook.models import connected, transaction
from callbook.sealing import new_secret
from callbook.settings import Settings
from callbook.sync import runs
from callbook.sync.runs import LostLease
from callbook.sync.steps import take_step
from callbook.sync.stride import Stride

log = logging.getLogger(__name__)


class Worker:
    """Works runs, each on the thread that asks. `stopping`: give runs back once what is under way has come."""

    def __init__(self, settings: Settings, stopping: threading.Event) -> None:
        self._settings = settings
        self._stopping = stopping
        self._name = new_secret()[:12]

    def work(self, run_id: int) -> bool:
        """Works the run as long as there is something to do; False if another worker has it or it is over."""
        claim = runs.claim(run_id, self._name, self._settings)
        if claim is None:
            return False
        with accounts.hubspot_client(self._settings, claim.owner) as client:
            stride = Stride(claim, client, self._settings)
            try:
                with self._sign_of_life(stride):
                    self._to_the_end(stride)
            finally:
                stride.stop_reading()
        return True

    def _to_the_end(self, stride: Stride) -> None:
        try:
            self._steps(stride)
        except LostLease:
            log.info("run %s: taken over or cancelled", stride.claim.run_id)
        except CallbookError as problem:
            log.warning("run %s: %s: %s", stride.claim.run_id, problem.kind, problem)
            self._settle(stride, problem)
        except Exception:  # the edge of a run: whatever it was, it must not take the worker or the row's end with it
            log.exception("run %s", stride.claim.run_id)
            self._settle(stride, Transient("internal"))

    def _steps(self, stride: Stride) -> None:
        if runs.read(stride.claim).attempt > runs.MAX_ATTEMPTS:
            raise CallbookError("internal", "the workers of this run died too often")
        while take_step(stride):
            if self._stopping.is_set() and not stride.finishing():
                stride.together(lambda: stride.rest(timedelta(0)))
                return

    def _settle(self, stride: Stride, problem: CallbookError) -> None:
        """Rest and try again, or end in a failure that can be seen."""

        def settle() -> None:
            attempt = runs.read(stride.claim).attempt
            if isinstance(problem, Transient) and attempt < runs.MAX_ATTEMPTS:
                wait = timedelta(seconds=runs.wait_s(attempt, problem.retry_after_s))
                stride.rest(wait, _told(problem))
            else:
                stride.end("failed", _told(problem))

        try:
            stride.together(settle)
        except LostLease:
            log.info("run %s: taken over or cancelled", stride.claim.run_id)

    @contextmanager
    def _sign_of_life(self, stride: Stride) -> Iterator[None]:
        """Prolongs the lease from a thread of its own, however long HubSpot takes to answer, and tells what is untold
        while no next step comes.
        """
        done, run_id = threading.Event(), stride.claim.run_id

        def beat() -> None:
            while not done.wait(self._settings.heartbeat_s):
                try:
                    _beat(stride)
                except LostLease:
                    return
                except OperationalError:  # the database is busy: the lease outlives several missed beats
                    log.warning("run %s: a sign of life was missed", run_id)

        thread = threading.Thread(target=beat, name=f"heartbeat-{run_id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _beat(stride: Stride) -> None:
    """In two transactions: a step locks the user's row before the run's, and PostgreSQL would end one of the two."""
    with connected():
        with transaction():
            runs.keep(stride.claim)
        if stride.untold:
            with transaction():
                stride.tell()


def _told(problem: CallbookError) -> str:
    """The problem's kind, if it is one that people have words for."""
    return problem.kind if problem.kind in runs.PROBLEMS else "internal"
