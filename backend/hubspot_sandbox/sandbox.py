"""A sandbox as a whole: its options, the portal, who is authorized, the search index and how it behaves."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from hubspot_sandbox.authorizations import Authorizations
from hubspot_sandbox.portal import Portal
from hubspot_sandbox.search import SearchIndex
from hubspot_sandbox.traffic import Faults, Latency, Statistics


@dataclass(frozen=True)
class Options:
    portal_id: int = 62515
    app_name: str = "Callbook"
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"  # noqa: S105 - a stand-in's, known to all
    redirect_uris: tuple[str, ...] = ()  # none named: any loopback address
    rotate_refresh_tokens: bool = False
    latency_ms: float = 0
    per_record_ms: float = 0

    def allows_redirect(self, uri: str) -> bool:
        return uri in self.redirect_uris if self.redirect_uris else _is_loopback(uri)


def _is_loopback(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
        return parts.scheme in ("http", "https") and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


class Sandbox:
    def __init__(self, options: Options, portal: Portal) -> None:
        self.options = options
        self.portal = portal
        self.clock = portal.clock
        self.authorizations = Authorizations(portal.clock, rotate=options.rotate_refresh_tokens)
        self.index = SearchIndex(portal)
        self.faults = Faults()
        self.latency = Latency(options.latency_ms, options.per_record_ms)
        self.statistics = Statistics()
