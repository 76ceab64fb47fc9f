"""Signatures, by vectors of known answers: made alike, taken when genuine, refused when any part is another."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hubspot_sandbox import signatures
from hubspot_sandbox.signatures import DECODED, MAX_AGE_MS, Signed, sign, verify

DATA = json.loads((Path(__file__).parent.parent / "data" / "signature_vectors.json").read_text("utf-8"))
SECRET: str = DATA["secret"]
V1, V2, V3 = (
    [pytest.param(each, id=each["name"]) for each in DATA["vectors"] if each["version"] == version]
    for version in ("v1", "v2", "v3")
)
VECTORS = V1 + V2 + V3
AT_MS = 1_764_000_000_000

Vector = Mapping[str, Any]


def signed_of(vector: Vector) -> Signed:
    return Signed(vector["method"], vector["uri"], vector["body"].encode(), vector.get("timestamp", ""))


def sent_at(vector: Vector) -> int:
    return int(vector.get("timestamp", AT_MS))


def accepted(vector: Vector, signed: Signed, *, secret: str = SECRET, now_ms: int | None = None) -> bool:
    moment = sent_at(vector) if now_ms is None else now_ms
    return verify(vector["version"], secret, signed, vector["signature"], moment)


@pytest.mark.parametrize("vector", VECTORS)
def test_a_known_request_gets_its_known_signature(vector: Vector) -> None:
    assert sign(vector["version"], SECRET, signed_of(vector)) == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS)
def test_a_genuine_request_is_accepted(vector: Vector) -> None:
    assert accepted(vector, signed_of(vector))


@pytest.mark.parametrize("vector", VECTORS)
def test_another_secret_body_or_signature_is_refused(vector: Vector) -> None:
    signed = signed_of(vector)
    assert not accepted(vector, signed, secret=SECRET[::-1] + "x")
    assert not accepted(vector, replace(signed, body=signed.body + b" "))
    for wrong in (vector["signature"][:-1], vector["signature"].swapcase(), "", "é"):
        assert not verify(vector["version"], SECRET, signed, wrong, sent_at(vector))


@pytest.mark.parametrize("vector", V2 + V3)
def test_another_method_or_address_is_refused(vector: Vector) -> None:
    signed = signed_of(vector)
    assert not accepted(vector, replace(signed, method="PUT"))
    for uri in (signed.uri + "/", signed.uri.replace("https:", "http:"), signed.uri.replace("example", "example2")):
        assert not accepted(vector, replace(signed, uri=uri))


@pytest.mark.parametrize("vector", V3)
def test_another_timestamp_is_refused_although_it_is_recent(vector: Vector) -> None:
    signed = replace(signed_of(vector), timestamp=str(sent_at(vector) + 1))
    assert not accepted(vector, signed)


@pytest.mark.parametrize("vector", V3)
@pytest.mark.parametrize("away_ms", [MAX_AGE_MS, -MAX_AGE_MS])
def test_five_minutes_either_way_is_the_edge(vector: Vector, away_ms: int) -> None:
    signed = signed_of(vector)
    beyond = 1 if away_ms > 0 else -1
    assert accepted(vector, signed, now_ms=sent_at(vector) + away_ms)
    assert not accepted(vector, signed, now_ms=sent_at(vector) + away_ms + beyond)


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "1764000000000.5", "٣", " 1764000000000"])
def test_a_timestamp_that_is_no_moment_is_refused(timestamp: str) -> None:
    signed = Signed("POST", "https://app.example.com/", b"[]", timestamp)
    assert not verify("v3", SECRET, signed, sign("v3", SECRET, signed), AT_MS)


@pytest.mark.parametrize("escape", DECODED)
def test_each_of_the_listed_escapes_counts_as_its_character(escape: str) -> None:
    plain = chr(int(escape[1:], 16))
    escaped, decoded = (f"https://app.example.com/hook?a=b{each}c" for each in (escape, plain))
    assert sign("v3", SECRET, Signed("POST", escaped)) == sign("v3", SECRET, Signed("POST", decoded))
    assert sign("v2", SECRET, Signed("POST", escaped)) != sign("v2", SECRET, Signed("POST", decoded))


@pytest.mark.parametrize(
    ("escape", "plain"), [("%20", " "), ("%26", "&"), ("%25", "%"), ("%3D", "="), ("%253A", "%3A")]
)
def test_every_other_escape_is_left_alone(escape: str, plain: str) -> None:
    escaped, decoded = (f"https://app.example.com/hook?a=b{each}c" for each in (escape, plain))
    assert sign("v3", SECRET, Signed("POST", escaped)) != sign("v3", SECRET, Signed("POST", decoded))


def test_a_delivery_carries_v1_and_v3_side_by_side() -> None:
    signed = Signed("POST", "https://app.example.com/hook", b"[{}]", str(AT_MS))
    sent = signatures.headers(SECRET, signed)
    assert sent["X-HubSpot-Signature-Version"] == "v1"
    assert verify("v1", SECRET, signed, sent["X-HubSpot-Signature"], AT_MS)
    stamped = replace(signed, timestamp=sent["X-HubSpot-Request-Timestamp"])
    assert verify("v3", SECRET, stamped, sent["X-HubSpot-Signature-v3"], AT_MS)
