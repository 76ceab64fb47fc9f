"""Word from phone systems reaches the one user it is for, in whatever order it comes, and nobody else."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import time_machine
from apiflask import APIFlask

from callbook import calls, routing
from callbook.models import Connection, connected
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.databases import all_bytes
from tests.backend.people import Rep, cache, json_of, new_user, owner_of, remote
from tests.backend.phoning import NOON, NUMBER, heard, history, nothing_shown, routed, tell, unrouted


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def test_a_ringing_call_reaches_its_user_with_the_callers_name_and_nobody_else(
    app: APIFlask, ann: Rep, ben: Rep
) -> None:
    cache(owner_of(ann), remote(1, lastname="Abel", phone=NUMBER))
    answer = tell(app)
    assert (answer.status_code, json_of(answer)) == (202, {"routed": True})
    (call,) = ann.calls()["calls"]
    assert (call["call_id"], call["state"], call["number"]) == ("c1", "ringing", NUMBER)
    assert call["caller"]["candidates"][0]["name"] == "Abel"
    assert (heard(ann), heard(ben), history(ben)) == (1, 0, [])
    assert unrouted() == {}


def test_an_outbound_call_is_the_callers_own(app: APIFlask, ann: Rep) -> None:
    assert routed(app, direction="outbound", **{"from": "ann@one.example", "to": NUMBER})
    (call,) = ann.calls()["calls"]
    assert (call["direction"], call["number"]) == ("outbound", NUMBER)


@pytest.mark.parametrize("withheld", ["", None, "  ", "anonymous"])
def test_a_withheld_caller_is_told_as_that(app: APIFlask, ann: Rep, withheld: str | None) -> None:
    withheld_by: dict[str, Any] = {"from": withheld}
    assert routed(app, **withheld_by)
    (call,) = ann.calls()["calls"]
    assert (call["caller"]["label"], call["caller"]["reason"]) == ("none", "withheld")


def test_what_the_phone_system_calls_the_caller_is_told(app: APIFlask, ann: Rep) -> None:
    assert routed(app, state="voicemail", name="Works Inc")
    (call,) = ann.calls()["calls"]
    assert (call["state"], call["caller"]["label"], call["caller"]["carrier_name"]) == (
        *("voicemail", "carrier"),
        "Works Inc",
    )


# --- order


@pytest.mark.parametrize("order", list(permutations(["ringing", "answered", "ended"])))
def test_in_whatever_order_messages_come_the_call_ends_over_and_never_goes_back(
    app: APIFlask, ann: Rep, order: tuple[str, ...]
) -> None:
    stages = []
    for number, state in enumerate(order):
        assert routed(app, f"m{number}", state=state)
        stages.append(calls.STAGE[history(ann)[0][1]])
    assert stages == sorted(stages)
    assert stages[-1] == calls.STAGE["ended"]


def test_an_event_told_twice_under_two_ids_is_heard_once(app: APIFlask, ann: Rep) -> None:
    assert [routed(app, message_id) for message_id in ("m1", "m2")] == [True, True]
    assert (heard(ann), len(history(ann))) == (1, 1)


def test_a_ringing_event_that_comes_late_is_shown_as_missed(app: APIFlask, ann: Rep) -> None:
    assert routed(app, at=(NOON - timedelta(seconds=46)).isoformat())
    assert history(ann) == [("c1", "missed", NUMBER)]


def test_a_phone_system_whose_clock_is_ahead_does_not_ring_for_longer(app: APIFlask, ann: Rep) -> None:
    assert routed(app, at="2026-03-02T13:00:00Z")
    (event,) = ann.read("/api/events", after=0)["events"]
    assert event["data"]["call"]["rings_ms"] == 45_000


def test_events_that_come_at_once_are_taken_one_after_the_other(app: APIFlask, ann: Rep) -> None:
    """Each call's events in one moment, each twice: the call ends over, and each user hears a state once at most."""
    states = ["ringing", "answered", "ended", "ringing", "answered", "ended"]
    barrier = Barrier(len(states))

    def send(number: int, state: str, call_id: str) -> int:
        barrier.wait(30)
        return tell(app, f"{call_id}-{number}", state=state, call_id=call_id).status_code

    with ThreadPoolExecutor(len(states)) as threads:
        for call_id in ("a", "b", "c", "d", "e"):
            sent = [threads.submit(send, number, state, call_id) for number, state in enumerate(states)]
            assert [each.result() for each in sent] == [202] * len(states)
    shown = history(ann)
    assert {call_id for call_id, *_ in shown} == set("abcde")
    assert {state for _, state, _ in shown} <= {"ended", "missed"}
    assert heard(ann) <= 3 * 5


def test_one_message_that_comes_many_times_at_once_is_counted_once(app: APIFlask) -> None:
    barrier = Barrier(5)

    def send() -> int:
        barrier.wait(30)
        return tell(app).status_code

    with ThreadPoolExecutor(5) as threads:
        sent = [threads.submit(send) for _ in range(5)]
        assert [each.result() for each in sent] == [202] * 5
    assert unrouted() == {"2026-03-02": 1}


# --- whom it is for


def test_an_address_is_known_in_whatever_case(app: APIFlask, ann: Rep) -> None:
    assert routed(app, to=" Ann@ONE.example ")
    assert len(history(ann)) == 1


def test_nobody_is_rung_for_an_address_nobody_has_and_the_answer_tells_no_more(
    app: APIFlask, ann: Rep, somebody: Callable[..., Rep]
) -> None:
    somebody("twice@one.example")
    somebody("twice@one.example", portal_id=2)
    with connected():
        new_user("gone@one.example")
    addresses = ["nobody@one.example", "gone@one.example", "twice@one.example", "+12015550199", "101", "@", "%", "x"]
    answers = [tell(app, f"m{number}", to=to) for number, to in enumerate(addresses)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, answers[0].text)}
    assert json_of(answers[0]) == {"routed": False}
    assert heard(ann) == 0
    assert nothing_shown()


def test_what_is_for_nobody_is_counted_by_day_without_a_number(
    app: APIFlask, settings: Settings, tmp_path: Path, noon: time_machine.Traveller
) -> None:
    assert not routed(app, "m1", to="+12015550199")
    assert not routed(app, "m2", to="quiet@one.example")
    noon.move_to(NOON + timedelta(days=1), tick=False)
    assert not routed(app, "m3", to="+12015550199")
    assert unrouted() == {"2026-03-02": 2, "2026-03-03": 1}
    with connected():
        assert routing.unrouted(days=2) == [("2026-03-02", 2), ("2026-03-03", 1)]
        assert routing.unrouted(days=1) == [("2026-03-03", 1)]
    kept = all_bytes(settings.database_url, tmp_path)
    assert [word for word in (b"12015550199", b"quiet@", NUMBER.encode()) if word in kept] == []


def test_the_portal_tells_one_address_in_two_apart(app: APIFlask, ann: Rep, somebody: Callable[..., Rep]) -> None:
    namesake = somebody("ann@one.example", portal_id=2)
    assert not routed(app, "m1")
    assert routed(app, "m2", portal=2)
    assert not routed(app, "m3", portal=3)
    assert (history(ann), len(history(namesake))) == ([], 1)


def test_who_has_left_is_not_rung(app: APIFlask, ann: Rep) -> None:
    with connected():
        Connection.everyones().delete().execute()
    assert not routed(app)
    assert nothing_shown()
    assert history(ann) == []


def test_who_has_to_authorize_again_is_still_rung(app: APIFlask, ann: Rep) -> None:
    with connected():
        Connection.everyones().update(state="reconnect_needed").execute()
    assert routed(app)
    assert len(history(ann)) == 1


def test_a_line_is_its_users_alone(app: APIFlask, ann: Rep, ben: Rep) -> None:
    ann.put("/api/lines", {"lines": ["(201) 555-0111", "101"]})
    ben.put("/api/lines", {"lines": ["+1 201-555-0112", "102", "+1 201 555 0111 ext. 7"]})
    anns = ["+12015550111", "12015550111", "(201) 555-0111", "tel:+1-201-555-0111", "101", "ext. 101", "*101"]
    bens = ["2015550112", "102", "+12015550111*7", "201-555-0111 x7"]
    for rep, written in ((ann, anns), (ben, bens)):
        for to in written:
            assert routed(app, to.replace(" ", "_"), to=to, call_id=to), to
        assert [call_id for call_id, *_ in history(rep)] == written[::-1]
    for to in ("103", "1011", "+12015550113", "+12015550111x8", "+442015550111"):
        assert not routed(app, to, to=to), to


def test_a_line_is_rung_in_its_own_portal_only(app: APIFlask, ann: Rep) -> None:
    ann.put("/api/lines", {"lines": ["101"]})
    assert routed(app, "m1", to="101", portal=1)
    assert not routed(app, "m2", to="101", portal=2)


def test_a_national_form_rings_nobody_where_two_would_read_it_as_two_numbers(
    app: APIFlask, ann: Rep, somebody: Callable[..., Rep]
) -> None:
    """A number in Cairo without its plus is one in New Jersey to Ann, whether or not she has claimed it."""
    cairo = somebody("ali@two.example", portal_id=2, portal_region="EG")
    somebody("who@three.example", portal_id=3, portal_region=None)
    assert cairo.put("/api/lines", {"lines": ["+20 15550132"]}).status_code == 200
    assert not routed(app, "m1", to="2015550132")
    assert routed(app, "m2", to="2015550132", portal=2)
    assert routed(app, "m3", to="+2015550132")
    assert not routed(app, "m4", to="2015550132", portal=1)
    ann.put("/api/lines", {"lines": ["(201) 555-0132"]})
    assert routed(app, "m5", to="2015550132", portal=1)
    assert routed(app, "m6", to="12015550132")
    assert not routed(app, "m7", to="2015550132", portal=3)
    assert (len(history(ann)), len(history(cairo))) == (1, 1)


def test_a_user_is_told_by_the_hook_as_by_the_api(app: APIFlask, ann: Rep) -> None:
    assert routed(app)
    told = {"call_id": "c1", "direction": "inbound", "number": NUMBER, "state": "ended"}
    assert ann.post("/api/calls", told).status_code == 202
    assert history(ann) == [("c1", "missed", NUMBER)]
