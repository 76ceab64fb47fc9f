"""Errors that carry their consequence. Callers branch on the class, never on text.

`Transient`, `Permanent` and `NeedsReconnect` say what a run or a request may do next; `Refused` is an answer to a
client, with a kind it can map to a sentence. No message may hold a token, a name or a number.
"""

from collections.abc import Sequence


class CallbookError(Exception):
    """`kind` is a short machine word, the same over the API, in a run's row and in the log."""

    def __init__(self, kind: str, message: str = "") -> None:
        super().__init__(message or kind)
        self.kind = kind


class Transient(CallbookError):
    """Trying again may help; not before `retry_after_s` where the other side named a time."""

    def __init__(self, kind: str, message: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(kind, message)
        self.retry_after_s = retry_after_s


class Permanent(CallbookError):
    """Trying the same again cannot help."""


class NeedsReconnect(CallbookError):
    """HubSpot no longer honours this connection; only the person can mend it, by authorizing again."""

    def __init__(self, message: str = "") -> None:
        super().__init__("reconnect_needed", message)


class Misconfigured(Permanent):
    """HubSpot refuses our client id, secret or redirect URL: the operator's to mend, never a reason to disconnect."""

    def __init__(self, message: str = "") -> None:
        super().__init__("server_misconfigured", message)


class Refused(CallbookError):
    """A request that cannot be served, as its sender may know it; `fields` are (where, what) in what was sent. With
    `retry_after_s` it was only too early.
    """

    def __init__(
        self, kind: str, message: str = "", fields: Sequence[tuple[str, str]] = (), retry_after_s: float | None = None
    ) -> None:
        super().__init__(kind, message)
        self.fields = fields
        self.retry_after_s = retry_after_s
