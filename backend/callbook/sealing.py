"""Secrets at rest: tokens are sealed (AES-256-GCM, key id in the text, owner and field as associated data, so that a
sealed text moved to another row cannot be opened), one-time values are kept only as fingerprints.
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from callbook.errors import Misconfigured
from callbook.settings import SecretKey

NONCE_BYTES = 12  # what AES-GCM asks for


class Keyring:
    """Seals with the first key, opens with whichever key the text names, so that keys can rotate."""

    def __init__(self, keys: Sequence[SecretKey]) -> None:
        self._ciphers = {key.id: AESGCM(key.key) for key in keys}
        self._sealing_id = keys[0].id

    def seal(self, text: str, owner: str, field: str) -> str:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._ciphers[self._sealing_id].encrypt(nonce, text.encode(), _associated(owner, field))
        return f"{self._sealing_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, owner: str, field: str) -> str:
        """Raises `Misconfigured` when the key is gone, or the text was changed or belongs elsewhere."""
        key_id, _, text = sealed.partition(".")
        if key_id not in self._ciphers:
            raise Misconfigured(f"sealed with key {key_id!r}, which is not among CALLBOOK_SECRET_KEYS")
        associated = _associated(owner, field)
        try:
            data = base64.urlsafe_b64decode(text)
            return self._ciphers[key_id].decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], associated).decode()
        except (InvalidTag, ValueError) as problem:
            raise Misconfigured(f"a sealed {field} does not open with key {key_id!r}") from problem


def _associated(owner: str, field: str) -> bytes:
    return f"{owner}/{field}".encode()


def new_secret() -> str:
    """43 characters, 256 random bits: sessions, codes, tickets, states."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """SHA-256 in hex. The secrets are random 256-bit values, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def challenge_of(verifier: str) -> str:
    """PKCE's S256 (RFC 7636, section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
