"""Standard Webhooks: an id, a time and a signature in the headers, made with a secret that both sides know.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from callbook.errors import Refused
from callbook.settings import CALL_SECRET_PREFIX

TOLERANCE = timedelta(minutes=5)
KEY_BYTES = 32
_ID = re.compile(r"[!-~]{1,200}")  # printable ASCII
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def new_secret() -> str:
    return CALL_SECRET_PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def signed_headers(key: bytes, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    signature = _signature(key, message_id, timestamp, body)
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}


def verified(keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, at: datetime) -> str:
    """The message's id, which is the same when it is sent again. `at` is the present. Raises `Refused`: "unsigned",
    "bad_signature" or "bad_timestamp".
    """
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").split()
    if not (_ID.fullmatch(message_id) and _TIMESTAMP.fullmatch(timestamp) and given):
        raise Refused("unsigned", "webhook-id, webhook-timestamp (in seconds) and webhook-signature are needed")
    ours = [_signature(key, message_id, timestamp, body).encode() for key in keys]
    if not any(hmac.compare_digest(each, text.encode()) for each in ours for text in given):
        raise Refused("bad_signature", "none of the signatures was made with a secret of this server over this message")
    age_s = at.timestamp() - int(timestamp)
    if abs(age_s) > TOLERANCE.total_seconds():
        side = "behind" if age_s > 0 else "ahead of"
        raise Refused("bad_timestamp", f"webhook-timestamp is more than 5 minutes {side} this server's clock")
    return message_id


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    return f"v1,{base64.b64encode(hmac.digest(key, content, 'sha256')).decode()}"
