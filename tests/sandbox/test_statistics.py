"""What was asked and what it cost."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from hubspot_sandbox import RunningSandbox
from hubspot_sandbox.statistics import NO_ANSWER, Served, Statistics
from tests.sandbox.client import CONTACTS, Api, read, until


def test_requests_are_counted_by_endpoint_and_status(hubspot: RunningSandbox, api: Api) -> None:
    api.list()
    api.get(CONTACTS, limit=101)
    api.search(limit=1)
    assert hubspot.requests.count() == 3
    assert hubspot.requests.count("list") == 2
    assert hubspot.requests.count("list", 400) == 1
    assert hubspot.requests.count(status=200) == 2
    assert hubspot.requests.count("batch_read") == 0


def test_the_recent_ones_are_told_newest_first(hubspot: RunningSandbox, api: Api) -> None:
    api.list(limit=3, after=2)
    api.get(f"{CONTACTS}/999")
    newest, before = hubspot.requests.recent
    assert (newest.method, newest.path, newest.endpoint, newest.status) == ("GET", f"{CONTACTS}/999", "get", 404)
    assert before.path == f"{CONTACTS}?limit=3&after=2"
    assert before.at_ms <= newest.at_ms


def test_429s_served_are_told_whoever_gave_them(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.change_options(general_limit=1)
    hubspot.fault("search", 429)
    api.list()
    assert api.get(CONTACTS).status_code == 429
    assert api.post(f"{CONTACTS}/search", {}).status_code == 429
    assert hubspot.requests.throttled == 2


def test_bytes_of_bodies_are_added_up(hubspot: RunningSandbox, api: Api) -> None:
    sizes = [len(api.get(path).content) for path in (CONTACTS, f"{CONTACTS}/999")]
    assert min(sizes) > 50
    assert hubspot.requests.bytes_out == sum(sizes)


def test_peak_concurrency_is_how_many_were_under_way_at_once(hubspot: RunningSandbox) -> None:
    hubspot.fault("list", kind="hang", times=None)
    token = hubspot.grant().token

    def ask(_number: int) -> int:
        api = Api(hubspot.url, token)
        status = api.get(CONTACTS).status_code
        api.close()
        return status

    with ThreadPoolExecutor(4) as pool:
        asked = pool.map(ask, range(4))
        until(lambda: hubspot.requests.peak_concurrency == 4)
        hubspot.requests.clear()
        assert hubspot.requests.peak_concurrency == 4  # they are under way still
        hubspot.clear_faults()
        assert set(asked) == {200}
    hubspot.requests.clear()
    assert hubspot.requests.peak_concurrency == 0


def test_the_busiest_second_rolls(monkeypatch: pytest.MonkeyPatch) -> None:
    statistics = Statistics()
    moments = iter([10.0, 10.5, 10.9, 11.1, 11.4, 11.6, 20.0])
    monkeypatch.setattr("hubspot_sandbox.statistics.time.perf_counter", lambda: next(moments))
    for endpoint in ("list", "list", "search", "list", "search", "list", "list"):
        statistics.arrived(endpoint)
    assert statistics.busiest_second() == 4  # from 10.5 to 11.4 and from 10.9 to 11.6
    assert statistics.busiest_second("list") == 2
    assert statistics.busiest_second("search") == 2
    assert statistics.busiest_second("token") == 0


def test_reset_forgets_everything(hubspot: RunningSandbox, api: Api) -> None:
    api.list()
    hubspot.requests.clear()
    requests = hubspot.requests
    assert (requests.count(), requests.bytes_out, requests.throttled) == (0, 0, 0)
    assert (requests.busiest_second(), requests.peak_concurrency, list(requests.recent)) == (0, 0, [])


def test_what_was_never_answered_is_counted_as_such(hubspot: RunningSandbox) -> None:
    statistics = Statistics()
    statistics.arrived("list")
    statistics.note(Served(0, "GET", "/", "list", NO_ANSWER, 1))
    assert statistics.count("list", NO_ANSWER) == 1
    assert hubspot.requests.count() == 0


def test_the_control_api_tells_all_of_it(hubspot: RunningSandbox, api: Api, anonymous: Api) -> None:
    hubspot.fault("search", 429)
    size = len(api.get(CONTACTS).content)
    size += len(api.post(f"{CONTACTS}/search", {}).content)
    told = read(anonymous.get("/__sandbox/statistics"))
    assert told["by_endpoint"] == {"list": {"200": 1}, "search": {"429": 1}}
    assert (told["total"], told["throttled"], told["bytes_out"]) == (2, 1, size)
    assert (told["peak_concurrency"], told["busiest_second"]) == (1, 2)
