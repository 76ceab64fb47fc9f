"""A user's way to HubSpot's API: with their tokens, within their portal's budget."""

from collections.abc import Iterator
from contextlib import contextmanager

from callbook.accounts.budget import LONGEST_WAIT_S, Budget
from callbook.accounts.login import hubspot_oauth
from callbook.accounts.tokens import Tokens
from callbook.hubspot import Client
from callbook.models import Owner, User
from callbook.sealing import Keyring
from callbook.settings import Settings


@contextmanager
def hubspot_client(settings: Settings, owner: Owner, longest_wait_s: float = LONGEST_WAIT_S) -> Iterator[Client]:
    """Whoever would have to wait longer for the budget than that is told so."""
    tokens = Tokens(owner, Keyring(settings.secret_keys), hubspot_oauth(settings))
    budget = Budget(User.get_by_id(owner.id).portal_id, longest_wait_s)
    client = Client(settings.hubspot_api_url, tokens, budget)
    try:
        yield client
    finally:
        client.close()
