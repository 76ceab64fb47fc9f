"""The way of a request through the sandbox, the same for every endpoint of HubSpot's.

It is counted as it arrives; an endless URL and an empty budget are answered at once; then it meets the script of
faults, the token and its scope, the handler, and the latency. Who waits holds up nobody else.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from types import MappingProxyType
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hubspot_sandbox import errors, paging
from hubspot_sandbox.connections import Cut, Dribbled, Dropped, stays
from hubspot_sandbox.exchange import Answer, Call, Refused
from hubspot_sandbox.faults import Fault, carries, error_answer, half_of, token_error_answer
from hubspot_sandbox.limits import Budget, Headers
from hubspot_sandbox.paging import Ask
from hubspot_sandbox.sandbox import Sandbox
from hubspot_sandbox.statistics import NO_ANSWER, Served

Handler = Callable[[Sandbox, Call], Answer]
View = Callable[[Request], Awaitable[Response]]
Kind = Callable[[bytes, int, Mapping[str, str], str], Response]

NO_HEADERS: Headers = MappingProxyType({})


@dataclass(frozen=True)
class Endpoint:
    """`name` and `families` are what statistics and faults call it."""

    name: str
    method: str
    path: str
    handler: Handler
    open: bool = False  # needs no access token
    scope: str | None = None
    families: tuple[str, ...] = ()
    budget: Budget | None = "general"
    listing: bool = False  # of records, in pages that begin at an id

    @property
    def has_pages(self) -> bool:
        return self.listing or self.budget == "search"


def endpoint_view(sandbox: Sandbox, endpoint: Endpoint) -> View:
    async def view(request: Request) -> Response:
        started_s = time.perf_counter()
        sandbox.statistics.arrived(endpoint.name)
        response: Response | None = None
        try:
            response = await _Passage(sandbox, endpoint, request).response()
        except ClientDisconnect:
            return Dropped()
        else:
            return response
        finally:
            took_ms = (time.perf_counter() - started_s) * 1000
            sandbox.statistics.note(_served(sandbox, endpoint, request, response, took_ms))

    return view


def _served(
    sandbox: Sandbox, endpoint: Endpoint, request: Request, response: Response | None, took_ms: float
) -> Served:
    scope, now_ms = request.scope, sandbox.clock.now_ms()
    path = f"{scope['path']}?{scope['query_string'].decode('latin-1')}".rstrip("?")
    status, size = (NO_ANSWER, 0) if response is None else (response.status_code, len(response.body))
    sent = size // 2 if isinstance(response, Cut) else size
    return Served(now_ms, scope["method"], path, endpoint.name, status, took_ms, sent)


class _Passage:
    def __init__(self, sandbox: Sandbox, endpoint: Endpoint, request: Request) -> None:
        self._sandbox = sandbox
        self._endpoint = endpoint
        self._request = request
        self._headers = NO_HEADERS

    async def response(self) -> Response:
        body = await self._request.body()
        try:
            self._admit()
        except Refused as refused:
            return self._plain(refused.answer)
        fault = self._sandbox.faults.take(self._endpoint.name)
        if fault is None:
            return await self._late(self._answered(body))
        return await self._faulty(fault, body)

    def _admit(self) -> None:
        scope = self._request.scope
        if len(scope["raw_path"]) + len(scope["query_string"]) > self._sandbox.options.max_url_characters:
            raise Refused(error_answer(HTTPStatus.REQUEST_URI_TOO_LONG, None, 0))
        if self._endpoint.budget is not None:
            self._headers = self._sandbox.limits.admit(self._endpoint.budget)

    async def _faulty(self, fault: Fault, body: bytes) -> Response:
        if fault.kind != "slow_body" and fault.delay_ms:
            await self._wait(fault.delay_ms)
        if fault.kind == "status":
            answer = self._poisoned(fault, body) if fault.records else self._forced(fault)
            return self._plain(answer) if answer.status == HTTPStatus.TOO_MANY_REQUESTS else await self._late(answer)
        if fault.kind == "between_pages":
            for operation in fault.operations:
                operation.apply(self._sandbox.portal)
        return await self._badly_delivered(fault, self._answered(body, fault))

    async def _badly_delivered(self, fault: Fault, answer: Answer) -> Response:
        if fault.kind == "dropped" or (fault.kind == "hang" and not await self._wait(None)):
            return Dropped()
        if fault.kind == "cut":
            return await self._late(answer, Cut)
        if fault.kind == "truncated":
            return await self._late(half_of(answer))
        if fault.kind == "slow_body":
            return await self._late(answer, partial(Dribbled, partial(self._wait, fault.delay_ms)))
        return await self._late(answer)

    async def _wait(self, ms: float | None) -> bool:
        """Wait so long, or for None until the script is cleared; False at once when the client gives up."""
        seconds = None if ms is None else ms / 1000
        return await stays(self._request.receive, self._sandbox.faults.cleared, seconds)

    def _forced(self, fault: Fault) -> Answer:
        if fault.token_error is not None:
            answer = token_error_answer(fault.token_error)
        elif fault.status == HTTPStatus.TOO_MANY_REQUESTS:
            answer = self._sandbox.limits.refusal(self._endpoint.budget or "general").answer
        elif fault.status == HTTPStatus.BAD_REQUEST and self._endpoint.name == "token":
            answer = token_error_answer("BAD_REFRESH_TOKEN")
        else:
            answer = error_answer(fault.status or 500, self._endpoint.scope, self._sandbox.clock.now_ms())
        if fault.retry_after_s is None:
            return answer
        return replace(answer, headers={**answer.headers, "Retry-After": str(fault.retry_after_s)})

    def _poisoned(self, fault: Fault, body: bytes) -> Answer:
        answer = self._answered(body)
        return self._forced(fault) if carries(answer, fault.records) else answer

    def _answered(self, body: bytes, fault: Fault | None = None) -> Answer:
        try:
            return self._asked(call_of(self._request, body), fault)
        except Refused as refused:
            return refused.answer

    def _asked(self, call: Call, fault: Fault | None) -> Answer:
        endpoint, sandbox = self._endpoint, self._sandbox
        if not endpoint.open:
            sandbox.authorizations.require(self._request.headers.get("authorization", ""), endpoint.scope)
        ask: Ask = partial(endpoint.handler, sandbox)
        if endpoint.listing:
            ask = partial(sandbox.paging.listed, ask)
        return ask(call) if fault is None else self._lied(ask, call, fault)

    def _lied(self, ask: Ask, call: Call, fault: Fault) -> Answer:
        lies: dict[str, Ask] = {
            "repeated_page": partial(self._sandbox.paging.repeated, ask),
            "empty_page": partial(paging.emptied, ask),
            "unordered": partial(paging.backwards, ask),
        }
        if self._endpoint.listing:
            unsought = partial(self._sandbox.paging.unsought, ask)
            lies |= {
                "after_ignored": partial(unsought, refused=False),
                "after_refused": partial(unsought, refused=True),
            }
        if fault.kind in lies and self._endpoint.has_pages:
            return lies[fault.kind](call)
        answer = ask(call)
        return answer if fault.property is None else paging.without_property(answer, fault.property)

    async def _late(self, answer: Answer, kind: Kind = Response) -> Response:
        seconds = self._sandbox.latency.of(answer.records)
        if seconds:
            await asyncio.sleep(seconds)
        return self._plain(answer, kind)

    def _plain(self, answer: Answer, kind: Kind = Response) -> Response:
        return response_of(answer, self._headers, kind)


def call_of(request: Request, body: bytes) -> Call:
    headers, scope = request.headers, request.scope
    url = f"{scope['scheme']}://{headers.get('host', '')}{scope['path']}"
    content_type, authorization = headers.get("content-type", ""), headers.get("authorization", "")
    return Call(url, request.path_params, request.query_params, body, content_type, authorization)


def response_of(answer: Answer, headers: Headers = NO_HEADERS, kind: Kind = Response) -> Response:
    carried = {errors.CORRELATION_HEADER: str(uuid4()), **headers, **answer.headers}
    return kind(answer.content, answer.status, carried, answer.media_type)
