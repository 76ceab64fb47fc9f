"""The sandbox as a phone system: what it posts, how it signs it, and what it says of the receiver's answers."""

import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import ValidationError

import hubspot_sandbox
from hubspot_sandbox import Options, RunningSandbox
from hubspot_sandbox.exchange import Refused
from hubspot_sandbox.moments import parse_ms
from hubspot_sandbox.standard_webhooks import signed_headers
from tests.sandbox.client import Api, read
from tests.sandbox.receiver import Delivery, Receiver, receiving

REP = "sam.ortiz@brightmoor-supply.example"
KEY = bytes(range(32))
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
NUMBER = "+12125550100"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def ringing(receiver: Receiver) -> Iterator[RunningSandbox]:
    options = Options(ring_url=f"{receiver.url}?from=sandbox", ring_secret=SECRET)
    with hubspot_sandbox.running(contacts=3, options=options) as hubspot:
        yield hubspot


def states(receiver: Receiver) -> list[str]:
    return [json.loads(posted.body)["state"] for posted in receiver.deliveries]


def verify(posted: Delivery, key: bytes = KEY) -> None:
    """As https://www.standardwebhooks.com has a receiver do it."""
    content = f"{posted.headers['webhook-id']}.{posted.headers['webhook-timestamp']}.".encode() + posted.body
    digest = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    assert posted.headers["webhook-signature"] == f"v1,{digest}"


def test_signature_is_that_of_the_conventions_example() -> None:
    """The vector of https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/python/tests."""
    body = b'{"test": 2432232314}'
    message_id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    headers = signed_headers("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", message_id, 1_614_265_330_000, body)
    assert headers["webhook-id"] == message_id
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_ring_posts_one_signed_event(ringing: RunningSandbox, receiver: Receiver) -> None:
    call = ringing.ring(NUMBER, REP)
    (posted,) = receiver.deliveries
    assert posted.path == "/hooks/hubspot?from=sandbox"
    assert posted.headers["content-type"] == "application/json"
    verify(posted)
    event = json.loads(posted.body)
    at_ms = parse_ms(event.pop("at"))
    assert event == {"call_id": call.id, "direction": "inbound", "state": "ringing", "from": NUMBER, "to": REP}
    assert at_ms // 1000 == int(posted.headers["webhook-timestamp"])
    assert abs(at_ms / 1000 - time.time()) < 60
    assert call.told[0].answer is not None
    assert call.told[0].answer.status == 204


def test_a_phone_systems_clock_is_not_the_portals(ringing: RunningSandbox, receiver: Receiver) -> None:
    ringing.advance(86_400)
    ringing.ring(NUMBER, REP)
    assert abs(int(receiver.deliveries[0].headers["webhook-timestamp"]) - time.time()) < 60


def test_a_call_is_answered_and_ends(ringing: RunningSandbox, receiver: Receiver) -> None:
    call = ringing.ring(NUMBER, REP)
    ringing.answer_call(call.id)
    assert ringing.calls[0].state == "answered"
    ringing.hang_up(call.id)
    assert states(receiver) == ["ringing", "answered", "ended"]
    assert len({posted.headers["webhook-id"] for posted in receiver.deliveries}) == 3
    assert len({json.loads(posted.body)["call_id"] for posted in receiver.deliveries}) == 1
    for posted in receiver.deliveries:
        verify(posted)


def test_hanging_up_before_anybody_answers_is_a_missed_call(ringing: RunningSandbox, receiver: Receiver) -> None:
    ringing.hang_up(ringing.ring(NUMBER, REP).id)
    assert states(receiver) == ["ringing", "missed"]


def test_a_withheld_number_is_empty(ringing: RunningSandbox, receiver: Receiver) -> None:
    ringing.ring("", REP)
    assert json.loads(receiver.deliveries[0].body)["from"] == ""


def test_what_is_over_or_unknown_cannot_go_on(ringing: RunningSandbox, receiver: Receiver) -> None:
    call = ringing.ring(NUMBER, REP)
    ringing.answer_call(call.id)
    with pytest.raises(Refused, match="does not ring"):
        ringing.answer_call(call.id)
    ringing.hang_up(call.id)
    with pytest.raises(Refused, match="is over"):
        ringing.hang_up(call.id)
    with pytest.raises(Refused, match="404"):
        ringing.hang_up("call-unknown")
    assert len(receiver.deliveries) == 3


def test_receivers_refusal_is_kept_with_the_call(ringing: RunningSandbox, receiver: Receiver) -> None:
    receiver.status, receiver.text = lambda _delivery: 401, "bad signature"
    call = ringing.ring(NUMBER, REP)
    assert call.told[0].answer is not None
    assert (call.told[0].answer.status, call.told[0].answer.text) == (401, "bad signature")


def test_nobody_there_is_said_and_raises_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
    with hubspot_sandbox.running(contacts=0, options=Options(ring_url=url, ring_secret=SECRET)) as hubspot:
        (told,) = hubspot.ring(NUMBER, REP).told
    assert told.answer is not None
    assert told.answer.status is None
    assert told.answer.text == "Connection refused"


def test_a_slow_receiver_holds_up_nobody_else(ringing: RunningSandbox, receiver: Receiver) -> None:
    receiver.status = lambda _delivery: None
    api = Api(ringing.url)
    with ThreadPoolExecutor(1) as caller:
        ring = caller.submit(ringing.ring, NUMBER, REP)
        receiver.wait_for(1)
        (call,) = read(api.get("/__sandbox/calls"))["calls"]
        assert call["events"][0]["answer"] is None
        assert not ring.done()
        receiver.let_go.set()
        assert ring.result(10).told[0].answer is not None
    api.close()


@pytest.mark.parametrize("lacking", [{"ring_url": ""}, {"ring_secret": ""}])
def test_without_a_receiver_ringing_says_what_is_missing(ringing: RunningSandbox, lacking: dict[str, str]) -> None:
    ringing.change_options(**lacking)
    with pytest.raises(Refused, match="--ring-url URL and --ring-secret SECRET"):
        ringing.ring(NUMBER, REP)


@pytest.mark.parametrize(
    "bad", [{"ring_url": "callbook/hooks"}, {"ring_url": "ftp://x.example/"}, {"ring_secret": "whsec_?"}]
)
def test_a_receiver_that_cannot_be_is_refused(bad: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(bad)


def test_a_secret_that_is_no_base64_is_its_own_bytes(receiver: Receiver) -> None:
    options = Options(ring_url=receiver.url, ring_secret="plain words")
    with hubspot_sandbox.running(contacts=0, options=options) as hubspot:
        hubspot.ring(NUMBER, REP)
    verify(receiver.deliveries[0], b"plain words")


def test_calls_over_http(ringing: RunningSandbox, receiver: Receiver) -> None:
    receiver.status, receiver.text = lambda _delivery: 202, '{"routed": true}'
    api = Api(ringing.url)
    placed = read(api.post("/__sandbox/calls", {"number": NUMBER, "to": REP}), 201)
    assert placed["state"] == "ringing"
    assert placed["events"][0]["answer"] == {"status": 202, "text": '{"routed": true}'}
    assert read(api.post(f"/__sandbox/calls/{placed['id']}/answer", {}))["state"] == "answered"
    ended = read(api.post(f"/__sandbox/calls/{placed['id']}/hang-up", {}))
    assert [event["state"] for event in ended["events"]] == ["ringing", "answered", "ended"]
    assert read(api.get("/__sandbox/calls"))["calls"] == [ended]
    assert read(api.post(f"/__sandbox/calls/{placed['id']}/answer", {}), 409)["category"] == "CONFLICT"
    api.close()
