"""The script of faults: which requests go wrong, and how. A fault is for one endpoint or a family of them, lets `skip`
requests pass, meets `times` of the next ones (each with a `probability`), and ends at the latest when the script is
cleared.
"""

import asyncio
import json
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Literal, Self

from pydantic import Field, model_validator

from hubspot_sandbox import errors
from hubspot_sandbox.bodies import ControlBody
from hubspot_sandbox.exchange import Answer, Refused, html_answer
from hubspot_sandbox.operations import Operation

SEED = 1
ANY = "*"

Kind = Literal[
    "status",
    "delay",
    "hang",
    "dropped",
    "cut",
    "truncated",
    "slow_body",
    "repeated_page",
    "empty_page",
    "unordered",
    "after_ignored",
    "after_refused",
    "between_pages",
    "property_missing",
]
KINDS: Mapping[Kind, str] = {
    "status": "an error answer, with the body HubSpot gives it",
    "delay": "late, then as usual",
    "hang": "worked out, and held back until the client gives up or the script is cleared",
    "dropped": "worked out, and the connection ends before the first byte",
    "cut": "the connection ends in the middle of the body",
    "truncated": "half of the JSON, as a whole body",
    "slow_body": "twenty drops of the body, `delay_ms` before each",
    "repeated_page": "the page before the one asked for, of a list or of a search by offset",
    "empty_page": "no records, and a link that leads to them",
    "unordered": "the page's records backwards",
    "after_ignored": "a list begins anew at an `after` it never gave out",
    "after_refused": "400 for such an `after`",
    "between_pages": "`operations` are done first",
    "property_missing": "`property` is in no record",
}
TokenError = Literal[
    "BAD_REFRESH_TOKEN",
    "BAD_HUB",
    "BAD_AUTH_CODE",
    "BAD_REDIRECT_URI",
    "BAD_CLIENT_ID",
    "BAD_CLIENT_SECRET",
    "BAD_SCOPES",
    "BAD_CODE_VERIFIER",
]
TOKEN_ERRORS: Mapping[TokenError, tuple[str, str]] = {
    "BAD_REFRESH_TOKEN": ("invalid_grant", "refresh token is invalid, expired or revoked"),
    "BAD_HUB": ("access_denied", "missing or unknown hub id"),
    "BAD_AUTH_CODE": ("invalid_grant", "missing or unknown auth code"),
    "BAD_REDIRECT_URI": ("invalid_grant", "missing or mismatched redirect uri"),
    "BAD_CLIENT_ID": ("invalid_client", "missing or unknown client id"),
    "BAD_CLIENT_SECRET": ("invalid_client", "missing or invalid client secret"),
    "BAD_SCOPES": ("invalid_scope", "missing or invalid scopes"),
    "BAD_CODE_VERIFIER": ("invalid_grant", "missing or invalid code verifier"),
}
IMPLIED: Mapping[str, Kind] = {
    "status": "status",
    "token_error": "status",
    "operations": "between_pages",
    "property": "property_missing",
}

EDGE_STATUSES = (414, 502, 503, 504, *range(520, 527))  # answered before HubSpot's own code runs, so not with JSON
EDGE_REASONS = {414: "Request-URI Too Large", 503: "Service Unavailable", 504: "Gateway Time-out"}
MESSAGES = {
    400: "bad request",
    423: "The record is locked by another operation, try again in a few seconds.",
    477: "This account is being moved between data centers.",
}


class Fault(ControlBody):
    endpoint: str = Field(description="an endpoint, a family of them, or * for all")
    status: int | None = Field(None, ge=400, le=599, description="of the answer, which has the body HubSpot gives it")
    kind: Kind = Field("delay", description="what goes wrong, where no other field tells it")
    times: int | None = Field(1, ge=1, description="how many requests it meets; null: until the faults are cleared")
    skip: int = Field(0, ge=0, description="how many it lets pass before")
    probability: float = Field(1, gt=0, le=1, description="by which it meets a request, by a fixed seed")
    delay_ms: float = Field(0, ge=0, description="how long each request waits first; of slow_body, each drop")
    retry_after_s: int | None = Field(None, ge=0, description="in the answer's Retry-After")
    records: frozenset[int] = Field(
        frozenset(), description="with a status: only answers that would carry one of these ids fail"
    )
    token_error: TokenError | None = Field(None, description="the 400 of the token endpoint, by its name")
    property: str | None = Field(None, description="which property disappears from the answers")
    operations: tuple[Operation, ...] = Field((), description="what happens to the contacts as the request arrives")

    @model_validator(mode="before")
    @classmethod
    def _tell_kind(cls, data: object) -> object:
        if not isinstance(data, dict) or data.get("kind") is not None:
            return data
        implied = next((kind for name, kind in IMPLIED.items() if data.get(name)), "delay")
        return {**data, "kind": implied}

    @model_validator(mode="after")
    def _needs(self) -> Self:
        given = {name for name in IMPLIED if getattr(self, name)}
        lacking = [name for name, kind in IMPLIED.items() if kind == self.kind and name not in given]
        if self.kind in IMPLIED.values() and len(lacking) == list(IMPLIED.values()).count(self.kind):
            raise ValueError(f"{self.kind} needs {' or '.join(lacking)}")
        if self.records and self.kind != "status":
            raise ValueError("records needs status")
        return self


@dataclass
class _Scripted:
    fault: Fault
    skip: int
    left: int | None


class Faults:
    """`families` tells the endpoints there are, each with its families."""

    def __init__(self) -> None:
        self.families: Mapping[str, Sequence[str]] = {}
        self.cleared = asyncio.Event()  # a new one each time: whoever waits takes hold of it first
        self._script: list[_Scripted] = []
        self._random = random.Random(SEED)

    def add(self, fault: Fault) -> None:
        """Put a fault behind those that are there; what lasts until it is cleared stands behind what is counted.

        Raises 400 for an endpoint that there is not.
        """
        known = dict.fromkeys([ANY, *self.families, *(each for names in self.families.values() for each in names)])
        if fault.endpoint not in known:
            raise errors.validation(f"Invalid input: endpoint: not one of {', '.join(known)}")
        self._script.append(_Scripted(fault, fault.skip, fault.times))
        self._script.sort(key=lambda each: each.left is None)

    def clear(self) -> None:
        """End every fault; whoever hangs or waits for one goes on."""
        self._script.clear()
        self._random.seed(SEED)
        self.cleared.set()
        self.cleared = asyncio.Event()

    def take(self, endpoint: str) -> Fault | None:
        """Give the fault this request meets, and count it: the first in the script that is for it and its turn."""
        for scripted in self._script:
            fault = scripted.fault
            if fault.endpoint not in (ANY, endpoint, *self.families.get(endpoint, ())):
                continue
            if scripted.skip:
                scripted.skip -= 1
                return None
            if fault.probability == 1 or self._random.random() < fault.probability:
                self._spend(scripted)
                return fault
        return None

    def _spend(self, scripted: _Scripted) -> None:
        if scripted.left is not None:
            scripted.left -= 1
            if not scripted.left:
                self._script.remove(scripted)


def error_answer(status: int, scope: str | None, now_ms: int) -> Answer:
    """Give HubSpot's answer of a status, to an endpoint that asks for `scope`."""
    refusals: dict[int, Callable[[], Refused]] = {
        HTTPStatus.UNAUTHORIZED: lambda: errors.expired(now_ms - 5000, now_ms),
        HTTPStatus.FORBIDDEN: lambda: errors.missing_scopes([scope or "oauth"]),
        HTTPStatus.NOT_FOUND: errors.not_found,
    }
    if status in refusals:
        return refusals[status]().answer
    if status in EDGE_STATUSES:
        reason = EDGE_REASONS.get(status, "Bad gateway")
        return html_answer(f"<html><head><title>{status}</title></head><body>{reason}</body></html>", status)
    return errors.envelope(status, MESSAGES.get(status, "internal error")).answer


def token_error_answer(name: TokenError) -> Answer:
    return errors.oauth(name, *TOKEN_ERRORS[name]).answer


def carries(answer: Answer, records: Collection[int]) -> bool:
    body = json.loads(answer.content) if answer.records else {}
    return not {each.get("id") for each in body.get("results", [body])}.isdisjoint(map(str, records))


def half_of(answer: Answer) -> Answer:
    return replace(answer, content=answer.content[: len(answer.content) // 2])
