"""Finding contacts by what is known of a person: a phone number, or words. Of the search index, so only ids are taken
from it. https://developers.hubspot.com/docs/api-reference/search/guide
"""

from typing import Any

from callbook.hubspot.answers import answer_of
from callbook.hubspot.client import Client
from callbook.hubspot.contacts import ID, PATH

FOUND_LIMIT = 20
NATIONAL = ("hs_searchable_calculated_phone_number", "hs_searchable_calculated_mobile_number")  # without country code
WHATSAPP = "hs_whatsapp_phone_number"  # nothing is calculated of it


def ids_with_number(client: Client, e164: str, national: str) -> list[int]:
    """Contacts one of whose numbers may be this: those of other countries with the same `national` digits, too."""
    wanted = [*((name, national) for name in NATIONAL), (WHATSAPP, e164)]
    groups = [{"filters": [{"propertyName": name, "operator": "EQ", "value": value}]} for name, value in wanted]
    return _ids(client, {"filterGroups": groups})


def ids_with_words(client: Client, words: str) -> list[int]:
    """By name, company, e-mail address or number, as HubSpot's own search box."""
    return _ids(client, {"filterGroups": [], "query": words})


def _ids(client: Client, wanted: dict[str, Any]) -> list[int]:
    sorts = [{"propertyName": ID, "direction": "ASCENDING"}]
    body = {**wanted, "sorts": sorts, "properties": [ID], "limit": FOUND_LIMIT}
    return answer_of(client.post(f"{PATH}/search", body, patient=False)).ids
