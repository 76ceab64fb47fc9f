"""People at browsers: the way through HubSpot's consent, and the requests of somebody who is signed in."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from callbook import contacts
from callbook.hubspot import RemoteCompany, RemoteContact, RemoteOwner
from callbook.models import Connection, Owner, Session, User, connected, now, transaction
from callbook.sealing import challenge_of, fingerprint, new_secret
from callbook.settings import PINNED_EXTENSION_ID
from hubspot_sandbox import RunningSandbox


def json_of(answer: TestResponse) -> dict[str, Any]:
    body = answer.get_json()
    assert isinstance(body, dict)
    return body


# The list of contacts, the history of calls, and what a search finds in them.
CONTACTS = "/api/contacts/search"
CALLS = "/api/calls/search"


@dataclass
class Rep:
    """A person at a browser: their session, and the requests they make."""

    client: FlaskClient
    token: str
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = {"Authorization": f"Bearer {self.token}"}

    def read(self, path: str, **query: Any) -> dict[str, Any]:
        """What a request that must succeed answers."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return json_of(answer)

    def contacts(self, **asked: Any) -> dict[str, Any]:
        """The list of contacts, or what a search finds."""
        answer = self.post(CONTACTS, asked)
        assert answer.status_code == 200, answer.text
        return json_of(answer)

    def calls(self, **asked: Any) -> dict[str, Any]:
        """The history of calls, or what a search finds in it."""
        answer = self.post(CALLS, asked)
        assert answer.status_code == 200, answer.text
        return json_of(answer)

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(path, headers=self.headers, query_string=query)

    def post(self, path: str, body: Any = None) -> TestResponse:
        return self.client.post(path, headers=self.headers, json=body)

    def put(self, path: str, body: Any) -> TestResponse:
        return self.client.put(path, headers=self.headers, json=body)

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(path, headers=self.headers)

    def patch(self, path: str, body: Any) -> TestResponse:
        return self.client.patch(path, headers=self.headers, json=body)


@dataclass
class Consenting:
    """The way of a browser through HubSpot's consent."""

    client: FlaskClient
    hubspot: RunningSandbox
    extension: str = PINNED_EXTENSION_ID
    verifier: str = field(default_factory=new_secret)

    def start(self, **more: str) -> str:
        """Where we send the browser."""
        query = {"challenge": challenge_of(self.verifier), "extension": self.extension, **more}
        return self.client.get("/auth/start", query_string=query).headers["Location"]

    def decide(self, url: str, who: str, decision: str) -> str:
        """Where HubSpot sends the browser once the person has clicked."""
        form = {**{name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}, "person": who}
        form["decision"] = decision
        page = f"{self.hubspot.url}/oauth/authorize"
        answer = requests.post(page, data=form, allow_redirects=False, timeout=10)
        return answer.headers.get("Location", "")

    def back(self, url: str) -> dict[str, str]:
        """What the extension gets."""
        parts = urlsplit(url)
        answer = self.client.get(f"{parts.path}?{parts.query}")
        back = urlsplit(answer.headers.get("Location", ""))
        assert not back.netloc or back.netloc == f"{self.extension}.chromiumapp.org"
        return {name: values[0] for name, values in parse_qs(back.query).items()}

    def code(self, who: str = "admin") -> str:
        return self.back(self.decide(self.start(), who, "allow"))["code"]

    def redeem(self, code: str, **changed: str) -> TestResponse:
        body = {"code": code, "verifier": self.verifier, "extension": self.extension, **changed}
        return self.client.post("/auth/session", json=body)


def owner_of(rep: Rep) -> Owner:
    with connected():
        session = Session.everyones().get(Session.token_hash == fingerprint(rep.token))
        return User.get_by_id(session.user_id).owner


def new_user(email: str = "ann@one.example", **changed: Any) -> User:
    """A user who came from nowhere: without a connection."""
    number = User.select().count() + 1
    known = {"portal_id": 1, "hubspot_user_id": number, "portal_name": "One", "ui_domain": "app.hubspot.com"}
    moments = {"last_seen_at": now(), "created_at": now()}
    return User.create(**{**known, **moments, "email": email, "portal_region": "US", **changed})


def connect(owner: Owner) -> None:
    """A connection whose tokens nobody can open."""
    tokens = {"access_token": "sealed", "access_expires_at": now(), "refresh_token": "sealed"}
    Connection.of(owner).insert(state="connected", state_since=now(), scopes="", **tokens).execute()


def remote(id_: int, *, modified_at: datetime = datetime(2026, 1, 1, tzinfo=UTC), **properties: str) -> RemoteContact:
    return RemoteContact(id_, properties, modified_at, now(), primary=True)


def cache(owner: Owner, *remotes: RemoteContact) -> None:
    """What a page of HubSpot's list does."""
    with connected(), transaction():
        contacts.apply(owner, remotes, contacts.default_region(User.get_by_id(owner.id)))


def cache_companies(owner: Owner, *companies: RemoteCompany) -> None:
    """What a run does that has read them."""
    with connected(), transaction():
        region = contacts.default_region(User.get_by_id(owner.id))
        contacts.keep_companies(owner, [each.id for each in companies], companies, region)


def cache_owners(owner: Owner, *owners: RemoteOwner) -> None:
    with connected(), transaction():
        contacts.keep_owners(owner, owners)


def keep_personal(owner: Owner, **properties: str) -> int:
    with connected(), transaction():
        return contacts.add_personal(owner, properties, contacts.default_region(User.get_by_id(owner.id)))
