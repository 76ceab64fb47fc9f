"""Who has been granted what: authorization codes, grants (a refresh token each) and access tokens.

As at HubSpot, the refresh token stays the same over refreshes unless the sandbox is told to rotate it, and revoking it
leaves issued access tokens alive.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hubspot_sandbox import errors
from hubspot_sandbox.moments import Clock
from hubspot_sandbox.portal import Person

CONTACTS_READ = "crm.objects.contacts.read"
COMPANIES_READ = "crm.objects.companies.read"
OWNERS_READ = "crm.objects.owners.read"
SCOPES = {
    "oauth": "Basic access to your account",
    CONTACTS_READ: "View contacts",
    "crm.objects.contacts.write": "Create and change contacts",
    COMPANIES_READ: "View companies",
    "crm.schemas.contacts.read": "View contact properties",
    "crm.lists.read": "View segments",
    OWNERS_READ: "View owners",
    "crm.export": "Export records",
    "communication_preferences.read": "View communication preferences",
}
ACCESS_TOKEN_S = 1800
CODE_S = 60  # HubSpot does not say how long a code lives


@dataclass(frozen=True)
class Code:
    person: Person
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str | None
    expires_at_ms: int


@dataclass(frozen=True)
class Grant:
    refresh_token: str
    person: Person
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class AccessToken:
    token: str
    grant: Grant
    expires_at_ms: int


class Authorizations:
    def __init__(self, clock: Clock, *, rotate: bool = False) -> None:
        self.rotate = rotate
        self._clock = clock
        self._codes: dict[str, Code] = {}
        self._grants: dict[str, Grant] = {}
        self._tokens: dict[str, AccessToken] = {}

    def new_code(self, person: Person, scopes: Sequence[str], redirect_uri: str, challenge: str | None) -> str:
        code = f"na1-{secrets.token_hex(16)}"
        expires_at_ms = self._clock.now_ms() + CODE_S * 1000
        self._codes[code] = Code(person, tuple(scopes), redirect_uri, challenge, expires_at_ms)
        return code

    def take_code(self, code: str) -> Code:
        """Use a code up. Raises BAD_AUTH_CODE for one that is unknown, used or too old."""
        found = self._codes.pop(code, None)
        if found is None or found.expires_at_ms <= self._clock.now_ms():
            raise errors.oauth("BAD_AUTH_CODE", "invalid_grant", "missing or unknown auth code")
        return found

    def grant(self, person: Person, scopes: Sequence[str]) -> AccessToken:
        grant = Grant(f"na1-{secrets.token_hex(18)}", person, tuple(scopes))
        self._grants[grant.refresh_token] = grant
        return self._issue(grant)

    def refresh(self, refresh_token: str) -> AccessToken:
        grant = self._grants.get(refresh_token)
        if grant is None:
            raise errors.bad_refresh_token()
        if self.rotate:
            del self._grants[refresh_token]
            grant = replace(grant, refresh_token=f"na1-{secrets.token_hex(18)}")
            self._grants[grant.refresh_token] = grant
        return self._issue(grant)

    def revoke(self, token: str) -> None:
        self._grants.pop(token, None)
        self._tokens.pop(token, None)

    def revoke_all(self) -> int:
        """End every grant and token of the portal, as uninstalling the app does. Gives how many grants there were."""
        count = len(self._grants)
        self._codes.clear()
        self._grants.clear()
        self._tokens.clear()
        return count

    def find_grant(self, refresh_token: str) -> Grant | None:
        return self._grants.get(refresh_token)

    def find_token(self, token: str) -> AccessToken | None:
        """Give a token that was issued and not revoked; it may have expired."""
        return self._tokens.get(token)

    def require(self, header: str, scope: str | None) -> None:
        """Raise 401 or 403 unless the Authorization header carries a live token with the scope."""
        kind, _, text = header.partition(" ")
        token = self._tokens.get(text.strip()) if kind.lower() == "bearer" else None
        if token is None:
            raise errors.unauthenticated()
        now_ms = self._clock.now_ms()
        if token.expires_at_ms <= now_ms:
            raise errors.expired(token.expires_at_ms, now_ms)
        if scope is not None and scope not in token.grant.scopes:
            raise errors.missing_scopes([scope])

    def _issue(self, grant: Grant) -> AccessToken:
        expires_at_ms = self._clock.now_ms() + ACCESS_TOKEN_S * 1000
        token = AccessToken(secrets.token_urlsafe(48), grant, expires_at_ms)
        self._tokens[token.token] = token
        return token
