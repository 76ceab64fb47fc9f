"""Section 4.1: the error envelope, and the errors HubSpot is known to answer with."""

import pytest

from tests.sandbox.client import CONTACTS, Api, read
from tests.sandbox.contract.account import Account

LIST = CONTACTS


def test_4_1_an_error_is_an_envelope_with_a_correlation_id_that_the_header_repeats(account: Account) -> None:
    response = account.api.post(CONTACTS, {"properties": {"no_such_property_here": "x"}})
    body = read(response, 400)
    assert body["status"] == "error"
    assert body["message"]
    assert body["category"] == "VALIDATION_ERROR"
    assert response.headers["x-hubspot-correlation-id"] == body["correlationId"]


def test_4_1_broken_json_is_told_with_line_and_column(account: Account) -> None:
    response = account.api.send(
        "POST", f"{CONTACTS}/search", data="{\n  oops", headers={"Content-Type": "application/json"}
    )
    body = read(response, 400)
    assert body["message"].startswith("Invalid input JSON on line 2, column ")
    assert "category" not in body


def test_4_1_no_credentials(account: Account) -> None:
    body = read(account.anonymous.get(LIST), 401)
    assert body["category"] == "INVALID_AUTHENTICATION"
    assert body["message"].startswith("Authentication credentials not found.")


def test_4_1_an_expired_token_says_since_when(steered: Account) -> None:
    steered.sandbox.advance(1805)
    body = read(steered.api.get(LIST), 401)
    assert body["category"] == "EXPIRED_AUTHENTICATION"
    assert body["message"] == "The OAuth token used to make this call expired 5 second(s) ago."
    assert len(body["context"]["expire time"]) == 1


def test_4_1_a_missing_scope_is_named(steered: Account) -> None:
    api = steered.client(steered.sandbox.grant(scopes=["oauth"]).token)
    body = read(api.get(LIST), 403)
    assert body["category"] == "MISSING_SCOPES"
    assert body["message"].startswith("This app hasn't been granted all required scopes")
    assert body["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.contacts.read"]
    assert body["links"]["scopes"]


def test_4_1_an_unknown_numeric_id(account: Account) -> None:
    body = read(account.api.get(f"{CONTACTS}/7"), 404)
    assert body["message"] == "resource not found"
    assert "category" not in body


def test_4_1_an_id_that_is_not_numeric(account: Account) -> None:
    body = read(account.api.get(f"{CONTACTS}/seven"), 404)
    assert body["category"] == "OBJECT_NOT_FOUND"
    assert body["message"] == "Object not found.  objectId are usually numeric."


def test_4_1_locked_by_a_bulk_operation(steered: Account) -> None:
    steered.sandbox.fault("list", 423)
    assert read(steered.api.get(LIST), 423)["message"]


def test_4_1_an_account_that_is_being_moved(steered: Account) -> None:
    steered.sandbox.fault("list", 477, retry_after_s=86_400)
    response = steered.api.get(LIST)
    assert response.status_code == 477
    assert response.headers["Retry-After"] == "86400"


@pytest.mark.parametrize("status", [500, 503, 521, 522, 523, 524, 525, 526])
def test_4_1_server_errors_come_and_go(steered: Account, status: int) -> None:
    steered.sandbox.fault("list", status)
    assert [steered.api.get(LIST).status_code for _ in range(2)] == [status, 200]


def test_4_1_the_edge_answers_in_html(steered: Account) -> None:
    steered.sandbox.fault("list", 502)
    response = steered.api.get(LIST)
    assert response.status_code == 502
    assert response.headers["Content-Type"].startswith("text/html")


def test_2_6_each_endpoint_needs_its_scope(steered: Account) -> None:
    needs: list[tuple[str, str]] = [
        (CONTACTS, "crm.objects.contacts.read"),
        ("/crm/objects/2026-09/companies", "crm.objects.companies.read"),
        ("/crm/owners/2026-09", "crm.objects.owners.read"),
        ("/crm/properties/2026-09/contacts", "crm.schemas.contacts.read"),
    ]
    scopes = [scope for _, scope in needs]
    for path, scope in needs:
        having: Api = steered.client(steered.sandbox.grant(scopes=["oauth", scope]).token)
        lacking: Api = steered.client(steered.sandbox.grant(scopes=[each for each in scopes if each != scope]).token)
        assert having.get(path).status_code == 200, path
        assert lacking.get(path).status_code == 403, path


def test_2_6_writing_contacts_needs_a_scope_of_its_own(steered: Account) -> None:
    reading = steered.client(steered.sandbox.grant(scopes=["oauth", "crm.objects.contacts.read"]).token)
    body = read(reading.post(CONTACTS, {"properties": {"firstname": "Ada"}}), 403)
    assert body["errors"][0]["context"]["requiredGranularScopes"] == ["crm.objects.contacts.write"]
