"""What phone systems send: how their words are shaped and how they prove that they are theirs. Nobody else knows.

Each payload is read into a `Notice`. Refusals say what is wrong with a message and nothing of who uses this server.
"""

from callbook.telephony.generic import Notice, read
from callbook.telephony.signing import TOLERANCE, new_secret, signed_headers, verified

__all__ = ["TOLERANCE", "Notice", "new_secret", "read", "signed_headers", "verified"]
