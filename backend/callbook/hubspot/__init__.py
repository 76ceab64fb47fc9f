"""HubSpot: the only place that knows its paths, paging, limits, errors and what its answers look like.

It asks for tokens through `TokenSource`, which `accounts` implements; it knows nothing of our tables.
"""

from callbook.hubspot.client import Client, TokenSource
from callbook.hubspot.contacts import (
    BATCH_LIMIT,
    PROPERTIES,
    SEARCH_LIMIT,
    Page,
    RemoteContact,
    Unreadable,
    batch_read,
    id_of,
    list_page,
    property_set,
    search_changed,
    total,
)
from callbook.hubspot.oauth import Consent, Grant, Identity, OAuth, record_url

__all__ = [
    "BATCH_LIMIT",
    "PROPERTIES",
    "SEARCH_LIMIT",
    "Client",
    "Consent",
    "Grant",
    "Identity",
    "OAuth",
    "Page",
    "RemoteContact",
    "TokenSource",
    "Unreadable",
    "batch_read",
    "id_of",
    "list_page",
    "property_set",
    "record_url",
    "search_changed",
    "total",
]
