"""Records that HubSpot fails at when asked for them by id: each is a problem of its own, and costs no other."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import time_machine
from time_machine import Traveller

from callbook.errors import CallbookError, Permanent, Transient
from callbook.hubspot import Client
from callbook.models import now
from tests.backend.syncing import Engine, Json, Meddler, garbled, without

pytestmark = [pytest.mark.usefixtures("small_pages"), pytest.mark.parametrize("hubspot", [27], indirect=True)]

REFUSED = Permanent("hubspot_error", "HTTP 400 VALIDATION_ERROR")
BROKEN = Transient("hubspot_error", "HTTP 500")
SILENT = Transient("hubspot_unreachable", "POST: ReadTimeout")
Poison = Callable[..., None]


@pytest.fixture
def clock(engine: Engine) -> Iterator[Traveller]:  # noqa: ARG001 - it begins with a session and tokens of today
    with time_machine.travel(now(), tick=False) as clock:
        yield clock


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Poison:
    """From now on, a batch that asks for one of these ids fails; with none, no batch does."""
    ids: set[int] = set()
    problems: list[CallbookError] = []
    post = Client.post

    def failing(self: Client, path: str, body: Mapping[str, Any], *, patient: bool = True) -> Json:
        if path.endswith("contacts/batch/read") and ids & {int(each["id"]) for each in body["inputs"]}:
            raise problems[-1]
        return post(self, path, body, patient=patient)

    monkeypatch.setattr(Client, "post", failing)

    def poison(problem: CallbookError, *poisoned: int) -> None:
        ids.clear()
        ids.update(poisoned)
        problems.append(problem)

    return poison


@pytest.mark.parametrize(("problem", "category"), [(REFUSED, "refused"), (BROKEN, "no_answer"), (SILENT, "no_answer")])
def test_who_cannot_be_asked_for_is_kept_and_the_others_go(
    engine: Engine, meddler: Meddler, poison: Poison, problem: CallbookError, category: str
) -> None:
    engine.synced()
    ids = list(engine.hubspot.portal.live_ids)
    for gone in ids[10:15]:
        engine.hubspot.archive(gone)
    meddler.every("list", without(ids[12], ids[20]))
    poison(problem, ids[20])
    run = engine.run("full")
    assert (run.state, run.problem, run.failed, run.removed) == ("incomplete", "records_failed", 1, 5)
    assert engine.problems() == {str(ids[20]): category}
    assert ids[20] in engine.held()
    poison(problem)
    run = engine.run("recent")
    assert (run.state, run.problem, run.failed) == ("finished", None, 0)
    assert engine.problems() == {}
    engine.assert_equal()


def test_an_unreadable_record_that_gives_no_answer_either_is_told_as_that(
    engine: Engine, meddler: Meddler, poison: Poison
) -> None:
    odd = engine.hubspot.portal.live_ids[5]
    meddler.every("list", garbled(odd))
    poison(BROKEN, odd)
    run = engine.work()
    assert (run.state, run.problem, run.failed, run.added) == ("incomplete", "records_failed", 1, 26)
    assert engine.problems() == {str(odd): "no_answer"}


def test_a_multi_status_answer_that_names_a_record_refuses_it(engine: Engine, meddler: Meddler) -> None:
    engine.synced()
    ids = list(engine.hubspot.portal.live_ids)
    engine.hubspot.archive(ids[3])
    meddler.every("list", without(ids[7]))

    def refusing(body: Json) -> Json:
        kept = [each for each in body["results"] if int(each["id"]) != ids[7]]
        error = {"status": "error", "category": "FORBIDDEN", "context": {"ids": [str(ids[7]), "odd"]}}
        return {**body, "results": kept, "errors": [*body.get("errors", []), error, "odd", {"context": 7}]}

    meddler.every("batch_read", refusing)
    run = engine.run("full")
    assert (run.state, run.problem, run.removed) == ("incomplete", "records_failed", 1)
    assert engine.problems() == {str(ids[7]): "refused"}
    assert ids[7] in engine.held()


@pytest.mark.parametrize("status", [500, 503])
def test_where_nothing_is_answered_no_record_is_to_blame(engine: Engine, clock: Traveller, status: int) -> None:
    engine.synced()
    engine.hubspot.archive(engine.hubspot.portal.live_ids[3])
    engine.hubspot.fault("batch_read", status, times=None)
    run = engine.run("full")
    assert (run.state, run.problem, run.removed) == ("waiting", "hubspot_error", 0)
    assert engine.problems() == {}
    assert engine.hubspot.requests.count("batch_read", status) <= 4
    engine.hubspot.clear_faults()
    clock.shift(400)
    assert engine.work().state == "finished"
    engine.assert_equal()


@pytest.mark.parametrize(("status", "problem"), [(400, "hubspot_error"), (403, "scope_missing")])
def test_where_everything_is_refused_the_run_is(engine: Engine, status: int, problem: str) -> None:
    engine.synced()
    engine.hubspot.archive(engine.hubspot.portal.live_ids[3])
    engine.hubspot.fault("batch_read", status, times=None)
    run = engine.run("full")
    assert (run.state, run.problem, run.removed) == ("failed", problem, 0)
    assert engine.problems() == {}
