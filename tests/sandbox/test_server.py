"""What surrounds every endpoint: tokens and scopes, error envelopes."""

import pytest

from hubspot_sandbox import RunningSandbox
from tests.sandbox.client import CONTACTS, Api, Json, read

CONTACTS_READ = "crm.objects.contacts.read"
COMPANIES = "/crm/objects/2026-09/companies"
COMPANIES_READ = "crm.objects.companies.read"
OWNERS_READ = "crm.objects.owners.read"

SCOPED = [
    ("GET", CONTACTS, CONTACTS_READ),
    ("GET", f"{CONTACTS}/1", CONTACTS_READ),
    ("POST", f"{CONTACTS}/search", CONTACTS_READ),
    ("POST", f"{CONTACTS}/batch/read", CONTACTS_READ),
    ("GET", COMPANIES, COMPANIES_READ),
    ("POST", f"{COMPANIES}/batch/read", COMPANIES_READ),
    ("GET", "/crm/owners/2026-09", OWNERS_READ),
    ("GET", "/crm/owners/2026-09/710011", OWNERS_READ),
]


@pytest.mark.parametrize(("method", "path", "scope"), SCOPED)
def test_scope_is_enforced(hubspot: RunningSandbox, method: str, path: str, scope: str) -> None:
    body: Json = {"inputs": []}
    others = [each for each in ("oauth", CONTACTS_READ, COMPANIES_READ, OWNERS_READ) if each != scope]
    lacking = Api(hubspot.url, hubspot.grant(scopes=others).token)
    having = Api(hubspot.url, hubspot.grant(scopes=[scope]).token)
    refused = read(lacking.send(method, path, json=body), 403)
    assert refused["category"] == "MISSING_SCOPES"
    assert refused["errors"][0]["context"]["requiredGranularScopes"] == [scope]
    assert having.send(method, path, json=body).status_code == 200
    lacking.close()
    having.close()


@pytest.mark.parametrize("path", [CONTACTS, "/crm/owners/2026-09", "/account-info/2026-09/details"])
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer made-up", "Basic abc"])
def test_missing_or_unknown_token(anonymous: Api, path: str, header: str | None) -> None:
    response = anonymous.send("GET", path, headers={} if header is None else {"Authorization": header})
    body = read(response, 401)
    assert body["category"] == "INVALID_AUTHENTICATION"
    assert body["message"].startswith("Authentication credentials not found.")


def test_account_details_need_no_scope(hubspot: RunningSandbox) -> None:
    api = Api(hubspot.url, hubspot.grant(scopes=["oauth"]).token)
    assert api.get("/account-info/2026-09/details").status_code == 200
    api.close()


def test_errors_carry_their_correlation_id_in_body_and_header(api: Api) -> None:
    first, second = api.get(f"{CONTACTS}/999"), api.get(f"{CONTACTS}/999")
    for response in (first, second):
        body = read(response, 404)
        assert body["status"] == "error"
        assert response.headers["x-hubspot-correlation-id"] == body["correlationId"]
    assert first.json()["correlationId"] != second.json()["correlationId"]


def test_success_carries_a_correlation_id_too(api: Api) -> None:
    assert api.get(CONTACTS).headers["x-hubspot-correlation-id"]


def test_unknown_path_is_a_json_404(api: Api) -> None:
    assert read(api.get("/crm/objects/1999-01/contacts"), 404)["message"] == "resource not found"
