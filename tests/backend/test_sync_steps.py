"""A run taken step by step: HubSpot changes between two pages, pages are out of order, records cannot be read, and what
a pass would remove has to be proven.
"""

from typing import Any

import pytest
import requests

from callbook import models
from callbook.models import Run, connected
from callbook.sync import run_report
from tests.backend.syncing import Engine, Json, Meddler, garbled, without

pytestmark = [pytest.mark.usefixtures("small_pages"), pytest.mark.parametrize("hubspot", [27], indirect=True)]


def test_edits_creates_and_deletes_between_the_pages(engine: Engine) -> None:
    """Behind the walk, before it, and on the page it reads next."""
    portal, stride = engine.hubspot.portal, engine.take()
    engine.step(stride)  # start
    engine.step(stride)  # the first page
    behind, next_page, ahead = portal.live_ids[5], portal.live_ids[10], portal.live_ids[21]
    engine.hubspot.edit(behind, firstname="Behind", phone="+1 212 555 0101")
    engine.hubspot.archive(next_page)
    engine.hubspot.edit(ahead, firstname="Ahead")
    engine.hubspot.create(firstname="Born between")
    engine.step(stride)
    engine.hubspot.archive(ahead)
    engine.hubspot.create(firstname="Born later")
    run = engine.to_the_end(stride)
    assert (run.state, run.problem) == ("finished", None)
    engine.assert_equal()


def test_what_was_deleted_behind_the_walk_is_found_among_the_archived(engine: Engine) -> None:
    engine.synced()
    engine.hubspot.archive(engine.hubspot.portal.live_ids[20])
    engine.ask("full")
    stride = engine.take()
    engine.until(stride, "list")
    engine.step(stride)
    for id_ in engine.hubspot.portal.live_ids[:3]:
        engine.hubspot.archive(id_)
    run = engine.to_the_end(stride)
    assert (run.state, run.problem, run.removed) == ("finished", None, 4)
    assert run.read <= run_report(run)["total"]
    engine.assert_equal()


@pytest.mark.parametrize("stage", ["start", "list", "remove", "recent", "audit"])
def test_a_change_before_any_stage_is_found(engine: Engine, stage: str) -> None:
    engine.synced()
    engine.ask("full")
    stride = engine.take()
    engine.until(stride, stage)
    engine.hubspot.edit(engine.hubspot.portal.live_ids[12], lastname=f"Before {stage}")
    engine.hubspot.archive(engine.hubspot.portal.live_ids[13])
    engine.hubspot.create(firstname=f"Before {stage}")
    engine.to_the_end(stride)
    assert engine.run("recent").state == "finished"
    engine.assert_equal()


def test_the_contact_after_which_a_page_goes_on_is_deleted(engine: Engine) -> None:
    stride = engine.take()
    engine.until(stride, "list")
    engine.step(stride)
    engine.hubspot.archive(engine.hubspot.portal.live_ids[9])
    engine.hubspot.archive(engine.hubspot.portal.live_ids[9])
    run = engine.to_the_end(stride)
    assert run.state == "finished"
    engine.assert_equal()


def test_no_request_is_made_while_a_transaction_is_open(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    send = requests.Session.send
    sent: list[str] = []

    def watched(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        assert not models.database.in_transaction()
        sent.append(str(request.url))
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", watched)
    gone = engine.hubspot.portal.live_ids[0]
    engine.synced()
    engine.hubspot.archive(gone)
    engine.hubspot.advance(3600)  # every access token has expired, so there is a refresh among them
    assert engine.run("recent").state == "finished"
    assert any("/oauth/" in url for url in sent)
    assert any("/search" in url for url in sent)


def reversed_page(body: Json) -> Json:
    return {**body, "results": body["results"][::-1]}


def doubled_record(body: Json) -> Json:
    return {**body, "results": [*body["results"][:5], body["results"][4], *body["results"][5:]]}


def nobody_and_more(body: Json) -> Json:
    return {**body, "results": [], "paging": {"next": {"after": "1"}}}


ODD_PAGES = [reversed_page, doubled_record, nobody_and_more]


@pytest.mark.parametrize("change", ODD_PAGES)
@pytest.mark.parametrize("page", [0, 2])
def test_a_page_that_proves_nothing_is_asked_for_again(
    engine: Engine, meddler: Meddler, change: Any, page: int
) -> None:
    engine.synced()
    for id_ in engine.hubspot.portal.live_ids[:2]:
        engine.hubspot.archive(id_)
    for _ in range(page):
        meddler.next("list", lambda body: body)
    meddler.next("list", change)
    run = engine.run("full")
    assert (run.state, run.problem, run.removed) == ("finished", None, 2)
    engine.assert_equal()


@pytest.mark.parametrize("change", ODD_PAGES)
@pytest.mark.parametrize("page", [0, 2])
def test_a_list_that_goes_on_proving_nothing_fails_the_run_and_removes_nothing(
    engine: Engine, meddler: Meddler, change: Any, page: int
) -> None:
    """Where search is not there to help."""
    engine.synced()
    gone = engine.hubspot.portal.live_ids[:2]
    for id_ in gone:
        engine.hubspot.archive(id_)
    for _ in range(page):
        meddler.next("list", lambda body: body)
    meddler.every("list", change)
    run = engine.run("full")
    assert (run.state, run.problem, run.removed) == ("failed", "hubspot_error", 0)
    assert set(gone) <= engine.held().keys()
    meddler.stop()
    assert engine.run("recent").state == "finished"
    engine.assert_equal()


def test_a_page_that_comes_twice_fails_the_run(engine: Engine, meddler: Meddler) -> None:
    pages: list[Json] = []

    def first_again(body: Json) -> Json:
        pages.append(body)
        return pages[0]

    meddler.every("list", first_again)
    run = engine.work()
    assert (run.state, run.problem, run.removed) == ("failed", "hubspot_error", 0)
    assert len(pages) == 3  # the first, and twice another that was the first again


def test_a_failed_pass_removes_nothing(engine: Engine) -> None:
    engine.synced()
    for id_ in engine.hubspot.portal.live_ids[:3]:
        engine.hubspot.archive(id_)
    engine.hubspot.fault("list", 403, skip=2)
    run = engine.run("full")
    assert (run.state, run.problem, run.removed) == ("failed", "scope_missing", 0)
    assert len(engine.held()) == 27


def test_a_pass_cancelled_on_its_way_removes_nothing(engine: Engine) -> None:
    engine.synced()
    for id_ in engine.hubspot.portal.live_ids[:10]:
        engine.hubspot.archive(id_)
    engine.ask("full")
    stride = engine.take()
    engine.until(stride, "remove")
    with connected():
        Run.of(engine.owner).update(state="cancelled", fence=Run.fence + 1).where(Run.state == "running").execute()
        engine.worker._to_the_end(stride)  # noqa: SLF001 - a worker in the middle of it
    assert len(engine.held()) == 27
    assert engine.synced().removed == 10


@pytest.mark.parametrize("position", [0, 9, 10, 26])
def test_an_unreadable_record_costs_only_itself(engine: Engine, meddler: Meddler, position: int) -> None:
    odd = engine.hubspot.portal.live_ids[position]
    for endpoint in ("list", "search", "batch_read"):
        meddler.every(endpoint, garbled(odd))
    run = engine.work()
    assert (run.state, run.problem, run.failed, run.added) == ("incomplete", "records_failed", 1, 26)
    assert engine.problems() == {str(odd): "invalid"}
    assert set(engine.hubspot.portal.live_ids) - engine.held().keys() == {odd}
    meddler.stop()
    run = engine.run("recent")
    assert (run.state, run.problem, run.failed, run.added) == ("finished", None, 0, 1)
    assert engine.problems() == {}
    engine.assert_equal()


@pytest.mark.parametrize("position", [0, 9, 10, 26])
def test_a_record_that_became_unreadable_is_kept_and_told(engine: Engine, meddler: Meddler, position: int) -> None:
    """At the end of a page, above all: it is there, though the page's readable ids end before it."""
    engine.synced()
    odd = engine.hubspot.portal.live_ids[position]
    engine.hubspot.edit(odd, firstname="Newer")
    for endpoint in ("list", "search", "batch_read"):
        meddler.every(endpoint, garbled(odd))
    for kind in ("full", "recent"):
        run = engine.run(kind)
        assert (run.state, run.problem, run.failed, run.removed) == ("incomplete", "records_failed", 1, 0)
        assert odd in engine.held()
    meddler.stop()
    engine.synced()
    engine.assert_equal()


def test_a_whole_page_may_be_unreadable(engine: Engine, meddler: Meddler) -> None:
    engine.synced()
    odd = engine.hubspot.portal.live_ids[:10]
    for endpoint in ("list", "batch_read"):
        meddler.every(endpoint, garbled(*odd))
    run = engine.run("full")
    assert (run.state, run.problem, run.failed, run.removed) == ("incomplete", "records_failed", 10, 0)
    assert len(engine.held()) == 27
    meddler.stop()
    engine.synced()


@pytest.mark.parametrize("odd", [None, {"id": None}, {"id": "²"}, {"id": "9" * 30}, {"id": "\ud800"}, {"id": {}}])
def test_while_a_record_without_an_id_is_met_nobody_is_proven_absent(
    engine: Engine, meddler: Meddler, odd: object
) -> None:
    """It may be any of those that seem to be missing."""
    engine.synced()
    somebody = engine.hubspot.portal.live_ids[9]

    def nameless(body: Json) -> Json:
        return {**body, "results": [odd if each["id"] == str(somebody) else each for each in body["results"]]}

    meddler.every("list", nameless)
    run = engine.run("full")
    assert (run.state, run.failed, run.removed) == ("incomplete", 1, 0)
    assert somebody in engine.held()
    meddler.stop()
    engine.synced()
    assert engine.problems() == {}


def test_half_a_character_and_a_nul_do_not_cost_the_page(engine: Engine, meddler: Meddler) -> None:
    odd = engine.hubspot.portal.live_ids[0]

    def broken(body: Json) -> Json:
        for each in body["results"]:
            if each["id"] == str(odd):
                each["properties"] |= {"firstname": "Cut \ud83d", "lastname": "N\x00L"}
        return body

    meddler.every("list", broken)
    run = engine.work()
    assert (run.state, run.problem) == ("finished", None)
    assert engine.held()[odd].name == "Cut ? NL"


def test_a_record_the_list_garbles_is_read_one_by_one(engine: Engine, meddler: Meddler) -> None:
    meddler.every("list", garbled(engine.hubspot.portal.live_ids[5]))
    run = engine.work()
    assert (run.state, run.failed, run.added) == ("finished", 0, 27)
    engine.assert_equal()


def test_after_a_run_with_unreadable_records_recent_runs_stay_recent(engine: Engine, meddler: Meddler) -> None:
    odd = engine.hubspot.portal.live_ids[5]
    for endpoint in ("list", "search", "batch_read"):
        meddler.every(endpoint, garbled(odd))
    engine.work()
    before = engine.hubspot.requests.count("list")
    run = engine.run("recent")
    assert (run.kind, run.state, run.problem, run.failed) == ("recent", "incomplete", "records_failed", 1)
    assert engine.hubspot.requests.count("list") == before


def test_a_problem_is_forgotten_when_its_record_is_gone(engine: Engine, meddler: Meddler) -> None:
    odd = engine.hubspot.portal.live_ids[5]
    for endpoint in ("list", "batch_read"):
        meddler.every(endpoint, garbled(odd))
    assert engine.work().failed == 1
    engine.hubspot.archive(odd)
    run = engine.synced()
    assert (run.failed, engine.problems()) == (0, {})


def test_a_list_that_leaves_some_out_removes_nobody(engine: Engine, meddler: Meddler) -> None:
    """Who seems to be absent is asked for by id."""
    engine.synced()
    hidden = engine.hubspot.portal.live_ids[14:17]
    meddler.every("list", without(*hidden))
    run = engine.run("full")
    assert (run.state, run.problem, run.removed) == ("finished", None, 0)
    engine.assert_equal()


def test_a_first_list_that_leaves_some_out_is_caught_by_the_audit(engine: Engine, meddler: Meddler) -> None:
    """We cannot know better than the page; but we do not call it synced."""
    hidden = engine.hubspot.portal.live_ids[14:17]
    for endpoint in ("list", "search"):
        meddler.every(endpoint, without(*hidden))
    run = engine.work()
    assert (run.state, run.problem, run.local_total) == ("incomplete", "totals_differ", 24)
    meddler.stop()
    assert engine.run("recent").state == "finished"
    engine.assert_equal()
