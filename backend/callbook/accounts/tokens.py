"""HubSpot's access tokens: one live refresh per connection, whoever asks, however many processes there are.

The right to refresh is a claim on the connection's row. No transaction is open while HubSpot is asked; those who lose
the claim wait for the row to change.
"""

import time
from datetime import timedelta
from typing import Any

from callbook.errors import NeedsReconnect, Transient
from callbook.hubspot import Grant, OAuth
from callbook.models import Connection, Owner, connected, now, transaction
from callbook.sealing import Keyring, new_secret

EARLY = timedelta(minutes=2)  # refreshed before they expire: HubSpot asks not to use 401 as the signal
CLAIM = timedelta(seconds=60)  # longer than a refresh may take (its timeouts are 5 + 30 s)
POLL_S = 0.2
WAIT_S = 65.0


class Tokens:
    """The tokens of one user's connection; what `hubspot.Client` asks."""

    def __init__(self, owner: Owner, keyring: Keyring, oauth: OAuth) -> None:
        self._owner = owner
        self._keyring = keyring
        self._oauth = oauth
        self._claimant = new_secret()

    def access_token(self) -> str:
        with connected():
            connection = self._connection()
            token = self._open(connection, "access_token")
            return token if connection.access_expires_at - EARLY > now() else self._replace(token)

    def replace(self, stale: str) -> str:
        with connected():
            return self._replace(stale)

    def _replace(self, stale: str) -> str:
        deadline, waited = time.monotonic() + WAIT_S, False
        while time.monotonic() < deadline:
            connection = self._connection()
            token = self._open(connection, "access_token")
            if token != stale:
                return token
            if waited and connection.refresh_until is None:  # many ask at once: one failure is for all of them
                raise Transient("hubspot_error", "the refresh that was waited for has failed")
            if self._claim(waited=waited):
                return self._refresh(stale)
            waited = True
            time.sleep(POLL_S)
        raise Transient("hubspot_unreachable", "another process has been refreshing the token for too long")

    def _connection(self) -> Connection:
        connection = Connection.of(self._owner).select().get_or_none()
        if connection is None or connection.state == "reconnect_needed":
            raise NeedsReconnect
        return connection

    def _open(self, connection: Connection, field: str) -> str:
        return self._keyring.open(getattr(connection, field), str(self._owner.id), field)

    def _claim(self, *, waited: bool) -> bool:
        """Who has waited takes over from the dead alone: a claim given back means that the refresh has failed."""
        free = Connection.refresh_until < now()
        if not waited:
            free |= Connection.refresh_until.is_null()
        claimed = Connection.of(self._owner).update(refresh_owner=self._claimant, refresh_until=now() + CLAIM)
        with transaction():
            return bool(claimed.where(free).execute())

    def _refresh(self, stale: str) -> str:
        """With the claim in hand. What another refreshed before it was ours is taken as it is."""
        settled: dict[str, Any] = {}
        try:
            connection = self._connection()
            token = self._open(connection, "access_token")
            if token == stale:
                grant = self._oauth.refresh(self._open(connection, "refresh_token"))
                token, settled = grant.access_token, self._sealed(grant)
        except NeedsReconnect:  # HubSpot has said that the grant is gone; the cache stays
            settled = {"state": "reconnect_needed", "state_since": now()}
            raise
        finally:
            self._settle(**settled)
        return token

    def _sealed(self, grant: Grant) -> dict[str, Any]:
        seal, owner = self._keyring.seal, str(self._owner.id)
        return {
            "access_token": seal(grant.access_token, owner, "access_token"),
            "refresh_token": seal(grant.refresh_token, owner, "refresh_token"),
            "access_expires_at": now() + timedelta(seconds=grant.expires_in_s),
        }

    def _settle(self, **columns: Any) -> None:
        """Gives the claim back, with what came of it. A claim lost meanwhile (to another process, or because the person
        has authorized again) changes nothing.
        """
        mine = Connection.refresh_owner == self._claimant
        with transaction():
            Connection.of(self._owner).update(refresh_owner=None, refresh_until=None, **columns).where(mine).execute()
