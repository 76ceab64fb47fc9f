"""The signature of the Standard Webhooks convention.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hmac

PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """Read a secret: base64 behind its prefix, or plain text. Raises ValueError for what is no base64."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def signed_headers(secret: str, message_id: str, at_ms: int, body: bytes) -> dict[str, str]:
    timestamp = str(at_ms // 1000)
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    signature = base64.b64encode(hmac.digest(key_of(secret), content, "sha256")).decode()
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"}
