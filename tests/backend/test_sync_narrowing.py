"""A record that HubSpot fails at, on whatever page it would be: it costs nobody else, and the run ends."""

from collections.abc import Iterator
from typing import Never

import pytest
import time_machine
from time_machine import Traveller

from callbook import sync
from callbook.errors import Transient
from callbook.models import Run, now
from callbook.sync import audit
from tests.backend.syncing import Engine

CONTACTS = 27

pytestmark = [pytest.mark.usefixtures("small_pages"), pytest.mark.parametrize("hubspot", [CONTACTS], indirect=True)]


@pytest.fixture
def clock(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traveller]:  # noqa: ARG001 - signs in before
    """Stands still but for those who rest."""
    monkeypatch.setattr("callbook.hubspot.LIST_LIMIT", 10)
    monkeypatch.setattr("callbook.sync.reader.SEARCH_HEADS", 1)
    with time_machine.travel(now(), tick=False) as clock:
        yield clock


def lives_on(engine: Engine, clock: Traveller) -> Run:
    """A worker's work until the run has ended."""
    while (run := engine.work()).state in sync.LIVE:
        assert run.retry_at is not None
        clock.move_to(max(run.retry_at, now()))
    return run


def spoil(engine: Engine, *places: int, endpoint: str = "contacts", status: int = 500) -> set[int]:
    ids = {engine.hubspot.portal.live_ids[place] for place in places}
    engine.hubspot.fault(endpoint, status, records=ids, times=None)
    return ids


def no_answers(ids: set[int]) -> dict[str, str]:
    return dict.fromkeys(map(str, ids), "no_answer")


@pytest.mark.parametrize("unknown_after", ["sought", "ignored", "refused"])
@pytest.mark.parametrize("place", [0, 13, CONTACTS - 1])
def test_who_spoils_every_page_is_a_problem_and_the_others_are_read(
    engine: Engine, clock: Traveller, place: int, unknown_after: str
) -> None:
    engine.hubspot.change_options(unknown_after=unknown_after)
    spoiling = spoil(engine, place)
    run = lives_on(engine, clock)
    assert (run.state, run.problem, run.failed, run.added) == ("incomplete", "records_failed", 1, CONTACTS - 1)
    assert engine.problems() == no_answers(spoiling)
    assert engine.held().keys() == set(engine.hubspot.portal.live_ids) - spoiling
    engine.hubspot.clear_faults()
    run = engine.run("recent")
    assert (run.state, run.problem, run.added) == ("finished", None, 1)
    engine.assert_equal()


@pytest.mark.parametrize("unknown_after", ["sought", "ignored"])
@pytest.mark.parametrize("place", [0, 13, CONTACTS - 1])
def test_who_is_refused_on_every_page_is_a_problem_at_once(
    engine: Engine, clock: Traveller, place: int, unknown_after: str
) -> None:
    engine.hubspot.change_options(unknown_after=unknown_after)
    refused = spoil(engine, place, status=400)
    run = lives_on(engine, clock)
    assert (run.state, run.problem, run.added) == ("incomplete", "records_failed", CONTACTS - 1)
    assert engine.problems() == dict.fromkeys(map(str, refused), "refused")
    assert engine.held().keys() == set(engine.hubspot.portal.live_ids) - refused
    engine.hubspot.clear_faults()
    engine.run("recent")
    engine.assert_equal()


@pytest.mark.parametrize("place", [0, 13, CONTACTS - 1])
def test_a_recent_run_reads_past_who_is_refused(engine: Engine, clock: Traveller, place: int) -> None:
    engine.synced()
    clock.shift(3600)
    engine.hubspot.advance(3600)
    ids = list(engine.hubspot.portal.live_ids)
    for id_ in ids:
        engine.hubspot.edit(id_, jobtitle="Changed")
    spoil(engine, place, status=400)
    engine.ask("recent")
    run = lives_on(engine, clock)
    assert (run.state, run.problem, run.updated) == ("incomplete", "records_failed", CONTACTS - 1)
    assert engine.problems() == {str(ids[place]): "refused"}


@pytest.mark.parametrize("place", [0, 13])
def test_what_only_the_list_fails_at_search_reads(engine: Engine, clock: Traveller, place: int) -> None:
    spoil(engine, place, endpoint="list")
    spoil(engine, place, endpoint="batch_read")
    run = lives_on(engine, clock)
    assert (run.state, run.problem, run.added) == ("finished", None, CONTACTS)
    engine.assert_equal()


def test_three_of_them_are_three_problems(engine: Engine, clock: Traveller) -> None:
    spoiling = spoil(engine, 11, 12, 20)
    run = lives_on(engine, clock)
    assert (run.state, run.problem, run.failed, run.added) == ("incomplete", "records_failed", 3, CONTACTS - 3)
    assert engine.problems() == no_answers(spoiling)


def test_a_recent_run_reads_past_one_and_keeps_it_as_it_was(engine: Engine, clock: Traveller) -> None:
    engine.synced()
    clock.shift(3600)
    engine.hubspot.advance(3600)
    ids = list(engine.hubspot.portal.live_ids)
    for id_ in ids[5:16]:
        engine.hubspot.edit(id_, jobtitle="Changed")
    spoiling = spoil(engine, 9)
    engine.ask("recent")
    run = lives_on(engine, clock)
    assert (run.state, run.problem, run.updated) == ("incomplete", "records_failed", 10)
    assert engine.problems() == no_answers(spoiling)
    held = engine.held()
    assert [held[id_].job_title == "Changed" for id_ in ids[5:16]] == [id_ not in spoiling for id_ in ids[5:16]]
    engine.hubspot.clear_faults()
    run = engine.run("recent")
    assert (run.state, run.updated) == ("finished", 1)
    engine.assert_equal()


@pytest.mark.parametrize("status", [400, 500])
def test_a_list_that_fails_everywhere_is_no_records_fault(engine: Engine, clock: Traveller, status: int) -> None:
    engine.hubspot.fault("list", status, times=None)
    run = lives_on(engine, clock)
    assert (run.state, run.problem, run.read) == ("failed", "hubspot_error", 0)
    assert engine.problems() == {}


@pytest.mark.parametrize("status", [400, 500])
def test_who_spoils_the_pages_of_the_archived_is_removed_all_the_same(
    engine: Engine, clock: Traveller, status: int
) -> None:
    engine.synced()
    (gone,) = spoil(engine, 2, status=status)
    engine.hubspot.archive(gone)
    engine.ask("recent")
    run = lives_on(engine, clock)
    assert (run.state, run.problem, run.removed) == ("finished", None, 1)
    engine.assert_equal()


def test_who_spoils_the_list_is_found_where_another_spoils_the_list_of_the_archived(
    engine: Engine, clock: Traveller
) -> None:
    engine.synced()
    gone, spoiling = sorted(spoil(engine, 2, 13))
    engine.hubspot.archive(gone)
    engine.ask("full")
    run = lives_on(engine, clock)
    assert (run.state, run.problem) == ("incomplete", "records_failed")
    assert engine.problems() == no_answers({spoiling})
    assert gone not in engine.held()


def test_a_run_that_fails_at_every_way_to_find_out_ends(
    engine: Engine, clock: Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rests come to more than the time after which all ways would be open again."""
    engine.synced()
    engine.hubspot.archive(engine.hubspot.portal.live_ids[2])
    monkeypatch.setattr("callbook.sync.audit._halve", lambda *_: _fails())
    monkeypatch.setattr("callbook.hubspot.archived_page", lambda *_: _fails())
    engine.ask("recent")
    run = lives_on(engine, clock)
    assert (run.state, run.problem) == ("failed", "hubspot_error")
    assert run.started_at is not None
    assert now() - run.started_at > audit.AWAY


def _fails() -> Never:
    raise Transient("hubspot_error", "HTTP 500")
