"""The one HTTP door to HubSpot's API: timeouts always, retries of what is safe to repeat (all we do is read), a fresh
token when one has expired, and every failure told apart as passing, lasting, or the end of the connection.
"""

import threading
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol

import requests
from urllib3.exceptions import HTTPError

from callbook.errors import CallbookError, Permanent, Transient

TIMEOUT_S = (5, 30)  # to connect, then between bytes
LONGEST_S = 120.0  # for a whole answer, which may come in drops: HubSpot's own edge gives up after 100 s
CHUNK = 65_536
RETRY_WAITS_S = (1.0, 2.0)
LOCKED, MOVING, THROTTLED = 423, 477, 429
LOCKED_WAIT_S, MOVING_WAIT_S, REFUSED_WAIT_S = 2.0, 60.0, 10.0
POLICY_WAITS_S = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0, "DAILY": 3600.0}


class TokenSource(Protocol):
    def access_token(self) -> str:
        """A token good for now. Raises `NeedsReconnect`, `Transient`, `Misconfigured`."""

    def replace(self, stale: str) -> str:
        """A token other than `stale`, which HubSpot has just called expired."""


class Family(StrEnum):
    """Endpoints that draw on one request budget of the account."""

    GENERAL = "general"
    SEARCH = "search"


class Budget(Protocol):
    def leave(self, family: Family) -> None:
        """Waits until a request may leave. Raises `Transient` if that is too far away."""

    def heard(self, family: Family, limit: int, remaining: int) -> None:
        """What a reply's headers said of the budget."""

    def refused(self, family: Family, wait_s: float) -> None:
        """HubSpot has refused a request, and others for the time to come."""


class Client:
    """Reads one portal; may be used by several threads. `requests` and `throttled` count what it sent, for the run's
    report.
    """

    def __init__(
        self,
        api_url: str,
        tokens: TokenSource,
        budget: Budget | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api_url = api_url
        self._tokens = tokens
        self._budget = budget
        self.sleep = sleep
        self._http = requests.Session()
        self._counting = threading.Lock()
        self.requests = 0
        self.throttled = 0

    def get(self, path: str, params: Mapping[str, str], *, patient: bool = True) -> dict[str, Any]:
        return self._read("GET", path, patient=patient, params=params)

    def post(self, path: str, body: Mapping[str, Any], *, patient: bool = True) -> dict[str, Any]:
        return self._read("POST", path, patient=patient, json=body)

    def rest(self) -> None:
        """As long as before a first repetition."""
        self.sleep(RETRY_WAITS_S[0])

    def close(self) -> None:
        self._http.close()

    def _read(self, method: str, path: str, *, patient: bool, **content: Any) -> dict[str, Any]:
        for wait_s in RETRY_WAITS_S if patient else ():
            try:
                return self._once(method, path, **content)
            except Transient as problem:
                if problem.retry_after_s is not None:  # they named a time: that is for the run to wait out
                    raise
                self.sleep(wait_s)
        return self._once(method, path, **content)

    def _once(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        token = self._tokens.access_token()
        response = self._send(method, path, token, **content)
        if response.status_code == requests.codes.unauthorized:
            response = self._send(method, path, self._tokens.replace(token), **content)
            if response.status_code == requests.codes.unauthorized:  # not the token's age, then: not ours to hurry
                raise Transient("hubspot_error", "HTTP 401 with a fresh token", retry_after_s=REFUSED_WAIT_S)
        if response.ok:
            return _json_of(response)
        raise problem_of(response)

    def _send(self, method: str, path: str, token: str, **content: Any) -> requests.Response:
        family = Family.SEARCH if path.endswith("/search") else Family.GENERAL
        if self._budget is not None:
            self._budget.leave(family)
        with self._counting:
            self.requests += 1
        headers = {"Authorization": f"Bearer {token}"}
        try:
            response = self._whole(method, self._api_url + path, headers=headers, **content)
        except (requests.RequestException, HTTPError) as problem:
            raise Transient("hubspot_unreachable", f"{method} {path}: {type(problem).__name__}") from problem
        self._learn(family, response)
        return response

    def _whole(self, method: str, url: str, **content: Any) -> requests.Response:
        """With its body. `requests` itself would wait for the last byte for as long as bytes come."""
        until_s, body = time.monotonic() + LONGEST_S, bytearray()
        with self._http.request(method, url, timeout=TIMEOUT_S, stream=True, **content) as response:
            while chunk := response.raw.read1(CHUNK, decode_content=True):
                body += chunk
                if time.monotonic() > until_s:
                    raise requests.ReadTimeout(url)
        response._content = bytes(body)  # noqa: SLF001 - there is no other way to give it
        return response

    def _learn(self, family: Family, response: requests.Response) -> None:
        if response.status_code == THROTTLED:
            with self._counting:
                self.throttled += 1
            if self._budget is not None:
                self._budget.refused(family, _throttled_s(response))
        limit, remaining = (response.headers.get(f"X-HubSpot-RateLimit-{name}", "") for name in ("Max", "Remaining"))
        if self._budget is not None and limit.isdigit() and remaining.isdigit():
            self._budget.heard(family, int(limit), int(remaining))


def _json_of(response: requests.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except requests.JSONDecodeError as problem:
        raise Transient("hubspot_error", "an answer that is not JSON") from problem
    if not isinstance(body, dict):
        raise Transient("hubspot_error", "an answer that is not a JSON object")
    return body


def problem_of(response: requests.Response) -> CallbookError:
    """What a refusal means (the error envelope: developers.hubspot.com, "Error handling"; any field may be missing)."""
    status = response.status_code
    envelope = _envelope_of(response)
    told = f"HTTP {status} {envelope.get('category') or envelope.get('policyName') or ''}".strip()
    after_s = _retry_after_s(response)
    if status == THROTTLED:
        return Transient("throttled", told, retry_after_s=_throttled_s(response))
    if status == LOCKED:
        return Transient("hubspot_error", told, retry_after_s=after_s or LOCKED_WAIT_S)
    if status == MOVING:
        return Transient("hubspot_error", told, retry_after_s=after_s or MOVING_WAIT_S)
    if status >= requests.codes.server_error or status == requests.codes.unauthorized:
        return Transient("hubspot_error", told, retry_after_s=after_s)
    if status == requests.codes.forbidden:
        return Permanent("scope_missing", told)
    return Permanent("hubspot_error", told)


def _throttled_s(response: requests.Response) -> float:
    after_s = _retry_after_s(response)
    return POLICY_WAITS_S.get(str(_envelope_of(response).get("policyName")), 10.0) if after_s is None else after_s


def _envelope_of(response: requests.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except requests.JSONDecodeError:  # the edge answers in HTML
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after_s(response: requests.Response) -> float | None:
    header = response.headers.get("Retry-After", "")
    return float(header) if header.isascii() and header.isdigit() else None
