"""What a phone system sends is taken only signed, fresh, new and well-formed; else it is refused, and nothing shown."""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from apiflask import APIFlask
from werkzeug.test import TestResponse

from callbook import routing
from callbook.jobs import Jobs
from callbook.models import Call, Delivery, connected
from callbook.settings import Settings
from callbook.web import create_app
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Rep, json_of
from tests.backend.phoning import (
    KEY,
    NOON,
    NUMBER,
    OLD_KEY,
    RING,
    headers_of,
    heard,
    history,
    nothing_shown,
    post,
    routed,
    signature,
    tell,
    unrouted,
)

KIB = 1024


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def refusal(answer: TestResponse) -> tuple[int, str]:
    error = json_of(answer)["error"]
    assert error["message"]
    return answer.status_code, error["kind"]


# --- what is refused, in the order of the checks


@pytest.mark.usefixtures("ann")
def test_without_a_secret_it_says_that_it_is_not_set_up(settings: Settings) -> None:
    bare = create_app(replace(settings, call_hook_secrets=()))
    try:
        answer = tell(bare)
    finally:
        bare.extensions["callbook_jobs"].huey.storage.close()
    assert refusal(answer) == (404, "not_set_up")
    assert "CALLBOOK_CALL_HOOK_SECRETS" in answer.text
    assert nothing_shown()


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"])
@pytest.mark.usefixtures("ann")
def test_another_content_type_is_refused_before_anything_else(app: APIFlask, content_type: str) -> None:
    for body in (json.dumps(RING).encode(), b"x" * 17 * KIB, b""):
        assert refusal(post(app, body, {}, content_type)) == (415, "not_json")
    assert nothing_shown()


def padded(size: int) -> bytes:
    body = json.dumps(RING).encode()
    return body + b" " * (size - len(body))


def test_a_body_over_16_kib_is_refused_whoever_signed_it_and_one_of_16_kib_is_taken(app: APIFlask, ann: Rep) -> None:
    for headers in (headers_of(padded(16 * KIB + 1)), {}):
        assert refusal(post(app, padded(16 * KIB + 1), headers)) == (413, "too_large")
    assert nothing_shown()
    body = padded(16 * KIB)
    assert post(app, body, headers_of(body)).status_code == 202
    assert len(history(ann)) == 1


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", "ключ".encode().decode("latin-1"), "x" * 201])
@pytest.mark.usefixtures("ann")
def test_a_message_without_the_three_headers_is_unsigned(app: APIFlask, missing: str, value: str | None) -> None:
    body = json.dumps(RING).encode()
    headers = headers_of(body)
    headers.pop(missing)
    if value is not None:
        headers[missing] = value
    expected = "bad_signature" if missing == "webhook-signature" and value else "unsigned"
    assert refusal(post(app, body, headers)) == (401, expected)
    assert nothing_shown()


@pytest.mark.parametrize("at", ["2026-03-02T13:59:50+01:00", "9999-12-31T23:59:59Z"])
def test_a_phone_system_whose_clock_is_ahead_does_not_ring_for_longer(app: APIFlask, ann: Rep, at: str) -> None:
    tell(app, at=at)
    assert ann.calls()["calls"][0]["started_at"] == "2026-03-02T12:00:00Z"


@pytest.mark.parametrize(
    "forged",
    [
        {"webhook-id": "m2"},
        {"webhook-timestamp": str(int(NOON.timestamp()) + 1)},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1"},
        {"webhook-signature": signature(json.dumps(RING).encode(), "m1", "1")},
        {"webhook-signature": headers_of(json.dumps(RING).encode(), at=NOON, key=OLD_KEY)["webhook-signature"]},
        {"webhook-signature": headers_of(json.dumps(RING).encode(), at=NOON)["webhook-signature"].removeprefix("v1,")},
        {
            "webhook-signature": "v1a,"
            + headers_of(json.dumps(RING).encode(), at=NOON)["webhook-signature"].removeprefix("v1,")
        },
        {"webhook-signature": "v1,é".encode().decode("latin-1")},
    ],
)
@pytest.mark.usefixtures("ann")
def test_a_forged_message_is_refused(app: APIFlask, forged: dict[str, str]) -> None:
    body = json.dumps(RING).encode()
    assert refusal(post(app, body, headers_of(body) | forged)) == (401, "bad_signature")
    assert nothing_shown()


@pytest.mark.usefixtures("ann")
def test_a_changed_body_is_refused(app: APIFlask) -> None:
    body = json.dumps(RING).encode()
    headers = headers_of(body)
    assert refusal(post(app, body.replace(b"c1", b"c2"), headers)) == (401, "bad_signature")
    assert refusal(post(app, body + b" ", headers)) == (401, "bad_signature")
    assert nothing_shown()


@pytest.mark.parametrize(("late_s", "side"), [(301, "behind"), (86_400, "behind"), (-301, "ahead"), (-9e9, "ahead")])
@pytest.mark.usefixtures("ann")
def test_a_stale_message_and_one_from_the_future_are_refused(app: APIFlask, late_s: float, side: str) -> None:
    body = json.dumps(RING).encode()
    answer = post(app, body, headers_of(body, at=NOON - timedelta(seconds=late_s)))
    assert refusal(answer) == (401, "bad_timestamp")
    assert side in answer.text
    assert nothing_shown()


@pytest.mark.parametrize("late_s", [300, 0, -300])
def test_five_minutes_early_or_late_is_taken(app: APIFlask, ann: Rep, late_s: int) -> None:
    body = json.dumps(RING).encode()
    assert post(app, body, headers_of(body, at=NOON - timedelta(seconds=late_s))).status_code == 202
    assert len(history(ann)) == 1


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"call_id": ""}, "call_id"),
        ({"call_id": 1}, "call_id"),
        ({"call_id": "x" * 201}, "call_id"),
        ({"direction": "sideways"}, "direction"),
        ({"state": "paused"}, "state"),
        ({"from": "1" * 201}, "from"),
        ({"from": "1\x00"}, "from"),
        ({"to": 101}, "to"),
        ({"to": ""}, "body"),
        ({"to": None}, "body"),
        ({"direction": "outbound", "from": None}, "body"),
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-03-02T12:00:00"}, "at"),
        ({"at": "1969-12-31T23:59:59Z"}, "at"),
        ({"portal": "one"}, "portal"),
        ({"portal": 2**63}, "portal"),
        ({"extra": 1}, "extra"),
    ],
)
@pytest.mark.usefixtures("ann")
def test_a_body_of_another_shape_is_refused_and_says_where(app: APIFlask, changed: dict[str, Any], where: str) -> None:
    answer = tell(app, **changed)
    assert refusal(answer) == (422, "invalid")
    assert [field["where"] for field in json_of(answer)["error"]["fields"]] == [where]
    assert nothing_shown()


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b'{"call_id": "\\ud800"}', b"[" * 16_000])
@pytest.mark.usefixtures("ann")
def test_what_is_no_json_is_a_bad_request(app: APIFlask, body: bytes) -> None:
    assert refusal(post(app, body, headers_of(body))) == (400, "bad_request")
    assert nothing_shown()


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"text"', b"{}"])
@pytest.mark.usefixtures("ann")
def test_json_that_is_no_event_is_invalid(app: APIFlask, body: bytes) -> None:
    assert refusal(post(app, body, headers_of(body))) == (422, "invalid")
    assert nothing_shown()


@pytest.mark.usefixtures("ann")
def test_no_refusal_and_no_log_tells_what_was_sent(app: APIFlask, caplog: pytest.LogCaptureFixture) -> None:
    secret = "Ada Lovelace"
    with caplog.at_level(logging.INFO):
        answers = [
            tell(app, state=secret, portal=secret, at=secret),
            tell(app, **{"from": secret * 20, "to": secret}),
            tell(app, "m2", to=f"{secret}@x.example"),
            tell(app, "message-three", **{"from": secret}),
            tell(app, "m4", to="+1 201 555 0177"),
        ]
    assert [answer.status_code for answer in answers] == [422, 422, 202, 202, 202]
    told = "\n".join([*(answer.text for answer in answers), *(record.getMessage() for record in caplog.records)])
    assert "POST /hooks/calls 202" in told
    for word in ("Lovelace", "5550132", "5550177", "555 0177", "one.example", "message-three"):
        assert word not in told


# --- replays


def test_the_same_message_again_is_answered_as_the_first_time_and_applied_once(app: APIFlask, ann: Rep) -> None:
    body = json.dumps(RING).encode()
    headers = headers_of(body)
    first = post(app, body, headers)
    with connected():
        Call.everyones().delete().execute()
    again = post(app, body, headers)
    assert (again.status_code, json_of(again)) == (first.status_code, json_of(first)) == (202, {"routed": True})
    assert history(ann) == []


def test_an_id_that_has_been_used_stands_for_its_first_message_whatever_comes_with_it(app: APIFlask, ann: Rep) -> None:
    assert routed(app, "m1")
    assert routed(app, "m1", call_id="c2", to="nobody@one.example")
    malformed = b"{"
    assert json_of(post(app, malformed, headers_of(malformed))) == {"routed": True}
    assert history(ann) == [("c1", "ringing", NUMBER)]
    assert unrouted() == {}


def test_a_message_for_nobody_stays_so_when_it_comes_again(app: APIFlask, somebody: Callable[..., Rep]) -> None:
    assert not routed(app)
    ann = somebody("ann@one.example")
    assert not routed(app)
    assert history(ann) == []
    assert unrouted() == {"2026-03-02": 1}
    assert routed(app, "m2")


def test_a_refused_message_has_not_used_its_id(app: APIFlask, ann: Rep) -> None:
    assert refusal(tell(app, state="paused")) == (422, "invalid")
    assert routed(app)
    assert len(history(ann)) == 1


def test_ids_are_kept_for_as_long_as_a_message_is_taken_and_then_pruned(
    app: APIFlask, ann: Rep, settings: Settings, noon: time_machine.Traveller
) -> None:
    """Sent as early as may be, it may come again until its last second, and no later."""
    body = json.dumps(RING).encode()
    headers = headers_of(body, at=NOON + timedelta(minutes=5))
    assert post(app, body, headers).status_code == 202
    jobs = Jobs(settings)
    noon.move_to(NOON + timedelta(minutes=10), tick=False)
    with connected():
        routing.prune()
    with connected():
        Call.everyones().delete().execute()
    assert json_of(post(app, body, headers)) == {"routed": True}
    assert history(ann) == []
    noon.move_to(NOON + timedelta(minutes=10, seconds=1), tick=False)
    assert refusal(post(app, body, headers)) == (401, "bad_timestamp")
    jobs.sweep()
    jobs.huey.storage.close()
    with connected():
        assert Delivery.select().count() == 0


def test_a_message_that_could_not_be_kept_may_come_again(
    app: APIFlask, ann: Rep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server died between the call and the note that it was told."""
    with monkeypatch.context() as broken:
        broken.setattr(Delivery, "insert", lambda **_: 1 / 0)
        assert tell(app).status_code == 500
    assert routed(app)
    assert (history(ann), heard(ann)) == ([("c1", "ringing", NUMBER)], 1)


# --- secrets


@pytest.mark.usefixtures("ann")
def test_both_of_two_secrets_are_taken_and_any_of_several_signatures(settings: Settings) -> None:
    two = create_app(replace(settings, call_hook_secrets=(KEY, OLD_KEY)))
    body = json.dumps({**RING, "to": "101"}).encode()
    new, old, foreign = (headers_of(body, key=key) for key in (KEY, OLD_KEY, b"f" * 32))
    both = f"{foreign['webhook-signature']} v1a,x  {old['webhook-signature']}"
    answers = [post(two, body, headers) for headers in (new, old, new | {"webhook-signature": both}, foreign)]
    two.extensions["callbook_jobs"].huey.storage.close()
    assert [answer.status_code for answer in answers] == [202, 202, 202, 401]


@pytest.mark.usefixtures("ann")
def test_a_secret_that_has_been_rotated_out_is_taken_no_longer(app: APIFlask) -> None:
    body = json.dumps(RING).encode()
    assert refusal(post(app, body, headers_of(body, key=OLD_KEY))) == (401, "bad_signature")
