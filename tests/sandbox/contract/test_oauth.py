"""Section 2: consent, tokens, introspection, revocation, uninstalling, and the account's own details."""

import base64
import hashlib
from typing import Any

import pytest
import requests

from tests.sandbox.client import CALLBACK, CONTACTS, TOKEN, Json, authorize_query, landed, read
from tests.sandbox.contract.account import Account, settle, with_options

OLD_TOKEN = "/oauth/v1/token"
UNINSTALL = "/appinstalls/2026-09/external-install"
DETAILS = "/account-info/2026-09/details"
VERIFIER = "a-verifier-of-some-forty-three-characters-1"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
JOURNAL_SCOPES = "developer.webhooks_journal.read developer.webhooks_journal.subscriptions.read"


def consent(account: Account, person: str = "admin", decision: str = "allow", **more: str) -> requests.Response:
    query = authorize_query(account.sandbox, **more)
    return account.anonymous.post_form("/oauth/authorize", **query, person=person, decision=decision)


def trade(account: Account, code: str, path: str = TOKEN, /, **more: str) -> requests.Response:
    client, _ = account.oauth()
    form = {**client, "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    return account.anonymous.post_form(path, **(form | more))


def refresh(account: Account, refresh_token: str, path: str = TOKEN, /, **more: str) -> requests.Response:
    client, _ = account.oauth()
    form = {**client, "grant_type": "refresh_token", "refresh_token": refresh_token}
    return account.anonymous.post_form(path, **(form | more))


def introspect(account: Account, token: str) -> Json:
    client, _ = account.oauth()
    return read(account.anonymous.post_form(f"{TOKEN}/introspect", **client, token=token))


def refusal(response: requests.Response) -> tuple[str, str]:
    body = read(response, 400)
    assert {"status", "message", "error", "error_description"} >= set(body) >= {"status", "message", "error"}
    return body["status"], body["error"]


@pytest.mark.parametrize("path", ["/oauth/authorize", "/oauth/62515/authorize"])
def test_2_1_consent_is_asked_for_and_leads_back_with_code_and_state(steered: Account, path: str) -> None:
    query: dict[str, Any] = authorize_query(steered.sandbox)
    assert steered.anonymous.get(path, **query).status_code == 200
    back = landed(steered.anonymous.post_form(path, **query, person="admin", decision="allow"))
    assert set(back) == {"code", "state"}
    assert back["state"] == query["state"]


def test_2_1_a_refusal_leads_back_with_an_error(steered: Account) -> None:
    back = landed(consent(steered, decision="deny"))
    assert set(back) == {"error", "error_description", "state"}


def test_2_1_only_admins_and_people_with_marketplace_access_may_install(steered: Account) -> None:
    assert "code" in landed(consent(steered, "admin"))
    assert "code" in landed(consent(steered, "rep"))
    assert consent(steered, "rep-without-access").status_code == 200  # a page that says why, no code


def test_2_1_optional_scopes_are_granted_where_the_account_has_them(steered: Account) -> None:
    code = landed(consent(steered, optional_scope="crm.objects.owners.read no.such.scope"))["code"]
    scopes = set(read(trade(steered, code))["scopes"])
    assert scopes == {"oauth", "crm.objects.contacts.read", "crm.objects.owners.read"}


def test_2_1_a_code_is_single_use(steered: Account) -> None:
    code = landed(consent(steered))["code"]
    assert trade(steered, code).status_code == 200
    assert refusal(trade(steered, code)) == ("BAD_AUTH_CODE", "invalid_grant")


def test_2_1_a_code_does_not_live_forever(steered: Account) -> None:
    def observe(one: Account) -> int:
        code = landed(consent(one))["code"]
        one.sandbox.advance(120)
        return trade(one, code).status_code

    settle(steered, "code_life_s", {60: 400, 600: 200}, observe)


def test_2_1_a_code_challenge_is_held_against_the_verifier(steered: Account) -> None:
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    right, wrong = (landed(consent(steered, **pkce))["code"] for _ in range(2))
    assert trade(steered, right, code_verifier=VERIFIER).status_code == 200
    assert refusal(trade(steered, wrong, code_verifier=VERIFIER[::-1]))[0] == "BAD_CODE_VERIFIER"


def test_2_2_the_token_endpoint_takes_forms_only(account: Account) -> None:
    client, _ = account.oauth()
    assert account.anonymous.post(TOKEN, {**client, "grant_type": "refresh_token"}).status_code in (400, 415)


def test_2_2_a_token_answer_has_the_documented_fields(account: Account) -> None:
    body = account.refreshed()
    wanted = {"access_token", "refresh_token", "expires_in", "token_type", "token_use", "hub_id", "user_id", "scopes"}
    assert wanted <= set(body) <= wanted | {"id_token"}
    assert body["token_type"] == "bearer"
    assert body["token_use"] == "access_token"
    assert isinstance(body["hub_id"], int)
    assert isinstance(body["scopes"], list)


def test_2_2_a_code_gives_the_same_fields_as_a_refresh(steered: Account) -> None:
    body = read(trade(steered, landed(consent(steered))["code"]))
    assert set(body) == set(steered.refreshed())


def test_2_2_the_older_token_endpoint_answers_with_four_fields(account: Account) -> None:
    _, refresh_token = account.oauth()
    body = read(refresh(account, refresh_token, OLD_TOKEN))
    assert set(body) == {"access_token", "refresh_token", "expires_in", "token_type"}


def test_2_2_a_refresh_token_of_the_older_endpoint_works_on_the_dated_one(account: Account) -> None:
    _, refresh_token = account.oauth()
    older = read(refresh(account, refresh_token, OLD_TOKEN))["refresh_token"]
    assert refresh(account, older).status_code == 200


def test_2_2_access_tokens_last_thirty_minutes(account: Account) -> None:
    assert account.refreshed()["expires_in"] == 1800


def test_2_2_an_access_token_ends_when_it_says(steered: Account) -> None:
    steered.sandbox.advance(1790)
    assert steered.api.get(CONTACTS).status_code == 200
    steered.sandbox.advance(20)
    assert read(steered.api.get(CONTACTS), 401)["category"] == "EXPIRED_AUTHENTICATION"


def test_2_2_tokens_have_512_characters_at_most_and_name_their_data_centre(account: Account) -> None:
    body = account.refreshed()
    assert len(body["access_token"]) <= 512
    assert len(body["refresh_token"]) <= 512
    assert body["refresh_token"].partition("-")[0] in ("na1", "na2", "na3", "eu1", "ap1", "ca1")


def test_2_2_a_refresh_gives_the_same_refresh_token(account: Account) -> None:
    client, refresh_token = account.oauth()
    form = {**client, "grant_type": "refresh_token", "refresh_token": refresh_token}
    first, second = (read(account.anonymous.post_form(TOKEN, **form)) for _ in range(2))
    assert first["refresh_token"] == second["refresh_token"] == refresh_token
    assert first["access_token"] != second["access_token"]


@with_options(rotate_refresh_tokens=True)
def test_2_2_a_refresh_may_give_a_new_refresh_token(steered: Account) -> None:
    _, old = steered.oauth()
    new = read(refresh(steered, old))["refresh_token"]
    assert new != old
    assert refresh(steered, new).status_code == 200
    assert refusal(refresh(steered, old)) == ("BAD_REFRESH_TOKEN", "invalid_grant")


def test_2_2_refresh_tokens_do_not_expire_by_time(steered: Account) -> None:
    _, refresh_token = steered.oauth()
    steered.sandbox.advance(3 * 365 * 24 * 3600)
    assert refresh(steered, refresh_token).status_code == 200


@pytest.mark.parametrize("path", [TOKEN, OLD_TOKEN])
def test_2_2_client_credentials_give_a_token_without_a_refresh_token(account: Account, path: str) -> None:
    client, _ = account.oauth()
    form = {**client, "grant_type": "client_credentials", "scope": JOURNAL_SCOPES}
    body = read(account.anonymous.post_form(path, **form))
    assert body["access_token"]
    assert "refresh_token" not in body
    assert path == OLD_TOKEN or body["token_use"] == "client_credentials"


def test_2_3_an_access_token_is_looked_into(account: Account) -> None:
    tokens = account.refreshed()
    body = introspect(account, tokens["access_token"])
    assert body["active"] is True
    assert body["token"] == tokens["access_token"]
    assert body["token_use"] == "access_token"
    assert "@" in body["user"]
    assert (body["hub_id"], body["user_id"]) == (tokens["hub_id"], tokens["user_id"])
    assert 0 < body["expires_in"] <= 1800
    assert {"hub_domain", "app_id", "client_id", "scopes", "is_private_distribution", "token_type"} <= set(body)
    signed = body["signed_access_token"]
    wanted = {"expiresAt", "scopes", "hubId", "userId", "appId", "signature", "hublet", "isUserLevel"}
    assert wanted <= set(signed)


def test_2_3_a_refresh_token_is_looked_into(account: Account) -> None:
    body = introspect(account, account.refreshed()["refresh_token"])
    assert body["active"] is True
    assert body["token_use"] == "refresh_token"
    assert not {"expires_in", "signed_access_token"} & set(body)


def test_2_3_a_dead_token_is_inactive_and_no_more(account: Account) -> None:
    assert introspect(account, "na1-never-was") == {"active": False}


def test_2_3_the_hub_domain_is_the_customers_site(account: Account) -> None:
    body = introspect(account, account.refreshed()["access_token"])
    assert "app" not in body["hub_domain"].split(".")[0].split("-")


def test_2_3_the_older_look_into_an_access_token(account: Account) -> None:
    tokens = account.refreshed()
    body = read(account.anonymous.get(f"/oauth/v1/access-tokens/{tokens['access_token']}"))
    wanted = {"token", "user", "hub_domain", "scopes", "hub_id", "app_id", "expires_in", "user_id", "token_type"}
    assert wanted <= set(body)
    assert body["hub_id"] == tokens["hub_id"]


def test_2_3_the_older_look_into_a_refresh_token(account: Account) -> None:
    body = read(account.anonymous.get(f"/oauth/v1/refresh-tokens/{account.refreshed()['refresh_token']}"))
    assert {"token", "user", "hub_domain", "scopes", "hub_id", "client_id", "user_id", "token_type"} <= set(body)


def test_2_3_the_older_way_to_delete_a_refresh_token(steered: Account) -> None:
    _, refresh_token = steered.oauth()
    path = f"/oauth/v1/refresh-tokens/{refresh_token}"
    assert steered.anonymous.send("DELETE", path).status_code == 204
    assert refusal(refresh(steered, refresh_token)) == ("BAD_REFRESH_TOKEN", "invalid_grant")


def test_2_4_revoking_a_refresh_token_leaves_access_tokens_alive(steered: Account) -> None:
    client, refresh_token = steered.oauth()
    alive = steered.client(read(refresh(steered, refresh_token))["access_token"])
    form = {**client, "token": refresh_token, "token_type_hint": "refresh_token"}
    assert steered.anonymous.post_form(f"{TOKEN}/revoke", **form).status_code == 200
    assert refusal(refresh(steered, refresh_token)) == ("BAD_REFRESH_TOKEN", "invalid_grant")
    assert alive.get(CONTACTS).status_code == 200


def test_2_4_an_app_uninstalls_itself_with_204(steered: Account) -> None:
    _, refresh_token = steered.oauth()
    response = steered.api.send("DELETE", UNINSTALL)
    assert (response.status_code, response.content) == (204, b"")
    assert refusal(refresh(steered, refresh_token)) == ("BAD_REFRESH_TOKEN", "invalid_grant")


def test_2_4_a_customers_uninstalling_is_seen_when_refreshing_fails(steered: Account) -> None:
    _, refresh_token = steered.oauth()
    steered.sandbox.uninstall()
    assert refusal(refresh(steered, refresh_token)) == ("BAD_REFRESH_TOKEN", "invalid_grant")


def test_2_4_whether_access_tokens_outlive_an_uninstalling(steered: Account) -> None:
    def observe(one: Account) -> list[int]:
        one.sandbox.uninstall()
        statuses = [one.api.get(CONTACTS).status_code]
        one.sandbox.advance(61)
        return [*statuses, one.api.get(CONTACTS).status_code]

    outcomes = {1800: [200, 200], 60: [200, 401], 0: [401, 401]}
    settle(steered, "access_tokens_survive_uninstall_s", outcomes, observe)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"refresh_token": "na1-never-was"}, "BAD_REFRESH_TOKEN"),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, "BAD_CLIENT_ID"),
        ({"client_secret": "00000000-0000-4000-8000-000000000000"}, "BAD_CLIENT_SECRET"),
    ],
)
def test_2_5_a_refresh_that_is_refused(account: Account, wrong: dict[str, str], status: str) -> None:
    _, refresh_token = account.oauth()
    response = refresh(account, refresh_token, **wrong)
    assert refusal(response)[0] == status
    if status != "BAD_CLIENT_SECRET":
        assert refusal(response)[1] == ("invalid_client" if status == "BAD_CLIENT_ID" else "invalid_grant")


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"code": "never-was"}, "BAD_AUTH_CODE"), ({"redirect_uri": "http://127.0.0.1:1/other"}, "BAD_REDIRECT_URI")],
)
def test_2_5_a_code_that_is_refused(steered: Account, wrong: dict[str, str], status: str) -> None:
    assert refusal(trade(steered, landed(consent(steered))["code"], **wrong))[0] == status


def test_2_5_scopes_an_app_does_not_have_are_refused(account: Account) -> None:
    client, _ = account.oauth()
    form = {**client, "grant_type": "client_credentials", "scope": "no.such.scope"}
    assert refusal(account.anonymous.post_form(TOKEN, **form))[0] == "BAD_SCOPES"


def test_2_5_an_account_that_was_deleted(steered: Account) -> None:
    _, refresh_token = steered.oauth()
    steered.sandbox.delete_account()
    assert refusal(refresh(steered, refresh_token)) == ("BAD_HUB", "access_denied")


def test_2_7_the_accounts_details(account: Account) -> None:
    body = read(account.api.get(DETAILS))
    assert isinstance(body["portalId"], int)
    assert body["accountType"] in ("STANDARD", "DEVELOPER_TEST", "SANDBOX", "APP_DEVELOPER")
    assert body["uiDomain"].startswith("app")
    assert body["uiDomain"].endswith(".hubspot.com")
    assert body["dataHostingLocation"]
    wanted = {"timeZone", "companyCurrency", "additionalCurrencies", "utcOffset", "utcOffsetMilliseconds"}
    assert wanted <= set(body)


def test_2_7_a_records_url_is_a_link_into_the_accounts_pages(account: Account) -> None:
    details = read(account.api.get(DETAILS))
    record = account.get(account.new(lastname="Linked"))
    expected = f"https://{details['uiDomain']}/contacts/{details['portalId']}/record/0-1/{record['id']}"
    assert record.get("url", expected) == expected  # newer answers may carry it
