"""What a reader of the webhooks journal does: subscribe, follow the offsets, fetch the files."""

from typing import Any

import requests

from hubspot_sandbox import RunningSandbox
from tests.sandbox.client import DEADLINE_S, Api, Json, read

VERSIONS = ["2026-03", "2026-09"]
JOURNAL = "/webhooks-journal/journal/2026-09"
LOCAL = "/webhooks-journal/journal-local/2026-09"
SUBSCRIPTIONS = "/webhooks-journal/subscriptions/2026-09"
ALL = ["CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE"]


def contacts(hubspot: RunningSandbox, **more: object) -> Json:
    body = {"subscriptionType": "OBJECT", "portalId": hubspot.portal.id, "objectTypeId": "0-1", "actions": ALL}
    return body | more


def subscribe(app: Api, body: object) -> Json:
    return read(app.post(SUBSCRIPTIONS, body))


def file_of(place: Json) -> Json:
    """Fetch a file as anybody would who has the link."""
    response = requests.get(place["url"], timeout=DEADLINE_S)
    return read(response)


def events(app: Api) -> list[dict[str, Any]]:
    """Read the whole journal from the earliest file to the last."""
    found = []
    response = app.get(f"{JOURNAL}/earliest")
    while response.status_code == 200:
        place = response.json()
        found += file_of(place)["journalEvents"]
        response = app.get(f"{JOURNAL}/offset/{place['currentOffset']}/next")
    assert response.status_code == 204, response.text
    return found
