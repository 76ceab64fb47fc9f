"""HubSpot's error bodies, word for word where a capture of them is known.

Each function gives a `Refused` to raise. The shapes are those of HubSpot's error-handling page
(https://developers.hubspot.com/docs/api-reference/error-handling); every body carries its own correlationId.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import uuid4

from hubspot_sandbox.exchange import Refused, json_answer
from hubspot_sandbox.moments import iso

CORRELATION_HEADER = "x-hubspot-correlation-id"
SCOPES_PAGE = "https://developers.hubspot.com/scopes"


def envelope(status: int, message: str, category: str | None = None, **more: object) -> Refused:
    correlation_id = str(uuid4())
    body: dict[str, object] = {"status": "error", "message": message, "correlationId": correlation_id}
    if category is not None:
        body["category"] = category
    return Refused(replace(json_answer(body | more, status), headers={CORRELATION_HEADER: correlation_id}))


def not_found() -> Refused:
    return envelope(404, "resource not found")


def id_not_numeric() -> Refused:
    return envelope(404, "Object not found.  objectId are usually numeric.", "OBJECT_NOT_FOUND")


def validation(message: str, **more: object) -> Refused:
    return envelope(400, message, "VALIDATION_ERROR", **more)


def input_json(line: int, column: int, why: str) -> Refused:
    return envelope(400, f"Invalid input JSON on line {line}, column {column}: {why}")


def unauthenticated() -> Refused:
    message = (
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
        "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
    )
    return envelope(401, message, "INVALID_AUTHENTICATION")


def expired(expired_at_ms: int, now_ms: int) -> Refused:
    ago_s = max(1, (now_ms - expired_at_ms) // 1000)
    message = f"The OAuth token used to make this call expired {ago_s} second(s) ago."
    return envelope(401, message, "EXPIRED_AUTHENTICATION", context={"expire time": [iso(expired_at_ms)]})


def missing_scopes(scopes: Sequence[str]) -> Refused:
    message = (
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {SCOPES_PAGE}."
    )
    inner = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": list(scopes)},
    }
    return envelope(403, message, "MISSING_SCOPES", errors=[inner], links={"scopes": SCOPES_PAGE})


def conflict(existing_id: int, kind: str = "contact") -> Refused:
    return envelope(409, f"{kind.capitalize()} already exists. Existing ID: {existing_id}", "CONFLICT")


def properties_invalid(problems: Sequence[Mapping[str, str]], portal_id: int) -> Refused:
    """Problems carry `name`, `error` (HubSpot's code) and `message`."""
    detail = [
        {"isValid": False, **problem, "localizedErrorMessage": problem["message"], "portalId": portal_id}
        for problem in problems
    ]
    errors = [
        {"message": problem["message"], "code": problem["error"], "context": {"propertyName": [problem["name"]]}}
        for problem in problems
    ]
    return validation(f"Property values were not valid: {json.dumps(detail, separators=(',', ':'))}", errors=errors)


def in_batch(category: str, message: str, context: Mapping[str, Sequence[str]], **more: object) -> dict[str, object]:
    """Give one error of a batch's 207. HubSpot's own client cannot read one without `links` and `errors`."""
    empty: dict[str, object] = {"links": {}, "errors": []}
    return {"status": "error", "category": category, "message": message, "context": context} | empty | more


def rate_limited(policy: str, **more: str) -> Refused:
    words = {"SECONDLY": "secondly", "DAILY": "daily"}.get(policy, "ten_secondly_rolling")
    return envelope(429, f"You have reached your {words} limit.", errorType="RATE_LIMIT", policyName=policy, **more)


def oauth(status: str, error: str, message: str) -> Refused:
    """Give an error of the token endpoints, which have a shape of their own."""
    return Refused(
        json_answer({"status": status, "message": message, "error": error, "error_description": message}, 400)
    )


def bad_refresh_token() -> Refused:
    return oauth("BAD_REFRESH_TOKEN", "invalid_grant", "refresh token is invalid, expired or revoked")


def bad_hub() -> Refused:
    """The account is deleted; a capture of this one has no description."""
    body = {"status": "BAD_HUB", "message": "missing or unknown hub id", "error": "access_denied"}
    return Refused(json_answer(body, 400))
