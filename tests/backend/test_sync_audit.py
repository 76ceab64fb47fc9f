"""When HubSpot's total is not ours: the reason is found with few requests, and only what differs is read."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
import time_machine

from callbook import sync
from callbook.models import now
from callbook.sync import audit
from tests.backend.syncing import Engine, Json, Meddler

CONTACTS = 640
pytestmark = pytest.mark.parametrize("hubspot", [CONTACTS], indirect=True)

Loss = Callable[[Engine], None]


@pytest.fixture
def settled(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr(audit, "LEAF", 20)  # 640 contacts are then five halvings
    engine.hubspot.change_options(gdpr_deleted_are_listed_as_archived=False)
    engine.synced()
    engine.hubspot.requests.clear()
    return engine


def forget_for_privacy(engine: Engine) -> None:
    """In no list of archived contacts."""
    engine.hubspot.gdpr_delete(engine.hubspot.portal.live_ids[333])


def restore(engine: Engine) -> None:
    """HubSpot does not call that a modification."""
    engine.hubspot.restore(engine.hubspot.portal.archived_ids[0])


def test_one_archived_contact_costs_six_requests(settled: Engine) -> None:
    settled.hubspot.archive(settled.hubspot.portal.live_ids[333])
    run = settled.run("recent")
    assert (run.state, run.problem, run.removed) == ("finished", None, 1)
    assert run.requests == 6  # search, total, archived, asked by id, search, total
    settled.assert_equal()


def test_one_contact_deleted_for_privacy_is_found_by_halving(settled: Engine) -> None:
    forget_for_privacy(settled)
    run = settled.run("recent")
    assert (run.state, run.problem, run.removed) == ("finished", None, 1)
    assert 6 < run.requests <= 6 + 5 + 2  # as before, five halvings, and the page of what differs
    assert run.read <= 2 * 100
    settled.assert_equal()


def test_a_restored_contact_is_found_by_halving(settled: Engine) -> None:
    gone = settled.hubspot.portal.live_ids[100]
    settled.hubspot.archive(gone)
    settled.run("recent")
    restore(settled)
    run = settled.run("recent")
    assert (run.state, run.problem, run.added) == ("finished", None, 1)
    assert run.read <= 2 * 100
    settled.assert_equal()


def test_differences_that_make_up_for_each_other_in_one_half_are_found_in_the_next_full_run(settled: Engine) -> None:
    settled.hubspot.archive(settled.hubspot.portal.live_ids[10])
    settled.run("recent")
    restore(settled)
    settled.hubspot.gdpr_delete(settled.hubspot.portal.live_ids[12])
    assert settled.run("recent").state == "finished"  # HubSpot's total is ours: nothing tells of it
    settled.synced()
    settled.assert_equal()


def test_differences_that_make_up_for_each_other_far_apart_are_found_soon(settled: Engine) -> None:
    """A quiet run counts a part of the ids, another one each time: one archived and one restored show there."""
    low, high = (settled.hubspot.portal.live_ids[place] for place in (100, 500))
    settled.hubspot.archive(low)
    assert settled.run("recent").removed == 1
    restore(settled)
    settled.hubspot.gdpr_delete(high)
    runs = [settled.run("recent") for _ in range(4)]
    assert [run.state for run in runs] == ["finished"] * 4
    (found,) = [run for run in runs if run.requests > 3]
    assert (found.added, found.removed) == (1, 1)
    assert found.requests <= 3 + 2 * 5 + 2 + 3  # five halvings of each part, what differs, by id, the pass, the audit
    settled.assert_equal()


def test_one_that_comes_while_a_run_reads_does_not_hide_one_that_has_gone(settled: Engine) -> None:
    settled.hubspot.archive(settled.hubspot.portal.live_ids[333])
    settled.ask("recent")
    stride = settled.take()
    settled.until(stride, "audit")
    settled.hubspot.create(firstname="Late")
    run = settled.to_the_end(stride)
    assert (run.state, run.added, run.removed) == ("finished", 1, 1)
    settled.assert_equal()


def test_one_archived_a_moment_ago_does_not_make_up_for_one_deleted_for_privacy(
    settled: Engine, meddler: Meddler
) -> None:
    """HubSpot's count still has the former: until it has not, the count proves nothing."""
    forget_for_privacy(settled)
    settled.hubspot.archive(settled.hubspot.portal.live_ids[100])
    for _ in ("before", "and after it is removed"):
        meddler.next("total", lambda body: {**body, "total": body["total"] + 1})
    patient = sync.Worker(replace(settled.settings, index_lag_s=30), threading.Event())
    with time_machine.travel(now(), tick=False) as clock:
        settled.ask("recent")
        patient.work(settled.runs()[-1].id)
        waiting = settled.runs()[-1]
        assert (waiting.state, waiting.removed) == ("waiting", 1)
        clock.move_to(waiting.retry_at or now())
        patient.work(waiting.id)
    run = settled.runs()[-1]
    assert (run.state, run.problem, run.removed) == ("finished", None, 2)
    settled.assert_equal()


def test_one_archived_by_a_clock_ahead_of_ours_is_waited_for_once(settled: Engine) -> None:
    settled.hubspot.advance(3600)
    settled.hubspot.archive(settled.hubspot.portal.live_ids[100])
    run = settled.run("recent")
    assert (run.state, run.problem, run.removed) == ("finished", None, 1)


@pytest.mark.parametrize("stage", ["audit", "halve"])
def test_who_takes_a_run_up_after_long_goes_all_ways_again(settled: Engine, meddler: Meddler, stage: str) -> None:
    """All had been gone when its worker died; since then contacts have come and gone."""
    forget_for_privacy(settled)
    meddler.every("total", lambda body: {**body, "total": body["total"] + 3})
    with time_machine.travel(now(), tick=False) as clock:
        settled.ask("recent")
        stride = settled.take()
        while (left := settled.runs()[-1].checkpoint).get("narrowed") != 2 or left["stage"] != stage:  # the last way
            if not settled.step(stride):
                stride = settled.take()
        settled.lose_lease()
        meddler.stop()
        settled.hubspot.create(firstname="New")
        settled.hubspot.gdpr_delete(settled.hubspot.portal.live_ids[50])
        clock.shift(3600)
        run = settled.work()
    assert (run.state, run.problem, run.added, run.removed) == ("finished", None, 1, 2)
    settled.assert_equal()


def test_a_part_that_is_merely_late_costs_a_wait_and_changes_nothing(settled: Engine, meddler: Meddler) -> None:
    meddler.next("total", lambda body: body)
    meddler.next("total", lambda body: {**body, "total": body["total"] + 1})
    run = settled.run("recent")
    assert (run.state, run.problem, run.removed, run.added) == ("finished", None, 0, 0)


def test_many_differences_are_read_as_a_whole_walk_when_halving_would_cost_more(
    settled: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "A_WALK", 10**6)  # ten halvings, then everything that is suspect
    for id_ in settled.hubspot.portal.live_ids[::40]:
        settled.hubspot.gdpr_delete(id_)
    run = settled.run("recent")
    assert (run.state, run.problem, run.removed) == ("finished", None, 16)
    settled.assert_equal()


def test_the_archived_are_given_up_when_they_are_too_many(settled: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ninety days of others' deletions, and the one in question is not among them."""
    monkeypatch.setattr("callbook.hubspot.contacts.LIST_LIMIT", 10)
    for _ in range(120):
        settled.hubspot.archive(settled.hubspot.create(firstname="Short-lived").id)
    forget_for_privacy(settled)
    run = settled.run("recent")
    assert (run.state, run.problem, run.removed) == ("finished", None, 1)
    assert run.requests < 30
    settled.assert_equal()


def test_a_worker_may_die_between_any_two_halvings(settled: Engine) -> None:
    forget_for_privacy(settled)
    settled.ask("recent")
    stages: list[str] = []
    while settled.runs()[-1].state == "running" or not stages:
        stride = settled.take()
        stages.append(settled.row(stride.claim.run_id).checkpoint["stage"])
        settled.step(stride)
        settled.lose_lease()
    run = settled.runs()[-1]
    assert (run.state, run.removed) == ("finished", 1)
    assert stages.count("halve") >= 5
    settled.assert_equal()


def test_a_total_that_is_merely_late_is_waited_for(settled: Engine, meddler: Meddler) -> None:
    """Every half is right, only the whole is not: that is the index's lag."""

    def one_too_many(body: Json) -> Json:
        return {**body, "total": body["total"] + 1}

    meddler.next("total", one_too_many)
    meddler.next("total", one_too_many)
    run = settled.run("recent")
    assert (run.state, run.problem, run.removed, run.added) == ("finished", None, 0, 0)
