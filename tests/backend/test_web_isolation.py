"""One user never sees a byte of another's: Alice and Bob of one portal, Charlie of another, over every route; and the
code reaches a user's rows only through the layer that names the user.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import callbook
from callbook import accounts, models
from callbook.models import Choice, Owned, Run, User, connected
from hubspot_sandbox import RunningSandbox
from tests.backend.people import CONTACTS, Rep, cache, json_of, keep_personal, owner_of, remote

CODE = Path(callbook.__file__).parent
THROUGH = {"of", "everyones"}
# Sweeps over all users, look-ups by a secret that only its owner holds, and the way to whom a call is for.
EVERYONES = {
    "accounts/leaving.py": {"_purge", "revoke_due"},
    "accounts/sessions.py": {"open_session", "who", "new_ticket", "redeem_ticket"},
    "contacts/store.py": {"prune_tombstones"},
    "callers/live_search.py": {"take_due", "_retry_at"},
    "calls/trial.py": {"end_tests"},
    "events/rows.py": {"prune"},
    "routing.py": {"_release", "_connected", "_with_line"},
    "sync/runs.py": {"claimable", "claim"},
    "sync/schedule.py": {"_is_due"},
}
NUMBER = {"alice": "+12015550141", "bob": "+12015550142", "charlie": "+12015550143"}
NAME = {"alice": "Alicesfriend", "bob": "Bobsfriend", "charlie": "Charliesfriend"}

PAIRS = [(me, other) for me in NAME for other in NAME if me != other]


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def people(alice: Rep, bob: Rep, charlie: Rep) -> dict[str, Rep]:
    """Each with a HubSpot contact of one id, a personal one, and a call of one name."""
    people = {"alice": alice, "bob": bob, "charlie": charlie}
    for who, rep in people.items():
        owner = owner_of(rep)
        cache(owner, remote(1, lastname=NAME[who], phone=NUMBER[who], email=f"x@{NAME[who]}.example"))
        keep_personal(owner, firstname="Personal", lastname=NAME[who])
        call = {"call_id": "c1", "direction": "inbound", "state": "ringing", "number": NUMBER[who]}
        assert rep.post("/api/calls", call).status_code == 202
    return people


def ids_of(rep: Rep) -> list[int]:
    return [row["id"] for row in rep.contacts()["contacts"]]


def refused(rep: Rep, path: str) -> dict[str, Any]:
    answer = rep.get(path)
    assert answer.status_code == 404
    error = json_of(answer)["error"]
    assert isinstance(error, dict)
    return {name: value for name, value in error.items() if name != "request_id"}


def test_no_answer_holds_a_word_of_anothers(people: dict[str, Rep]) -> None:
    for me, other in PAIRS:
        rep = people[me]
        paths = ["/api/sync", "/api/settings", "/api/problems"]
        answers = [rep.get(path) for path in (*paths, *(f"/api/contacts/{id_}" for id_ in ids_of(rep)))]
        answers += [rep.post(CONTACTS, asked) for asked in ({}, {"letters": True, "source": "personal"})]
        answers += [rep.get("/api/events", after=0)]
        answers.append(rep.get("/api/feed"))
        told = "\n".join(answer.text for answer in answers)
        assert NAME[me] in told
        assert NUMBER[me] in told
        assert NAME[other] not in told
        assert NUMBER[other] not in told


def test_a_search_for_anothers_contact_finds_nothing(people: dict[str, Rep]) -> None:
    for me, other in PAIRS:
        for query in (NAME[other], NUMBER[other], NUMBER[other][-4:]):
            history = people[me].calls(q=query)
            assert (history["calls"], history["counts"]) == ([], {"all": 0, "missed": 0, "unknown": 0})
            found = people[me].contacts(q=query)
            assert (found["contacts"], found["total"], found["counts"]["all"]) == ([], 0, 0)


def test_anothers_contact_is_not_there_like_one_that_never_was(people: dict[str, Rep]) -> None:
    for me, other in PAIRS:
        never = refused(people[me], "/api/contacts/987654321")
        for id_ in ids_of(people[other]):
            assert refused(people[me], f"/api/contacts/{id_}") == never


def test_anothers_contact_can_neither_be_changed_nor_removed(people: dict[str, Rep]) -> None:
    nobody = {"last_name": "Changed", "phones": []}
    for me, other in PAIRS:
        for id_ in ids_of(people[other]):
            answers = [people[me].put(f"/api/contacts/{id_}", nobody), people[me].delete(f"/api/contacts/{id_}")]
            assert [(each.status_code, json_of(each)["error"]["kind"]) for each in answers] == [(404, "not_found")] * 2
    for who, rep in people.items():
        assert {row["name"] for row in rep.contacts()["contacts"]} == {NAME[who], f"Personal {NAME[who]}"}


def test_one_user_deleting_their_data_leaves_the_others(people: dict[str, Rep]) -> None:
    assert people["alice"].delete("/api/data").status_code == 204
    with connected():
        for user_id in accounts.purges_due():
            accounts.purge_one(user_id)
    for who in ("bob", "charlie"):
        assert people[who].contacts()["counts"] == {"all": 2, "hubspot": 1, "personal": 1}
        assert people[who].calls()["total"] == 1
        assert people[who].read("/api/events", after=0)["start_again"] is False


def test_anothers_number_has_no_name(people: dict[str, Rep]) -> None:
    for me, other in PAIRS:
        asked = {"numbers": [NUMBER[other], NUMBER[me]]}
        foreign, own = json_of(people[me].post("/api/callers", asked))["callers"]
        assert (foreign["label"], foreign["reason"], foreign["candidates"]) == ("none", "not_found", [])
        assert own["candidates"][0]["name"] == NAME[me]


def test_anothers_contact_cannot_be_picked_like_one_that_never_was(people: dict[str, Rep]) -> None:
    for me, other in PAIRS:
        for contact_id in (*ids_of(people[other]), 987654321):
            answer = people[me].put("/api/callers/choice", {"number": NUMBER[me], "contact_id": contact_id})
            assert (answer.status_code, json_of(answer)["error"]["kind"]) == (404, "not_found")
        assert people[me].put("/api/callers/choice", {"number": NUMBER[other], "contact_id": None}).status_code == 200
    with connected():
        assert Choice.everyones().select().count() == 0


def test_anothers_cursor_leads_into_ones_own_list_or_nowhere(people: dict[str, Rep]) -> None:
    for me, other in PAIRS:
        cursor = people[other].contacts(limit=1)["next"]
        rows = people[me].contacts(after=cursor)["contacts"]
        assert {row["id"] for row in rows} <= set(ids_of(people[me]))
        theirs = people[other].calls()["calls"][0]["id"]
        for before in (theirs, 987654321):
            assert people[me].calls(before=before)["calls"] == []


def test_anothers_place_in_the_feed_leads_into_ones_own(people: dict[str, Rep]) -> None:
    for me, other in PAIRS:
        theirs = people[other].read("/api/feed")
        for cursor in (0, -1, theirs["cursor"]):
            rows = people[me].read("/api/feed", epoch=theirs["epoch"], after=cursor)["contacts"]
            assert {row["name"] for row in rows} <= {NAME[me]}


def test_one_call_id_is_each_users_own_call(people: dict[str, Rep]) -> None:
    call = {"call_id": "c1", "direction": "inbound", "number": "+1"}
    assert people["alice"].post("/api/calls", {**call, "state": "answered"}).status_code == 202
    states = {who: rep.calls()["calls"][0]["state"] for who, rep in people.items()}
    assert states == {"alice": "answered", "bob": "ringing", "charlie": "ringing"}


def test_events_are_each_users_own(people: dict[str, Rep]) -> None:
    for who, rep in people.items():
        heard = rep.read("/api/events", after=0)["events"]
        numbers = [event["data"]["call"]["number"] for event in heard if event["kind"] == "call"]
        assert numbers == [NUMBER[who]]


def test_a_ticket_speaks_for_its_own_user(people: dict[str, Rep]) -> None:
    for rep in people.values():
        ticket = json_of(rep.post("/api/tickets"))["ticket"]
        with connected():
            assert accounts.redeem_ticket(ticket).owner == owner_of(rep)


def test_settings_are_each_users_own(people: dict[str, Rep]) -> None:
    people["alice"].patch("/api/settings", {"interval_minutes": 5, "default_country": "DE"})
    for who in ("bob", "charlie"):
        told = people[who].read("/api/settings")
        assert (told["interval_minutes"], told["default_country"]) == (20, None)


def test_runs_are_each_users_own(people: dict[str, Rep], work: Callable[[], list[Run]]) -> None:
    runs = {who: rep.read("/api/sync")["run"]["id"] for who, rep in people.items()}
    assert len(set(runs.values())) == 3
    with connected():
        Run.everyones().delete().where(Run.id == runs["charlie"]).execute()  # their sandbox is gone by now
    work()
    for who in ("alice", "bob"):
        assert people[who].read("/api/sync")["last_run"]["id"] == runs[who]


def test_one_user_leaving_leaves_the_others(people: dict[str, Rep]) -> None:
    assert people["alice"].post("/auth/unauthorize").status_code == 204
    for who in ("bob", "charlie"):
        assert people[who].contacts()["counts"] == {"all": 2, "hubspot": 1, "personal": 1}
        assert people[who].read("/api/events", after=0)["start_again"] is False


def test_one_hubspot_user_id_in_two_portals_is_two_users(people: dict[str, Rep]) -> None:
    owners = [owner_of(people[who]).id for who in ("alice", "charlie")]
    with connected():
        alice, charlie = (User.get_by_id(id_) for id_ in owners)
    assert alice.hubspot_user_id == charlie.hubspot_user_id
    assert (alice.id != charlie.id, alice.portal_id != charlie.portal_id) == (True, True)


def owned_tables() -> set[str]:
    """The tables of `models` whose rows belong to a user."""
    tables = {name for name, value in vars(models).items() if isinstance(value, type) and issubclass(value, Owned)}
    assert {"Contact", "Phone", "Call", "Event", "Session", "Connection", "Ticket", "Run"} <= tables
    return tables


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(CODE.rglob("*.py")):
        name = path.relative_to(CODE).as_posix()
        if not name.startswith(("models/", "migrations/")):
            yield name, ast.parse(path.read_text("utf-8"))


def tables_in(tree: ast.Module) -> set[str]:
    """What the users' tables are called in a module: other things may bear their names."""
    imported = [
        node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "callbook.models"
    ]
    assert not [alias.asname for node in imported for alias in node.names if alias.asname]
    direct = owned_tables() & {alias.name for node in imported for alias in node.names}
    return direct | {f"models.{table}" for table in owned_tables()}


def ways(tree: ast.Module, tables: set[str]) -> Iterator[tuple[str, str, int]]:
    """(`Contact`, `of`, its line) for each `Contact.of(...)`; (`Contact`, `()`, its line) for each `Contact(...)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            text = ast.unparse(node.func)
            table, _, way = (text, "", "()") if text in tables else text.rpartition(".")
            if table in tables:
                yield table, way, node.lineno


def test_a_users_rows_are_only_reached_through_the_layer_that_names_the_user() -> None:
    found = [(module, *way) for module, tree in modules() for way in ways(tree, tables_in(tree))]
    assert len(found) > 50
    assert [each for each in found if each[2] not in THROUGH] == []


@pytest.mark.parametrize(
    ("line", "astray"),
    [
        ("Contact.select()", True),
        ("Contact.get_or_none(Contact.id == 1)", True),
        ("Contact(name='x')", True),
        ("models.Contact.update(name='x')", True),
        ("models.Contact(name='x')", True),
        ("Contact.of(owner).select().where(Contact.id == 1)", False),
        ("models.Contact.of(owner)", False),
        ("Contact.id.in_([1])", False),
    ],
)
def test_a_way_past_the_layer_would_be_found(line: str, astray: bool) -> None:  # noqa: FBT001 - a column of the table
    tree = ast.parse(f"from callbook.models import Contact\n{line}")
    assert any(way not in THROUGH for _, way, _ in ways(tree, tables_in(tree))) == astray


def test_everyones_rows_are_only_reached_where_that_is_known_and_meant() -> None:
    found: dict[str, set[str]] = {}
    for module, tree in modules():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and any(
                isinstance(node, ast.Attribute) and node.attr == "everyones" for node in ast.walk(function)
            ):
                found.setdefault(module, set()).add(function.name)
    assert found == EVERYONES


def test_no_other_way_to_the_database_is_used() -> None:
    """Raw SQL would pass the layer by."""
    raw = ("execute_sql", "SQL")
    found = [
        (module, node.lineno)
        for module, tree in modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in raw) or (isinstance(node, ast.Name) and node.id in raw)
    ]
    assert found == []
