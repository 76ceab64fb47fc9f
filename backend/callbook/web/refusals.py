"""Every refusal in one shape, with a kind a client can map to a sentence and the id under which the log has it."""

import logging
import math
from http import HTTPStatus
from typing import Any

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import g
from werkzeug.exceptions import HTTPException

from callbook.errors import CallbookError, Refused

Answer = tuple[dict[str, Any], int, dict[str, str]]

WHOLE = "_schema"  # the library's word for what no single field is to blame for

log = logging.getLogger(__name__)

STATUS_OF = {
    "bad_request": 400,
    "code_invalid": 400,
    "verifier_mismatch": 400,
    "signed_out": 401,
    "session_expired": 401,
    "unsigned": 401,
    "bad_signature": 401,
    "bad_timestamp": 401,
    "not_found": 404,
    "not_set_up": 404,
    "not_connected": 409,
    "read_only": 409,
    "line_taken": 409,
    "not_routed": 409,
    "no_run": 409,
    "reconnect_needed": 409,
    "scope_missing": 409,
    "busy": 429,
    "hubspot_error": 502,
    "server_misconfigured": 502,
    "hubspot_unreachable": 503,
    "invalid": 422,
}
KIND_OF = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "not_json",
    422: "invalid",
    429: "too_many",
}


def install(app: APIFlask) -> None:
    app.error_processor(_from_apiflask)
    app.register_error_handler(Refused, _from_refused)
    app.register_error_handler(HTTPException, _from_werkzeug)
    app.register_error_handler(RecursionError, _from_nesting)
    app.register_error_handler(Exception, _from_anything)


def answer(
    status: int,
    kind: str,
    message: str,
    fields: list[dict[str, str]] | None = None,
    retry_after_s: float | None = None,
) -> Answer:
    error: dict[str, Any] = {"kind": kind, "message": message, "request_id": g.get("request_id", "")}
    if fields:
        error["fields"] = fields
    headers = {} if retry_after_s is None else {"Retry-After": str(math.ceil(retry_after_s))}
    return {"error": error}, status, headers


def _from_apiflask(problem: HTTPError) -> Answer:
    fields = [
        {"where": "body" if where == WHOLE else where, "what": what}
        for place in (problem.detail or {}).values()
        if isinstance(place, dict)
        for where, whats in place.items()
        for what in whats
    ]
    kind = KIND_OF.get(problem.status_code, "bad_request")
    return answer(problem.status_code, kind, problem.message or kind, fields)


def _from_refused(problem: Refused) -> Answer:
    fields = [{"where": where, "what": what} for where, what in problem.fields]
    return answer(STATUS_OF.get(problem.kind, 400), problem.kind, str(problem), fields, problem.retry_after_s)


def _from_werkzeug(problem: HTTPException) -> Answer:
    status = problem.code or HTTPStatus.INTERNAL_SERVER_ERROR
    ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return answer(status, KIND_OF.get(status, "internal" if ours else "bad_request"), problem.name)


def _from_nesting(_problem: RecursionError) -> Answer:
    return answer(400, "bad_request", "nested too deeply")


def _from_anything(problem: Exception) -> Answer:
    log.error("%s", g.get("request_id", ""), exc_info=problem)
    kind = problem.kind if isinstance(problem, CallbookError) else "internal"
    return answer(500, kind, "the server could not do this; its log has the request id")
