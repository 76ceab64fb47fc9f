"""A thin HTTP client for the contract tests: full control of what is sent, nothing hidden of what comes back."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from hubspot_sandbox import RunningSandbox

CONTACTS = "/crm/objects/2026-09/contacts"
TOKEN = "/oauth/2026-09/token"
CALLBACK = "http://127.0.0.1:5000/auth/callback"
DEADLINE_S = 10

Json = dict[str, Any]


class Api:
    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        self._session = requests.Session()
        if token is not None:
            self.use(token)

    def use(self, token: str) -> None:
        self._session.headers["Authorization"] = f"Bearer {token}"

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        return self._session.request(method, self.url + path, timeout=DEADLINE_S, allow_redirects=False, **options)

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.send("GET", path, params=query)

    def post(self, path: str, body: object) -> requests.Response:
        return self.send("POST", path, json=body)

    def post_form(self, path: str, **form: str) -> requests.Response:
        return self.send("POST", path, data=form)

    def list(self, **query: Any) -> Json:
        return read(self.get(CONTACTS, **query))

    def search(self, **body: Any) -> Json:
        return read(self.post(f"{CONTACTS}/search", body))

    def close(self) -> None:
        self._session.close()


def read(response: requests.Response, status: int = 200) -> Json:
    assert response.status_code == status, response.text
    body: Json = response.json()
    return body


def ids(body: Json) -> list[str]:
    return [each["id"] for each in body["results"]]


def client_form(hubspot: RunningSandbox, **more: str) -> dict[str, str]:
    return {"client_id": hubspot.options.client_id, "client_secret": hubspot.options.client_secret, **more}


def authorize_query(hubspot: RunningSandbox, **more: str) -> dict[str, str]:
    query = {
        "client_id": hubspot.options.client_id,
        "redirect_uri": CALLBACK,
        "scope": "oauth crm.objects.contacts.read",
        "state": "s 1",
    }
    return query | more


def landed(response: requests.Response) -> dict[str, str]:
    """Give the query of the address a redirect leads to."""
    assert response.status_code == 302, response.text
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}


def until(what: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    while not what():
        assert time.monotonic() < deadline_s, "waited in vain"
        time.sleep(0.005)
