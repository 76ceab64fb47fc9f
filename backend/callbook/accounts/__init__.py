"""Who uses Callbook: consent and the sessions it leads to, HubSpot's tokens, and leaving.

Tokens are sealed at rest and never leave this floor except into `hubspot`; one-time values are kept as fingerprints;
each is used by one conditional UPDATE, so that a replay finds nothing.
"""

from callbook.accounts.budget import Budget
from callbook.accounts.client import hubspot_client
from callbook.accounts.leaving import delete_data, purge_one, purges_due, revoke_due, unauthorize
from callbook.accounts.login import Redeemed, WayBack, begin, finish, hubspot_oauth, redeem, refusal
from callbook.accounts.profile import connection, is_connected, note_seen, profile, set_default_country
from callbook.accounts.sessions import Signed, new_ticket, open_session, redeem_ticket, still_signed, who
from callbook.accounts.tokens import Tokens

__all__ = [
    "Budget",
    "Redeemed",
    "Signed",
    "Tokens",
    "WayBack",
    "begin",
    "connection",
    "delete_data",
    "finish",
    "hubspot_client",
    "hubspot_oauth",
    "is_connected",
    "new_ticket",
    "note_seen",
    "open_session",
    "profile",
    "purge_one",
    "purges_due",
    "redeem",
    "redeem_ticket",
    "refusal",
    "revoke_due",
    "set_default_country",
    "still_signed",
    "unauthorize",
    "who",
]
