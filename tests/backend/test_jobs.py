"""The timetable: whatever is due is done by one sweep, once, and losing the queue costs nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from callbook import events, sync
from callbook.contacts.store import reread_phones
from callbook.jobs import Jobs
from callbook.models import Connection, Contact, Owner, Phone, Run, User, connected, transaction
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Rep, cache, keep_personal, owner_of, remote

LONDON = "020 7946 0018"


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def timetable(settings: Settings) -> Iterator[Jobs]:
    timetable = Jobs(settings)
    yield timetable
    timetable.huey.storage.close()


def woken(timetable: Jobs) -> list[int]:
    return [task.args[0] for task in timetable.huey.pending()]


def runs_of(owner: Owner) -> list[Run]:
    with connected():
        return list(Run.of(owner).select().order_by(Run.id))


def later(**span: float) -> time_machine.travel:
    return time_machine.travel(datetime.now(UTC) + timedelta(**span))


def numbers_of(owner: Owner) -> dict[str, str | None]:
    with connected():
        names = {row.id: row.name for row in Contact.of(owner).select()}
        return {names[row.contact_id]: row.e164 for row in Phone.of(owner).select()}


def test_a_queued_run_is_woken_once(alice: Rep, timetable: Jobs) -> None:
    (run,) = runs_of(owner_of(alice))
    timetable.huey.flush()
    for _ in range(3):
        timetable.sweep()
    assert woken(timetable) == [run.id]


def test_a_due_run_is_made_by_one_sweep(alice: Rep, timetable: Jobs, work: Callable[[], list[Run]]) -> None:
    work()
    owner = owner_of(alice)
    timetable.sweep()
    assert len(runs_of(owner)) == 1
    with later(minutes=21):
        timetable.sweep()
        timetable.sweep()
    assert [(run.kind, run.trigger, run.state) for run in runs_of(owner)] == [
        ("full", "first", "finished"),
        ("recent", "automatic", "queued"),
    ]


def test_the_interval_chosen_is_the_one_kept(alice: Rep, timetable: Jobs, work: Callable[[], list[Run]]) -> None:
    alice.patch("/api/settings", {"interval_minutes": 5})
    work()
    with later(minutes=4):
        timetable.sweep()
        assert len(runs_of(owner_of(alice))) == 1
    with later(minutes=6):
        timetable.sweep()
        assert len(runs_of(owner_of(alice))) == 2


def test_whoever_was_not_seen_for_a_week_is_left_alone_until_a_browser_asks(
    alice: Rep, timetable: Jobs, work: Callable[[], list[Run]]
) -> None:
    work()
    owner = owner_of(alice)
    with later(days=7, minutes=1):
        timetable.sweep()
        assert len(runs_of(owner)) == 1
        assert alice.read("/api/sync")["run"]["trigger"] == "automatic"
        assert len(runs_of(owner)) == 2


def test_without_a_connection_nothing_is_due(alice: Rep, timetable: Jobs, work: Callable[[], list[Run]]) -> None:
    work()
    owner = owner_of(alice)
    with connected():
        Connection.of(owner).update(state="reconnect_needed").execute()
    with later(minutes=21):
        timetable.sweep()
    assert len(runs_of(owner)) == 1


def test_a_run_whose_worker_died_is_woken_when_its_lease_is_over(
    alice: Rep, timetable: Jobs, settings: Settings
) -> None:
    owner = owner_of(alice)
    timetable.huey.flush()
    with connected():
        (run_id,) = sync.claimable()
        sync.runs.claim(run_id, "dead", settings)
    timetable.sweep()
    assert woken(timetable) == []
    with later(seconds=settings.lease_s + 1):
        timetable.sweep()
    assert woken(timetable) == [run_id] == [run.id for run in runs_of(owner)]


def test_numbers_are_read_again_after_the_default_country_has_changed(
    alice: Rep, timetable: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callbook.contacts.store.REREAD_AT_ONCE", 2)
    owner = owner_of(alice)
    cache(
        owner,
        remote(1, lastname="Abel", phone=LONDON),
        remote(2, lastname="Berg", phone=LONDON, country="France"),
        remote(3, lastname="Carl"),
        remote(4, lastname="Dora", phone="+1 201 555 0132"),
    )
    keep_personal(owner, lastname="Mine", phone=LONDON)
    before = numbers_of(owner)
    alice.patch("/api/settings", {"default_country": "GB"})
    assert numbers_of(owner) == before
    timetable.sweep()
    london = "+442079460018"
    assert numbers_of(owner) == {**before, "Abel": london, "Mine": london}
    assert before["Abel"] != london
    with connected():
        assert not User.get_by_id(owner.id).phones_stale
        assert [event.kind for event in events.after(owner, 0).events] == ["contacts"]
        seqs = [row.seq for row in Contact.of(owner).select()]
        assert len(set(seqs)) == len(seqs)
        assert max(seqs) == User.get_by_id(owner.id).seq


def test_nothing_is_read_again_when_the_country_stays(alice: Rep, timetable: Jobs) -> None:
    owner = owner_of(alice)
    for country in ("GB", "GB", None, None):
        alice.patch("/api/settings", {"default_country": country})
        timetable.sweep()
    with connected():
        assert [event.kind for event in events.after(owner, 0).events] == ["contacts", "contacts"]


def test_a_country_changed_back_while_numbers_are_read_is_read_once_more(
    alice: Rep, timetable: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = owner_of(alice)
    cache(owner, remote(1, lastname="Abel", phone=LONDON))
    home = numbers_of(owner)

    def meddled(owner: Owner, region: str | None, after_id: int, limit: int) -> int | None:
        User.update(default_country=None).where(User.id == owner.id).execute()
        return reread_phones(owner, region, after_id, limit)

    alice.patch("/api/settings", {"default_country": "GB"})
    with monkeypatch.context() as patched:
        patched.setattr("callbook.contacts.store.reread_phones", meddled)
        timetable.sweep()
    with connected():
        assert User.get_by_id(owner.id).phones_stale
    timetable.sweep()
    assert numbers_of(owner) == home


def test_old_events_are_pruned(alice: Rep, timetable: Jobs) -> None:
    owner = owner_of(alice)
    with connected(), transaction():
        events.append(owner, "contacts", {})
    with later(days=3):
        timetable.sweep()
        with connected():
            assert events.after(owner, 0).start_again


def test_both_processes_see_one_queue(settings: Settings, timetable: Jobs) -> None:
    other = Jobs(settings)
    other.wake(41)
    other.wake(41)
    assert woken(timetable) == [41]
    other.huey.storage.close()


def test_a_manual_run_waits_for_none_that_was_woken_before_it(
    alice: Rep, bob: Rep, timetable: Jobs, work: Callable[[], list[Run]]
) -> None:
    work()
    with later(minutes=21):
        timetable.huey.flush()
        timetable.sweep()
        (automatic,) = [run.id for run in runs_of(owner_of(alice)) if run.trigger == "automatic"]
        bob.post("/api/sync", {"kind": "recent"})
        assert woken(timetable)[0] == automatic
        timetable.huey.execute(timetable.huey.dequeue())
        assert runs_of(owner_of(bob))[-1].state == "finished"
        assert runs_of(owner_of(alice))[-1].state == "queued"
