"""Who has been granted what: authorization codes, grants (a refresh token each), access tokens, the app's own tokens.

As at HubSpot, the refresh token stays the same over refreshes unless the sandbox is told to rotate it, and revoking it
leaves issued access tokens alive. The first grant installs the app in the account; it stays installed until it is
uninstalled, whatever is revoked. An app's own token (client credentials) belongs to no account.
"""

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from hubspot_sandbox import errors
from hubspot_sandbox.kinds import (
    COMPANIES_READ,
    COMPANIES_SCHEMA,
    COMPANIES_WRITE,
    CONTACTS_READ,
    CONTACTS_SCHEMA,
    CONTACTS_WRITE,
)
from hubspot_sandbox.moments import Clock
from hubspot_sandbox.options import Options
from hubspot_sandbox.portal import Person

APP_ID = 1165000
OWNERS_READ = "crm.objects.owners.read"
SCOPES = {
    "oauth": "Basic access to your account",
    CONTACTS_READ: "View contacts",
    CONTACTS_WRITE: "Create and change contacts",
    CONTACTS_SCHEMA: "View contact properties",
    COMPANIES_READ: "View companies",
    COMPANIES_WRITE: "Create and change companies",
    COMPANIES_SCHEMA: "View company properties",
    "crm.lists.read": "View segments",
    OWNERS_READ: "View owners",
    "crm.export": "Export records",
    "communication_preferences.read": "View communication preferences",
}
JOURNAL_READ = "developer.webhooks_journal.read"
SUBSCRIPTIONS_READ = "developer.webhooks_journal.subscriptions.read"
SUBSCRIPTIONS_WRITE = "developer.webhooks_journal.subscriptions.write"
APP_SCOPES = (  # of the app's own tokens; nobody consents to them
    JOURNAL_READ,
    SUBSCRIPTIONS_READ,
    SUBSCRIPTIONS_WRITE,
    "developer.webhooks_journal.snapshots.read",
    "developer.webhooks_journal.snapshots.write",
)
ACCESS_TOKEN_S = 1800
INSTALLED, UNINSTALLED = "4-1909196", "4-1916193"  # the event types of an app's life


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
    ends_at_ms: int | None = None  # when it stops being known, after an uninstall

    @property
    def scopes(self) -> tuple[str, ...]:
        return self.grant.scopes


@dataclass(frozen=True)
class AppToken:
    token: str
    scopes: tuple[str, ...]
    expires_at_ms: int


class Authorizations:
    """`watchers` hear of the app's life in the account: `INSTALLED`, `UNINSTALLED`."""

    def __init__(self, clock: Clock, options: Callable[[], Options]) -> None:
        self.watchers: list[Callable[[str], None]] = []
        self.account_deleted = False
        self._clock = clock
        self._options = options
        self._installed_scopes: set[str] | None = None
        self._codes: dict[str, Code] = {}
        self._grants: dict[str, Grant] = {}
        self._tokens: dict[str, AccessToken] = {}
        self._app_tokens: dict[str, AppToken] = {}

    @property
    def installed_scopes(self) -> Collection[str]:
        """What the app has been granted in the account, by anybody; nothing where it is not installed."""
        return self._installed_scopes or ()

    def new_code(self, person: Person, scopes: Sequence[str], redirect_uri: str, challenge: str | None) -> str:
        code = f"na1-{secrets.token_hex(16)}"
        expires_at_ms = self._clock.now_ms() + round(self._options().code_life_s * 1000)
        self._codes[code] = Code(person, tuple(scopes), redirect_uri, challenge, expires_at_ms)
        return code

    def take_code(self, code: str) -> Code:
        """Use a code up. Raises BAD_AUTH_CODE for one that is unknown, used or too old, BAD_HUB as refreshing does."""
        self._require_account()
        found = self._codes.pop(code, None)
        if found is None or found.expires_at_ms <= self._clock.now_ms():
            raise errors.oauth("BAD_AUTH_CODE", "invalid_grant", "missing or unknown auth code")
        return found

    def grant(self, person: Person, scopes: Sequence[str]) -> AccessToken:
        grant = Grant(f"na1-{secrets.token_hex(18)}", person, tuple(scopes))
        self._grants[grant.refresh_token] = grant
        if self._installed_scopes is None:
            self._installed_scopes = set()
            self._tell(INSTALLED)
        self._installed_scopes.update(scopes)
        return self._issue(grant)

    def grant_app(self, scopes: Sequence[str]) -> AppToken:
        token = AppToken(secrets.token_urlsafe(48), tuple(scopes), self._clock.now_ms() + ACCESS_TOKEN_S * 1000)
        self._app_tokens[token.token] = token
        return token

    def refresh(self, refresh_token: str) -> AccessToken:
        """Raises BAD_HUB where the account is gone, BAD_REFRESH_TOKEN for a token that is unknown or revoked."""
        self._require_account()
        grant = self._grants.get(refresh_token)
        if grant is None:
            raise errors.bad_refresh_token()
        if self._options().rotate_refresh_tokens:
            del self._grants[refresh_token]
            grant = replace(grant, refresh_token=f"na1-{secrets.token_hex(18)}")
            self._grants[grant.refresh_token] = grant
        return self._issue(grant)

    def revoke(self, token: str) -> None:
        self._grants.pop(token, None)
        self._tokens.pop(token, None)
        self._app_tokens.pop(token, None)

    def revoke_all(self) -> int:
        """End every grant and token of the account at once. Gives how many grants there were."""
        count = len(self._grants)
        self._codes.clear()
        self._grants.clear()
        self._tokens.clear()
        return count

    def uninstall(self) -> None:
        """Take the app out of the account; its access tokens live on for a while, which is an option."""
        ends_at_ms = self._clock.now_ms() + round(self._options().access_tokens_survive_uninstall_s * 1000)
        alive = {text: replace(token, ends_at_ms=ends_at_ms) for text, token in self._tokens.items()}
        self.revoke_all()
        self._tokens = alive
        if self._installed_scopes is not None:
            self._installed_scopes = None
            self._tell(UNINSTALLED)

    def delete_account(self) -> None:
        """Nobody hears of it: refreshing says BAD_HUB from now on, and no access token is known any more."""
        self.account_deleted = True
        self._installed_scopes = None
        self._tokens.clear()

    def find_grant(self, refresh_token: str) -> Grant | None:
        return self._grants.get(refresh_token)

    def find_live(self, token: str) -> AccessToken | AppToken | None:
        found = self._find(token)
        return found if found is not None and found.expires_at_ms > self._clock.now_ms() else None

    def require(self, header: str, scope: str | None) -> None:
        """Raise 401 or 403 unless the Authorization header carries a live token with the scope."""
        kind, _, text = header.partition(" ")
        token = self._find(text.strip()) if kind.lower() == "bearer" else None
        if token is None or (scope is None and isinstance(token, AppToken)):
            raise errors.unauthenticated()
        now_ms = self._clock.now_ms()
        if token.expires_at_ms <= now_ms:
            raise errors.expired(token.expires_at_ms, now_ms)
        if scope is not None and scope not in token.scopes:
            raise errors.missing_scopes([scope])

    def _require_account(self) -> None:
        if self.account_deleted:
            raise errors.bad_hub()

    def _find(self, text: str) -> AccessToken | AppToken | None:
        """Give a token that was issued and not ended; it may have expired."""
        token = self._tokens.get(text)
        if token is None:
            return self._app_tokens.get(text)
        has_ended = token.ends_at_ms is not None and token.ends_at_ms <= self._clock.now_ms()
        return None if has_ended else token

    def _issue(self, grant: Grant) -> AccessToken:
        expires_at_ms = self._clock.now_ms() + ACCESS_TOKEN_S * 1000
        token = AccessToken(secrets.token_urlsafe(48), grant, expires_at_ms)
        self._tokens[token.token] = token
        return token

    def _tell(self, event_type: str) -> None:
        for watcher in self.watchers:
            watcher(event_type)
