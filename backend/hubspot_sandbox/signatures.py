"""HubSpot's signatures of its requests, made and verified: v1 and v2 are hashes, v3 is an HMAC with a moment in it.

A signature is over the bytes as they travel and over the address as it was configured, scheme and host included.
Guide: https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MAX_AGE_MS = 300_000
DECODED = ("%3A", "%2F", "%3F", "%40", "%21", "%24", "%27", "%28", "%29", "%2A", "%2C", "%3B")
_ESCAPES = re.compile("|".join(DECODED))


@dataclass(frozen=True)
class Signed:
    """What a signature covers. `timestamp` (epoch milliseconds, as sent) is of v3 alone."""

    method: str
    uri: str
    body: bytes = b""
    timestamp: str = ""


def sign(version: str, secret: str, signed: Signed) -> str:
    """Give the signature of version v1, v2 or v3."""
    return _VERSIONS[version](secret.encode(), signed)


def verify(version: str, secret: str, signed: Signed, signature: str, now_ms: int) -> bool:
    """Tell whether a signature is genuine and, for v3, at most five minutes old, or as far ahead: clocks differ."""
    if version == "v3" and not _is_recent(signed.timestamp, now_ms):
        return False
    return hmac.compare_digest(sign(version, secret, signed).encode(), signature.encode())


def headers(secret: str, signed: Signed) -> Mapping[str, str]:
    """Give the headers of a webhook delivery, which carries v1 and v3 side by side."""
    return {
        "X-HubSpot-Signature": sign("v1", secret, signed),
        "X-HubSpot-Signature-Version": "v1",
        "X-HubSpot-Signature-v3": sign("v3", secret, signed),
        "X-HubSpot-Request-Timestamp": signed.timestamp,
    }


def _is_recent(timestamp: str, now_ms: int) -> bool:
    return timestamp.isascii() and timestamp.isdigit() and abs(now_ms - int(timestamp)) <= MAX_AGE_MS


def _v1(secret: bytes, signed: Signed) -> str:
    return hashlib.sha256(secret + signed.body).hexdigest()


def _v2(secret: bytes, signed: Signed) -> str:
    return hashlib.sha256(secret + signed.method.encode() + signed.uri.encode() + signed.body).hexdigest()


def _v3(secret: bytes, signed: Signed) -> str:
    uri = _ESCAPES.sub(lambda escape: chr(int(escape[0][1:], 16)), signed.uri)
    text = signed.method.encode() + uri.encode() + signed.body + signed.timestamp.encode()
    return base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()


_VERSIONS: Mapping[str, Callable[[bytes, Signed], str]] = {"v1": _v1, "v2": _v2, "v3": _v3}
