"""A person pauses, resumes and cancels: the worker stops within a page, what was under way is kept, nothing is lost."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from time_machine import Traveller

from callbook import accounts, events, sync
from callbook.errors import Refused
from callbook.models import Run, connected, now
from callbook.sync.runs import LostLease
from tests.backend.syncing import Engine, Json, Meddler, until

pytestmark = [pytest.mark.usefixtures("small_pages"), pytest.mark.parametrize("hubspot", [27], indirect=True)]

STEPS_OF_A_RUN = 9  # start, three pages of the list, remove, a page of search, audit, owners, companies


@pytest.fixture
def clock(engine: Engine) -> Iterator[Traveller]:  # noqa: ARG001 - it begins with a session and tokens of today
    with time_machine.travel(now(), tick=False) as clock:
        yield clock


def pause(engine: Engine) -> Run:
    with connected():
        return sync.pause(engine.owner)


def resume(engine: Engine) -> Run:
    with connected():
        return sync.resume(engine.owner)


def cancel(engine: Engine) -> Run:
    with connected():
        return sync.cancel(engine.owner)


def claimable(engine: Engine) -> list[int]:
    assert engine.runs()
    with connected():
        return list(sync.claimable())


def told(engine: Engine, after: int) -> list[str]:
    with connected():
        return [each.kind for each in events.after(engine.owner, after).events]


# --- paused


def test_the_worker_of_a_paused_run_stops_within_the_page_and_writes_nothing(engine: Engine, meddler: Meddler) -> None:
    def paused(body: Json) -> Json:
        pause(engine)
        return body

    meddler.next("list", lambda body: body)
    meddler.next("list", paused)
    with connected():
        engine.worker.work(engine.runs()[-1].id)
    run = engine.runs()[-1]
    assert (run.state, run.read, run.lease_owner, run.finished_at) == ("paused", 10, None, None)
    assert len(engine.rows()) == 10
    assert claimable(engine) == []


def test_no_worker_takes_a_paused_run_up_however_long_it_is(engine: Engine, clock: Traveller) -> None:
    pause(engine)
    clock.shift(timedelta(days=30))
    assert claimable(engine) == []
    assert engine.work().state == "paused"


@pytest.mark.parametrize("steps", range(STEPS_OF_A_RUN))
def test_resumed_after_any_step_it_goes_on_where_it_was(engine: Engine, steps: int) -> None:
    stride = engine.take()
    for _ in range(steps):
        assert engine.step(stride)
    left = pause(engine)
    with pytest.raises(LostLease):
        engine.step(stride)
    asked = engine.hubspot.requests.count("list")
    again = resume(engine)
    assert (again.id, again.state, again.checkpoint) == (left.id, "queued", left.checkpoint)
    run = engine.work()
    assert (run.state, run.problem, run.read, run.added) == ("finished", None, 27, 27)
    assert engine.hubspot.requests.count("list") - asked <= max(0, 4 - steps) + 1
    engine.assert_equal()


def test_what_happened_in_a_pause_of_days_is_found(engine: Engine, clock: Traveller) -> None:
    """Behind the page it was paused at, before it, and at the end: the closing pass and the audit see to it."""
    stride = engine.take()
    for _ in range(3):
        engine.step(stride)
    pause(engine)
    ids = list(engine.hubspot.portal.live_ids)
    clock.shift(timedelta(days=9))
    engine.hubspot.advance(9 * 86_400)
    engine.hubspot.archive(ids[0])
    engine.hubspot.archive(ids[25])
    engine.hubspot.edit(ids[1], firstname="Edited meanwhile")
    engine.hubspot.create(firstname="Created meanwhile")
    resume(engine)
    run = engine.work()
    assert (run.state, run.problem) == ("finished", None)
    engine.assert_equal()


def test_a_pause_is_no_part_of_the_duration(engine: Engine, clock: Traveller) -> None:
    engine.step(engine.take())
    pause(engine)
    clock.shift(3600)
    resume(engine)
    engine.step(engine.take())
    pause(engine)
    clock.shift(3600)
    resume(engine)
    run = engine.work()
    assert run.paused_at is None
    assert sync.run_report(run)["duration_s"] < 60


def test_a_paused_run_tells_since_when(engine: Engine) -> None:
    run = pause(engine)
    assert sync.run_report(run)["paused_at"] == run.paused_at is not None
    assert sync.run_report(resume(engine))["paused_at"] is None


@pytest.mark.parametrize("move", [pause, resume])
def test_what_is_so_already_stays_as_it_is(engine: Engine, move: Callable[[Engine], Run]) -> None:
    before = pause(engine) if move is pause else engine.runs()[-1]
    number = engine.user().event_number
    again = move(engine)
    assert again.__data__ == before.__data__
    assert engine.user().event_number == number


@pytest.mark.parametrize("move", [pause, resume, cancel])
def test_where_no_run_is_in_progress_there_is_nothing_to_steer(engine: Engine, move: Callable[[Engine], Run]) -> None:
    engine.synced()
    with pytest.raises(Refused) as refused:
        move(engine)
    assert refused.value.kind == "no_run"


# --- resumed


def test_a_person_does_not_wait_out_a_rest_of_ours(engine: Engine, clock: Traveller) -> None:
    engine.hubspot.fault("list", 500, times=None)
    assert engine.work().state == "waiting"
    pause(engine)
    clock.shift(1)
    engine.hubspot.clear_faults()
    run = resume(engine)
    assert (run.state, run.retry_at, run.attempt) == ("queued", None, 0)
    assert engine.work().state == "finished"


def test_only_hubspot_makes_a_resumed_run_wait(engine: Engine, clock: Traveller) -> None:
    engine.hubspot.fault("list", 429, retry_after_s=90)
    assert engine.work().problem == "throttled"
    pause(engine)
    run = resume(engine)
    assert (run.state, run.problem) == ("waiting", "throttled")
    assert claimable(engine) == []
    clock.shift(91)
    assert engine.work().state == "finished"


def test_a_persons_wish_resumes_a_paused_run_and_makes_it_theirs(engine: Engine) -> None:
    engine.synced()
    automatic = engine.ask("recent", "automatic")
    pause(engine)
    assert engine.ask("recent") == automatic
    run = engine.row(automatic)
    assert (run.state, run.trigger, run.paused_at) == ("queued", "manual", None)
    assert engine.work().state == "finished"


def test_a_wish_for_more_starts_a_paused_run_over_as_the_larger_one(engine: Engine) -> None:
    engine.synced()
    recent = engine.ask("recent")
    engine.step(engine.take())
    pause(engine)
    assert engine.ask("full") == recent
    run = engine.row(recent)
    assert (run.kind, run.state, run.checkpoint) == ("full", "queued", {"stage": "start"})
    assert engine.work().state == "finished"


@pytest.mark.parametrize("kind", ["recent", "full"])
def test_an_automatic_wish_leaves_it_paused(engine: Engine, kind: str) -> None:
    engine.synced()
    recent = engine.ask("recent")
    pause(engine)
    assert engine.ask(kind, "automatic") == recent
    run = engine.row(recent)
    assert (run.state, run.kind) == ("paused", kind)
    assert run.paused_at is not None
    assert claimable(engine) == []


def test_the_timetable_makes_no_run_beside_a_paused_one(engine: Engine, clock: Traveller) -> None:
    engine.synced()
    engine.ask("recent")
    paused = pause(engine)
    clock.shift(timedelta(hours=3))
    with connected():
        accounts.note_seen(engine.owner)
        assert sync.start_if_due(engine.owner, engine.settings) == paused.id
    assert [run.state for run in engine.runs()] == ["finished", "paused"]


# --- cancelled


@pytest.mark.parametrize("steps", range(STEPS_OF_A_RUN))
def test_cancelled_after_any_step_it_keeps_what_was_read(engine: Engine, steps: int) -> None:
    stride = engine.take()
    for _ in range(steps):
        assert engine.step(stride)
    rows = engine.rows()
    run = cancel(engine)
    with pytest.raises(LostLease):
        engine.step(stride)
    assert (run.state, run.problem, run.retry_at) == ("cancelled", None, None)
    assert run.finished_at is not None
    assert engine.rows() == rows
    assert claimable(engine) == []


def test_cancelling_removes_nobody(engine: Engine) -> None:
    engine.synced()
    for id_ in engine.hubspot.portal.live_ids[:5]:
        engine.hubspot.archive(id_)
    engine.ask("full")
    engine.until(engine.take(), "remove")
    assert cancel(engine).removed == 0
    assert len(engine.held()) == 27
    assert engine.run("recent").state == "finished"
    engine.assert_equal()


def test_after_a_cancelled_run_the_next_automatic_one_is_planned(engine: Engine, clock: Traveller) -> None:
    cancel(engine)
    next_at = engine.user().next_sync_at
    assert next_at == now() + timedelta(minutes=20)
    clock.shift(timedelta(minutes=20))
    with connected():
        assert sync.start_if_due(engine.owner, engine.settings) is not None
    run = engine.work()
    assert (run.kind, run.trigger, run.state) == ("full", "automatic", "finished")


def test_a_paused_run_can_be_cancelled(engine: Engine) -> None:
    engine.step(engine.take())
    pause(engine)
    run = cancel(engine)
    assert (run.state, run.paused_at) == ("cancelled", None)
    assert engine.synced().kind == "full"


def test_unauthorize_ends_a_paused_run(engine: Engine) -> None:
    run = pause(engine)
    with connected():
        accounts.unauthorize(engine.owner)
    assert engine.row(run.id).state == "cancelled"
    assert engine.row(run.id).fence == run.fence + 1


# --- told


def test_every_move_is_told(engine: Engine) -> None:
    stride = engine.take()
    for _ in range(3):
        engine.step(stride)
    for move, kinds in ((pause, ["progress"]), (resume, ["progress"]), (cancel, ["progress", "contacts"])):
        before = engine.user().event_number
        move(engine)
        assert told(engine, before) == kinds


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that a worker's hold on a run goes by: its first item."""
    moment = [1000.0]
    monkeypatch.setattr("callbook.sync.stride.monotonic", lambda: moment[0])
    return moment


def test_progress_is_told_at_most_four_times_a_second_and_its_end_always(engine: Engine, still: list[float]) -> None:
    stride, numbers = engine.take(), []
    while engine.step(stride):
        numbers.append(engine.user().event_number)
        still[0] += 0.1
    assert len(numbers) >= 7
    assert numbers[-1] - numbers[0] == (len(numbers) - 1) // 3
    assert engine.user().event_number == numbers[-1] + 2  # the end, and the list that has changed


def test_what_was_not_told_is_told_while_no_next_step_comes(
    engine: Engine, still: list[float], meddler: Meddler
) -> None:
    """HubSpot does not answer: the worker's sign of life tells how far it is."""
    object.__setattr__(engine.settings, "heartbeat_s", 0.01)
    heard: list[int] = []

    def number() -> int:
        with connected():
            return engine.user().event_number

    def first(body: Json) -> Json:
        heard.append(number())
        return body

    def late(body: Json) -> Json:
        until(lambda: number() > heard[0], "the first page was told")
        heard.append(number())
        return body

    meddler.next("list", first)
    meddler.next("list", late)
    assert engine.work().state == "finished"
    assert heard[1] - heard[0] == 1
    assert still == [1000.0]
