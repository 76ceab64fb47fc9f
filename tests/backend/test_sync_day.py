"""A rep's days, to the minute and on a moved clock: browser and server come and go, and exactly the runs are made that
20 and 5 minutes should make.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from time_machine import Traveller

from callbook import accounts, jobs, models, sync
from callbook.models import Run, User, connected, transaction
from tests.backend.people import Rep
from tests.backend.syncing import Engine

MONDAY = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.parametrize("hubspot", [3], indirect=True)


@dataclass
class Office:
    """A server that sweeps every minute while it runs, and a browser whose alarm asks every minute while it is open."""

    clock: Traveller
    engine: Engine
    browser: Rep | None
    server: jobs.Jobs | None

    def until(self, day: int, clock: str) -> list[str]:
        """Lets the time pass; when automatic runs were made, as "HH:MM"."""
        hour, minute = (int(each) for each in clock.split(":"))
        end = MONDAY.replace(hour=hour, minute=minute) + timedelta(days=day)
        made: list[str] = []
        while models.now() < end:
            self.clock.shift(MINUTE)
            made += [f"{models.now():%H:%M}"] * self._minute()
        return made

    def _minute(self) -> int:
        before = self._count()
        if self.server is not None:
            if self.browser is not None:
                self.browser.read("/api/sync")
            self.server.sweep()
            self.work()
        return self._count() - before

    def work(self) -> None:
        with connected():
            for run_id in sync.claimable():
                self.engine.worker.work(run_id)

    def _count(self) -> int:
        with connected():
            return Run.everyones().select().where(Run.trigger == "automatic").count()

    def stop_server(self) -> None:
        assert self.server is not None
        self.server.huey.storage.close()
        self.server = None

    def start_server(self) -> None:
        """Another process: it knows what the database knows."""
        self.server = jobs.Jobs(self.engine.settings)


@pytest.fixture
def office(engine: Engine, alice: Rep) -> Iterator[Office]:
    """Monday, eight o'clock; the first sync has just ended."""
    with time_machine.travel(MONDAY, tick=False) as clock:
        engine.synced()
        with connected(), transaction():  # she signed in on another day: before the clock was moved
            User.update(last_seen_at=MONDAY).execute()
        office = Office(clock, engine, alice, jobs.Jobs(engine.settings))
        yield office
        if office.server is not None:
            office.stop_server()


def test_a_day_with_breaks(office: Office, alice: Rep) -> None:
    assert office.until(0, "09:05") == ["08:20", "08:40", "09:00"]
    office.browser = None  # the laptop sleeps; the server does not
    assert office.until(0, "10:10") == ["09:20", "09:40", "10:00"]
    office.stop_server()
    office.browser = alice
    assert office.until(0, "13:33") == []
    office.start_server()
    assert office.until(0, "14:20") == ["13:34", "13:54", "14:14"]
    alice.patch("/api/settings", {"interval_minutes": 5})
    assert office.until(0, "14:31") == ["14:21", "14:26", "14:31"]
    office.stop_server()
    office.start_server()
    assert office.until(0, "14:42") == ["14:36", "14:41"]
    alice.patch("/api/settings", {"interval_minutes": 20})
    assert office.until(0, "15:25") == ["15:01", "15:21"]


def test_a_fortnight_away_is_made_up_for_once(office: Office, alice: Rep) -> None:
    office.browser = None
    office.clock.shift(timedelta(days=6, hours=23))
    assert office.until(7, "08:00") == ["07:01", "07:21", "07:41"]
    assert office.until(7, "09:00") == []
    office.clock.shift(timedelta(days=6, hours=22, minutes=50))
    assert office.until(14, "08:00") == []
    office.browser = alice
    assert office.until(14, "08:50") == ["08:01", "08:21", "08:41"]


def test_a_night_asleep_with_everything(office: Office) -> None:
    office.clock.shift(timedelta(hours=14, minutes=7))
    assert office.until(0, "23:00") == ["22:08", "22:28", "22:48"]


def test_signed_out_there_is_no_timetable_and_signed_in_there_is_a_new_one(
    office: Office, alice: Rep, sign_in: Callable[[str], Rep]
) -> None:
    assert office.until(0, "08:25") == ["08:20"]
    assert alice.post("/auth/unauthorize").status_code == 204
    office.browser = None
    assert office.until(0, "09:00") == []
    office.browser = sign_in("admin")
    office.work()
    with connected():
        (first,) = Run.everyones().select()
        assert (first.kind, first.trigger, first.state) == ("full", "first", "finished")
    assert office.until(0, "09:45") == ["09:20", "09:40"]


def test_two_browsers_of_one_rep_make_no_more_runs(office: Office, sign_in: Callable[[str], Rep]) -> None:
    other = sign_in("admin")
    office.work()
    both: list[str] = []
    for _ in range(45):
        before = len(office.engine.runs())
        office.clock.shift(MINUTE)
        for browser in (office.browser, other):
            assert browser is not None
            browser.read("/api/sync")
        office.engine.work()
        both += [f"{models.now():%H:%M}"] * (len(office.engine.runs()) - before)
    assert both == ["08:20", "08:40"]
    with connected():
        assert sync.due() == []
        assert accounts.is_connected(office.engine.owner)
