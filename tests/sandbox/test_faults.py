"""Misbehaviour on command, each kind as a client meets it."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

import hubspot_sandbox
from hubspot_sandbox import RunningSandbox
from hubspot_sandbox.exchange import Refused
from hubspot_sandbox.faults import TOKEN_ERRORS
from hubspot_sandbox.statistics import NO_ANSWER
from tests.sandbox.client import CONTACTS, TOKEN, Api, Json, client_form, read, until

SEARCH = f"{CONTACTS}/search"
FOREVER = None


def statuses(api: Api, count: int) -> list[int]:
    return [api.get(CONTACTS, limit=1).status_code for _ in range(count)]


# Which requests a fault meets


def test_a_fault_hits_so_many_requests_after_those_it_lets_pass(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", 500, times=2, skip=1)
    assert statuses(api, 4) == [200, 500, 500, 200]


def test_a_fault_hits_its_endpoint_only(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("search", 500)
    assert statuses(api, 1) == [200]
    assert api.post(SEARCH, {}).status_code == 500
    assert api.post(SEARCH, {}).status_code == 200


def test_a_fault_on_a_family_hits_each_of_its_endpoints(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("contacts", 423, times=2)
    assert api.get(f"{CONTACTS}/1").status_code == 423
    assert api.get("/crm/owners/2026-09").status_code == 200
    assert api.post(SEARCH, {}).status_code == 423


def test_faults_on_one_endpoint_follow_each_other(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", 500)
    hubspot.fault("list", 429)
    assert statuses(api, 3) == [500, 429, 200]


def test_what_lasts_gives_way_to_what_is_counted(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", 500, times=FOREVER)
    hubspot.fault("list", 423)
    assert statuses(api, 3) == [423, 500, 500]


def test_a_probability_is_the_same_again_after_clear(hubspot: RunningSandbox, api: Api) -> None:
    seen = []
    for _ in range(2):
        hubspot.clear_faults()
        hubspot.fault("list", 500, probability=0.3, times=FOREVER)
        hubspot.fault("list", 423, probability=0.5, times=FOREVER)
        seen.append(statuses(api, 60))
    assert seen[0] == seen[1]
    assert 8 <= seen[0].count(500) <= 28
    assert 10 <= seen[0].count(423) <= 33
    assert seen[0].count(200) >= 8


def test_the_script_ends_where_clear_says(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("*", 500, times=100)
    assert statuses(api, 1) == [500]
    hubspot.clear_faults()
    assert statuses(api, 1) == [200]


@pytest.mark.parametrize("fault", [{"endpoint": "nowhere", "status": 500}, {"endpoint": "lists", "kind": "hang"}])
def test_a_fault_of_an_endpoint_there_is_not_is_refused(hubspot: RunningSandbox, fault: Json) -> None:
    with pytest.raises(Refused, match=r"not one of .*search"):
        hubspot.fault(**fault)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status"},
        {"kind": "property_missing"},
        {"kind": "between_pages"},
        {"kind": "grumpy"},
        {"kind": "hang", "records": [7]},
        {"status": 302},
        {"token_error": "BAD_MOOD"},
        {"probability": 0, "status": 500},
        {"operations": [{"action": "archive", "ids": ["x"]}]},
    ],
)
def test_a_fault_that_says_too_little_or_nonsense_is_refused(anonymous: Api, fault: Json) -> None:
    body = read(anonymous.post("/__sandbox/faults", {"endpoint": "list", **fault}), 400)
    assert body["category"] == "VALIDATION_ERROR"


# Errors


@pytest.mark.parametrize(
    ("status", "category"),
    [(401, "EXPIRED_AUTHENTICATION"), (403, "MISSING_SCOPES"), (404, None), (423, None), (477, None), (500, None)],
)
def test_faults_wear_hubspots_envelope(hubspot: RunningSandbox, api: Api, status: int, category: str | None) -> None:
    hubspot.fault("list", status)
    response = api.get(CONTACTS)
    body = read(response, status)
    assert body.get("category") == category
    assert body["correlationId"] == response.headers["x-hubspot-correlation-id"]


def test_one_record_spoils_every_answer_that_would_carry_it(hubspot: RunningSandbox, api: Api) -> None:
    ids = hubspot.portal.live_ids
    hubspot.fault("contacts", 500, records={ids[3]}, times=FOREVER)
    assert [api.get(CONTACTS, limit=limit).status_code for limit in (3, 4)] == [200, 500]
    assert [api.get(CONTACTS, limit=1, after=after).status_code for after in (ids[3], ids[3] + 1)] == [500, 200]
    assert [api.get(f"{CONTACTS}/{id_}").status_code for id_ in ids[2:4]] == [200, 500]
    for inputs, status in ((ids[:3], 200), (ids[:4], 500)):
        asked = {"inputs": [{"id": str(id_)} for id_ in inputs]}
        assert api.post(f"{CONTACTS}/batch/read", asked).status_code == status
    below = {"filters": [{"propertyName": "hs_object_id", "operator": "LT", "value": str(ids[3])}]}
    assert [api.post(SEARCH, body).status_code for body in ({"filterGroups": [below]}, {})] == [200, 500]


def test_a_missing_scope_is_the_endpoints_own(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("owners", 403)
    body = read(api.get("/crm/owners/2026-09"), 403)
    assert body["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.owners.read"]


@pytest.mark.parametrize("status", [414, 502, 503, 504, 521, 522, 523, 524, 525, 526])
def test_the_edge_answers_in_html(hubspot: RunningSandbox, api: Api, status: int) -> None:
    hubspot.fault("list", status)
    response = api.get(CONTACTS)
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("text/html")


def test_429_with_and_without_retry_after(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", 429)
    hubspot.fault("search", 429, retry_after_s=2)
    general, search = api.get(CONTACTS), api.post(SEARCH, {})
    assert read(general, 429)["policyName"] == "TEN_SECONDLY_ROLLING"
    assert general.json()["message"] == "You have reached your ten_secondly_rolling limit."
    assert general.json()["groupName"].startswith("publicapi:")
    assert "Retry-After" not in general.headers
    assert read(search, 429)["policyName"] == "SECONDLY"
    assert search.headers["Retry-After"] == "2"


def test_477_says_when_the_account_has_moved(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("contacts", 477, retry_after_s=86_400)
    assert api.get(CONTACTS).headers["Retry-After"] == "86400"


@pytest.mark.parametrize("name", TOKEN_ERRORS)
def test_errors_of_the_token_endpoint_by_name(hubspot: RunningSandbox, anonymous: Api, name: str) -> None:
    hubspot.fault("token", token_error=name)
    form = client_form(hubspot, grant_type="refresh_token", refresh_token=hubspot.grant().grant.refresh_token)
    body = read(anonymous.post_form(TOKEN, **form), 400)
    assert body["status"] == name
    assert body["error"]
    assert anonymous.post_form(TOKEN, **form).status_code == 200


def test_a_400_of_the_token_endpoint_is_a_refused_refresh(hubspot: RunningSandbox, anonymous: Api) -> None:
    hubspot.fault("token", 400)
    form = client_form(hubspot, grant_type="refresh_token", refresh_token=hubspot.grant().grant.refresh_token)
    assert read(anonymous.post_form(TOKEN, **form), 400)["status"] == "BAD_REFRESH_TOKEN"


@pytest.mark.parametrize(("length", "status"), [(8_000, 200), (8_001, 414)])
def test_a_long_url_is_414_by_nature(api: Api, length: int, status: int) -> None:
    url = f"{CONTACTS}?properties="
    assert api.get(url.ljust(length + 1, "x")).status_code == status  # the "?" is nobody's


def test_how_long_is_long_can_be_set(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.change_options(max_url_characters=40)
    assert api.get(CONTACTS, properties="firstname").status_code == 414
    assert hubspot.requests.count("list", 414) == 1


# Answers that come badly or not at all


def test_a_fault_without_a_status_only_delays(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", delay_ms=80)
    assert api.get(CONTACTS).status_code == 200
    assert hubspot.requests.recent[0].took_ms >= 80


def test_a_hang_ends_when_the_client_gives_up(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", kind="hang")
    with pytest.raises(requests.ReadTimeout):
        requests.get(hubspot.url + CONTACTS, timeout=0.1)
    until(lambda: hubspot.requests.count("list", NO_ANSWER) == 1)
    assert statuses(api, 1) == [200]


def test_a_hang_ends_when_the_script_is_cleared(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", kind="hang", times=FOREVER)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(statuses, api, 1)
        until(lambda: hubspot.requests.busiest_second("list") == 1)
        hubspot.clear_faults()
        assert asked.result() == [200]


def test_other_requests_go_on_while_one_hangs(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("search", kind="hang")
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(Api(hubspot.url, hubspot.grant().token).post, SEARCH, {})
        until(lambda: hubspot.requests.busiest_second("search") == 1)
        assert statuses(api, 3) == [200] * 3
        assert not hanging.done()
        hubspot.clear_faults()
        assert hanging.result().status_code == 200


@pytest.fixture
def complaints(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the server says of itself, whose log goes nowhere else."""
    said: list[str] = []
    monkeypatch.setattr(logging.getLogger("uvicorn.error"), "handle", lambda record: said.append(record.getMessage()))
    return said


def test_nothing_is_left_of_a_hang_when_the_sandbox_stops(complaints: list[str]) -> None:
    with ThreadPoolExecutor(1) as pool, hubspot_sandbox.running(contacts=3) as hubspot:
        hubspot.fault("list", kind="hang", times=FOREVER)
        with pytest.raises(requests.ReadTimeout):
            requests.get(hubspot.url + CONTACTS, timeout=0.1)
        held = pool.submit(requests.get, hubspot.url + CONTACTS, timeout=10)
        until(lambda: hubspot.requests.busiest_second("list") == 2)
    assert held.result().status_code == 401  # whoever was held back is let go
    assert complaints == []


def test_a_slow_body_comes_in_drops(hubspot: RunningSandbox, api: Api) -> None:
    expected = api.get(CONTACTS).content
    hubspot.fault("list", kind="slow_body", delay_ms=10)
    with requests.get(hubspot.url + CONTACTS, headers=dict(authorization(hubspot)), stream=True, timeout=5) as response:
        assert int(response.headers["Content-Length"]) == len(expected)
        first = response.raw.read1(1_000_000)
        assert 0 < len(first) < len(expected)
        assert first + response.raw.read() == expected


def authorization(hubspot: RunningSandbox) -> dict[str, str]:
    return {"Authorization": f"Bearer {hubspot.grant().token}"}


def test_truncated_json_is_whole_http(hubspot: RunningSandbox, api: Api) -> None:
    expected = api.get(CONTACTS).content
    hubspot.fault("list", kind="truncated")
    response = api.get(CONTACTS)
    assert response.status_code == 200
    assert expected.startswith(response.content)
    assert len(response.content) == int(response.headers["Content-Length"]) == len(expected) // 2
    with pytest.raises(json.JSONDecodeError):
        json.loads(response.content)


def test_a_cut_connection_ends_in_mid_body(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", kind="cut")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        api.get(CONTACTS)
    assert hubspot.requests.count("list", 200) == 1
    assert statuses(api, 1) == [200]


def test_a_dropped_connection_ends_before_a_byte(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.fault("list", kind="dropped")
    with pytest.raises(requests.ConnectionError, match=r"RemoteDisconnected|Connection reset"):
        api.get(CONTACTS)
    assert hubspot.requests.count("list", NO_ANSWER) == 1
    assert statuses(api, 1) == [200]


@pytest.mark.parametrize("kind", ["dropped", "cut"])
def test_connections_end_without_a_word_in_the_log(
    hubspot: RunningSandbox, api: Api, complaints: list[str], kind: str
) -> None:
    hubspot.fault("list", kind=kind, times=3)
    for _ in range(3):
        with pytest.raises(requests.RequestException):
            api.get(CONTACTS)
    assert complaints == []


def test_a_dropped_answer_was_worked_out_all_the_same(hubspot: RunningSandbox, anonymous: Api) -> None:
    hubspot.change_options(rotate_refresh_tokens=True)
    form = client_form(hubspot, grant_type="refresh_token", refresh_token=hubspot.grant().grant.refresh_token)
    hubspot.fault("token", kind="dropped")
    with pytest.raises(requests.ConnectionError):
        anonymous.post_form(TOKEN, **form)
    assert read(anonymous.post_form(TOKEN, **form), 400)["status"] == "BAD_REFRESH_TOKEN"


def test_faults_are_set_over_http_too(hubspot: RunningSandbox, api: Api, anonymous: Api) -> None:
    fault = {"endpoint": "list", "operations": [{"action": "archive", "ids": hubspot.portal.live_ids[:1]}]}
    read(anonymous.post("/__sandbox/faults", fault), 201)
    assert len(api.list(limit=100)["results"]) == 59
