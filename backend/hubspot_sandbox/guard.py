"""Who may use the page and the control API: whoever is on this machine, and no foreign site in a browser there."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request

from hubspot_sandbox.exchange import Answer, Call
from hubspot_sandbox.sandbox import Sandbox

Steering = Callable[[Sandbox, Call], Answer | Awaitable[Answer]]  # a handler of theirs

ELSEWHERE = "The page and the control API answer on this machine only."
FOREIGN = "This came from another site."


def objection(request: Request, *, from_anywhere: bool) -> str | None:
    """Give why the request is refused. A foreign site's form carries its Origin; one whose name was made to lead here
    (DNS rebinding) carries its own name as Host.
    """
    host = request.headers.get("host", "")
    if not from_anywhere and not (_is_here(request.client and request.client.host) and _is_here(_name(host))):
        return ELSEWHERE
    origin = request.headers.get("origin")
    return FOREIGN if origin is not None and origin != f"{request.url.scheme}://{host}" else None


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_here(name: str | None) -> bool:
    try:
        return name == "localhost" or ip_address(name or "").is_loopback
    except ValueError:
        return False
