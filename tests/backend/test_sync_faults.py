"""HubSpot down, slow, limiting, refusing and talking nonsense in mid-run: the run says so, rests as long as it should,
and the cache is right when the fault has passed. The clock stands still but for the tests' own moves.
"""

import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import time_machine
from time_machine import Traveller

from callbook import accounts
from callbook.hubspot import Client, client
from callbook.models import Connection, connected, now
from tests.backend.syncing import Engine, Json, Meddler

TRIES = 1 + len(client.RETRY_WAITS_S)
SAMPLE = 2  # searches before the first page
STAGES = {"list": 1, "search": SAMPLE}  # requests to the endpoint before the one that fails

pytestmark = [pytest.mark.usefixtures("small_pages"), pytest.mark.parametrize("hubspot", [27], indirect=True)]


@pytest.fixture
def clock(engine: Engine) -> Iterator[Traveller]:  # noqa: ARG001 - signs in before the clock is stopped
    with time_machine.travel(now(), tick=False) as clock:
        yield clock


@pytest.mark.parametrize("endpoint", STAGES)
@pytest.mark.parametrize("status", [500, 503, 521])
def test_an_error_that_lasts_makes_the_run_rest(engine: Engine, clock: Traveller, endpoint: str, status: int) -> None:
    engine.hubspot.fault(endpoint, status, times=TRIES, skip=STAGES[endpoint])
    run = engine.work()
    assert (run.state, run.problem, run.finished_at) == ("waiting", "hubspot_error", None)
    assert run.retry_at == now() + timedelta(seconds=1)
    clock.shift(1)
    run = engine.work()
    assert (run.state, run.problem) == ("finished", None)
    engine.assert_equal()


def test_an_error_that_passes_is_not_even_told(engine: Engine) -> None:
    engine.hubspot.fault("contacts", 500, times=TRIES - 1, skip=2)
    run = engine.work()
    assert (run.state, run.problem, run.requests) == ("finished", None, engine.served())
    engine.assert_equal()


def test_an_error_without_end_is_tried_ever_more_slowly_and_ends_visibly(engine: Engine, clock: Traveller) -> None:
    engine.hubspot.fault("list", 500, times=1000, skip=1)
    rests: list[float] = []
    while (run := engine.work()).state == "waiting":
        assert run.retry_at is not None
        rests.append((run.retry_at - now()).total_seconds())
        clock.move_to(run.retry_at)
    assert (run.state, run.problem) == ("failed", "hubspot_error")
    assert rests == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert engine.user().next_sync_at == now() + timedelta(minutes=20)
    engine.hubspot.clear_faults()
    engine.synced()
    engine.assert_equal()


@pytest.mark.parametrize(
    ("endpoint", "retry_after_s", "rest_s"), [("list", 7, 7), ("list", None, 10), ("search", 7, 7), ("search", None, 1)]
)
def test_throttled_it_waits_as_long_as_hubspot_asks(
    engine: Engine, clock: Traveller, endpoint: str, retry_after_s: int | None, rest_s: int
) -> None:
    engine.hubspot.requests.clear()
    engine.hubspot.fault(endpoint, 429, skip=STAGES[endpoint], retry_after_s=retry_after_s)
    run = engine.work()
    assert (run.state, run.problem, run.throttled) == ("waiting", "throttled", 1)
    assert run.retry_at == now() + timedelta(seconds=rest_s)
    assert engine.hubspot.requests.count(endpoint, 429) == 1
    clock.shift(rest_s - 0.01)
    assert engine.work().state == "waiting"
    clock.shift(0.01)
    run = engine.work()
    assert (run.state, run.problem, run.throttled, run.requests) == ("finished", None, 1, engine.served())
    engine.assert_equal()


def test_asking_again_does_not_cut_hubspots_wait_short(engine: Engine, clock: Traveller) -> None:
    engine.hubspot.fault("list", 429, retry_after_s=60)
    run = engine.work()
    engine.ask("full")
    assert engine.row(run.id).retry_at == now() + timedelta(seconds=60)
    assert engine.work().state == "waiting"
    clock.shift(60)
    assert engine.work().state == "finished"


def test_asking_again_cuts_our_own_wait_short(engine: Engine, clock: Traveller) -> None:
    engine.hubspot.fault("list", 500, times=TRIES)
    run = engine.work()
    assert run.retry_at is not None
    assert run.retry_at > now()
    engine.ask("full")
    assert engine.work().state == "finished"
    assert clock is not None


@pytest.mark.parametrize("status", [423, 477])
def test_a_portal_that_is_busy_with_itself_is_waited_for(engine: Engine, clock: Traveller, status: int) -> None:
    engine.hubspot.fault("list", status, skip=1)
    run = engine.work()
    assert (run.state, run.problem, run.throttled) == ("waiting", "hubspot_error", 0)
    assert engine.hubspot.requests.count("list") == 2
    clock.shift(60)
    assert engine.work().state == "finished"


def test_a_token_that_expires_in_mid_run_is_refreshed_once(engine: Engine) -> None:
    engine.hubspot.requests.clear()
    stride = engine.take()
    engine.until(stride, "list")
    engine.step(stride)
    engine.hubspot.advance(1900)
    run = engine.to_the_end(stride)
    assert (run.state, run.problem) == ("finished", None)
    assert engine.hubspot.requests.count("token") == 1
    assert engine.hubspot.requests.count("list", 401) == 1
    assert run.requests == engine.served()
    engine.assert_equal()


def test_a_token_about_to_expire_is_refreshed_before_it_does(engine: Engine, clock: Traveller) -> None:
    clock.shift(1800 - 60)
    engine.hubspot.requests.clear()
    assert engine.work().state == "finished"
    assert engine.hubspot.requests.count("token", 200) == 1
    assert engine.hubspot.requests.count("list", 401) == 0


def test_a_refresh_that_fails_for_now_disconnects_nobody(engine: Engine, clock: Traveller) -> None:
    stride = engine.take()
    engine.step(stride)
    engine.lose_lease()
    engine.hubspot.advance(1900)
    engine.hubspot.fault("token", 500, times=TRIES)
    run = engine.work()
    assert (run.state, run.problem) == ("waiting", "hubspot_error")
    with connected():
        assert accounts.is_connected(engine.owner)
    clock.shift(60)
    assert engine.work().state == "finished"


def test_a_wrong_client_secret_disconnects_nobody(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.hubspot.advance(1900)
    with monkeypatch.context() as patch:
        patch.setitem(engine.settings.__dict__, "hubspot_client_secret", "mistyped")
        run = engine.work()
        assert (run.state, run.problem) == ("failed", "server_misconfigured")
    with connected():
        assert accounts.is_connected(engine.owner)
    engine.synced()


@pytest.mark.parametrize(("kind", "stage"), [("full", "list"), ("recent", "recent")])
def test_revoked_in_mid_run_the_cache_is_kept(engine: Engine, kind: str, stage: str) -> None:
    engine.synced()
    before = {row.id: row.__data__ for row in engine.rows()}
    engine.hubspot.archive(engine.hubspot.portal.live_ids[0])
    engine.ask(kind)
    stride = engine.take()
    engine.until(stride, stage)
    if stage == "list":
        engine.step(stride)
    engine.lose_lease()
    engine.hubspot.revoke_all()
    run = engine.work()
    assert (run.state, run.problem, run.removed) == ("failed", "reconnect_needed", 0)
    with connected():
        connection = Connection.of(engine.owner).select().get()
    assert connection.state == "reconnect_needed"
    kept = {row.id: {**row.__data__, "absent_run": before[row.id]["absent_run"]} for row in engine.rows()}
    assert kept == before
    asked = engine.hubspot.requests.count()
    assert engine.run("recent").problem == "reconnect_needed"
    assert engine.hubspot.requests.count() == asked  # nothing is asked on behalf of who has gone


def test_connection_refused_is_waited_out(engine: Engine, clock: Traveller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    there = engine.settings.hubspot_api_url
    object.__setattr__(engine.settings, "hubspot_api_url", f"http://127.0.0.1:{port}")
    run = engine.work()
    assert (run.state, run.problem, run.requests) == ("waiting", "hubspot_unreachable", TRIES)
    object.__setattr__(engine.settings, "hubspot_api_url", there)
    clock.shift(60)
    run = engine.work()
    assert (run.state, run.problem) == ("finished", None)
    engine.assert_equal()


Answer = Callable[[requests.Response], None]


def cut(response: requests.Response) -> None:
    response._content = response.content[: len(response.content) // 2]  # noqa: SLF001 - what came over the wire


def html(response: requests.Response) -> None:
    response._content = b"<html>Down for maintenance</html>"  # noqa: SLF001 - as above


def an_array(response: requests.Response) -> None:
    response._content = b"[]"  # noqa: SLF001 - as above


def nothing(response: requests.Response) -> None:
    response._content = b""  # noqa: SLF001 - as above


def not_utf8(response: requests.Response) -> None:
    response._content = b"\xff\xfe{" * 9  # noqa: SLF001 - as above


@pytest.mark.parametrize("garbage", [cut, html, an_array, nothing, not_utf8])
def test_nonsense_with_status_200_is_waited_out(
    engine: Engine, clock: Traveller, monkeypatch: pytest.MonkeyPatch, garbage: Answer
) -> None:
    whole = Client._whole  # noqa: SLF001 - what came over the wire
    left = [garbage] * TRIES

    def spoiled(self: Client, method: str, url: str, **content: Any) -> requests.Response:
        response = whole(self, method, url, **content)
        if left and "after=" in str(response.url):
            left.pop()(response)
        return response

    monkeypatch.setattr(Client, "_whole", spoiled)
    run = engine.work()
    assert (run.state, run.problem, run.read) == ("waiting", "hubspot_error", 10)
    clock.shift(60)
    run = engine.work()
    assert (run.state, run.problem) == ("finished", None)
    engine.assert_equal()


@pytest.mark.parametrize(
    "shape",
    [
        lambda body: {**body, "results": None},
        lambda body: {**body, "results": {}},
        lambda body: {**body, "paging": {"next": {}}},
        lambda body: {**body, "paging": {"next": {"after": 5}}},
        lambda _body: {},
    ],
)
def test_an_answer_of_another_shape_is_waited_out(
    engine: Engine, clock: Traveller, meddler: Meddler, shape: Callable[[Json], Json]
) -> None:
    for _ in range(TRIES):
        meddler.next("list", shape)
    run = engine.work()
    assert (run.state, run.problem) == ("waiting", "hubspot_error")
    clock.shift(60)
    assert engine.work().state == "finished"
    engine.assert_equal()


def test_a_search_without_a_total_is_waited_out(engine: Engine, clock: Traveller, meddler: Meddler) -> None:
    meddler.next("total", lambda body: {"results": body["results"]})
    run = engine.work()
    assert (run.state, run.problem) == ("waiting", "hubspot_error")
    clock.shift(60)
    assert engine.work().state == "finished"


def test_slow_is_not_broken(engine: Engine) -> None:
    engine.hubspot.latency(30)
    run = engine.work()
    assert (run.state, run.problem, run.throttled) == ("finished", None, 0)


@pytest.mark.parametrize(
    ("status", "problem", "asked"),
    [
        (403, "scope_missing", 1),
        (400, "hubspot_error", 3),  # twice more for something else: a record alone may be what is refused
        (414, "hubspot_error", 3),
    ],
)
def test_what_repeating_cannot_mend_ends_at_once(engine: Engine, status: int, problem: str, asked: int) -> None:
    engine.hubspot.fault("list", status, times=None)
    run = engine.work()
    assert (run.state, run.problem) == ("failed", problem)
    assert engine.hubspot.requests.count("list") == asked


def test_what_the_list_refuses_once_is_read_by_search(engine: Engine) -> None:
    engine.hubspot.fault("list", 400)
    run = engine.work()
    assert (run.state, run.problem) == ("finished", None)
    engine.assert_equal()
