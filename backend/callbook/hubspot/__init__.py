"""HubSpot: the only place that knows its paths, paging, limits, errors and what its answers look like.

It asks for tokens through `TokenSource` and for leave to send through `Budget`, which `accounts` implements; it knows
nothing of our tables.
"""

from callbook.hubspot.answers import id_of
from callbook.hubspot.client import RETRY_WAITS_S, Budget, Client, Family, TokenSource
from callbook.hubspot.companies import RemoteCompany, read_companies
from callbook.hubspot.contacts import (
    BATCH_LIMIT,
    LIST_LIMIT,
    PROPERTIES,
    SEARCH_LIMIT,
    Page,
    RemoteContact,
    Unreadable,
    archived_page,
    batch_read,
    list_page,
    property_set,
    sample,
    search_page,
    total,
)
from callbook.hubspot.finding import ids_with_number, ids_with_words
from callbook.hubspot.oauth import Grant, Identity, OAuth, record_url
from callbook.hubspot.owners import OwnersPage, RemoteOwner, owners_page

__all__ = [
    "BATCH_LIMIT",
    "LIST_LIMIT",
    "PROPERTIES",
    "RETRY_WAITS_S",
    "SEARCH_LIMIT",
    "Budget",
    "Client",
    "Family",
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
    "archived_page",
    "batch_read",
    "id_of",
    "ids_with_number",
    "ids_with_words",
    "list_page",
    "owners_page",
    "property_set",
    "read_companies",
    "record_url",
    "sample",
    "search_page",
    "total",
]
