"""How long answers take, and that who waits holds up nobody else."""

import time
from concurrent.futures import ThreadPoolExecutor

from hubspot_sandbox import Options, RunningSandbox
from hubspot_sandbox.latency import Latency
from tests.sandbox.client import CONTACTS, Api


def took_s(api: Api, **query: object) -> float:
    started_s = time.perf_counter()
    assert api.get(CONTACTS, **query).status_code == 200
    return time.perf_counter() - started_s


def test_there_is_a_fixed_part_and_one_for_each_record(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.latency(40, per_record_ms=2)
    assert took_s(api, limit=50) >= 0.14
    assert hubspot.requests.recent[0].took_ms >= 140


def test_an_error_takes_the_fixed_part_too(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.latency(60)
    assert api.get(f"{CONTACTS}/999").status_code == 404
    assert hubspot.requests.recent[0].took_ms >= 60


def test_a_429_is_answered_at_once(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.change_options(latency_ms=5_000, general_limit=1)
    hubspot.fault("*", 429)
    for _ in range(2):  # by the script, then for the budget
        assert api.get(CONTACTS).status_code == 429
        assert hubspot.requests.recent[0].took_ms < 4_000


def test_a_jitter_only_lengthens_and_is_the_same_each_time() -> None:
    options = Options(latency_ms=100, per_record_ms=1, jitter_ms=50)
    first, second = Latency(lambda: options), Latency(lambda: options)
    taken = [first.of(10) for _ in range(50)]
    assert taken == [second.of(10) for _ in range(50)]
    assert 0.110 <= min(taken) < max(taken) <= 0.160
    assert len(set(taken)) > 40


def test_waiting_requests_do_not_wait_for_each_other(hubspot: RunningSandbox) -> None:
    hubspot.latency(300)
    token = hubspot.grant().token

    def ask(_number: int) -> int:
        api = Api(hubspot.url, token)
        status = api.get(CONTACTS).status_code
        api.close()
        return status

    started_s = time.perf_counter()
    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(ask, range(20))) == {200}
    assert time.perf_counter() - started_s < 20 * 0.3 / 2  # one after the other would take twice that
