"""HubSpot's access tokens: one live refresh per connection, whoever asks, however many processes there are.

The right to refresh is a claim on the connection's row. No transaction is open while HubSpot is asked; those who lose
the claim wait for the row to change.
"""

import time
from datetime import timedelta
from typing import Any

from callbook.errors import CallbookError, NeedsReconnect, Transient
from callbook.hubspot import OAuth
from callbook.models import Connection, Owner, now, transaction
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
        connection = self._connection()
        if connection.access_expires_at - EARLY > now():
            return self._open(connection, "access_token")
        return self.replace(self._open(connection, "access_token"))

    def replace(self, stale: str) -> str:
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            connection = self._connection()
            token = self._open(connection, "access_token")
            if token != stale:
                return token
            if self._claim():
                return self._refresh(connection)
            time.sleep(POLL_S)
        raise Transient("hubspot_unreachable", "another process has been refreshing the token for too long")

    def _connection(self) -> Connection:
        connection = Connection.of(self._owner).select().get_or_none()
        if connection is None or connection.state == "reconnect_needed":
            raise NeedsReconnect
        return connection

    def _open(self, connection: Connection, field: str) -> str:
        return self._keyring.open(getattr(connection, field), str(self._owner.id), field)

    def _claim(self) -> bool:
        free = Connection.refresh_until.is_null() | (Connection.refresh_until < now())
        claimed = Connection.of(self._owner).update(refresh_owner=self._claimant, refresh_until=now() + CLAIM)
        with transaction():
            return bool(claimed.where(free).execute())

    def _refresh(self, connection: Connection) -> str:
        try:
            grant = self._oauth.refresh(self._open(connection, "refresh_token"))
        except CallbookError as problem:
            if isinstance(problem, NeedsReconnect):
                mark_reconnect_needed(self._owner)
            self._settle()
            raise
        seal, owner = self._keyring.seal, str(self._owner.id)
        self._settle(
            access_token=seal(grant.access_token, owner, "access_token"),
            refresh_token=seal(grant.refresh_token, owner, "refresh_token"),
            access_expires_at=now() + timedelta(seconds=grant.expires_in_s),
        )
        return grant.access_token

    def _settle(self, **tokens: Any) -> None:
        """Gives the claim back, with the new tokens if there are any. A claim lost meanwhile changes nothing."""
        mine = Connection.refresh_owner == self._claimant
        with transaction():
            Connection.of(self._owner).update(refresh_owner=None, refresh_until=None, **tokens).where(mine).execute()


def mark_reconnect_needed(owner: Owner) -> None:
    """HubSpot has said that the grant is gone; the cache stays, and since when is kept."""
    with transaction():
        Connection.of(owner).update(state="reconnect_needed", state_since=now()).where(
            Connection.state != "reconnect_needed"
        ).execute()
