"""How the sandbox behaves beyond its answers: scripted faults, latency, and the count of what was asked."""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from pydantic import Field, field_validator

from hubspot_sandbox import errors
from hubspot_sandbox.bodies import ControlBody
from hubspot_sandbox.exchange import Answer, Refused, html_answer

RECENT = 30

ENDPOINTS = (
    "authorize",
    "token",
    "introspect",
    "revoke",
    "account",
    "list",
    "get",
    "search",
    "batch_read",
    "companies",
    "company",
    "companies_batch_read",
    "owners",
    "owner",
)
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "*": ENDPOINTS,
    "oauth": ("authorize", "token", "introspect", "revoke"),
    "companies": ("companies", "company", "companies_batch_read"),
    "contacts": ("list", "get", "search", "batch_read"),
}


class Fault(ControlBody):
    """The next `times` requests to `endpoint`, after `skip` that pass, are answered with `status` or only delayed."""

    endpoint: str
    status: int | None = Field(default=None, ge=400, le=599)
    times: int = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)
    delay_ms: float = Field(default=0, ge=0)
    retry_after_s: int | None = Field(default=None, ge=0)

    @field_validator("endpoint")
    @classmethod
    def _known(cls, endpoint: str) -> str:
        if endpoint not in ENDPOINTS and endpoint not in FAMILIES:
            raise ValueError(f"not one of {', '.join((*ENDPOINTS, *FAMILIES))}")
        return endpoint

    def covers(self, endpoint: str) -> bool:
        return endpoint in FAMILIES.get(self.endpoint, (self.endpoint,))


@dataclass
class _Scripted:
    fault: Fault
    skip: int
    left: int


class Faults:
    def __init__(self) -> None:
        self._script: list[_Scripted] = []

    def add(self, fault: Fault) -> None:
        self._script.append(_Scripted(fault, fault.skip, fault.times))

    def clear(self) -> None:
        self._script.clear()

    def take(self, endpoint: str) -> Fault | None:
        """Give the fault this request meets, and count it: the first in the script that covers the endpoint."""
        scripted = next((each for each in self._script if each.fault.covers(endpoint)), None)
        if scripted is None:
            return None
        if scripted.skip:
            scripted.skip -= 1
            return None
        scripted.left -= 1
        if not scripted.left:
            self._script.remove(scripted)
        return scripted.fault


def fault_answer(fault: Fault, endpoint: str, now_ms: int) -> Answer | None:
    """Give the answer a fault forces; None when it only delays."""
    if fault.status is None:
        return None
    answer = _body(fault.status, endpoint, now_ms)
    if fault.retry_after_s is None:
        return answer
    return replace(answer, headers={**answer.headers, "Retry-After": str(fault.retry_after_s)})


def _body(status: int, endpoint: str, now_ms: int) -> Answer:
    if endpoint == "token" and status == HTTPStatus.BAD_REQUEST:
        return errors.bad_refresh_token().answer
    refusals: dict[int, Callable[[], Refused]] = {
        HTTPStatus.UNAUTHORIZED: lambda: errors.expired(now_ms - 5000, now_ms),
        HTTPStatus.FORBIDDEN: lambda: errors.missing_scopes(["crm.objects.contacts.read"]),
        HTTPStatus.NOT_FOUND: errors.not_found,
        HTTPStatus.TOO_MANY_REQUESTS: lambda: errors.rate_limited(_POLICIES.get(endpoint, "TEN_SECONDLY_ROLLING")),
    }
    if status in refusals:
        return refusals[status]().answer
    if status in EDGE_STATUSES:
        return html_answer(f"<html><head><title>{status}</title></head><body>Bad gateway</body></html>", status)
    return errors.envelope(status, _MESSAGES.get(status, "internal error")).answer


EDGE_STATUSES = (502, 503, 504, *range(520, 527))  # answered before HubSpot's own code runs, so never with JSON
_POLICIES = {"search": "SECONDLY"}
_MESSAGES = {
    400: "bad request",
    414: "Request-URI Too Long",
    423: "The record is locked by another operation, try again in a few seconds.",
    477: "This account is being moved between data centers.",
}


@dataclass
class Latency:
    latency_ms: float = 0
    per_record_ms: float = 0

    def of(self, answer: Answer) -> float:
        return (self.latency_ms + self.per_record_ms * answer.records) / 1000


@dataclass(frozen=True)
class Served:
    at_ms: int
    method: str
    path: str  # with the query
    endpoint: str
    status: int
    took_ms: float


@dataclass
class Statistics:
    by_endpoint: dict[str, Counter[int]] = field(default_factory=dict)
    recent: deque[Served] = field(default_factory=lambda: deque(maxlen=RECENT))

    def note(self, served: Served) -> None:
        self.by_endpoint.setdefault(served.endpoint, Counter())[served.status] += 1
        self.recent.appendleft(served)

    def count(self, endpoint: str | None = None, status: int | None = None) -> int:
        """Count requests served, of one endpoint and with one status if named."""
        counters = self.by_endpoint.values() if endpoint is None else [self.by_endpoint.get(endpoint, Counter[int]())]
        return sum(sum(each.values()) if status is None else each[status] for each in counters)

    def clear(self) -> None:
        self.by_endpoint.clear()
        self.recent.clear()
