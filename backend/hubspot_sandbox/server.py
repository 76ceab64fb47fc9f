"""The web server: every endpoint in one list, and what surrounds each of them.

HubSpot's endpoints meet, in this order: a scripted fault, the token and its scope, the handler, the latency, the
statistics. The control API and the front page meet none of these.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hubspot_sandbox import account, authorize, companies, control, errors, oauth, objects
from hubspot_sandbox.authorizations import COMPANIES_READ, CONTACTS_READ, OWNERS_READ
from hubspot_sandbox.exchange import Answer, Call, Refused
from hubspot_sandbox.sandbox import Sandbox
from hubspot_sandbox.traffic import Served, fault_answer

Handler = Callable[[Sandbox, Call], Answer]
View = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Paths:
    """One of HubSpot's path families: the same endpoints under other names."""

    objects: str
    owners: str
    account: str
    token: str


FAMILIES = (
    Paths(
        objects="/crm/objects/2026-09",
        owners="/crm/owners/2026-09",
        account="/account-info/2026-09/details",
        token="/oauth/2026-09/token",  # noqa: S106 - a path
    ),
)


@dataclass(frozen=True)
class Endpoint:
    name: str
    method: str
    path: str
    handler: Handler
    open: bool = False  # needs no access token
    scope: str | None = None


def endpoints(paths: Paths) -> list[Endpoint]:
    contacts = f"{paths.objects}/{{object_type}}"
    return [
        Endpoint("token", "POST", paths.token, oauth.token, open=True),
        Endpoint("introspect", "POST", f"{paths.token}/introspect", oauth.introspect, open=True),
        Endpoint("revoke", "POST", f"{paths.token}/revoke", oauth.revoke, open=True),
        Endpoint("account", "GET", paths.account, account.details),
        *_company_endpoints(paths),  # before the contacts', whose path takes any object's name
        Endpoint("list", "GET", contacts, objects.list_contacts, scope=CONTACTS_READ),
        Endpoint("get", "GET", f"{contacts}/{{id}}", objects.get_contact, scope=CONTACTS_READ),
        Endpoint("search", "POST", f"{contacts}/search", objects.search_contacts, scope=CONTACTS_READ),
        Endpoint("batch_read", "POST", f"{contacts}/batch/read", objects.batch_read, scope=CONTACTS_READ),
        Endpoint("owners", "GET", paths.owners, account.list_owners, scope=OWNERS_READ),
        Endpoint("owner", "GET", f"{paths.owners}/{{id}}", account.get_owner, scope=OWNERS_READ),
    ]


def _company_endpoints(paths: Paths) -> list[Endpoint]:
    return [
        Endpoint(name, method, f"{paths.objects}/{object_type}{path}", handler, scope=COMPANIES_READ)
        for object_type in companies.COMPANY_NAMES
        for name, method, path, handler in (
            ("companies", "GET", "", companies.list_companies),
            ("company", "GET", "/{id}", companies.get_company),
            ("companies_batch_read", "POST", "/batch/read", companies.batch_read),
        )
    ]


CONSENT = [
    Endpoint("authorize", method, path, handler, open=True)
    for path in ("/oauth/authorize", "/oauth/{portal_id}/authorize")
    for method, handler in (("GET", authorize.show), ("POST", authorize.decide))
]

CONTROL: list[tuple[str, str, Handler]] = [
    ("GET", "/", control.front_page),
    ("POST", "/__sandbox/contacts", control.create),
    ("PATCH", "/__sandbox/contacts/{id}", control.edit),
    ("DELETE", "/__sandbox/contacts/{id}", control.archive),
    ("POST", "/__sandbox/companies", control.create_company),
    ("PATCH", "/__sandbox/companies/{id}", control.edit_company),
    ("GET", "/__sandbox/statistics", control.statistics),
    ("POST", "/__sandbox/clock", control.advance_clock),
    ("POST", "/__sandbox/faults", control.add_fault),
    ("DELETE", "/__sandbox/faults", control.clear_faults),
    ("POST", "/__sandbox/latency", control.set_latency),
    ("POST", "/__sandbox/revoke", control.revoke_all),
]


def application(sandbox: Sandbox) -> Starlette:
    served = [each for paths in FAMILIES for each in endpoints(paths)] + CONSENT
    routes = [Route(each.path, _endpoint_view(sandbox, each), methods=[each.method]) for each in served]
    routes += [Route(path, _control_view(sandbox, handler), methods=[method]) for method, path, handler in CONTROL]
    return Starlette(routes=routes, exception_handlers={404: _unknown_path})


def _endpoint_view(sandbox: Sandbox, endpoint: Endpoint) -> View:
    async def view(request: Request) -> Response:
        started_s = time.perf_counter()
        body = await request.body()
        answer = await _faulty(sandbox, endpoint) or _answered(sandbox, endpoint, request, body)
        await asyncio.sleep(sandbox.latency.of(answer))
        took_ms = (time.perf_counter() - started_s) * 1000
        path = f"{request.url.path}?{request.url.query}".rstrip("?")
        now_ms = sandbox.clock.now_ms()
        sandbox.statistics.note(Served(now_ms, request.method, path, endpoint.name, answer.status, took_ms))
        return _response(answer)

    return view


async def _faulty(sandbox: Sandbox, endpoint: Endpoint) -> Answer | None:
    fault = sandbox.faults.take(endpoint.name)
    if fault is None:
        return None
    await asyncio.sleep(fault.delay_ms / 1000)
    return fault_answer(fault, endpoint.name, sandbox.clock.now_ms())


def _answered(sandbox: Sandbox, endpoint: Endpoint, request: Request, body: bytes) -> Answer:
    try:
        if not endpoint.open:
            sandbox.authorizations.require(request.headers.get("authorization", ""), endpoint.scope)
        return endpoint.handler(sandbox, _call(request, body))
    except Refused as refused:
        return refused.answer


def _control_view(sandbox: Sandbox, handler: Handler) -> View:
    async def view(request: Request) -> Response:
        body = await request.body()
        if request.client is None or not ip_address(request.client.host).is_loopback:
            return Response("The control API answers on this machine only.", 403)
        try:
            return _response(handler(sandbox, _call(request, body)))
        except Refused as refused:
            return _response(refused.answer)

    return view


def _call(request: Request, body: bytes) -> Call:
    url = f"{request.url.scheme}://{request.url.netloc}{request.url.path}"
    content_type = request.headers.get("content-type", "")
    return Call(url, request.path_params, request.query_params, body, content_type)


def _response(answer: Answer) -> Response:
    headers = {errors.CORRELATION_HEADER: str(uuid4()), **answer.headers}
    return Response(answer.content, answer.status, headers, answer.media_type)


async def _unknown_path(_request: Request, _error: Exception) -> Response:
    return _response(errors.not_found().answer)
