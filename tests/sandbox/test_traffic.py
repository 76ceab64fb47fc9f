"""Misbehaviour on command: faults by endpoint and count, delays, latency."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from hubspot_sandbox import RunningSandbox
from tests.sandbox.client import CONTACTS, TOKEN, Api, client_form, read


def statuses(api: Api, count: int) -> list[int]:
    return [api.get(CONTACTS, limit=1).status_code for _ in range(count)]


def test_a_fault_hits_so_many_requests_after_those_it_lets_pass(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", 500, times=2, skip=1)
    assert statuses(api, 4) == [200, 500, 500, 200]


def test_a_fault_hits_its_endpoint_only(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("search", 500)
    assert statuses(api, 1) == [200]
    assert api.post(f"{CONTACTS}/search", {}).status_code == 500
    assert api.post(f"{CONTACTS}/search", {}).status_code == 200


def test_a_fault_on_a_family_hits_each_of_its_endpoints(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("contacts", 423, times=2)
    assert api.get(f"{CONTACTS}/1").status_code == 423
    assert api.get("/crm/owners/2026-09").status_code == 200
    assert api.post(f"{CONTACTS}/search", {}).status_code == 423


def test_faults_on_one_endpoint_follow_each_other(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", 500)
    hubspot.fault("list", 429)
    assert statuses(api, 3) == [500, 429, 200]


def test_rate_limit_bodies(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", 429)
    hubspot.fault("search", 429, retry_after_s=2)
    general = api.get(CONTACTS)
    search = api.post(f"{CONTACTS}/search", {})
    assert read(general, 429)["policyName"] == "TEN_SECONDLY_ROLLING"
    assert general.json()["message"] == "You have reached your ten_secondly_rolling limit."
    assert general.json()["errorType"] == "RATE_LIMIT"
    assert "Retry-After" not in general.headers
    assert read(search, 429)["policyName"] == "SECONDLY"
    assert search.headers["Retry-After"] == "2"


@pytest.mark.parametrize(
    ("status", "category"),
    [(401, "EXPIRED_AUTHENTICATION"), (403, "MISSING_SCOPES"), (404, None), (423, None), (477, None), (500, None)],
)
def test_faults_wear_hubspots_envelope(hubspot: RunningSandbox, api: Api, status: int, category: str | None) -> None:
    hubspot.fault("list", status)
    assert read(api.get(CONTACTS), status).get("category") == category


def test_the_edge_answers_in_html(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", 502)
    response = api.get(CONTACTS)
    assert response.status_code == 502
    assert response.headers["Content-Type"].startswith("text/html")


def test_a_refused_refresh_on_command(hubspot: RunningSandbox, anonymous: Api) -> None:
    hubspot.fault("token", 400)
    form = client_form(hubspot, grant_type="refresh_token", refresh_token=hubspot.grant().grant.refresh_token)
    assert read(anonymous.post_form(TOKEN, **form), 400)["status"] == "BAD_REFRESH_TOKEN"
    assert anonymous.post_form(TOKEN, **form).status_code == 200


def took_s(api: Api, **query: object) -> float:
    started_s = time.perf_counter()
    assert api.get(CONTACTS, **query).status_code == 200
    return time.perf_counter() - started_s


def test_a_fault_without_a_status_only_delays(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", delay_ms=80)
    assert took_s(api) >= 0.08
    assert hubspot.requests.count("list", 200) == 1


def test_latency_has_a_fixed_part_and_one_per_record(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.latency(40, per_record_ms=2)
    assert took_s(api, limit=50) >= 0.14
    assert hubspot.requests.recent[0].took_ms >= 140


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


def test_the_script_ends_where_clear_says(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("*", 500, times=100)
    assert statuses(api, 1) == [500]
    hubspot.clear_faults()
    assert statuses(api, 1) == [200]
    assert hubspot.requests.count() == 2
    assert hubspot.requests.count("list", 500) == 1
    hubspot.requests.clear()
    assert hubspot.requests.count() == 0
