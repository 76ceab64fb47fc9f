"""The recent run: what changed since the last proof, then the audit, which walks the list where totals differ."""

import pytest

from callbook.models import Problem, Run, connected, transaction
from tests.backend.people import keep_personal
from tests.backend.syncing import Engine, Meddler, garbled, with_properties, without

pytestmark = [pytest.mark.usefixtures("small_pages"), pytest.mark.parametrize("hubspot", [35], indirect=True)]


@pytest.fixture
def settled(engine: Engine) -> Engine:
    """After a first sync whose contacts were all last changed long before it."""
    engine.synced()
    return engine


def test_nothing_changed_costs_three_requests(settled: Engine) -> None:
    run = settled.run("recent")
    assert (run.kind, run.state, run.problem, run.requests) == ("recent", "finished", None, 3)
    assert (run.added, run.updated, run.removed, run.failed) == (0, 0, 0, 0)
    assert (run.remote_total, run.local_total) == (35, 35)


def test_edits_and_creates_are_found_without_walking_the_list(settled: Engine) -> None:
    settled.hubspot.edit(settled.hubspot.portal.live_ids[7], firstname="Edited", mobilephone="+44 20 7946 0018")
    settled.hubspot.edit(settled.hubspot.portal.live_ids[30], company="")
    settled.hubspot.create(firstname="New")
    settled.hubspot.requests.clear()
    run = settled.run("recent")
    assert (run.kind, run.state, run.problem) == ("recent", "finished", None)
    assert (run.added, run.updated, run.removed) == (1, 2, 0)
    assert settled.hubspot.requests.count("list") == 0
    settled.assert_equal()


def test_an_archived_contact_is_found_by_the_audit(settled: Engine) -> None:
    gone = settled.hubspot.portal.live_ids[18]
    settled.hubspot.archive(gone)
    settled.hubspot.edit(settled.hubspot.portal.live_ids[0], firstname="Edited")
    run = settled.run("recent")
    assert (run.kind, run.state, run.problem) == ("recent", "finished", None)
    assert (run.added, run.updated, run.removed, run.remote_total, run.local_total) == (0, 1, 1, 34, 34)
    assert run.read <= (run.total or 0)
    settled.assert_equal()


def test_one_archived_and_one_created_are_not_taken_for_no_change(settled: Engine) -> None:
    settled.hubspot.archive(settled.hubspot.portal.live_ids[3])
    settled.hubspot.create(firstname="New")
    run = settled.run("recent")
    assert (run.state, run.added, run.removed) == ("finished", 1, 1)
    settled.assert_equal()


def test_it_starts_where_the_last_proof_started(settled: Engine) -> None:
    proven = settled.runs()[-1]
    settled.hubspot.fault("search", 403)
    assert settled.run("recent").state == "failed"
    run = settled.run("recent")
    assert run.changed_since_at == proven.watermark_at
    assert run.state == "finished"


def test_many_pages_with_one_timestamp_are_all_read(settled: Engine) -> None:
    moment = settled.hubspot.portal.clock.now_ms() + 1000
    for number in range(105):
        settled.hubspot.create(firstname=f"Bulk {number}", at_ms=moment)
    run = settled.run("recent")
    assert (run.state, run.added, run.removed) == ("finished", 105, 0)
    assert settled.hubspot.requests.count("list") == 4  # the first run's: none since
    settled.assert_equal()


def test_a_property_set_of_another_version_forces_a_full_run(settled: Engine) -> None:
    with connected(), transaction():
        Run.of(settled.owner).update(property_set="another").execute()
    run = settled.run("recent")
    assert (run.kind, run.state, run.unchanged) == ("full", "finished", 35)


def test_personal_contacts_count_in_no_audit(settled: Engine) -> None:
    keep_personal(settled.owner, firstname="Mum")
    run = settled.run("recent")
    assert (run.state, run.requests, run.local_total) == ("finished", 3, 35)


def test_merged_ids_are_retired(settled: Engine, meddler: Meddler) -> None:
    """A merge makes a new record; both old ids are gone from list and search, and named on the survivor."""
    one, other = settled.hubspot.portal.live_ids[10:12]
    settled.hubspot.archive(one)
    settled.hubspot.archive(other)
    survivor = settled.hubspot.create(firstname="Survivor").id
    merged = {"hs_merged_object_ids": f"{one};{other}", "hs_calculated_merged_vids": f"{one}:1;{survivor}:2"}
    meddler.every("search", with_properties(survivor, **merged))
    settled.hubspot.requests.clear()
    run = settled.run("recent")
    assert (run.state, run.problem, run.added, run.removed) == ("finished", None, 1, 2)
    assert settled.hubspot.requests.count("list") == 0
    assert settled.held().keys() == set(settled.hubspot.portal.live_ids)


@pytest.mark.parametrize("odd", ["²", "٣", "9" * 30, "-1", "", "12;;x"])
def test_odd_merged_ids_harm_nothing(settled: Engine, meddler: Meddler, odd: str) -> None:
    survivor = settled.hubspot.create(firstname="Survivor").id
    meddler.every("search", with_properties(survivor, hs_merged_object_ids=odd, hs_calculated_merged_vids=odd))
    run = settled.run("recent")
    assert (run.state, run.problem, run.added, run.removed) == ("finished", None, 1, 0)


def test_more_merged_ids_than_a_statement_takes(settled: Engine, meddler: Meddler) -> None:
    survivor = settled.hubspot.create(firstname="Survivor").id
    gone = settled.hubspot.portal.live_ids[0]
    settled.hubspot.archive(gone)
    ids = ";".join(map(str, [*range(10**12, 10**12 + 50_000), gone]))
    meddler.every("search", with_properties(survivor, hs_merged_object_ids=ids))
    run = settled.run("recent")
    assert (run.state, run.problem, run.removed) == ("finished", None, 1)


def test_search_naming_a_tombstone_does_not_bring_it_back(settled: Engine, meddler: Meddler) -> None:
    """The index lags: it still gives a contact whose absence the primary store has proven."""
    gone = settled.hubspot.portal.live_ids[25]
    stale = settled.hubspot.edit(gone, firstname="Stale").id
    settled.run("recent")
    settled.hubspot.archive(gone)
    settled.synced()
    record = {"id": str(stale), "properties": {"firstname": "Stale"}, "updatedAt": "2999-01-01T00:00:00.000Z"}
    meddler.next("search", lambda body: {**body, "results": [*body["results"], record]})
    settled.hubspot.requests.clear()
    run = settled.run("recent")
    assert (run.state, run.problem, run.added) == ("finished", None, 0)
    assert settled.hubspot.requests.count("batch_read", 207) == 1
    settled.assert_equal()


def test_what_hubspot_restored_comes_back_from_the_primary_store(settled: Engine) -> None:
    gone = settled.hubspot.portal.live_ids[25]
    settled.hubspot.archive(gone)
    assert settled.run("recent").removed == 1
    row_id = next(row.id for row in settled.rows() if row.hubspot_id == gone)
    settled.hubspot.restore(gone)
    settled.hubspot.edit(gone, firstname="Back")
    run = settled.run("recent")
    assert (run.state, run.problem, run.added) == ("finished", None, 1)
    assert settled.held()[gone].id == row_id
    settled.assert_equal()


def test_an_unreadable_record_among_restored_ones_is_a_problem(settled: Engine, meddler: Meddler) -> None:
    gone = settled.hubspot.portal.live_ids[25]
    settled.hubspot.archive(gone)
    settled.run("recent")
    settled.hubspot.restore(gone)
    settled.hubspot.edit(gone, firstname="Back")
    for endpoint in ("batch_read", "list"):
        meddler.every(endpoint, garbled(gone))
    run = settled.run("recent")
    assert (run.state, run.problem, run.failed) == ("incomplete", "records_failed", 1)
    assert settled.problems() == {str(gone): "invalid"}


def test_contacts_that_search_does_not_give_yet_are_waited_for(settled: Engine, meddler: Meddler) -> None:
    """The index lags behind the total: nothing is removed, and the list is asked."""
    new = settled.hubspot.create(firstname="New").id
    meddler.next("search", without(new))
    run = settled.run("recent")
    assert (run.state, run.added, run.removed) == ("finished", 1, 0)
    settled.assert_equal()


def test_totals_that_go_on_differing_end_incomplete_and_remove_nothing(settled: Engine, meddler: Meddler) -> None:
    meddler.every("total", lambda body: {**body, "total": body["total"] + 2})
    run = settled.run("recent")
    assert (run.state, run.problem, run.removed) == ("incomplete", "totals_differ", 0)
    assert (run.remote_total, run.local_total) == (37, 35)
    meddler.stop()
    assert settled.run("recent").state == "finished"


@pytest.mark.parametrize("kind", ["full", "recent"])
def test_search_that_repeats_a_page_fails_visibly(settled: Engine, meddler: Meddler, kind: str) -> None:
    for id_ in settled.hubspot.portal.live_ids[:20]:
        settled.hubspot.edit(id_, jobtitle="Changed")
    repeated: list[object] = []

    def again(body: dict[str, object]) -> dict[str, object]:
        repeated.append(body)
        assert len(repeated) < 20, "the run goes round in circles"
        return repeated[0]  # type: ignore[return-value] # what was put in

    meddler.every("search", again)
    run = settled.run(kind)
    assert (run.state, run.problem, run.removed) == ("failed", "hubspot_error", 0)


def test_a_full_page_of_search_may_be_unreadable(settled: Engine, meddler: Meddler) -> None:
    edited = settled.hubspot.portal.live_ids[:27]
    for id_ in edited:
        settled.hubspot.edit(id_, jobtitle="Changed")
    meddler.every("search", garbled(*edited[:20]))
    run = settled.run("recent")
    assert (run.state, run.problem, run.failed) == ("incomplete", "records_failed", 20)
    assert all(settled.held()[id_].job_title == "Changed" for id_ in edited[20:])
    meddler.stop()
    settled.synced()
    settled.assert_equal()
    with connected():
        assert not Problem.of(settled.owner).select().exists()
