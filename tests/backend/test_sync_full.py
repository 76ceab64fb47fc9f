"""The full run: afterwards the cache holds what HubSpot holds, field by field, and the report's figures are right."""

from collections.abc import Callable
from typing import Any

import pytest

from callbook.hubspot import PROPERTIES
from callbook.models import Contact, Run, connected
from callbook.sync import run_report
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Rep, keep_personal, owner_of
from tests.backend.syncing import Engine

ODD: dict[str, dict[str, Any]] = {
    "quotes": {"firstname": "O'Brien; DROP TABLE contacts;--", "lastname": '"Quoted" \\ back'},
    "right to left": {"firstname": "محمد", "lastname": "אברהם"},
    "beyond the basic plane": {"firstname": "👩🏽\u200d🚀", "lastname": "𠮷野家"},
    "nothing to see": {"firstname": "\u200b", "lastname": "\u00a0"},
    "line breaks": {"firstname": "Two\nlines", "lastname": "Tab\tbed"},
    "very long": {"firstname": "x" * 5000, "lastname": "ß" * 500},
    "only an address": {"email": "someone.odd@nowhere.example"},
    "numbers that are none": {"phone": "call me maybe", "mobilephone": "+", "hs_whatsapp_phone_number": "ext. 12"},
    "nothing at all": {},
}


def test_the_cache_holds_exactly_hubspots_contacts(
    hubspot: RunningSandbox, alice: Rep, work: Callable[[], list[Run]]
) -> None:
    (run,) = work()
    assert (run.state, run.problem) == ("finished", None)
    owner = owner_of(alice)
    with connected():
        held = {row.hubspot_id: row for row in Contact.of(owner).select()}
    there = {int(contact.id): contact for contact in hubspot.portal.live()}
    assert held.keys() == there.keys()
    for id_, contact in there.items():
        wanted = {name: value for name in PROPERTIES if (value := contact.value(name)) is not None}
        assert held[id_].properties == wanted


@pytest.mark.parametrize("hubspot", [0, 1, 99, 100, 101, 200, 400], indirect=True)
def test_at_the_borders_of_pages(engine: Engine) -> None:
    there = len(engine.hubspot.portal.live_ids)
    run = engine.work()
    assert (run.state, run.problem) == ("finished", None)
    assert (run.read, run.added, run.total, run.remote_total, run.local_total) == (there,) * 5
    assert (run.updated, run.removed, run.unchanged, run.failed) == (0, 0, 0, 0)
    engine.assert_equal()


@pytest.mark.parametrize("hubspot", [0], indirect=True)
def test_odd_values_come_through_as_they_are(engine: Engine) -> None:
    for properties in ODD.values():
        engine.hubspot.create(**properties)
    assert engine.work().state == "finished"
    engine.assert_equal()
    assert all(row.name.strip() for row in engine.held().values())


@pytest.mark.parametrize("hubspot", [3], indirect=True)
def test_a_cleared_value_is_cleared_and_a_cleared_number_is_gone(engine: Engine) -> None:
    ada = engine.hubspot.create(firstname="Ada", company="Analytical", phone="+1 212 555 0100")
    engine.synced()
    engine.hubspot.edit(ada.id, company="", phone=None)
    run = engine.synced()
    assert (run.added, run.updated, run.unchanged) == (0, 1, 3)
    row = engine.held()[ada.id]
    assert (row.company, "company" in row.properties, "phone" in row.properties) == (None, False, False)
    engine.assert_equal()


def test_edits_creates_and_archives_between_two_full_runs_are_counted(engine: Engine) -> None:
    engine.synced()
    first, second, third, fourth, *_ = engine.hubspot.portal.live_ids
    engine.hubspot.edit(first, firstname="Edited")
    engine.hubspot.edit(second, phone="+49 30 901820")
    engine.hubspot.archive(third)
    engine.hubspot.archive(fourth)
    engine.hubspot.create(firstname="New", email="new@new.example")
    run = engine.synced()
    assert (run.added, run.updated, run.removed, run.unchanged) == (1, 2, 2, 226)
    assert (run.read, run.total, run.remote_total, run.local_total) == (229, 229, 229, 229)
    engine.assert_equal()


def test_a_full_run_that_finds_nothing_new_writes_no_row(engine: Engine) -> None:
    engine.synced()
    before = [(row.id, row.seq, row.read_at) for row in engine.rows()]
    seq = engine.user().seq
    run = engine.synced()
    assert (run.added, run.updated, run.removed, run.unchanged) == (0, 0, 0, 230)
    assert [(row.id, row.seq, row.read_at) for row in engine.rows()] == before
    assert engine.user().seq == seq


def test_personal_contacts_are_not_touched(engine: Engine) -> None:
    mine = keep_personal(engine.owner, firstname="Mum", phone="+1 212 555 0199")
    before = next(row for row in engine.rows() if row.id == mine)
    engine.synced()
    for id_ in engine.hubspot.portal.live_ids[:5]:
        engine.hubspot.archive(id_)
    assert engine.synced().removed == 5
    after = next(row for row in engine.rows() if row.id == mine)
    assert after.__data__ == before.__data__
    engine.assert_equal()


def test_the_report_counts_every_request_as_hubspot_does(engine: Engine) -> None:
    engine.hubspot.requests.clear()
    run = engine.work()
    assert (run.requests, run.throttled) == (engine.served(), 0)


def test_progress_only_rises_and_never_passes_its_total(engine: Engine) -> None:
    stride = engine.take()
    seen: list[tuple[int, int]] = []
    going = True
    while going:
        going = engine.step(stride)
        report = run_report(engine.row(stride.claim.run_id))
        seen.append((report["read"], report["total"]))
    assert seen == sorted(seen)
    assert all(read <= total for read, total in seen)
    assert seen[-1] == (230, 230)
