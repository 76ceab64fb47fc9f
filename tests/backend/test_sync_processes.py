"""Real `callbook worker` processes against the sandbox, killed and stopped in the middle of a run."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from callbook import sync
from tests.backend.syncing import DEADLINE_S, LOOK_EVERY_S, Engine, Spawn, until

PAGES = 3


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """A lease as short as settings allow, so that a death is noticed soon."""
    return {**environ, "CALLBOOK_LEASE_S": "2", "CALLBOOK_HEARTBEAT_S": "1"}


@contextmanager
def watched(engine: Engine) -> Iterator[list[tuple[int, int]]]:
    """What a browser that looks all the time would see of the progress."""
    seen: list[tuple[int, int]] = []
    done = threading.Event()

    def look() -> None:
        while not done.wait(LOOK_EVERY_S):
            report = sync.run_report(engine.runs()[0])
            seen.append((report["read"], report["total"] or 0))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def finished(engine: Engine) -> bool:
    return engine.runs()[0].state not in sync.LIVE


def served(engine: Engine, endpoint: str, at_least: int) -> Callable[[], bool]:
    return lambda: engine.hubspot.requests.count(endpoint) >= at_least


def assert_whole(engine: Engine) -> None:
    (run,) = engine.runs()
    assert (run.state, run.problem, run.read, run.added) == ("finished", None, 230, 230)
    engine.assert_equal()


@pytest.mark.parametrize(("endpoint", "answers"), [("search", 1), ("list", 2), ("search", 2)])
def test_killed_at_any_moment_the_next_worker_finishes(
    engine: Engine, spawn: Spawn, endpoint: str, answers: int
) -> None:
    """Search comes first (the total) and last (what changed meanwhile, and the audit)."""
    engine.hubspot.latency(60)
    with watched(engine) as seen:
        first = spawn()
        until(served(engine, endpoint, answers), f"{endpoint} had answered {answers} times")
        first.kill()
        first.wait()
        left = engine.runs()[0]
        assert left.state == "running"
        spawn()
        until(lambda: finished(engine), "the second worker had finished")
    assert_whole(engine)
    run = engine.runs()[0]
    assert run.fence == left.fence + 1
    assert seen == sorted(seen)
    assert all(read <= total for read, total in seen)
    assert engine.hubspot.requests.count("list", 200) <= PAGES + 1  # the page under way may be asked for again


def test_sigterm_gives_the_run_back_and_the_next_worker_goes_on_at_once(engine: Engine, spawn: Spawn) -> None:
    engine.hubspot.latency(150)
    first = spawn()
    until(served(engine, "list", 1), "the first page had been answered")
    first.send_signal(signal.SIGTERM)
    assert first.wait(DEADLINE_S) == 0
    left = engine.runs()[0]
    assert (left.state, left.problem, left.lease_owner) == ("waiting", None, None)
    assert left.read in (100, 200)
    spawn()
    until(lambda: finished(engine), "the second worker had finished")
    assert_whole(engine)
    assert engine.hubspot.requests.count("list") == PAGES  # none lost, none asked for again


def test_stopped_without_a_word_and_woken_later_it_writes_nothing(engine: Engine, spawn: Spawn) -> None:
    """It was waiting for HubSpot, and wakes with an answer in hand when another has taken the run over."""
    engine.hubspot.fault("list", delay_ms=1500, skip=1)
    sleeper = spawn()
    until(lambda: engine.runs()[0].read == 100, "the first page had been stored")
    sleeper.send_signal(signal.SIGSTOP)
    fence = engine.runs()[0].fence
    spawn()
    until(lambda: engine.runs()[0].fence > fence, "another worker had taken the run over")
    sleeper.send_signal(signal.SIGCONT)
    until(lambda: finished(engine), "the run had ended")
    assert_whole(engine)
    assert engine.runs()[0].fence == fence + 1
    assert sleeper.poll() is None  # it lives, and goes on sweeping


def test_two_workers_started_by_mistake_apply_no_page_twice(engine: Engine, spawn: Spawn) -> None:
    engine.hubspot.latency(30)
    spawn()
    spawn()
    until(lambda: finished(engine), "one of them had finished")
    assert_whole(engine)
    assert engine.hubspot.requests.count("list") == PAGES
