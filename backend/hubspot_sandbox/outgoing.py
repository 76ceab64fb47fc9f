"""POSTs to other people's servers. They wait in threads, never on the thread that serves."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

TIMEOUT_S = 5.0
READ_BYTES = 2_000


@dataclass(frozen=True)
class Reply:
    status: int | None  # None: nobody answered
    text: str  # the beginning of what was said, or why nothing was


def post(url: str, body: bytes, headers: Mapping[str, str], timeout_s: float = TIMEOUT_S) -> Reply:
    """Blocks until there is an answer, at most `timeout_s` for each step. A redirect is an answer like any other."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    path = f"{parts.path or '/'}?{parts.query}".rstrip("?")
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    try:
        connection.request("POST", path, body, dict(headers))
        response = connection.getresponse()
        return Reply(response.status, response.read(READ_BYTES).decode("utf-8", "replace"))
    except (OSError, HTTPException) as problem:
        return Reply(None, getattr(problem, "strerror", None) or str(problem) or type(problem).__name__)
    finally:
        connection.close()
