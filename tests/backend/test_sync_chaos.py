"""Real worker processes and a HubSpot that misbehaves on the wire, at moments that a seed picks: whatever dies or fails
in mid-run, the cache is right afterwards, and meanwhile HubSpot is asked at most once a second.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest
import time_machine
from time_machine import Traveller

from callbook import sync
from callbook.hubspot import Client, client
from callbook.models import now
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Rep
from tests.backend.syncing import Engine, Spawn, until
from tests.e2e.gate import Gate, cut_short, garbage, open_gate

WAITS_S = client.RETRY_WAITS_S  # as they are outside of tests
KILLS = 8
BIG = 6_000
FOREVER = 1_000_000

Trouble = Callable[[RunningSandbox, Gate, Traveller], AbstractContextManager[object]]


@pytest.fixture
def gate(hubspot: RunningSandbox) -> Iterator[Gate]:
    with open_gate(hubspot.url) as gate:
        yield gate


@pytest.fixture
def environ(environ: dict[str, str], gate: Gate) -> dict[str, str]:
    return {**environ, "HUBSPOT_API_URL": gate.url, "CALLBOOK_LEASE_S": "60", "CALLBOOK_HEARTBEAT_S": "1"}


def over(engine: Engine) -> bool:
    return engine.runs()[-1].state not in sync.LIVE


# --- killed


@pytest.mark.parametrize("hubspot", [BIG], indirect=True)
def test_killed_at_random_moments_of_one_big_run(engine: Engine, spawn: Spawn) -> None:
    """The moments are counts of answered requests. Meanwhile HubSpot's contacts change behind and before the walk."""
    dice = random.Random(20)  # noqa: S311 - moments, not secrets
    engine.hubspot.latency(100)
    seen: list[int] = []
    worker = spawn()
    for kills in range(KILLS):
        until(_claimed(engine, kills + 1), "the worker had taken the run up")
        until(_answered(engine, dice.randint(1, 4)), "HubSpot had answered")
        assert engine.runs()[0].state == "running"
        worker.kill()
        worker.wait()
        seen.append(engine.runs()[0].read)
        assert not over(engine), "it was killed in mid-run"
        _change_something(engine.hubspot, dice)
        engine.lose_lease()
        worker = spawn()
    until(lambda: over(engine), "the run had ended")
    (run,) = engine.runs()
    assert (run.state, run.problem) == ("finished", None)
    assert seen == sorted(seen)
    assert run.read <= (run.total or 0)
    assert run.fence > KILLS
    worker.kill()
    worker.wait()
    assert engine.run("recent").state == "finished"  # what changed behind the walk, after its last pass
    engine.assert_equal()


def _claimed(engine: Engine, times: int) -> Callable[[], bool]:
    return lambda: engine.runs()[0].fence == times


def _answered(engine: Engine, more: int) -> Callable[[], bool]:
    moment = engine.hubspot.requests.count() + more
    return lambda: engine.hubspot.requests.count() >= moment


def _change_something(hubspot: RunningSandbox, dice: random.Random) -> None:
    ids = sorted(hubspot.portal.live_ids)
    hubspot.edit(dice.choice(ids), jobtitle=f"Changed {dice.random()}")
    hubspot.archive(dice.choice(ids))
    hubspot.create(firstname="New", lastname=f"Comer {dice.random()}", phone="+1 206 555 0142")


def test_hubspot_gone_for_seconds_under_a_real_worker(engine: Engine, spawn: Spawn, gate: Gate) -> None:
    engine.hubspot.latency(60)
    spawn()
    until(lambda: engine.runs()[0].read > 0, "the first page was stored")
    with gate.shut():
        asked = len(gate.asked_at)
        until(lambda: engine.runs()[0].state == "waiting", "the run rested")
        assert engine.runs()[0].problem == "hubspot_unreachable"
        until(lambda: len(gate.asked_at) > asked + 4, "it had tried again")
        tries = gate.asked_at[asked:]
    until(lambda: over(engine), "the run had ended")
    (run,) = engine.runs()
    assert (run.state, run.problem, run.added) == ("finished", None, 230)
    assert_at_most_one_a_second(tries[1:])  # the first was on its way when the gate fell shut
    engine.assert_equal()


# --- failing, on a clock that moves only when somebody waits


@pytest.fixture
def clock(engine: Engine, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traveller]:
    """Stands still; whoever rests moves it."""
    with time_machine.travel(now(), tick=False) as clock:
        monkeypatch.setattr(client, "RETRY_WAITS_S", WAITS_S)
        monkeypatch.setattr("callbook.hubspot.RETRY_WAITS_S", WAITS_S)
        monkeypatch.setattr("callbook.accounts.client.Client", partial(Client, sleep=clock.shift))
        assert engine.runs()[-1].state == "queued"
        gate.asked_at.clear()
        yield clock


def lives_for(engine: Engine, clock: Traveller, span: timedelta) -> None:
    """What a worker does with the run in so much time."""
    end = now() + span
    while now() < end:
        run = engine.work()
        if run.state not in sync.LIVE:
            return
        assert run.retry_at is not None
        clock.move_to(max(run.retry_at, now()))


A_TRY = 3


def assert_at_most_one_a_second(asked_at: list[float]) -> None:
    gaps = [later - earlier for earlier, later in pairwise(asked_at)]
    assert all(gap >= 0.99 for gap in gaps), f"{len(asked_at)} requests in {sum(gaps):.1f} s: {gaps[:12]}"


def status(endpoint: str, code: int, retry_after_s: int | None = None) -> Trouble:
    @contextmanager
    def trouble(hubspot: RunningSandbox, _gate: Gate, _clock: Traveller) -> Iterator[None]:
        hubspot.fault(endpoint, code, times=FOREVER, retry_after_s=retry_after_s)
        yield
        hubspot.clear_faults()

    return trouble


@contextmanager
def refreshing_fails(hubspot: RunningSandbox, _gate: Gate, clock: Traveller) -> Iterator[None]:
    """The token has expired, and no other is to be had."""
    clock.shift(1900)
    hubspot.fault("token", 500, times=FOREVER)
    yield
    hubspot.clear_faults()


TROUBLES: dict[str, Trouble] = {
    "down": lambda _hubspot, gate, _clock: gate.shut(),
    "cut short": lambda _hubspot, gate, _clock: gate.changing(cut_short),
    "truncated JSON": lambda _hubspot, gate, _clock: gate.changing(garbage),
    "500": status("contacts", 500),
    "503": status("contacts", 503),
    "429": status("contacts", 429),
    "429 for 0 s": status("contacts", 429, retry_after_s=0),
    "401": status("contacts", 401),
    "no refresh": refreshing_fails,
}


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("hubspot", [27], indirect=True)
@pytest.mark.parametrize("stage", ["list", "recent"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_while_it_fails_hubspot_is_asked_at_most_once_a_second(
    engine: Engine, gate: Gate, clock: Traveller, trouble: str, stage: str
) -> None:
    stride = engine.take()
    engine.until(stride, stage)
    engine.step(stride)
    engine.lose_lease()
    clock.shift(1)
    gate.asked_at.clear()
    with TROUBLES[trouble](engine.hubspot, gate, clock):
        lives_for(engine, clock, timedelta(minutes=2))
        tries = list(gate.asked_at)
    assert len(tries) >= 3, "it was tried again"
    assert engine.runs()[-1].state == "waiting"
    lives_for(engine, clock, timedelta(minutes=10))
    run = engine.runs()[-1]
    assert (run.state, run.problem) == ("finished", None)
    engine.assert_equal()
    if trouble == "401":  # one try is the request, the refresh, and the request with the fresh token: at once
        assert min(later - earlier for earlier, later in pairwise(tries[::A_TRY])) >= A_TRY
    else:
        assert_at_most_one_a_second(tries)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("hubspot", [45], indirect=True)
@pytest.mark.parametrize("seed", range(2))
def test_through_one_trouble_after_the_other_the_cache_is_right(
    engine: Engine, gate: Gate, clock: Traveller, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each trouble lasts for a while in mid-run, over a full and a recent run, with edits between them."""
    monkeypatch.setattr("callbook.sync.steps.BRAKE_COUNT", 10_000)  # hardly anybody is left of those at the start
    dice = random.Random(seed)  # noqa: S311 - as above
    for kind in ("full", "recent", "full"):
        engine.ask(kind)
        while not over(engine):
            with TROUBLES[dice.choice(list(TROUBLES))](engine.hubspot, gate, clock):
                lives_for(engine, clock, timedelta(seconds=dice.randint(1, 20)))
            _change_something(engine.hubspot, dice)
            _a_few_steps(engine, dice.randint(1, 3))
    clock.shift(timedelta(minutes=20))
    lives_for(engine, clock, timedelta(minutes=10))
    engine.run("recent")
    engine.assert_equal()


def _a_few_steps(engine: Engine, count: int) -> None:
    """HubSpot is well for as long as these take; then the worker dies."""
    if over(engine):
        return
    stride = engine.take()
    for _ in range(count):
        if not engine.step(stride):
            return
    engine.lose_lease()


# --- revoked


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("hubspot", [27], indirect=True)
def test_revoked_in_mid_run_it_goes_on_after_reconnect(
    engine: Engine, gate: Gate, sign_in: Callable[[str], Rep]
) -> None:
    engine.synced()
    rows = {row.hubspot_id: row.id for row in engine.rows()}
    engine.ask("full")
    stride = engine.take()
    engine.until(stride, "list")
    engine.step(stride)
    engine.lose_lease()
    engine.hubspot.revoke_all()
    asked = len(gate.asked_at)
    assert engine.work().problem == "reconnect_needed"
    assert len(gate.asked_at) == asked + 2  # the page, and the refresh that was refused
    gone = engine.hubspot.portal.live_ids[0]
    engine.hubspot.archive(gone)
    engine.hubspot.create(firstname="Late", lastname="Comer")
    assert engine.work().problem == "reconnect_needed"
    assert len(gate.asked_at) == asked + 2
    sign_in("admin")
    before = len(gate.asked_at)
    run = engine.work()
    assert (run.state, run.problem, run.added, run.removed) == ("finished", None, 1, 1)
    assert len(gate.asked_at) > before
    engine.assert_equal()
    assert {row.hubspot_id: row.id for row in engine.rows() if row.hubspot_id in rows} == rows
