"""Workers die: another resumes from the checkpoint, a late one writes nothing, and what always kills ends visibly."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
import time_machine

from callbook import accounts, sync
from callbook.hubspot import Client
from callbook.models import Contact, Run, connected, now, transaction
from callbook.sync import run_report, runs, work
from callbook.sync.runs import LostLease
from callbook.sync.stride import Stride
from tests.backend.syncing import Engine, Json, Meddler

pytestmark = [pytest.mark.usefixtures("small_pages"), pytest.mark.parametrize("hubspot", [27], indirect=True)]

STEPS_OF_A_RUN = 10  # start, three pages of the list, remove, two pages of search, audit, owners, companies


class Died(BaseException):
    """Not an `Exception`: nothing in the worker catches it, as nothing catches a kill."""


def edit_all(engine: Engine) -> None:
    """So that the pass that closes a walk has two pages, too."""
    for id_ in engine.hubspot.portal.live_ids:
        engine.hubspot.edit(id_, jobtitle="Changed")


@pytest.mark.parametrize("steps", range(STEPS_OF_A_RUN))
def test_another_worker_resumes_after_any_step(engine: Engine, steps: int) -> None:
    edit_all(engine)
    stride = engine.take()
    for _ in range(steps):
        assert engine.step(stride)
    left = engine.row(stride.claim.run_id)
    assert engine.runs()[-1].state == "running"
    engine.hubspot.edit(engine.hubspot.portal.live_ids[3], firstname="Changed meanwhile")
    with time_machine.travel(left.lease_until or now(), tick=True) as clock:
        clock.shift(1)
        run = engine.work()
    assert (run.id, run.state, run.problem) == (left.id, "finished", None)
    assert run.read >= left.read
    assert (run.read, run.added) == (27, 27)
    engine.run("recent")  # a change after the last page of a run is the next one's
    engine.assert_equal()


def test_no_page_is_asked_for_twice_after_a_death(engine: Engine) -> None:
    stride = engine.take()
    engine.until(stride, "recent")
    asked = engine.hubspot.requests.count("list")
    engine.lose_lease()
    assert engine.work().state == "finished"
    assert engine.hubspot.requests.count("list") == asked


def test_a_lease_that_lasts_is_respected(engine: Engine) -> None:
    engine.take()
    with connected():
        assert list(sync.claimable()) == []
        assert runs.claim(engine.runs()[-1].id, "another", engine.settings) is None


def test_a_worker_that_lost_its_lease_cannot_write_its_page(engine: Engine) -> None:
    late = engine.take()
    engine.step(late)
    engine.lose_lease()
    engine.take()
    before = (engine.rows(), engine.user().seq, engine.row(late.claim.run_id).__data__)
    with pytest.raises(LostLease):
        engine.step(late)
    assert (engine.rows(), engine.user().seq, engine.row(late.claim.run_id).__data__) == before


def test_a_page_under_way_when_the_lease_is_lost_is_undone(engine: Engine, meddler: Meddler) -> None:
    """Its answer comes when another worker is already further."""
    late = engine.take()
    engine.step(late)

    def overtaken(body: Json) -> Json:
        engine.lose_lease()
        run_id = late.claim.run_id
        with connected():
            assert runs.claim(run_id, "another", engine.settings) is not None
        return body

    meddler.next("list", overtaken)
    with pytest.raises(LostLease):
        engine.step(late)
    assert engine.rows() == []
    engine.lose_lease()
    assert engine.work().state == "finished"
    engine.assert_equal()


def test_two_workers_taking_turns_apply_no_page_twice(engine: Engine) -> None:
    edit_all(engine)
    for _ in range(STEPS_OF_A_RUN):
        stride = engine.take()
        engine.step(stride)
        engine.lose_lease()
    run = engine.runs()[-1]
    assert (run.state, run.read, run.added, run.unchanged) == ("finished", 27, 27, 0)
    engine.assert_equal()


def test_a_page_and_its_checkpoint_are_one(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dying between the rows and the checkpoint leaves neither."""
    stride = engine.take()
    engine.step(stride)

    def die(*_args: object, **_columns: object) -> None:
        with connected():
            assert Contact.of(engine.owner).select().count() == 10
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(runs, "keep", die)
        with pytest.raises(Died):
            engine.step(stride)
    assert engine.rows() == []
    checkpoint = engine.row(stride.claim.run_id).checkpoint
    assert (checkpoint["stage"], checkpoint["left"]) == ("list", [[0, None]])


def test_a_request_sent_while_a_page_is_kept_is_counted_with_the_next(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stride = engine.take()
    keep = runs.keep

    def keep_meanwhile(claim: runs.Claim, **columns: object) -> None:
        stride.client.requests += 1
        keep(claim, **columns)

    with monkeypatch.context() as patch:
        patch.setattr(runs, "keep", keep_meanwhile)
        engine.step(stride)
    engine.step(stride)
    assert engine.row(stride.claim.run_id).requests == stride.client.requests


def test_what_kills_every_worker_ends_in_a_visible_failure(engine: Engine, meddler: Meddler) -> None:
    def die(_body: Json) -> Json:
        raise Died

    meddler.next("list", lambda body: body)
    meddler.every("list", die)
    run_id = engine.runs()[-1].id
    for _ in range(runs.MAX_ATTEMPTS + 1):
        assert engine.row(run_id).state in sync.LIVE
        with pytest.raises(Died), connected():
            engine.worker.work(run_id)
        engine.lose_lease()
    asked = engine.hubspot.requests.count("list")
    run = engine.work()
    assert (run.id, run.state, run.problem, run.read) == (run_id, "failed", "internal", 10)
    assert run.finished_at is not None
    assert engine.hubspot.requests.count("list") == asked
    assert engine.user().next_sync_at is not None
    meddler.stop()
    engine.synced()
    engine.assert_equal()


def test_progress_makes_deaths_count_anew(engine: Engine) -> None:
    """A worker that dies after every page is slow, not poisoned."""
    edit_all(engine)
    for _ in range(STEPS_OF_A_RUN - 1):
        for _ in range(runs.MAX_ATTEMPTS - 1):
            engine.take()
            engine.lose_lease()
        assert engine.step(engine.take())
        engine.lose_lease()
    assert engine.work().state == "finished"


def test_an_error_of_our_own_rests_and_ends_visibly(
    engine: Engine, meddler: Meddler, caplog: pytest.LogCaptureFixture
) -> None:
    meddler.every("list", lambda body: body["no such key"])
    caplog.set_level(logging.CRITICAL)
    run = engine.work()
    assert (run.state, run.problem) == ("waiting", "internal")
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(runs.MAX_ATTEMPTS):
            clock.shift(runs.MAX_WAIT_S)
            run = engine.work()
    assert (run.state, run.problem) == ("failed", "internal")


@pytest.fixture
def stopping(engine: Engine) -> Iterator[threading.Event]:
    """The worker of `engine` can be told to stop."""
    event = threading.Event()
    engine.worker = sync.Worker(engine.settings, event)
    yield event
    event.set()


def test_a_worker_told_to_stop_gives_the_run_back_at_once(
    engine: Engine, stopping: threading.Event, meddler: Meddler
) -> None:
    def stop(body: Json) -> Json:
        stopping.set()
        return body

    meddler.next("list", stop)
    run_id = engine.runs()[-1].id
    with connected():
        engine.worker.work(run_id)
    run = engine.row(run_id)
    assert (run.state, run.problem, run.lease_owner) == ("waiting", None, None)
    assert run.read == 10 * engine.hubspot.requests.count("list")  # what was under way was waited for
    stopping.clear()
    assert engine.work().state == "finished"
    assert engine.hubspot.requests.count("list") == 3
    engine.assert_equal()


def test_a_sign_of_life_prolongs_the_lease_while_hubspot_thinks(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = engine.runs()[-1].id
    beaten = threading.Event()
    leases: list[object] = []
    keep = runs.keep

    def watched(claim: runs.Claim, **columns: object) -> None:
        keep(claim, **columns)
        if not columns:
            leases.append(engine.row(run_id).lease_until)
            beaten.set()

    send = requests.Session.send

    def slow(self: requests.Session, request: requests.PreparedRequest, **options: object) -> requests.Response:
        before = engine.row(run_id).lease_until
        beaten.clear()
        assert beaten.wait(20)
        assert leases[-1] != before
        return send(self, request, **options)  # type: ignore[arg-type] # passed on as they came

    monkeypatch.setattr(runs, "keep", watched)
    monkeypatch.setattr(requests.Session, "send", slow)
    object.__setattr__(engine.settings, "heartbeat_s", 0.05)
    assert engine.work().state == "finished"


def test_a_sign_of_life_does_not_hold_the_run_while_it_waits_for_the_user(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step takes them the other way round; PostgreSQL would end one of the two."""
    stride = engine.take()
    done: list[str] = []
    told = threading.Event()
    keep, tell = runs.keep, Stride.tell

    @contextmanager
    def noted() -> Iterator[None]:
        done.append("begin")
        with transaction():
            yield

    def keep_noted(claim: runs.Claim, **columns: object) -> None:
        done.append("keep")
        keep(claim, **columns)

    def tell_noted(self: Stride) -> None:
        tell(self)
        done.append("tell")
        told.set()

    monkeypatch.setattr(work, "transaction", noted)
    monkeypatch.setattr(runs, "keep", keep_noted)
    monkeypatch.setattr(Stride, "tell", tell_noted)
    object.__setattr__(engine.settings, "heartbeat_s", 0.01)
    stride.untold = True
    with engine.worker._sign_of_life(stride):  # noqa: SLF001 - the thread in question
        assert told.wait(20)
    assert done[:4] == ["begin", "keep", "begin", "tell"]


def test_cancelled_by_unauthorize_the_worker_stops_and_writes_nothing(engine: Engine, meddler: Meddler) -> None:
    def leave(body: Json) -> Json:
        accounts.unauthorize(engine.owner)
        return body

    meddler.next("list", lambda body: body)
    meddler.next("list", leave)
    run_id = engine.runs()[-1].id
    with connected():
        engine.worker.work(run_id)
    run = engine.row(run_id)
    assert (run.state, run.read) == ("cancelled", 10)
    assert len(engine.rows()) == 10


def test_reported_progress_survives_every_death(engine: Engine) -> None:
    seen: list[int] = []
    going = True
    while going:
        stride = engine.take()
        going = engine.step(stride)
        engine.lose_lease()
        report = run_report(engine.row(stride.claim.run_id))
        assert report["read"] <= report["total"]
        seen.append(report["read"])
    assert seen == sorted(seen)
    assert engine.runs()[-1].state == "finished"


def test_a_client_is_closed_whatever_happened(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Client] = []
    close = Client.close

    def watched(self: Client) -> None:
        closed.append(self)
        close(self)

    monkeypatch.setattr(Client, "close", watched)
    engine.hubspot.fault("list", 403)
    assert engine.work().state == "failed"
    assert len(closed) == 1


def test_one_run_at_a_time_whatever_asks(engine: Engine) -> None:
    first = engine.runs()[-1].id
    assert {engine.ask(kind, trigger) for kind in ("full", "recent") for trigger in ("manual", "automatic")} == {first}
    assert len(engine.runs()) == 1
    with connected():
        assert [row.id for row in Run.everyones().select().where(Run.state.in_(sync.LIVE))] == [first]
