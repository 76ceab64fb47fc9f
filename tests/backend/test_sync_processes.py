"""Real `callbook worker` processes against the sandbox, killed and stopped in the middle of a run."""

import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from callbook import sync
from callbook.models import Company, Contact, connected
from hubspot_sandbox import RunningSandbox
from tests.backend.syncing import DEADLINE_S, LOOK_EVERY_S, Engine, Spawn, until

MANY = 3_000
SAMPLE = 2  # requests before the first page


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


@pytest.fixture
def pages(hubspot: RunningSandbox) -> Callable[[], "Counter[str]"]:
    """How often HubSpot has given each page of the list."""
    hubspot.requests.recent = deque()

    def pages() -> Counter[str]:
        return Counter(each.path for each in hubspot.requests.recent if (each.endpoint, each.status) == ("list", 200))

    return pages


def assert_whole(engine: Engine) -> None:
    """Each contact was read once, and written once."""
    (run,) = engine.runs()
    count = len(engine.hubspot.portal.live_ids)
    assert (run.state, run.problem, run.read, run.added, run.updated) == ("finished", None, count, count, 0)
    engine.assert_equal()


@pytest.mark.parametrize(("endpoint", "answers"), [("search", 1), ("list", 2), ("search", 2)])
def test_killed_at_any_moment_the_next_worker_finishes(
    engine: Engine, spawn: Spawn, pages: Callable[[], "Counter[str]"], endpoint: str, answers: int
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
    assert max(pages().values()) <= 2  # what was under way is asked for again


@pytest.mark.parametrize("hubspot", [MANY], indirect=True)
def test_sigterm_gives_the_run_back_and_the_next_worker_goes_on_at_once(
    engine: Engine, spawn: Spawn, pages: Callable[[], "Counter[str]"]
) -> None:
    """What is under way is waited for, and not asked for again."""
    engine.hubspot.latency(150)
    first = spawn()
    until(served(engine, "list", 5), "some pages had been answered")
    first.send_signal(signal.SIGTERM)
    assert first.wait(DEADLINE_S) == 0
    left = engine.runs()[0]
    assert (left.state, left.problem, left.lease_owner) == ("waiting", None, None)
    assert 500 <= left.read < MANY
    spawn()
    until(lambda: finished(engine), "the second worker had finished")
    assert_whole(engine)
    assert max(pages().values()) == 1


def test_stopped_without_a_word_and_woken_later_it_writes_nothing(engine: Engine, spawn: Spawn) -> None:
    """It was waiting for HubSpot, and wakes with an answer in hand when another has taken the run over."""
    engine.hubspot.fault("contacts", delay_ms=1500, skip=SAMPLE + 1, times=3)
    sleeper = spawn()
    until(lambda: engine.runs()[0].read > 0, "the first page had been stored")
    sleeper.send_signal(signal.SIGSTOP)
    fence = engine.runs()[0].fence
    spawn()
    until(lambda: engine.runs()[0].fence > fence, "another worker had taken the run over")
    sleeper.send_signal(signal.SIGCONT)
    until(lambda: finished(engine), "the run had ended")
    assert_whole(engine)
    assert engine.runs()[0].fence == fence + 1
    assert sleeper.poll() is None  # it lives, and goes on sweeping


def renamed(engine: Engine) -> int:
    """Contacts that are written once more, when their company's name is known and is not what was typed into them."""
    with connected():
        named = Company.name.is_null(is_null=False) & (Company.company_id == Contact.company_id)
        found = Contact.of(engine.owner).select().join(Company, on=Company.of(engine.owner).mine & named)
        return int(found.where(Contact.company.is_null() | (Contact.company != Company.name)).count())


@pytest.mark.parametrize("hubspot", [MANY], indirect=True)
def test_two_workers_started_by_mistake_apply_no_page_twice(
    engine: Engine, spawn: Spawn, pages: Callable[[], "Counter[str]"]
) -> None:
    engine.hubspot.latency(30)
    spawn()
    spawn()
    until(lambda: finished(engine), "one of them had finished")
    assert_whole(engine)
    run = engine.runs()[0]
    assert (run.read, run.added, run.updated, run.unchanged, run.fence) == (MANY, MANY, 0, 0, 1)
    assert engine.user().seq == MANY + renamed(engine)  # a row that is written draws a number
    assert max(pages().values()) == 1
