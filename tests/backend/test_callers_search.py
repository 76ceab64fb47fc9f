"""Whoever is not in the cache is searched for at HubSpot: once on a call, off its way, and when the user asks; within a
budget, and without harm when HubSpot does not answer.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from apiflask import APIFlask

import hubspot_sandbox
from callbook import accounts, callers, calls
from callbook.accounts import Budget
from callbook.callers import live_search
from callbook.errors import Transient
from callbook.hubspot import Client, Family
from callbook.models import Call, Connection, Contact, Search, connected, now
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Rep, cache, json_of, owner_of, remote
from tests.backend.phoning import routed
from tests.backend.syncing import Spawn, until

NUMBER = "+12015550132"
WHATSAPP = "+12015550140"
NOBODYS = "+12015550199"
ABEL: dict[str, Any] = {
    "firstname": "Zoë",
    "lastname": "Abel",
    "jobtitle": "Smith",
    "company": "Engines",
    "email": "zoe@abel.example",
    "phone": "(201) 555-0132 ext 7",
}


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningSandbox]:
    """Abel, with an extension, and Berg, with nothing but WhatsApp; no run reads them."""
    with hubspot_sandbox.running(contacts=0) as sandbox:
        sandbox.create(**ABEL)
        sandbox.create(lastname="Berg", hs_whatsapp_phone_number=WHATSAPP)
        yield sandbox


@pytest.fixture
def hubspot(portal: RunningSandbox) -> Iterator[RunningSandbox]:
    yield portal
    portal.clear_faults()


@pytest.fixture
def rep(alice: Rep, hubspot: RunningSandbox) -> Rep:
    hubspot.requests.clear()
    return alice


@pytest.fixture
def work_off(settings: Settings) -> Callable[[], int]:
    """Does what a worker does with the searches that wait; how many there were."""

    def work_off() -> int:
        with connected():
            waiting = callers.take_due()
            for sought in waiting:
                calls.name_missed(settings, sought)
            return len(waiting)

    return work_off


def ring(rep: Rep, call_id: str = "c1", **changed: Any) -> dict[str, Any]:
    known = {"call_id": call_id, "direction": "inbound", "state": "ringing", "number": NUMBER}
    answer = rep.post("/api/calls", {**known, **changed})
    assert answer.status_code == 202, answer.text
    return json_of(answer)


def told(rep: Rep) -> list[tuple[str, str]]:
    """What the browsers hear: of a call its label as it is now."""
    heard = rep.read("/api/events", after=0)["events"]
    labels = [each["data"]["call"]["caller"]["label"] if each["kind"] == "call" else "" for each in heard]
    return [(each["kind"], label) for each, label in zip(heard, labels, strict=True) if each["kind"] != "progress"]


def searches(hubspot: RunningSandbox) -> int:
    return hubspot.requests.count("search")


def searching_for(rep: Rep, text: str) -> dict[str, Any]:
    answer = rep.post("/api/hubspot-search", {"text": text})
    assert answer.status_code == 200, answer.text
    return json_of(answer)


def refusal(rep: Rep, text: str = "abel") -> tuple[int, str]:
    answer = rep.post("/api/hubspot-search", {"text": text})
    return answer.status_code, json_of(answer)["error"]["kind"]


# --- on a call


def test_a_call_from_nobody_gets_the_name_of_whom_hubspot_has(
    rep: Rep, hubspot: RunningSandbox, work_off: Callable[[], int]
) -> None:
    assert ring(rep)["caller"]["label"] == "none"
    assert (searches(hubspot), told(rep)) == (0, [("call", "none")])
    assert work_off() == 1
    assert told(rep) == [("call", "other_form"), ("contacts", ""), ("call", "other_form")]
    (call,) = rep.calls()["calls"]
    assert call["caller"]["candidates"][0]["name"] == "Zoë Abel"
    with connected():
        kept = Contact.of(owner_of(rep)).select().get()
        assert (kept.primary, kept.source) == (True, "hubspot")
        assert Call.of(owner_of(rep)).select().get().caller is not None
    assert (hubspot.requests.count("search"), hubspot.requests.count("batch_read")) == (1, 1)
    assert work_off() == 0


@pytest.mark.parametrize("tell", ["api", "hook"])
def test_whichever_way_the_call_is_told_it_is_searched_for(
    app: APIFlask, rep: Rep, work_off: Callable[[], int], tell: str
) -> None:
    if tell == "api":
        ring(rep, number=WHATSAPP, name="Works Inc")
    else:
        email = rep.read("/api/sync")["connection"]["account"]["user_email"]
        assert routed(app, to=email, **{"from": WHATSAPP})
    assert work_off() == 1
    (call,) = rep.calls()["calls"]
    assert (call["caller"]["label"], call["caller"]["candidates"][0]["name"]) == ("exact", "Berg")


def test_a_real_worker_names_the_call_and_ends_the_test_call(rep: Rep, spawn: Spawn) -> None:
    ring(rep)
    rep.post("/api/calls/test", {})
    with connected():
        Call.of(owner_of(rep)).update(ends_at=now()).where(Call.ends_at.is_null(is_null=False)).execute()
    spawn()
    until(lambda: ("call", "other_form") in told(rep) and told(rep).count(("call", "carrier")) == 2, "both are told")


def test_what_is_known_or_over_or_no_number_is_not_searched_for(rep: Rep, work_off: Callable[[], int]) -> None:
    cache(owner_of(rep), remote(1, lastname="Known", phone=NUMBER))
    ring(rep)
    ring(rep, "c2", number="anonymous")
    ring(rep, "c3", number="Betty")
    ring(rep, "c4", number=NOBODYS, state="ended")
    rep.post("/api/calls/test", {})
    assert work_off() == 0


def test_one_number_is_searched_once_in_ten_minutes(
    rep: Rep, hubspot: RunningSandbox, work_off: Callable[[], int]
) -> None:
    start = datetime.now(UTC)
    for minutes, expected in ((0, 1), (3, 0), (9.9, 0), (10.1, 1)):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            ring(rep, f"c{minutes}", number=NOBODYS)
            assert work_off() == expected
    assert searches(hubspot) == 2
    assert {label for _, label in told(rep)} == {"none"}


def test_no_more_than_so_many_are_searched_for_in_a_minute(rep: Rep, bob: Rep, work_off: Callable[[], int]) -> None:
    for number in range(live_search.A_MINUTE + 3):
        ring(rep, f"c{number}", number=f"+1201555{1000 + number}")
    ring(bob, number="+12015559999")
    assert work_off() == live_search.A_MINUTE + 1
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=61)):
        ring(rep, "later", number="+12015551050")
        assert work_off() == 1


def test_a_portals_users_share_what_a_minute_gives(
    rep: Rep, bob: Rep, charlie: Rep, work_off: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_search, "PORTAL_A_MINUTE", 3)
    for number in range(2):
        ring(rep, f"c{number}", number=f"+1201555{1000 + number}")
        ring(bob, f"c{number}", number=f"+1201555{1000 + number}")
    ring(charlie, number=NOBODYS)
    with connected():
        assert Search.everyones().select().count() == 4
    assert refusal(rep) == (429, "busy")
    assert 0 < int(rep.post("/api/hubspot-search", {"text": "abel"}).headers["Retry-After"]) <= 60
    assert work_off() == 4


def test_a_search_that_no_worker_took_up_in_time_is_let_be(
    rep: Rep, hubspot: RunningSandbox, work_off: Callable[[], int]
) -> None:
    ring(rep)
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=61)):
        assert work_off() == 0
    assert searches(hubspot) == 0


FAULTS = [("search", {"status": 500}), ("search", {"kind": "dropped"}), ("batch_read", {"status": 429})]


@pytest.mark.parametrize(("endpoint", "fault"), FAULTS)
def test_where_hubspot_fails_the_call_stays_and_the_next_is_searched_again(
    rep: Rep, hubspot: RunningSandbox, work_off: Callable[[], int], endpoint: str, fault: dict[str, Any]
) -> None:
    hubspot.fault(endpoint, times=1, **fault)
    ring(rep)
    assert work_off() == 1
    assert told(rep) == [("call", "none")]
    ring(rep, "c2")
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=30)):
        assert work_off() == 1
    assert told(rep)[-1] == ("call", "other_form")


def owner_portal(rep: Rep) -> int:
    return int(rep.read("/api/sync")["connection"]["account"]["portal_id"])


def test_a_revoked_grant_leaves_the_call_without_a_name(
    rep: Rep, hubspot: RunningSandbox, work_off: Callable[[], int]
) -> None:
    hubspot.revoke_all()
    with connected():
        Connection.of(owner_of(rep)).update(access_expires_at=now()).execute()
    ring(rep)
    assert work_off() == 1
    assert told(rep) == [("call", "none")]
    ring(rep, "c2", number=NOBODYS)
    assert work_off() == 0
    assert refusal(rep) == (409, "reconnect_needed")


def test_a_contact_found_after_unauthorize_is_not_kept(
    rep: Rep, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring(rep)
    owner = owner_of(rep)
    post = Client.post

    def leaving(self: Client, path: str, body: Any, *, patient: bool = True) -> Any:
        answer = post(self, path, body, patient=patient)
        if path.endswith("/batch/read"):
            accounts.unauthorize(owner)
        return answer

    monkeypatch.setattr(Client, "post", leaving)
    with connected():
        (sought,) = callers.take_due()
        calls.name_missed(settings, sought)
        assert Contact.everyones().select().count() == 0
        assert Call.everyones().select().get().caller is None


def test_a_search_does_not_wait_behind_a_run(rep: Rep, settings: Settings) -> None:
    """The portal's budget is used up for seconds to come: who calls is not worth holding it up."""
    Budget(owner_portal(rep)).refused(Family.SEARCH, live_search.PATIENCE_S + 2)
    ring(rep)
    with connected():
        (sought,) = callers.take_due()
        with pytest.raises(Transient, match="used up"):
            callers.find_missed(settings, sought)
    assert refusal(rep) == (429, "busy")


# --- when the user asks


def test_the_user_finds_by_words_and_gets_the_contact_into_the_cache(rep: Rep) -> None:
    found = searching_for(rep, "  zoë abel ")
    assert (found["searched"], found["retry_at"]) == ("zoë abel", None)
    (row,) = found["contacts"]
    shown = rep.read(f"/api/contacts/{row['contact_id']}")
    assert (row["name"], row["company"], row["email"], row["job_title"]) == (
        *("Zoë Abel", "Engines"),
        *("zoe@abel.example", "Smith"),
    )
    assert [each["e164"] for each in row["phones"]] == [NUMBER]
    assert (row["hubspot_url"], shown["name"]) == (shown["hubspot_url"], "Zoë Abel")
    assert row["hubspot_url"].endswith(f"/{row['hubspot_id']}")
    assert searching_for(rep, "zoë abel")["contacts"] == found["contacts"]
    assert told(rep) == [("contacts", "")]


@pytest.mark.parametrize("text", ["+1 201 555 0132", "(201) 555-0132", "12015550132"])
def test_the_user_finds_by_number_and_the_call_that_rings_gets_its_name(rep: Rep, text: str) -> None:
    ring(rep)
    found = searching_for(rep, text)
    assert (found["searched"], found["contacts"][0]["name"]) == ("+1 201-555-0132", "Zoë Abel")
    assert told(rep)[-1] == ("call", "other_form")


def test_nobody_found_is_an_answer(rep: Rep, hubspot: RunningSandbox) -> None:
    assert searching_for(rep, NOBODYS)["contacts"] == []
    assert searching_for(rep, "no such person")["contacts"] == []
    assert (searches(hubspot), hubspot.requests.count("batch_read")) == (2, 0)


def test_after_the_last_of_a_minute_it_says_when_the_next_may_be_asked(rep: Rep) -> None:
    start = datetime.now(UTC).replace(microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        answers = []
        for _ in range(live_search.A_MINUTE):
            answers.append(searching_for(rep, NOBODYS)["retry_at"])
            clock.shift(1)
        assert answers[:-1] == [None] * (live_search.A_MINUTE - 1)
        assert datetime.fromisoformat(answers[-1]) == start + timedelta(seconds=60)
        assert refusal(rep) == (429, "busy")
        clock.move_to(start + timedelta(seconds=60), tick=False)
        assert searching_for(rep, NOBODYS)["contacts"] == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 500}, (502, "hubspot_error")),
        ({"status": 400}, (502, "hubspot_error")),
        ({"status": 403}, (409, "scope_missing")),
        ({"status": 429}, (429, "busy")),
        ({"kind": "dropped"}, (503, "hubspot_unreachable")),
    ],
)
def test_what_hubspot_fails_with_is_told_by_its_kind(
    rep: Rep, hubspot: RunningSandbox, fault: dict[str, Any], expected: tuple[int, str]
) -> None:
    hubspot.fault("search", times=1, **fault)
    assert refusal(rep) == expected
    assert searches(hubspot) == 1


def test_without_a_connection_nothing_is_searched(rep: Rep, hubspot: RunningSandbox) -> None:
    with connected():
        Connection.of(owner_of(rep)).delete().execute()
    assert refusal(rep) == (409, "not_connected")
    assert searches(hubspot) == 0


@pytest.mark.parametrize("text", ["", "   ", "x" * 101, "a\x00", None])
def test_what_is_no_text_is_refused(rep: Rep, text: str | None) -> None:
    answer = rep.post("/api/hubspot-search", {"text": text})
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (422, "invalid")


def test_what_is_found_is_the_users_own(rep: Rep, bob: Rep) -> None:
    searching_for(rep, "abel")
    assert bob.contacts()["counts"]["all"] == 0
    assert told(bob) == []
