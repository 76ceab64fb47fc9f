"""How the sync stands, asking for one, and what a user may set."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from callbook.models import Connection, Run, connected
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Rep, json_of, keep_personal, owner_of


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


def later(**span: float) -> time_machine.travel:
    return time_machine.travel(datetime.now(UTC) + timedelta(**span))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_before_the_first_run_there_is_nothing_to_be_proud_of(alice: Rep) -> None:
    state = alice.read("/api/sync")
    assert state["connection"]["state"] == "connected"
    assert state["counts"] == {"all": 0, "hubspot": 0, "personal": 0, "without_phone": 0, "number_unreadable": 0}
    assert (state["last_run"], state["last_synced_at"], state["interval_minutes"]) == (None, None, 20)
    assert (state["run"]["state"], state["run"]["kind"]) == ("queued", "full")


def test_after_it_counts_run_and_next_sync_are_told(
    alice: Rep, work: Callable[[], list[Run]], hubspot: RunningSandbox
) -> None:
    work()
    keep_personal(owner_of(alice), lastname="Mine")
    state = alice.read("/api/sync")
    there = list(hubspot.portal.live())
    assert (state["counts"]["all"], state["counts"]["hubspot"], state["counts"]["personal"]) == (7, 6, 1)
    run = state["last_run"]
    assert (run["state"], run["problem"], run["added"], run["read"]) == ("finished", None, len(there), len(there))
    assert (run["total"], run["remote_total"], run["local_total"], run["failed"]) == (6, 6, 6, 0)
    assert state["run"] is None
    assert state["last_synced_at"] == run["finished_at"]
    rest = moment(state["next_sync_at"]) - moment(run["finished_at"])
    assert timedelta(0) <= rest - timedelta(minutes=20) < timedelta(seconds=5)
    assert run["duration_s"] >= 0
    assert state["event"] == alice.read("/api/events", after=0)["newest"] > 0


def test_asking_for_the_state_makes_the_run_that_is_due(alice: Rep, work: Callable[[], list[Run]]) -> None:
    work()
    with later(minutes=21):
        run = alice.read("/api/sync")["run"]
        assert (run["kind"], run["trigger"], run["state"]) == ("recent", "automatic", "queued")
        assert alice.read("/api/sync")["run"]["id"] == run["id"]


def test_a_wish_joins_the_run_in_progress(alice: Rep) -> None:
    first = alice.read("/api/sync")["run"]["id"]
    for kind in ("recent", "full"):
        answer = alice.post("/api/sync", {"kind": kind})
        assert (answer.status_code, json_of(answer)["id"]) == (202, first)


def test_a_manual_run_is_as_wished_once_there_is_a_cache(alice: Rep, work: Callable[[], list[Run]]) -> None:
    work()
    run = json_of(alice.post("/api/sync", {"kind": "recent"}))
    assert (run["kind"], run["trigger"], run["state"]) == ("recent", "manual", "queued")
    assert run["changed_since"] is not None
    work()
    assert alice.read("/api/sync")["last_run"]["id"] == run["id"]


def test_without_hubspot_no_sync_is_promised(alice: Rep) -> None:
    with connected():
        Connection.of(owner_of(alice)).update(state="reconnect_needed").execute()
    answer = alice.post("/api/sync", {"kind": "full"})
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (409, "not_connected")
    assert alice.read("/api/sync")["connection"]["state"] == "reconnect_needed"


def test_pausing_resuming_and_cancelling_are_told_as_the_run_then_is(alice: Rep, work: Callable[[], list[Run]]) -> None:
    run = alice.read("/api/sync")["run"]
    for move, state in (("pause", "paused"), ("resume", "queued"), ("pause", "paused"), ("cancel", "cancelled")):
        answer = alice.post(f"/api/sync/{move}")
        assert (answer.status_code, json_of(answer)["state"], json_of(answer)["id"]) == (200, state, run["id"])
        told = alice.read("/api/sync")
        assert json_of(answer) == (told["run"] or told["last_run"])
        assert work() == [] or state == "queued"
        if state == "queued":
            run = json_of(alice.post("/api/sync", {"kind": "full"}))
    assert told["run"] is None
    assert told["next_sync_at"] is not None


@pytest.mark.parametrize("move", ["pause", "resume", "cancel"])
def test_without_a_run_in_progress_a_move_is_a_conflict(alice: Rep, work: Callable[[], list[Run]], move: str) -> None:
    work()
    answer = alice.post(f"/api/sync/{move}")
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (409, "no_run")


def test_without_hubspot_nothing_is_resumed_but_it_can_be_cancelled(alice: Rep) -> None:
    alice.post("/api/sync/pause")
    with connected():
        Connection.of(owner_of(alice)).update(state="reconnect_needed").execute()
    answer = alice.post("/api/sync/resume")
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (409, "not_connected")
    assert alice.read("/api/sync")["run"]["state"] == "paused"
    assert json_of(alice.post("/api/sync/cancel"))["state"] == "cancelled"


def test_nobody_steers_anothers_run(alice: Rep, bob: Rep) -> None:
    for move in ("pause", "cancel"):
        assert bob.post(f"/api/sync/{move}").status_code == 200
    assert alice.read("/api/sync")["run"]["state"] == "queued"


def test_the_settings_and_their_defaults(alice: Rep) -> None:
    told = alice.read("/api/settings")
    assert told == {"interval_minutes": 20, "default_country": None, "effective_country": "US"}


def test_only_what_is_sent_changes(alice: Rep) -> None:
    assert json_of(alice.patch("/api/settings", {"interval_minutes": 5}))["default_country"] is None
    told = json_of(alice.patch("/api/settings", {"default_country": "GB"}))
    assert told == {"interval_minutes": 5, "default_country": "GB", "effective_country": "GB"}
    assert json_of(alice.patch("/api/settings", {})) == told
    told = json_of(alice.patch("/api/settings", {"default_country": None}))
    assert told == {"interval_minutes": 5, "default_country": None, "effective_country": "US"}
    assert alice.read("/api/settings") == told


@pytest.mark.parametrize(
    "wish",
    [
        *({"interval_minutes": minutes} for minutes in (10, 0, "five", None, 5.5)),
        *({"default_country": country} for country in ("gb", "USA", "ZZ", "", 1)),
        {"effective_country": "GB"},
        {"interval_minutes": 5, "default_country": "XX"},
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_nothing_changes(alice: Rep, wish: dict[str, object]) -> None:
    answer = alice.patch("/api/settings", wish)
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (422, "invalid")
    assert alice.read("/api/settings")["interval_minutes"] == 20


def test_a_new_interval_counts_from_the_last_runs_end(alice: Rep, work: Callable[[], list[Run]]) -> None:
    work()
    ended = moment(alice.read("/api/sync")["last_run"]["finished_at"])
    alice.patch("/api/settings", {"interval_minutes": 5})
    state = alice.read("/api/sync")
    assert (state["interval_minutes"], moment(state["next_sync_at"])) == (5, ended + timedelta(minutes=5))
