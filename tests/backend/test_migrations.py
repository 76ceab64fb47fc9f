"""A database of an earlier version comes to this one with what is in it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playhouse.migrations import Runner

from callbook import calls, models
from callbook.calls import Asked
from callbook.models import Call, Contact, Run, User, connected
from callbook.settings import Settings
from callbook.sync.course import Course
from hubspot_sandbox import RunningSandbox
from tests.backend.databases import database_url
from tests.backend.people import cache, remote
from tests.backend.serving import environ_of

FOLDER = Path(models.__file__).parents[1] / "migrations"
CALLER = {"number": "(201) 555-0132", "e164": "+12015550132", "extension": None, "display": "", "country": "US"}
ABEL = {"id": 1, "source": "hubspot", "name": "Zoë Abel", "company": "Engines", "job_title": None, "letter": "A"}
PHONE = {"kind": "phone", "raw": "1", "e164": "+12015550132", "extension": None, "display": "1"}
NAMED = {**CALLER, "label": "exact", "reason": None, "candidates": [{**ABEL, "phone": PHONE, "matched": PHONE}]}
NAMELESS: dict[str, Any] = {**CALLER, "e164": "+12015550177", "label": "none", "reason": "not_found", "candidates": []}


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def first_version(tmp_path: Path) -> Iterator[str]:
    """A database with the first version's tables alone."""
    url = database_url(tmp_path, apart=True)
    models.connect(url)
    with connected():
        assert Runner(models.database.obj, str(FOLDER)).up("0001_initial") == ["0001_initial"]
        yield url


def insert(table: str, **values: Any) -> None:
    columns, marks = ", ".join(values), ", ".join([models.database.param] * len(values))
    query = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - names written here
    models.database.execute_sql(query, tuple(values.values()))


def insert_user() -> None:
    numbers = ("portal_id", "hubspot_user_id", "interval_minutes", "last_seen_at", "cache_epoch", "purged_epoch")
    counters = ("seq", "event_number", "events_pruned", "created_at")
    texts = {"portal_name": "One", "ui_domain": "app.hubspot.com", "portal_region": "US", "phones_stale": False}
    insert("users", **dict.fromkeys((*numbers, *counters), 1), **texts)


def insert_call(call_id: str, caller: dict[str, Any] | None, number: str) -> None:
    told = None if caller is None else json.dumps(caller, ensure_ascii=False)
    facts = {"user_id": 1, "call_id": call_id, "direction": "inbound", "state": "missed", "number": number}
    insert("calls", **facts, started_at=1, caller=told)


def test_calls_of_the_first_version_are_told_searched_and_counted(
    first_version: str, shared_hubspot: RunningSandbox, tmp_path: Path
) -> None:
    insert_user()
    insert_call("named", NAMED, "(201) 555-0132")
    insert_call("nameless", NAMELESS, "(201) 555-0177")
    insert_call("without", None, "anonymous")
    Runner(models.database.obj, str(FOLDER)).up()
    settings = Settings.from_env({**environ_of(shared_hubspot, tmp_path), "CALLBOOK_DATABASE_URL": first_version})
    owner = User.get_by_id(1).owner
    found = calls.history(owner, Asked(), settings)
    assert found.counts == {"all": 3, "missed": 3, "unknown": 2}
    told = {each["call_id"]: each["caller"] for each in calls.told(owner, found.calls, settings)}
    assert {name: each["label"] for name, each in told.items()} == {
        "named": "exact",
        "nameless": "none",
        "without": "none",
    }
    assert told["named"] == {**NAMED, "carrier_name": None}
    for query, expected in (("zoe engines", "named"), ("0177", "nameless"), ("ANON", "without")):
        assert [row.call_id for row in calls.history(owner, Asked(query=query), settings).calls] == [expected]
    newest = calls.newest_with(owner, ["+12015550132"])
    assert newest is not None
    assert newest.call_id == "named"
    cache(owner, remote(5, lastname="Berg", phone="+12015550177"))
    assert calls.history(owner, Asked(show="unknown"), settings).counts["unknown"] == 1


def test_users_of_the_first_version_are_not_forgotten(first_version: str) -> None:
    assert first_version
    insert_user()
    Runner(models.database.obj, str(FOLDER)).up()
    assert [user.forgotten for user in User.select()] == [False]
    assert Call.everyones().select().count() == 0


def test_contacts_of_the_first_version_name_their_company_and_owner_and_their_last_contact(first_version: str) -> None:
    assert first_version
    insert_user()
    named = {
        1: {
            "associatedcompanyid": "9000000001",
            "hubspot_owner_id": "710011",
            "notes_last_contacted": "2026-07-01T07:00:00.5Z",
        },
        2: {"associatedcompanyid": "x1", "hubspot_owner_id": "", "notes_last_contacted": "yesterday"},
        3: {"associatedcompanyid": "9" * 30},
        4: {"lastname": "Żofia \u2028"},
    }
    for id_, properties in named.items():
        texts = dict.fromkeys(("name", "sort_key", "letter", "search_text"), "?")
        facts = {"user_id": 1, "epoch": 1, "source": "hubspot", "hubspot_id": id_, "has_number": False, "read_at": 1}
        told = json.dumps(properties, ensure_ascii=False)
        insert("contacts", **facts, **texts, properties=told, primary_store=True, seq=id_)
    Runner(models.database.obj, str(FOLDER)).up()
    rows = Contact.everyones().select().order_by(Contact.hubspot_id)
    assert [(row.company_id, row.hubspot_owner_id) for row in rows] == [
        (9000000001, 710011),
        (None, None),
        (None, None),
        (None, None),
    ]
    moment = datetime(2026, 7, 1, 7, 0, 0, 500_000, UTC)
    assert [row.last_contacted_at for row in rows] == [moment, None, None, None]


def test_a_run_under_way_goes_on_where_it_was(first_version: str) -> None:
    assert first_version
    reading = {"left": [[7, None]], "sample": [3], "expected": 5, "found": 2, "cursor": [7, "7"], "seeks": True}
    listing = {**reading, "stage": "list"}
    halving = {"stage": "halve", "suspects": [[0, None, 9]], "found": [[0, 4, 1]], "left": 10, "narrowed": 1}
    for user_id, (checkpoint, finished_at) in enumerate(((listing, None), (halving, None), (listing, 1)), 1):
        counts = ("requests", "throttled", "read", "added", "updated", "removed", "unchanged", "failed", "removal_held")
        words = {"object_type": "contacts", "kind": "full", "trigger": "first", "state": "running", "property_set": ""}
        numbers = {"user_id": user_id, **dict.fromkeys(("epoch", "requested_at", "fence", "attempt", *counts), 1)}
        quoted = {('"trigger"' if name == "trigger" else name): value for name, value in words.items()}
        told = {"checkpoint": json.dumps(checkpoint), "finished_at": finished_at, "accept_removals": False}
        insert("runs", **numbers, **quoted, **told)
    Runner(models.database.obj, str(FOLDER)).up()
    listed, halved, over = (row.checkpoint for row in Run.everyones().select().order_by(Run.id))
    kept = json.loads(json.dumps(Course.of(listed).kept()))
    assert {**kept, "stage": "list"} == listed
    assert {name: halved[name] for name in ("differing", "requests_left", "suspects")} == {
        "differing": [[0, 4, 1]],
        "requests_left": 10,
        "suspects": [[0, None, 9]],
    }
    assert over == listing
