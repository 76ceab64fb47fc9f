"""A phone system that tells a server of calls, and what becomes of them."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from apiflask import APIFlask
from werkzeug.test import TestResponse

from callbook.models import Call, Event, Unrouted, connected
from tests.backend.people import Rep, json_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEY = b"c" * 32
OLD_KEY = b"o" * 32
NUMBER = "+12015550132"
RING = {"call_id": "c1", "direction": "inbound", "state": "ringing", "from": NUMBER, "to": "ann@one.example"}


def signature(body: bytes, message_id: str, timestamp: str, key: bytes = KEY) -> str:
    """Made here by the convention's own words, not by the code under test."""
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def headers_of(body: bytes, message_id: str = "m1", *, at: datetime | None = None, key: bytes = KEY) -> dict[str, str]:
    timestamp = str(int((at or datetime.now(UTC)).timestamp()))
    signed = signature(body, message_id, timestamp, key)
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signed}


def post(app: APIFlask, body: bytes, headers: dict[str, str], content_type: str = "application/json") -> TestResponse:
    return app.test_client().post("/hooks/calls", data=body, headers=headers, content_type=content_type)


def tell(app: APIFlask, message_id: str = "m1", /, **changed: Any) -> TestResponse:
    body = json.dumps({**RING, **changed}).encode()
    return post(app, body, headers_of(body, message_id))


def routed(app: APIFlask, message_id: str = "m1", /, **changed: Any) -> bool:
    answer = tell(app, message_id, **changed)
    assert answer.status_code == 202, answer.text
    assert json_of(answer).keys() == {"routed"}
    return bool(json_of(answer)["routed"])


def history(rep: Rep) -> list[tuple[str, str, str]]:
    return [(call["call_id"], call["state"], call["number"]) for call in rep.calls()["calls"]]


def heard(rep: Rep) -> int:
    return len(rep.read("/api/events", after=0)["events"])


def nothing_shown() -> bool:
    with connected():
        return not (Call.everyones().select().exists() or Event.everyones().select().exists())


def unrouted() -> dict[str, int]:
    with connected():
        return {row.day: row.count for row in Unrouted.select()}
