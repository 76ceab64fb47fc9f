"""The records around the contacts: when a run reads owners and companies, and that their failure is never the run's."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from time_machine import Traveller

from callbook.models import Company, Connection, Event, HubSpotOwner, connected, database, now
from callbook.sealing import new_secret
from tests.backend import databases
from tests.backend.syncing import Engine, Json, Meddler

pytestmark = [pytest.mark.usefixtures("small_pages"), pytest.mark.parametrize("hubspot", [35], indirect=True)]

Held = Callable[[Engine], dict[int, str | None]]
TRIES = 3  # of our client, for what is safe to repeat


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(datetime(2026, 11, 2, 9, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a handful of owners and companies has several pages."""
    monkeypatch.setattr("callbook.hubspot.owners.LIMIT", 3)
    monkeypatch.setattr("callbook.hubspot.BATCH_LIMIT", 2)


@pytest.fixture
def settled(engine: Engine) -> Engine:
    engine.synced()
    engine.hubspot.requests.clear()
    return engine


def asked(engine: Engine) -> tuple[int, int]:
    """Requests for owners, and for companies."""
    return engine.hubspot.requests.count("owners"), engine.hubspot.requests.count("companies_batch_read")


def companies(engine: Engine) -> dict[int, str | None]:
    with connected():
        return {row.company_id: row.name for row in Company.of(engine.owner).select()}


def owners(engine: Engine) -> dict[int, str | None]:
    with connected():
        return {row.owner_id: row.name for row in HubSpotOwner.of(engine.owner).select()}


def referenced(engine: Engine) -> dict[int, str | None]:
    ids = {int(named) for each in engine.hubspot.portal.live() if (named := each.value("associatedcompanyid"))}
    there = engine.hubspot.portal.companies
    return {id_: there[id_].properties.get("name") if id_ in there else None for id_ in ids}


def assert_around(engine: Engine) -> None:
    """All companies that contacts name, no others, and all owners."""
    assert companies(engine) == referenced(engine)
    assert owners(engine) == {id_: owner.name for id_, owner in engine.hubspot.portal.owners.items()}


def heard(engine: Engine) -> int:
    """How often browsers were told that the list has changed."""
    with connected():
        return Event.of(engine.owner).select().where(Event.kind == "contacts").count()


@pytest.mark.skipif(databases.KIND == "sqlite", reason="SQLite plans without counting")
def test_after_a_full_run_postgresql_has_counted_the_companies(settled: Engine) -> None:
    """What it has not counted it takes for one, and reads all of them for each of a caller's candidates."""
    told = "SELECT count(*) FROM pg_stats WHERE schemaname = current_schema() AND tablename = 'companies'"
    with connected():
        ((columns,),) = database.execute_sql(told).fetchall()
    assert companies(settled)
    assert columns > 0


@pytest.mark.usefixtures("few_at_once")
def test_a_full_run_reads_all_owners_and_all_companies_that_contacts_name(engine: Engine) -> None:
    run = engine.synced()
    assert len(referenced(engine)) > 2
    assert_around(engine)
    assert asked(engine) == (3, -(-len(referenced(engine)) // 2))
    assert run.requests == engine.served()
    assert (run.read, run.total, run.unchanged) == (35, 35, 0)  # progress counts contacts


def test_nothing_is_asked_for_when_nothing_changed(settled: Engine) -> None:
    run = settled.run("recent")
    assert (run.state, run.requests, asked(settled)) == ("finished", 3, (0, 0))


def test_a_portal_without_companies_is_not_asked_for_any(engine: Engine) -> None:
    for each in list(engine.hubspot.portal.live()):
        engine.hubspot.edit(each.id, associatedcompanyid="")
    engine.synced()
    assert asked(engine) == (1, 0)


def test_a_recent_run_reads_only_the_companies_it_does_not_hold(settled: Engine, meddler: Meddler) -> None:
    new = settled.hubspot.create_company(name="New Works", phone="(212) 555-0100 x7", country="US")
    known = next(iter(referenced(settled)))
    for number, company in enumerate((new.id, new.id, known)):
        settled.hubspot.create(firstname=f"Hand {number}", associatedcompanyid=str(company))
    answers: list[Json] = []

    def noted(body: Json) -> Json:
        answers.append(body)
        return body

    meddler.every("companies_batch_read", noted)
    run = settled.run("recent")
    assert (run.state, run.added, asked(settled)) == ("finished", 3, (0, 1))
    assert [each["id"] for body in answers for each in body["results"]] == [str(new.id)]
    with connected():
        row = Company.of(settled.owner).select().where(Company.company_id == new.id).get()
    assert (row.name, row.phone, row.e164, row.extension, row.region) == (
        "New Works",
        "(212) 555-0100 x7",
        "+12125550100",
        "7",
        "US",
    )


def test_an_unknown_owner_has_the_owners_read_once(settled: Engine) -> None:
    new = settled.hubspot.portal.add_owner("Nora Newcomb")
    for number in range(3):
        settled.hubspot.create(firstname=f"Lead {number}", hubspot_owner_id=str(new.id))
    assert settled.run("recent").state == "finished"
    assert asked(settled) == (1, 0)
    assert_around(settled)


def test_what_hubspot_does_not_know_is_not_asked_for_again(settled: Engine) -> None:
    settled.hubspot.create(firstname="Lost", hubspot_owner_id="5", associatedcompanyid="6")
    assert settled.run("recent").state == "finished"
    assert asked(settled) == (1, 1)
    assert (owners(settled)[5], companies(settled)[6]) == (None, None)
    settled.hubspot.create(firstname="Lost, too", hubspot_owner_id="5", associatedcompanyid="6")
    assert settled.run("recent").added == 1
    assert asked(settled) == (1, 1)


@pytest.mark.parametrize("odd", ["", "²", "x", "-7", "9" * 30])
def test_an_odd_company_id_names_no_company(settled: Engine, odd: str) -> None:
    settled.hubspot.create(firstname="Odd", associatedcompanyid=odd)
    assert settled.run("recent").state == "finished"
    assert asked(settled) == (0, 0)


@pytest.mark.usefixtures("few_at_once")
def test_a_full_run_follows_names_and_forgets_companies_that_nobody_names(settled: Engine) -> None:
    renamed, left, *_ = referenced(settled)
    settled.hubspot.edit_company(renamed, name="Renamed", phone="+44 20 7946 0018")
    for each in [each for each in settled.hubspot.portal.live() if each.value("associatedcompanyid") == str(left)]:
        settled.hubspot.edit(each.id, associatedcompanyid="")
    settled.run("recent")
    assert left in companies(settled)
    settled.synced()
    assert companies(settled)[renamed] == "Renamed"
    assert_around(settled)


def test_a_company_renamed_is_a_changed_list_though_no_contact_changed(settled: Engine) -> None:
    told = heard(settled)
    settled.synced()
    assert heard(settled) == told
    settled.hubspot.edit_company(next(iter(referenced(settled))), name="Renamed")
    run = settled.synced()
    assert (run.added + run.updated + run.removed, heard(settled)) == (0, told + 1)


@pytest.mark.usefixtures("few_at_once")
@pytest.mark.parametrize("steps", range(8))
def test_another_worker_goes_on_among_owners_and_companies(engine: Engine, steps: int) -> None:
    stride = engine.take()
    engine.until(stride, "owners")
    for _ in range(steps):
        if not engine.step(stride):
            break
    engine.lose_lease()
    run = engine.work()
    assert (run.state, run.problem, len(engine.runs())) == ("finished", None, 1)
    assert_around(engine)
    assert sum(asked(engine)) == 3 + -(-len(referenced(engine)) // 2)


def test_a_verdict_on_the_contacts_outlives_the_stages_after_it(engine: Engine, meddler: Meddler) -> None:
    meddler.every("total", lambda body: {**body, "total": body["total"] + 2})
    run = engine.work()
    assert (run.state, run.problem) == ("incomplete", "totals_differ")
    assert_around(engine)


@pytest.mark.parametrize(("endpoint", "unread"), [("owners", owners), ("companies", companies)])
@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_refusal_leaves_the_contacts_finished_and_is_noted(
    engine: Engine, caplog: pytest.LogCaptureFixture, endpoint: str, unread: Held, status: int
) -> None:
    engine.hubspot.fault(endpoint, status)
    run = engine.work()
    assert (run.state, run.problem, run.failed) == ("finished", None, 0)
    assert f"{endpoint} left unread" in caplog.text
    engine.assert_equal()
    assert unread(engine) == {}
    assert engine.run("recent").state == "finished"  # and the next run heals it
    assert_around(engine)


@pytest.mark.parametrize(("endpoint", "status"), [("owners", 500), ("companies", 503), ("companies", 429)])
def test_a_failure_that_passes_is_waited_out(engine: Engine, clock: Traveller, endpoint: str, status: int) -> None:
    engine.hubspot.fault(endpoint, status, times=1 if status == 429 else TRIES)
    run = engine.work()
    assert run.state == "waiting"
    assert run.retry_at is not None
    clock.move_to(run.retry_at)
    run = engine.work()
    assert (run.state, run.problem) == ("finished", None)
    assert_around(engine)


def test_a_failure_that_lasts_is_given_up_soon(engine: Engine, clock: Traveller) -> None:
    engine.hubspot.fault("companies", 500, times=1000)
    rests = []
    while (run := engine.work()).state == "waiting":
        assert run.retry_at is not None
        rests.append((run.retry_at - now()).total_seconds())
        clock.move_to(run.retry_at)
    assert (run.state, run.problem, rests) == ("finished", None, [1, 2])
    assert engine.hubspot.requests.count("companies_batch_read") == 3 * TRIES
    engine.assert_equal()
    assert companies(engine) == {}
    engine.hubspot.clear_faults()
    assert engine.run("recent").state == "finished"
    assert_around(engine)


def test_no_run_waits_an_hour_for_companies(engine: Engine) -> None:
    engine.hubspot.fault("companies", 429, retry_after_s=3600)
    run = engine.work()
    assert (run.state, run.problem, run.throttled) == ("finished", None, 1)


def test_a_connection_revoked_among_the_companies_keeps_the_contacts(engine: Engine) -> None:
    stride = engine.take()
    engine.until(stride, "companies")
    engine.hubspot.revoke_all()
    run = engine.to_the_end(stride) if engine.step(stride) else engine.runs()[-1]
    assert (run.state, run.problem) == ("finished", None)
    engine.assert_equal()
    with connected():
        assert Connection.of(engine.owner).select().get().state == "reconnect_needed"


def test_garbage_among_the_companies_costs_no_contact(engine: Engine, meddler: Meddler, clock: Traveller) -> None:
    meddler.every("companies_batch_read", lambda _body: {"results": new_secret()})
    while (run := engine.work()).state == "waiting":
        clock.move_to(run.retry_at or now())
    assert (run.state, run.problem) == ("finished", None)
    engine.assert_equal()


def test_owners_that_go_round_in_circles_come_to_an_end(engine: Engine, meddler: Meddler) -> None:
    meddler.every("owners", lambda body: {**body, "paging": {"next": {"after": "7"}}})
    assert engine.work().state == "finished"
    assert engine.hubspot.requests.count("owners") == 2
