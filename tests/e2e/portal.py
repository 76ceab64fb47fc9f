"""The sandbox's HubSpot account as its admin sees it: what a test changes behind Callbook's back, how slowly it
answers, and what it really holds.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.e2e.stack import SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET

ASK_WITHIN_S = 30
# Long enough to look at a run, short enough not to wait for after it is let go.
SLOW_MS = 800
UNTIL_LET_GO = 1_000_000
CONTACTS = "/crm/objects/2026-09/contacts"
COMPANIES = "/crm/objects/2026-09/companies"
_READ = {"scope": "oauth crm.objects.contacts.read crm.objects.companies.read", "redirect_uri": "http://127.0.0.1:1/"}


@dataclass(frozen=True)
class Portal:
    url: str
    _http: requests.Session = field(default_factory=requests.Session)

    def create(self, **properties: str) -> int:
        return int(self._control("POST", "contacts", {"properties": properties})["id"])

    def edit(self, contact_id: int, **properties: str) -> None:
        self._control("PATCH", f"contacts/{contact_id}", {"properties": properties})

    def archive(self, contact_id: int) -> None:
        self._control("DELETE", f"contacts/{contact_id}")

    @contextmanager
    def slow(self, endpoint: str) -> Iterator[None]:
        """Within the block every answer of this endpoint takes its time, so that a run is seen while it runs."""
        with self._faulty(endpoint, delay_ms=SLOW_MS):
            yield

    @contextmanager
    def hanging(self, endpoint: str, *, skip: int = 0) -> Iterator[None]:
        """Within the block this endpoint, after `skip` good answers, gives none: a run stands where it is."""
        with self._faulty(endpoint, kind="hang", skip=skip):
            yield

    @contextmanager
    def failing(self, endpoint: str, status: int, *, skip: int = 0, **more: int) -> Iterator[None]:
        """Within the block this endpoint, after `skip` good answers, gives nothing but this status."""
        with self._faulty(endpoint, status=status, skip=skip, **more):
            yield

    def asked(self, endpoint: str) -> int:
        """How many requests to this endpoint were answered."""
        by_endpoint = self._control("GET", "statistics")["by_endpoint"]
        return sum(by_endpoint.get(endpoint, {}).values())

    def end_all_grants(self) -> int:
        """Every app loses its access, as when it is uninstalled; how many grants there were."""
        return int(self._control("DELETE", "grants")["grants"])

    def contacts(self, *properties: str) -> dict[int, dict[str, str | None]]:
        """All live contacts by id, read over HubSpot's own API with a grant that is given back."""
        return self._all(CONTACTS, properties)

    def company_names(self) -> dict[str, str | None]:
        return {str(company_id): company["name"] for company_id, company in self._all(COMPANIES, ("name",)).items()}

    def _all(self, path: str, properties: Sequence[str]) -> dict[int, dict[str, str | None]]:
        held: dict[int, dict[str, str | None]] = {}
        with self._granted() as token:
            asked: dict[str, str] | None = {"properties": ",".join(properties), "limit": "100"}
            while asked is not None:
                page = self._json("GET", path, params=asked, headers={"Authorization": f"Bearer {token}"})
                held |= {int(one["id"]): one["properties"] for one in page["results"]}
                asked = {**asked, "after": page["paging"]["next"]["after"]} if "paging" in page else None
        return held

    def close(self) -> None:
        self._http.close()

    @contextmanager
    def _faulty(self, endpoint: str, **fault: int | str) -> Iterator[None]:
        self._control("POST", "faults", {"endpoint": endpoint, "times": UNTIL_LET_GO, **fault})
        try:
            yield
        finally:
            self._control("DELETE", "faults")

    @contextmanager
    def _granted(self) -> Iterator[str]:
        """An access token of the portal's admin."""
        client = {"client_id": SANDBOX_CLIENT_ID, "redirect_uri": _READ["redirect_uri"]}
        consent = {**_READ, **client, "person": "admin", "decision": "allow"}
        back = self._send("POST", "/oauth/authorize", data=consent).headers["Location"]
        code = parse_qs(urlsplit(back).query)["code"][0]
        secret = {**client, "client_secret": SANDBOX_CLIENT_SECRET}
        exchange = {**secret, "grant_type": "authorization_code", "code": code}
        grant = self._json("POST", "/oauth/2026-09/token", data=exchange)
        yield str(grant["access_token"])
        self._send("POST", "/oauth/2026-09/token/revoke", data={**secret, "token": grant["refresh_token"]})

    def _control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self._json(method, f"/__sandbox/{path}", json=body)

    def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._send(method, path, **options).json()
        return answer

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        response = self._http.request(method, self.url + path, timeout=ASK_WITHIN_S, allow_redirects=False, **options)
        assert response.ok, response.text
        return response
