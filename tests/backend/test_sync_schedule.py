"""The timetable, on a moved clock: the runs that the interval should make and no others, whatever was missed."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from time_machine import Traveller

from callbook import accounts, jobs, models, sync
from callbook.models import Run, User, connected, transaction
from tests.backend.people import Rep
from tests.backend.syncing import Engine

MORNING = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.parametrize("hubspot", [3], indirect=True)


@pytest.fixture
def clock() -> Iterator[Traveller]:
    """Stands still at eight in the morning, but for the tests' own moves."""
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def day(clock: Traveller, engine: Engine, alice: Rep) -> "Day":
    """After the first sync, which ended at eight."""
    engine.synced()
    return Day(clock, engine, alice)


class Day:
    """Minutes that pass: the worker sweeps in each, and works what there is."""

    def __init__(self, clock: Traveller, engine: Engine, alice: Rep) -> None:
        self.clock, self.engine, self.alice = clock, engine, alice

    def sweep(self) -> None:
        with connected():
            for owner in sync.due():
                sync.start_if_due(owner, self.engine.settings)
        self.engine.work()

    def passes(self, minutes: int, *, browser: bool = True) -> list[int]:
        """The minutes, from now on, in which an automatic run was made."""
        made: list[int] = []
        for minute in range(1, minutes + 1):
            before = len(self.engine.runs())
            self.clock.shift(MINUTE)
            if browser:
                self.note_seen()
            self.sweep()
            made += [minute] * (len(self.engine.runs()) - before)
        return made

    def note_seen(self) -> None:
        with connected():
            accounts.note_seen(self.engine.owner)

    def next_minutes(self) -> int:
        at = self.engine.user().next_sync_at
        assert at is not None
        return round((at - models.now()) / MINUTE)


def test_the_first_run_is_made_by_the_authorization(engine: Engine) -> None:
    (run,) = engine.runs()
    assert (run.kind, run.trigger, run.state) == ("full", "first", "queued")


def test_every_twenty_minutes_one_recent_run(day: Day) -> None:
    assert day.passes(65) == [20, 40, 60]
    assert {(run.kind, run.trigger, run.state) for run in day.engine.runs()[1:]} == {
        ("recent", "automatic", "finished")
    }


def test_every_five_minutes_by_choice(day: Day) -> None:
    with connected():
        sync.set_interval(day.engine.owner, 5)
    assert day.passes(21) == [5, 10, 15, 20]


def test_another_interval_counts_from_the_last_runs_end(day: Day) -> None:
    assert day.passes(12) == []
    with connected():
        sync.set_interval(day.engine.owner, 5)
    assert day.next_minutes() == -7
    assert day.passes(6) == [1, 6]
    with connected():
        sync.set_interval(day.engine.owner, 20)
    assert day.next_minutes() == 20
    assert day.passes(21) == [20]


def test_missed_hours_are_made_up_for_once(day: Day) -> None:
    day.clock.shift(timedelta(hours=9))
    assert day.passes(41) == [1, 21, 41]


def test_a_user_unseen_for_seven_days_is_left_alone_until_seen(day: Day) -> None:
    day.clock.shift(timedelta(days=7) - 10 * MINUTE)
    assert day.passes(9, browser=False) == [1]
    day.clock.shift(timedelta(days=3))
    assert day.passes(45, browser=False) == []
    runs = len(day.engine.runs())
    state = day.alice.read("/api/sync")
    assert state["run"]["trigger"] == "automatic"
    assert len(day.engine.runs()) == runs + 1
    day.engine.work()
    assert day.passes(21) == [20]


def test_asking_makes_the_run_that_is_due_and_no_second(day: Day) -> None:
    assert day.alice.read("/api/sync")["run"] is None
    day.clock.shift(20 * MINUTE)
    first = day.alice.read("/api/sync")["run"]
    assert day.alice.read("/api/sync")["run"] == first
    day.sweep()
    assert day.alice.read("/api/sync")["last_run"]["id"] == first["id"]
    assert len(day.engine.runs()) == 2


def test_two_processes_asking_at_once_make_one_run(day: Day) -> None:
    day.clock.shift(20 * MINUTE)
    made: list[int | None] = []
    at_once = threading.Barrier(4)

    def ask() -> None:
        with connected():
            at_once.wait(20)
            made.append(sync.start_if_due(day.engine.owner, day.engine.settings))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(made) == 4
    assert len([each for each in made if each is not None]) == 1
    assert len(day.engine.runs()) == 2


def test_two_wishes_at_once_make_one_run(day: Day) -> None:
    at_once = threading.Barrier(4)
    made: list[int] = []

    def ask() -> None:
        at_once.wait(20)
        made.append(day.engine.ask("full"))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(made) == 4
    assert len(set(made)) == 1


def test_nobody_is_synced_who_has_to_reconnect(day: Day) -> None:
    day.engine.hubspot.advance(1900)
    day.engine.hubspot.revoke_all()
    assert day.passes(65) == [20]
    assert day.engine.runs()[-1].problem == "reconnect_needed"


def test_nobody_is_synced_after_unauthorize(day: Day) -> None:
    day.clock.shift(30 * MINUTE)
    with connected():
        accounts.unauthorize(day.engine.owner)
        assert sync.due() == []
        assert sync.start_if_due(day.engine.owner, day.engine.settings) is None


def test_a_failed_run_is_followed_by_the_next_in_its_time(day: Day) -> None:
    day.engine.hubspot.fault("contacts", 403, times=1)
    assert day.passes(45) == [20, 40]
    assert [run.state for run in day.engine.runs()] == ["finished", "failed", "finished"]


def test_a_run_that_takes_long_is_not_joined_by_a_second(day: Day) -> None:
    day.clock.shift(20 * MINUTE)
    with connected():
        for owner in sync.due():
            sync.start_if_due(owner, day.engine.settings)
    day.engine.take()
    with connected():
        for _ in range(10):
            day.clock.shift(20 * MINUTE)
            sync.start_if_due(day.engine.owner, day.engine.settings)
    assert len(day.engine.runs()) == 2
    day.engine.lose_lease()
    assert day.engine.work().state == "finished"
    assert day.next_minutes() == 20


@pytest.mark.parametrize(("kind", "raised"), [("recent", "recent"), ("full", "full")])
def test_a_manual_wish_joins_the_automatic_run(day: Day, kind: str, raised: str) -> None:
    automatic = day.engine.ask("recent", "automatic")
    assert day.engine.ask(kind) == automatic
    run = day.engine.row(automatic)
    assert (run.kind, run.trigger) == (raised, "manual")
    assert day.engine.work().state == "finished"


def test_a_wish_for_less_leaves_a_full_run_as_it_is(day: Day) -> None:
    full = day.engine.ask("full")
    assert day.engine.ask("recent", "automatic") == full
    run = day.engine.row(full)
    assert (run.kind, run.trigger) == ("full", "manual")


def test_raising_a_run_takes_it_from_its_worker(day: Day) -> None:
    day.engine.hubspot.archive(day.engine.hubspot.portal.live_ids[0])
    run_id = day.engine.ask("recent")
    late = day.engine.take()
    day.engine.step(late)
    day.engine.ask("full")
    with pytest.raises(sync.runs.LostLease):
        day.engine.step(late)
    run = day.engine.work()
    assert (run.id, run.kind, run.state, run.removed) == (run_id, "full", "finished", 1)
    day.engine.assert_equal()


def test_accepting_removals_is_kept_by_a_later_wish(day: Day) -> None:
    day.engine.ask("recent", accept=True)
    run_id = day.engine.ask("full")
    assert day.engine.row(run_id).accept_removals


def test_manual_runs_go_before_automatic_ones(day: Day, sign_in: Callable[[str], Rep]) -> None:
    automatic = day.engine.ask("recent", "automatic")
    sign_in("rep")
    with connected():
        bobs = Run.everyones().select().where(Run.user_id != day.engine.owner.id).get()
        with transaction():
            Run.everyones().update(trigger="manual").where(Run.id == bobs.id).execute()
        assert list(sync.claimable()) == [bobs.id, automatic]


def kinds_of(day: Day, minutes: int) -> list[str]:
    before = len(day.engine.runs())
    day.passes(minutes)
    return [run.kind for run in day.engine.runs()[before:]]


def test_once_a_week_one_run_is_full_after_what_is_new_came(day: Day) -> None:
    day.clock.shift(timedelta(days=6))
    assert kinds_of(day, 41) == ["recent"] * 3
    day.clock.shift(timedelta(days=1))
    assert kinds_of(day, 41) == ["recent", "full", "recent"]
    assert {run.state for run in day.engine.runs()} == {"finished"}


def test_a_weekly_run_that_fails_is_tried_again_the_next_day(day: Day) -> None:
    day.clock.shift(timedelta(days=7))
    day.passes(1)
    day.engine.hubspot.fault("contacts", 403)
    assert kinds_of(day, 41) == ["full", "recent"]
    day.clock.shift(timedelta(hours=23))
    assert kinds_of(day, 60).count("full") == 1
    assert kinds_of(day, 60).count("full") == 0


def test_a_weekly_run_does_not_raise_one_in_progress(day: Day) -> None:
    day.clock.shift(timedelta(days=7))
    day.passes(1)
    day.engine.ask("recent")
    day.clock.shift(20 * MINUTE)
    with connected():
        sync.start_if_due(day.engine.owner, day.engine.settings)
    assert day.engine.runs()[-1].kind == "recent"


def test_a_manual_full_run_puts_the_weekly_one_off(day: Day) -> None:
    day.clock.shift(timedelta(days=5))
    day.engine.synced()
    day.clock.shift(timedelta(days=2))
    assert kinds_of(day, 41) == ["recent"] * 3


def test_no_run_is_full_where_the_setting_says_never(day: Day) -> None:
    object.__setattr__(day.engine.settings, "full_sync_days", 0)
    day.clock.shift(timedelta(days=30))
    assert kinds_of(day, 41) == ["recent"] * 3


def test_the_workers_sweep_makes_and_wakes_what_is_due(day: Day) -> None:
    clockwork = jobs.Jobs(day.engine.settings)
    day.clock.shift(20 * MINUTE)
    clockwork.sweep()
    clockwork.sweep()
    run = day.engine.runs()[-1]
    assert (run.trigger, run.state) == ("automatic", "queued")
    assert [task.args[0] for task in clockwork.huey.pending()].count(run.id) == 1


def test_a_resting_run_is_not_taken_before_its_time(day: Day) -> None:
    run_id = day.engine.ask("recent")
    with connected(), transaction():
        Run.everyones().update(state="waiting", retry_at=models.now() + MINUTE).where(Run.id == run_id).execute()
        assert list(sync.claimable()) == []
        day.clock.shift(MINUTE)
        assert list(sync.claimable()) == [run_id]


def test_the_interval_of_one_user_is_nobody_elses(day: Day, sign_in: Callable[[str], Rep]) -> None:
    sign_in("rep")
    with connected():
        before = User.select().where(User.id != day.engine.owner.id).get().next_sync_at
        sync.set_interval(day.engine.owner, 5)
        assert User.select().where(User.id != day.engine.owner.id).get().next_sync_at == before
