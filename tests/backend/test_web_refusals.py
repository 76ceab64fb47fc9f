"""Every refusal comes in one shape, under one kind, with the request's id; none is a surprise."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from callbook import accounts, contacts
from callbook.models import connected
from callbook.settings import Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.people import CALLS, CONTACTS, Rep, json_of, new_user

CALL = {"call_id": "c1", "direction": "inbound", "state": "ringing", "number": "+12015550132"}
KIB = 1024


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture
def rep(app: APIFlask, settings: Settings) -> Rep:
    with connected():
        token = accounts.open_session(settings, new_user().owner)
    return Rep(app.test_client(), token)


def refusal(answer: TestResponse) -> tuple[int, str]:
    """The status and kind of a refusal; its shape is checked on the way."""
    assert answer.is_json, answer.text
    error = json_of(answer)["error"]
    assert json_of(answer).keys() == {"error"}
    assert error.keys() - {"fields"} == {"kind", "message", "request_id"}
    assert error["request_id"] == answer.headers["X-Request-Id"]
    assert error["request_id"]
    assert error["message"]
    assert all(field.keys() == {"where", "what"} for field in error.get("fields", []))
    return answer.status_code, error["kind"]


def sent(
    rep: Rep, body: bytes, content_type: str | None = "application/json", path: str = "/api/calls"
) -> TestResponse:
    return rep.client.post(path, headers=rep.headers, data=body, content_type=content_type)


@pytest.mark.parametrize("body", [b"{", b'{"call_id": }', b"not json", b"\xff\xfe", b""])
def test_a_body_that_is_no_json_is_a_bad_request(rep: Rep, body: bytes) -> None:
    assert refusal(sent(rep, body)) == (400, "bad_request")


def test_json_nested_too_deep_is_refused_not_crashed_on(rep: Rep) -> None:
    assert refusal(sent(rep, b"[" * 30_000)) == (400, "bad_request")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
@pytest.mark.parametrize("path", ["/api/calls", "/api/callers", "/api/sync", "/auth/session"])
def test_a_body_of_another_type_is_not_json(rep: Rep, content_type: str | None, path: str) -> None:
    assert refusal(sent(rep, json.dumps(CALL).encode(), content_type, path)) == (415, "not_json")


def test_settings_of_another_type_are_not_json(rep: Rep) -> None:
    answer = rep.client.patch("/api/settings", headers=rep.headers, data="interval_minutes=5")
    assert refusal(answer) == (415, "not_json")


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/nothing", "/api/contacts/", "/auth", "/static/x", "/api/contacts/-1"]
)
def test_what_is_not_there_is_not_found(rep: Rep, path: str) -> None:
    assert refusal(rep.get(path)) == (404, "not_found")


@pytest.mark.parametrize("id_", ["1", "0", "9223372036854775807", "9223372036854775808", "9" * 60, "x", "1.5"])
def test_a_contact_that_is_not_there_is_not_found(rep: Rep, id_: str) -> None:
    assert refusal(rep.get(f"/api/contacts/{id_}")) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/contacts/search"), ("POST", "/api/settings"), ("GET", "/auth/session"), ("PUT", "/health")],
)
def test_another_method_is_not_allowed(rep: Rep, method: str, path: str) -> None:
    answer = rep.client.open(path, method=method, headers=rep.headers)
    assert refusal(answer) == (405, "method_not_allowed")


@pytest.mark.parametrize("path", ["/api/calls", "/api/callers", "/auth/session", "/api/sync"])
def test_a_body_over_64_kib_is_too_large(rep: Rep, path: str) -> None:
    assert refusal(sent(rep, b'{"x": "' + b"x" * 64 * KIB + b'"}', path=path)) == (413, "too_large")


def test_a_hundred_numbers_of_two_hundred_characters_fit(rep: Rep) -> None:
    answer = rep.post("/api/callers", {"numbers": [f"{number:0200}" for number in range(100)]})
    assert answer.status_code == 200
    assert len(json_of(answer)["callers"]) == 100


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("/api/callers", {"numbers": ["1"] * 101}, "numbers"),
        ("/api/callers", {"numbers": ["1" * 201]}, "numbers.0"),
        ("/api/callers", {"numbers": [1]}, "numbers.0"),
        ("/api/callers", {"numbers": "1"}, "numbers"),
        ("/api/callers", {"numbers": None}, "numbers"),
        ("/api/callers", {}, "numbers"),
        ("/api/callers", {"numbers": [], "extra": 1}, "extra"),
        ("/api/calls", {**CALL, "extra": 1}, "extra"),
        ("/api/calls", {**CALL, "number": "1" * 201}, "number"),
        ("/api/calls", {**CALL, "call_id": ""}, "call_id"),
        ("/api/calls", {**CALL, "call_id": "x" * 201}, "call_id"),
        ("/api/calls", {**CALL, "state": "paused"}, "state"),
        ("/api/calls", {**CALL, "direction": "sideways"}, "direction"),
        ("/api/calls", {**CALL, "ago_ms": -1}, "ago_ms"),
        ("/api/calls", {**CALL, "ago_ms": 10**15}, "ago_ms"),
        ("/api/calls", {**CALL, "ago_ms": "yesterday"}, "ago_ms"),
        ("/api/calls", {**CALL, "number": "\ud800"}, "number"),
        (CALLS, {"limit": 201}, "limit"),
        (CALLS, {"before": "x"}, "before"),
        (CALLS, {"before": 2**63}, "before"),
        (CALLS, {"filter": "lost"}, "filter"),
        (CONTACTS, {"q": "x" * 101}, "q"),
        (CONTACTS, {"q": "\ud800"}, "q"),
        (CONTACTS, {"limit": 201}, "limit"),
        (CONTACTS, {"limit": 0}, "limit"),
        (CONTACTS, {"limit": "ten"}, "limit"),
        (CONTACTS, {"offset": -1}, "offset"),
        (CONTACTS, {"offset": 2**63}, "offset"),
        (CONTACTS, {"source": "elsewhere"}, "source"),
        (CONTACTS, {"after": "x" * 1001}, "after"),
        (CONTACTS, {"letters": "perhaps"}, "letters"),
        (CONTACTS, {"page": 1}, "page"),
        ("/api/sync", {"kind": "reconcile"}, "kind"),
        ("/api/sync", {}, "kind"),
        ("/api/sync", {"kind": "full", "accept_removals": "maybe"}, "accept_removals"),
        ("/auth/session", {"code": "x", "verifier": "short", "extension": "a" * 32}, "verifier"),
        ("/auth/session", {"code": "", "verifier": "x" * 43, "extension": "a" * 32}, "code"),
        ("/auth/session", {"code": "x", "verifier": "x" * 43, "extension": "z" * 32}, "extension"),
    ],
)
def test_a_body_that_does_not_fit_is_invalid_and_says_where(rep: Rep, path: str, body: Any, where: str) -> None:
    answer = rep.post(path, body)
    assert refusal(answer) == (422, "invalid")
    assert [field["where"] for field in json_of(answer)["error"]["fields"]] == [where]


@pytest.mark.parametrize("body", ["[]", '"text"', "1", "true", "null"])
@pytest.mark.parametrize("path", ["/api/calls", "/api/callers", "/api/sync", "/auth/session"])
def test_a_body_that_is_no_object_is_invalid(rep: Rep, path: str, body: str) -> None:
    assert refusal(sent(rep, body.encode(), path=path)) == (422, "invalid")


@pytest.mark.parametrize(
    ("path", "query", "where"),
    [
        ("/api/events", {}, "after"),
        ("/api/events", {"after": "-1"}, "after"),
        ("/api/events", {"after": "9223372036854775808"}, "after"),
    ],
)
def test_a_query_that_does_not_fit_is_invalid_and_says_where(
    rep: Rep, path: str, query: dict[str, str], where: str
) -> None:
    answer = rep.get(path, **query)
    assert refusal(answer) == (422, "invalid")
    assert [field["where"] for field in json_of(answer)["error"]["fields"]] == [where]


def test_the_bounds_themselves_are_allowed(rep: Rep) -> None:
    assert rep.post(CONTACTS, {"q": "x" * 100, "limit": 200, "offset": 2**63 - 1}).status_code == 200
    assert rep.get("/api/events", after=2**63 - 1).status_code == 200
    assert rep.post(CALLS, {"before": 2**63 - 1, "limit": 200}).status_code == 200


@pytest.mark.parametrize("cursor", ["x", "ключ", "OTIyMzM3MjAzNjg1NDc3NTgwODprZXk="])
def test_a_cursor_that_is_none_is_a_bad_request(rep: Rep, cursor: str) -> None:
    assert refusal(rep.post(CONTACTS, {"after": cursor})) == (400, "bad_request")


def test_no_refusal_tells_what_was_sent(rep: Rep) -> None:
    for answer in (
        rep.post("/api/callers", {"numbers": ["1" * 201, "Ada Lovelace" * 20]}),
        rep.post(CONTACTS, {"q": "Ada Lovelace" * 20}),
        rep.post(CONTACTS, {"after": "AdaLovelace"}),
    ):
        assert refusal(answer)[0] in (400, 422)
        assert "Lovelace" not in answer.text
        assert "1" * 20 not in answer.text


def test_a_fault_of_ours_is_told_by_its_id_only_and_the_log_has_the_rest(
    rep: Rep, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("the inner life of the server")

    monkeypatch.setattr(contacts, "listing", broken)
    with caplog.at_level(logging.ERROR):
        answer = rep.post(CONTACTS, {})
    assert refusal(answer) == (500, "internal")
    assert "inner life" not in answer.text
    assert any(answer.headers["X-Request-Id"] in record.getMessage() for record in caplog.records)


def test_every_request_has_an_id_of_its_own_and_is_not_stored(rep: Rep) -> None:
    answers = [rep.get(path) for path in ("/health", "/api/sync", "/api/sync", "/nowhere")]
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 4
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


@pytest.mark.parametrize("method", [Rep.get, Rep.post])
def test_a_path_that_is_no_route_needs_no_session_to_be_not_found(
    rep: Rep, method: Callable[[Rep, str], TestResponse]
) -> None:
    assert refusal(method(Rep(rep.client, "x"), "/api/nothing")) == (404, "not_found")
