"""The HTTP door: what is repeated, what is not, and what each refusal comes to."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from callbook.errors import CallbookError, Permanent, Transient
from callbook.hubspot import Client
from callbook.hubspot.client import RETRY_WAITS_S, problem_of
from callbook.hubspot.contacts import PATH
from hubspot_sandbox import RunningSandbox


@dataclass
class Tokens:
    """A connection whose tokens come from the sandbox itself."""

    hubspot: RunningSandbox
    token: str
    replaced: list[str] = field(default_factory=list)

    def access_token(self) -> str:
        return self.token

    def replace(self, stale: str) -> str:
        self.replaced.append(stale)
        self.token = self.hubspot.grant().token
        return self.token


@pytest.fixture
def tokens(shared_hubspot: RunningSandbox) -> Tokens:
    return Tokens(shared_hubspot, shared_hubspot.grant().token)


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def client(shared_hubspot: RunningSandbox, tokens: Tokens, slept: list[float]) -> Iterator[Client]:
    client = Client(shared_hubspot.url, tokens, sleep=slept.append)
    yield client
    client.close()


def ask(client: Client) -> dict[str, Any]:
    return client.get(PATH, {"limit": "2"})


def test_an_answer_is_its_json(client: Client, slept: list[float]) -> None:
    assert len(ask(client)["results"]) == 2
    assert (client.requests, client.throttled, slept) == (1, 0, [])


def test_errors_that_pass_are_repeated_with_rests(
    client: Client, shared_hubspot: RunningSandbox, slept: list[float]
) -> None:
    shared_hubspot.fault("list", 502, times=2)
    assert ask(client)["results"]
    assert client.requests == shared_hubspot.requests.count("list") == 3
    assert slept == list(RETRY_WAITS_S)


def test_errors_that_stay_are_told_after_three_tries(client: Client, shared_hubspot: RunningSandbox) -> None:
    shared_hubspot.fault("list", 500, times=3)
    with pytest.raises(Transient) as caught:
        ask(client)
    assert (caught.value.kind, caught.value.retry_after_s) == ("hubspot_error", None)
    assert client.requests == shared_hubspot.requests.count("list", 500) == 3


@pytest.mark.parametrize(
    ("status", "retry_after_s", "kind", "waits_s"),
    [
        (429, None, "throttled", 10.0),
        (429, 3, "throttled", 3.0),
        (429, 0, "throttled", 0.0),
        (423, None, "hubspot_error", 2.0),
        (423, 5, "hubspot_error", 5.0),
        (477, None, "hubspot_error", 60.0),
        (503, 4, "hubspot_error", 4.0),
    ],
)
def test_where_hubspot_names_a_time_nothing_is_repeated_here(  # noqa: PLR0913, PLR0917 - a row of the table
    client: Client, shared_hubspot: RunningSandbox, status: int, retry_after_s: int | None, kind: str, waits_s: float
) -> None:
    shared_hubspot.fault("list", status, retry_after_s=retry_after_s)
    with pytest.raises(Transient) as caught:
        ask(client)
    assert (caught.value.kind, caught.value.retry_after_s) == (kind, waits_s)
    assert (client.requests, client.throttled) == (1, int(status == 429))


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "hubspot_error"), (403, "scope_missing"), (404, "hubspot_error"), (414, "hubspot_error")]
)
def test_what_repeating_cannot_mend_is_permanent(
    client: Client, shared_hubspot: RunningSandbox, status: int, kind: str
) -> None:
    shared_hubspot.fault("list", status)
    with pytest.raises(Permanent) as caught:
        ask(client)
    assert caught.value.kind == kind
    assert client.requests == 1


def test_an_expired_token_is_replaced_once(client: Client, shared_hubspot: RunningSandbox, tokens: Tokens) -> None:
    stale = tokens.token
    shared_hubspot.fault("list", 401)
    assert ask(client)["results"]
    assert tokens.replaced == [stale]
    assert client.requests == 2


def test_a_fresh_token_that_is_refused_too_is_no_disconnection(client: Client, shared_hubspot: RunningSandbox) -> None:
    shared_hubspot.fault("list", 401, times=2 * 3)
    with pytest.raises(Transient) as caught:
        ask(client)
    assert caught.value.kind == "hubspot_error"


def test_no_token_is_in_what_an_error_says(client: Client, shared_hubspot: RunningSandbox, tokens: Tokens) -> None:
    for status in (400, 403, 429, 401):
        shared_hubspot.clear_faults()
        shared_hubspot.fault("list", status, times=9)
        with pytest.raises(CallbookError) as caught:
            ask(client)
        assert tokens.token not in repr(caught.value) + str(caught.value)
    shared_hubspot.clear_faults()


@pytest.mark.parametrize(
    "error", [requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError]
)
def test_no_answer_is_transient(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: type[requests.RequestException], slept: list[float]
) -> None:
    def fail(*_args: object, **_options: object) -> requests.Response:
        raise error

    monkeypatch.setattr(requests.Session, "request", fail)
    with pytest.raises(Transient) as caught:
        ask(client)
    assert caught.value.kind == "hubspot_unreachable"
    assert (client.requests, slept) == (3, list(RETRY_WAITS_S))


def test_every_request_has_a_timeout(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    send = requests.Session.send
    timeouts: list[object] = []

    def watched(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        timeouts.append(options["timeout"])
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", watched)
    ask(client)
    client.post(f"{PATH}/search", {"limit": 1})
    assert timeouts == [(5, 30)] * 2


def test_an_answer_in_drops_is_whole(client: Client, shared_hubspot: RunningSandbox) -> None:
    shared_hubspot.fault("list", kind="slow_body", delay_ms=1)
    assert len(ask(client)["results"]) == 2


def test_an_answer_in_drops_that_takes_too_long_is_given_up(
    client: Client, shared_hubspot: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each drop comes within the timeout; the last would after six seconds."""
    monkeypatch.setattr("callbook.hubspot.client.LONGEST_S", 0.2)
    shared_hubspot.fault("list", kind="slow_body", delay_ms=300, times=3)
    began_s = time.monotonic()
    with pytest.raises(Transient) as failed:
        ask(client)
    assert failed.value.kind == "hubspot_unreachable"
    assert time.monotonic() - began_s < 3 * 2.0


@pytest.mark.parametrize(
    ("header", "waits_s"),
    [("12", 12.0), ("1.5", 10.0), ("-1", 10.0), ("²", 10.0), ("Wed, 21 Oct 2026", 10.0), ("", 10.0)],
)
def test_a_retry_after_that_cannot_be_read_is_as_good_as_none(header: str, waits_s: float) -> None:
    problem = problem_of(answer(429, b"{}", {"Retry-After": header}))
    assert isinstance(problem, Transient)
    assert problem.retry_after_s == waits_s


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"category": 5}', b'{"policyName": []}', b"\xff"])
@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 526])
def test_every_field_of_the_envelope_may_be_missing(status: int, body: bytes) -> None:
    problem = problem_of(answer(status, body, {}))
    assert isinstance(problem, Permanent if status in (400, 403) else Transient)


@pytest.mark.parametrize(("policy", "waits_s"), [("SECONDLY", 1.0), ("TEN_SECONDLY_ROLLING", 10.0), ("DAILY", 3600.0)])
def test_each_limit_is_waited_for_in_its_own_measure(policy: str, waits_s: float) -> None:
    problem = problem_of(answer(429, f'{{"policyName": "{policy}"}}'.encode(), {}))
    assert isinstance(problem, Transient)
    assert problem.retry_after_s == waits_s


def answer(status: int, body: bytes, headers: dict[str, str]) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = body  # noqa: SLF001 - there is no other way to make one
    response.headers.update(headers)
    return response
