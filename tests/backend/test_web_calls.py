"""Callers and calls over the wire."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from apiflask import APIFlask

from callbook import accounts
from callbook.models import Contact, Owner, User, connected
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Rep, cache, connect, json_of, new_user, owner_of, remote

NUMBER = "+12015550132"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def rep(app: APIFlask, settings: Settings) -> Rep:
    with connected():
        token = accounts.open_session(settings, new_user().owner)
    return Rep(app.test_client(), token)


@pytest.fixture
def owner(rep: Rep) -> Owner:
    return owner_of(rep)


def tell(rep: Rep, state: str, **changed: Any) -> dict[str, Any]:
    known = {"call_id": "c1", "direction": "inbound", "number": NUMBER, "state": state}
    answer = rep.post("/api/calls", {**known, **changed})
    assert answer.status_code == 202, answer.text
    return json_of(answer)


def events_of(rep: Rep) -> list[dict[str, Any]]:
    heard = rep.read("/api/events", after=0)
    assert heard["newest"] == len(heard["events"])
    return list(heard["events"])


def test_callers_are_answered_in_the_order_asked_each_with_a_label_and_a_reason(rep: Rep, owner: Owner) -> None:
    cache(
        owner,
        remote(1, lastname="Abel", phone="201 555 0132 x22"),
        remote(2, lastname="Berg", phone="201 555 0140"),
        remote(3, lastname="Carl", phone="201 555 0140"),
    )
    asked = ["12015550132", "(201) 555-0132 x22", "+1 201-555-0140", "201 555 0199", "Betty", "anonymous"]
    callers = json_of(rep.post("/api/callers", {"numbers": asked}))["callers"]
    assert [each["number"] for each in callers] == asked
    assert [(each["label"], each["reason"], len(each["candidates"])) for each in callers] == [
        ("other_form", None, 1),
        ("exact", None, 1),
        ("shared", None, 2),
        ("none", "not_found", 0),
        ("none", "unreadable", 0),
        ("none", "withheld", 0),
    ]
    assert callers[1]["candidates"][0]["matched"]["extension"] == "22"


def test_nobody_asked_for_is_nobody_answered(rep: Rep) -> None:
    assert json_of(rep.post("/api/callers", {"numbers": []})) == {"callers": []}


def test_a_ringing_call_has_a_name_and_is_told_to_the_browsers(rep: Rep, owner: Owner) -> None:
    cache(owner, remote(1, lastname="Abel", phone=NUMBER))
    with time_machine.travel(NOON, tick=False):
        call = tell(rep, "ringing")
        assert call["caller"]["candidates"][0]["name"] == "Abel"
        (event,) = events_of(rep)
    assert (event["number"], event["kind"], event["at"]) == (1, "call", "2026-03-02T12:00:00Z")
    assert event["data"] == {"call": call}
    assert call["rings_ms"] == 45_000


def test_a_call_goes_forward_only_and_duplicates_are_told_once(rep: Rep) -> None:
    states = ["ringing", "ringing", "answered", "ringing", "ended", "answered", "ended"]
    assert [tell(rep, state)["state"] for state in states] == [
        *("ringing", "ringing", "answered", "answered"),
        *("ended", "ended", "ended"),
    ]
    assert len(events_of(rep)) == 3
    assert rep.calls()["total"] == 1


def test_a_stale_ringing_call_is_shown_as_missed_in_history_and_events(rep: Rep) -> None:
    tell(rep, "ringing")
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=46)):
        assert rep.calls()["calls"][0]["state"] == "missed"
        assert events_of(rep)[0]["data"]["call"]["state"] == "missed"
        assert events_of(rep)[0]["data"]["call"]["rings_ms"] == 0


def test_an_event_was_so_long_ago_as_is_told_whatever_the_clock_of_whoever_tells_it(rep: Rep) -> None:
    with time_machine.travel(NOON, tick=False):
        call = tell(rep, "ringing", ago_ms=10_500)
        assert events_of(rep)[0]["data"]["call"]["rings_ms"] == 34_500
    assert datetime.fromisoformat(call["started_at"]) == NOON - timedelta(milliseconds=10_500)


def test_the_history_is_walked_newest_first(rep: Rep) -> None:
    made = [tell(rep, "ended", call_id=f"c{number}")["call_id"] for number in range(5)]
    walked: list[str] = []
    page = rep.calls(limit=2)
    while True:
        assert page["total"] == 5
        walked += [call["call_id"] for call in page["calls"]]
        assert len(walked) <= len(made)
        if page["next"] is None:
            break
        page = rep.calls(limit=2, before=page["next"])
    assert walked == made[::-1]


def test_a_call_id_of_two_hundred_characters_and_an_empty_number_are_taken(rep: Rep) -> None:
    call = tell(rep, "ringing", call_id="x" * 200, number="")
    assert (call["caller"]["label"], call["caller"]["e164"]) == ("none", None)


# --- the user's own word on a shared number


@pytest.fixture
def berg(owner: Owner) -> int:
    """One of two who have the number."""
    cache(owner, remote(1, lastname="Abel", phone=NUMBER), remote(2, lastname="Berg", phone=NUMBER))
    with connected():
        return Contact.of(owner).select().where(Contact.name == "Berg").get().id


def test_a_pick_is_answered_remembered_and_taken_back(rep: Rep, berg: int) -> None:
    tell(rep, "ringing")
    for contact_id in (berg, None):
        told = json_of(rep.put("/api/callers/choice", {"number": "(201) 555-0132", "contact_id": contact_id}))
        (asked,) = json_of(rep.post("/api/callers", {"numbers": ["(201) 555-0132"]}))["callers"]
        assert (told, told["chosen"], told["label"]) == (asked, contact_id, "shared")
        assert events_of(rep)[-1]["data"]["call"]["caller"]["chosen"] == contact_id
    assert len(events_of(rep)) == 3


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"number": NUMBER, "contact_id": 987654321}, 404, "not_found"),
        ({"number": "anonymous", "contact_id": 1}, 422, "invalid"),
        ({"number": NUMBER}, 422, "invalid"),
        ({"number": NUMBER, "contact_id": -1}, 422, "invalid"),
        ({"contact_id": None}, 422, "invalid"),
    ],
)
def test_a_pick_that_is_none_is_refused(rep: Rep, body: dict[str, Any], status: int, kind: str) -> None:
    answer = rep.put("/api/callers/choice", body)
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (status, kind)


# --- what the phone system calls the caller, and test calls


def test_the_carriers_name_is_told_where_nobody_is_known(rep: Rep) -> None:
    caller = tell(rep, "ringing", name="Works Inc")["caller"]
    assert (caller["label"], caller["reason"], caller["carrier_name"]) == ("carrier", "not_found", "Works Inc")
    for name in ("x" * 201, "a\x00"):
        body = {"call_id": "c2", "direction": "inbound", "number": NUMBER, "state": "ringing", "name": name}
        assert rep.post("/api/calls", body).status_code == 422


def reach(owner: Owner, email: str | None = "rep@calls.example") -> None:
    """What a phone system's word needs."""
    with connected():
        connect(owner)
        User.update(email=email).where(User.id == owner.id).execute()


def test_a_test_call_is_told_like_any_other(rep: Rep, owner: Owner) -> None:
    reach(owner)
    answer = rep.post("/api/calls/test", {})
    call = json_of(answer)
    assert (answer.status_code, call["state"], call["caller"]["carrier_name"]) == (202, "ringing", "Callbook")
    (event,) = events_of(rep)
    assert 0 < event["data"]["call"]["rings_ms"] <= call["rings_ms"] <= 10_000
    assert event["data"]["call"]["id"] == call["id"]
    assert json_of(rep.post("/api/calls/test", {}))["id"] == call["id"]
    assert rep.post("/api/calls/test", {"number": "1"}).status_code == 422


@pytest.mark.parametrize("email", [None, "", "Two@Calls.Example"])
def test_a_test_call_that_a_phone_systems_word_would_not_reach_says_so(
    rep: Rep, owner: Owner, email: str | None
) -> None:
    reach(owner, email)
    with connected():
        colleague = new_user()
    reach(colleague.owner, "two@calls.example")
    answer = rep.post("/api/calls/test", {})
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (409, "not_routed")
    assert rep.calls()["total"] == 0
