"""The account the facts are held against: a sandbox of the suite's own or, where `CALLBOOK_TEST_HUBSPOT_TOKEN` is set,
a HubSpot developer test account. There every request is paced far below the limits, search is given the time its index
takes, and whatever the suite made is archived at the end. All that a test may know of the other end is here.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
import requests

import hubspot_sandbox
from hubspot_sandbox import Options, RunningSandbox
from tests.sandbox.client import CONTACTS, TOKEN, Api, Json, read

T = TypeVar("T")

HUBSPOT = "https://api.hubapi.com"
REAL_TOKEN = os.environ.get("CALLBOOK_TEST_HUBSPOT_TOKEN", "")
REAL_CLIENT = {
    "client_id": os.environ.get("CALLBOOK_TEST_HUBSPOT_CLIENT_ID", ""),
    "client_secret": os.environ.get("CALLBOOK_TEST_HUBSPOT_CLIENT_SECRET", ""),
}
REAL_REFRESH_TOKEN = os.environ.get("CALLBOOK_TEST_HUBSPOT_REFRESH_TOKEN", "")

COMPANIES = "/crm/objects/2026-09/companies"
PAIRS = "/crm/associations/2026-09/contacts/companies"
PACE_S = 0.4  # both 110 requests in 10 s and 5 searches in one are far above
INDEX_PATIENCE_S = 90
MARKER = f"Callbook contract {secrets.token_hex(4)}"


class PacedApi(Api):
    """A client that leaves a real account's limits alone."""

    _next_at_s = 0.0

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        pause_s = PacedApi._next_at_s - time.monotonic()
        time.sleep(max(0, pause_s))
        PacedApi._next_at_s = time.monotonic() + PACE_S
        return super().send(method, path, **options)


class Account:
    def __init__(self, url: str, token: str, sandbox: RunningSandbox | None) -> None:
        self._api_class = PacedApi if sandbox is None else Api
        self._sandbox = sandbox
        self._opened: list[Api] = []
        self._made: list[str] = []
        self.url = url
        self.token = token
        self.api = self.client(token)
        self.anonymous = self.client(None)

    @property
    def is_real(self) -> bool:
        return self._sandbox is None

    @property
    def sandbox(self) -> RunningSandbox:
        """The hand behind the account, which a real one does not have."""
        assert self._sandbox is not None, "only facts that ask for `steered` may use the hand behind the account"
        return self._sandbox

    def pass_time(self, seconds: float) -> None:
        """Move the sandbox's clock and carry on with a fresh access token."""
        self.sandbox.advance(seconds)
        self.api = self.client(self.sandbox.grant().token)

    def client(self, token: str | None) -> Api:
        api = self._api_class(self.url, token)
        self._opened.append(api)
        return api

    def oauth(self) -> tuple[dict[str, str], str]:
        """The app's client id and secret as form fields, and a refresh token of the account."""
        if self._sandbox is None:
            if not (all(REAL_CLIENT.values()) and REAL_REFRESH_TOKEN):
                pytest.skip("needs CALLBOOK_TEST_HUBSPOT_CLIENT_ID, _CLIENT_SECRET and _REFRESH_TOKEN")
            return REAL_CLIENT, REAL_REFRESH_TOKEN
        options = self._sandbox.options
        client = {"client_id": options.client_id, "client_secret": options.client_secret}
        return client, self._sandbox.grant().grant.refresh_token

    def refreshed(self) -> Json:
        client, refresh_token = self.oauth()
        form = {**client, "grant_type": "refresh_token", "refresh_token": refresh_token}
        return read(self.anonymous.post_form(TOKEN, **form))

    def new(self, **properties: str) -> str:
        """Create a contact that carries the suite's marker; gives its id."""
        body = {"properties": {"company": MARKER} | properties}
        return self.keep(read(self.api.post(CONTACTS, body), 201)["id"])

    def keep(self, record_id: str, base: str = CONTACTS) -> str:
        """Have a record removed at the end, however it was made."""
        self._made.append(f"{base}/{record_id}")
        return record_id

    def new_batch(self, *many: Mapping[str, str]) -> list[str]:
        """Create up to a hundred contacts at once; gives their ids in ascending order."""
        inputs = [{"properties": {"company": MARKER, **properties}} for properties in many]
        body = read(self.api.post(f"{CONTACTS}/batch/create", {"inputs": inputs}), 201)
        return sorted((self.keep(record["id"]) for record in body["results"]), key=int)

    def new_company(self, name: str = MARKER) -> str:
        company = read(self.api.post(COMPANIES, {"properties": {"name": name}}), 201)
        return self.keep(str(company["id"]), COMPANIES)

    def associate(self, contact_id: str, company_id: str) -> None:
        path = f"{CONTACTS}/{contact_id}/associations/default/companies/{company_id}"
        assert self.api.send("PUT", path).status_code == 200

    def get(self, contact_id: str, **query: Any) -> Json:
        return read(self.api.get(f"{CONTACTS}/{contact_id}", **query))

    def change(self, contact_id: str, **properties: str) -> Json:
        return read(self.api.send("PATCH", f"{CONTACTS}/{contact_id}", json={"properties": properties}))

    def batch_read(self, *contact_ids: str, **body: Any) -> requests.Response:
        inputs = [{"id": each} for each in contact_ids]
        given = {"properties": [], "propertiesWithHistory": [], "inputs": inputs} | body
        return self.api.post(f"{CONTACTS}/batch/read", given)

    def archive(self, contact_id: str) -> None:
        assert self.api.send("DELETE", f"{CONTACTS}/{contact_id}").status_code == 204

    def merge(self, primary_id: str, other_id: str) -> Json:
        body = {"primaryObjectId": primary_id, "objectIdToMerge": other_id}
        merged = read(self.api.post(f"{CONTACTS}/merge", body))
        self.keep(str(merged["id"]))
        return merged

    def search(self, *filters: Mapping[str, object], **body: Any) -> Json:
        """Search among the contacts that match all filters."""
        given: dict[str, Any] = {"filterGroups": [{"filters": list(filters)}]} if filters else {}
        return self.api.search(**(given | body))

    def eventually(self, attempt: Callable[[], T], holds: Callable[[T], bool]) -> T:
        """Repeat a search until the index of a real account has caught up; a sandbox without lag is asked once."""
        deadline_s = time.monotonic() + INDEX_PATIENCE_S
        outcome = attempt()
        while self.is_real and not holds(outcome) and time.monotonic() < deadline_s:
            outcome = attempt()
        assert holds(outcome), outcome
        return outcome

    def close(self) -> None:
        for path in self._made if self.is_real else ():
            self.api.send("DELETE", path)
        for api in self._opened:
            api.close()


@contextmanager
def a_sandbox(**options: Any) -> Iterator[Account]:
    """Run a small sandbox with these options of its own."""
    with hubspot_sandbox.running(contacts=4, seed=5, options=Options(**options)) as sandbox:
        account = Account(sandbox.url, sandbox.grant().token, sandbox)
        try:
            yield account
        finally:
            account.close()


def with_options(**options: Any) -> pytest.MarkDecorator:
    """Give the sandbox behind `steered` these options."""
    return pytest.mark.parametrize("steered", [options], indirect=True, ids=["steered"])


def settle(account: Account, option: str, outcomes: Mapping[Any, object], observe: Callable[[Account], object]) -> None:
    """Hold an uncertain fact. A sandbox shows the outcome of each value of the option; a real account is observed
    once and told about, so that the option can be made a fact.
    """
    if account.is_real:
        seen = observe(account)
        right = [value for value, outcome in outcomes.items() if outcome == seen]
        pytest.fail(f"settled: Options.{option} is {right[0]!r} here" if right else f"neither value: observed {seen!r}")
    for value, outcome in outcomes.items():
        with a_sandbox(**{option: value}) as one:
            assert observe(one) == outcome, f"{option}={value!r}"


def where(name: str, operator: str, value: object = None, **more: object) -> Json:
    """A filter of a search."""
    given = {"propertyName": name, "operator": operator, **more}
    return given if value is None else {**given, "value": value}


def unique_email() -> str:
    return f"contract-{secrets.token_hex(6)}@example.com"


def by_email(email: str) -> Json:
    return where("email", "EQ", email)
