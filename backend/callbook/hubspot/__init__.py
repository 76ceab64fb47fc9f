"""HubSpot: the only place that knows its paths, paging, limits, errors and what its answers look like.

It asks for tokens through `TokenSource`, which `accounts` implements; it knows nothing of our tables.
"""

from callbook.hubspot.answers import id_of
from callbook.hubspot.client import Client, TokenSource
from callbook.hubspot.companies import RemoteCompany, read_companies
from callbook.hubspot.contacts import (
    BATCH_LIMIT,
    PROPERTIES,
    SEARCH_LIMIT,
    Page,
    RemoteContact,
    Unreadable,
    batch_read,
    list_page,
    property_set,
    search_changed,
    total,
)
from callbook.hubspot.oauth import Consent, Grant, Identity, OAuth, record_url
from callbook.hubspot.owners import OwnersPage, RemoteOwner, owners_page

__all__ = [
    "BATCH_LIMIT",
    "PROPERTIES",
    "SEARCH_LIMIT",
    "Client",
    "Consent",
    "Grant",
    "Identity",
    "OAuth",
    "OwnersPage",
    "Page",
    "RemoteCompany",
    "RemoteContact",
    "RemoteOwner",
    "TokenSource",
    "Unreadable",
    "batch_read",
    "id_of",
    "list_page",
    "owners_page",
    "property_set",
    "read_companies",
    "record_url",
    "search_changed",
    "total",
]
