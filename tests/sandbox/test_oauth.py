"""Tokens: codes traded, refreshed, looked into, revoked and run out."""

import base64
import hashlib
import re

import pytest

from hubspot_sandbox import RunningSandbox
from hubspot_sandbox.authorizations import JOURNAL_READ, SUBSCRIPTIONS_READ
from tests.sandbox.client import (
    CALLBACK,
    CONTACTS,
    TOKEN,
    Api,
    Json,
    authorize_query,
    client_form,
    landed,
    read,
)

LEGACY_TOKEN = "/oauth/v1/token"
JOURNAL = "/webhooks-journal/journal/2026-09/latest"
VERIFIER = "a-verifier-of-some-forty-three-characters-1"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def fresh_code(hubspot: RunningSandbox, api: Api, person: str = "admin", **more: str) -> str:
    query = authorize_query(hubspot, **more)
    return landed(api.post_form("/oauth/authorize", **query, person=person, decision="allow"))["code"]


def code_form(hubspot: RunningSandbox, code: str, **more: str) -> dict[str, str]:
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    return client_form(hubspot) | fields | more


def refresh_form(hubspot: RunningSandbox, refresh_token: str) -> dict[str, str]:
    return client_form(hubspot, grant_type="refresh_token", refresh_token=refresh_token)


def connect(hubspot: RunningSandbox, api: Api, person: str = "admin", **more: str) -> Json:
    return read(api.post_form(TOKEN, **code_form(hubspot, fresh_code(hubspot, api, person, **more))))


def refused(api: Api, **form: str) -> str:
    body = read(api.post_form(TOKEN, **form), 400)
    assert set(body) == {"status", "message", "error", "error_description"}
    return str(body["status"])


def test_code_becomes_tokens(hubspot: RunningSandbox, anonymous: Api) -> None:
    body = connect(hubspot, anonymous, "rep")
    assert body["expires_in"] == 1800
    assert body["token_type"] == "bearer"
    assert body["token_use"] == "access_token"
    assert body["hub_id"] == hubspot.portal.id
    assert body["user_id"] == 50110022
    assert body["scopes"] == ["oauth", "crm.objects.contacts.read"]
    assert len(body["access_token"]) <= 512
    authorized = Api(hubspot.url, body["access_token"])
    assert len(authorized.list()["results"]) == 10
    authorized.close()


def test_optional_scopes_are_granted_where_they_exist(hubspot: RunningSandbox, anonymous: Api) -> None:
    body = connect(hubspot, anonymous, optional_scope="crm.objects.owners.read crm.objects.unicorns.read oauth")
    assert body["scopes"] == ["oauth", "crm.objects.contacts.read", "crm.objects.owners.read"]


def test_code_is_single_use(hubspot: RunningSandbox, anonymous: Api) -> None:
    form = code_form(hubspot, fresh_code(hubspot, anonymous))
    assert anonymous.post_form(TOKEN, **form).status_code == 200
    assert refused(anonymous, **form) == "BAD_AUTH_CODE"


def test_code_expires(hubspot: RunningSandbox, anonymous: Api) -> None:
    form = code_form(hubspot, fresh_code(hubspot, anonymous))
    hubspot.advance(60)
    assert refused(anonymous, **form) == "BAD_AUTH_CODE"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"client_id": "other"}, "BAD_CLIENT_ID"),
        ({"client_secret": "other"}, "BAD_CLIENT_SECRET"),
        ({"redirect_uri": "http://127.0.0.1:5000/elsewhere"}, "BAD_REDIRECT_URI"),
        ({"code": "made-up"}, "BAD_AUTH_CODE"),
        ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
    ],
)
def test_wrong_fields_have_errors_of_their_own(
    hubspot: RunningSandbox, anonymous: Api, wrong: dict[str, str], status: str
) -> None:
    assert refused(anonymous, **(code_form(hubspot, fresh_code(hubspot, anonymous)) | wrong)) == status


def test_token_endpoint_takes_forms_only(hubspot: RunningSandbox, anonymous: Api) -> None:
    assert anonymous.post(TOKEN, code_form(hubspot, "x")).status_code == 415


def test_pkce_verifier_is_honoured(hubspot: RunningSandbox, anonymous: Api) -> None:
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    right = code_form(hubspot, fresh_code(hubspot, anonymous, **pkce), code_verifier=VERIFIER)
    assert anonymous.post_form(TOKEN, **right).status_code == 200
    wrong = code_form(hubspot, fresh_code(hubspot, anonymous, **pkce), code_verifier=VERIFIER[::-1])
    assert refused(anonymous, **wrong) == "BAD_CODE_VERIFIER"
    missing = code_form(hubspot, fresh_code(hubspot, anonymous, **pkce))
    assert refused(anonymous, **missing) == "BAD_CODE_VERIFIER"


def test_refresh_gives_a_new_access_token_and_the_same_refresh_token(hubspot: RunningSandbox, anonymous: Api) -> None:
    first = connect(hubspot, anonymous)
    second = read(anonymous.post_form(TOKEN, **refresh_form(hubspot, first["refresh_token"])))
    assert second["refresh_token"] == first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert second["scopes"] == first["scopes"]


def test_rotation_ends_the_old_refresh_token(hubspot: RunningSandbox, anonymous: Api) -> None:
    hubspot.change_options(rotate_refresh_tokens=True)
    first = connect(hubspot, anonymous)
    second = read(anonymous.post_form(TOKEN, **refresh_form(hubspot, first["refresh_token"])))
    assert second["refresh_token"] != first["refresh_token"]
    assert refused(anonymous, **refresh_form(hubspot, first["refresh_token"])) == "BAD_REFRESH_TOKEN"
    assert anonymous.post_form(TOKEN, **refresh_form(hubspot, second["refresh_token"])).status_code == 200


def test_unknown_refresh_token(hubspot: RunningSandbox, anonymous: Api) -> None:
    body = read(anonymous.post_form(TOKEN, **refresh_form(hubspot, "made-up")), 400)
    assert body == {
        "status": "BAD_REFRESH_TOKEN",
        "message": "refresh token is invalid, expired or revoked",
        "error": "invalid_grant",
        "error_description": "refresh token is invalid, expired or revoked",
    }


def test_access_token_expires_with_the_clock(hubspot: RunningSandbox, api: Api) -> None:
    hubspot.advance(1790)
    assert api.get(CONTACTS).status_code == 200
    hubspot.advance(15)
    body = read(api.get(CONTACTS), 401)
    assert body["category"] == "EXPIRED_AUTHENTICATION"
    assert re.fullmatch(r"The OAuth token used to make this call expired \d+ second\(s\) ago\.", body["message"])
    assert len(body["context"]["expire time"]) == 1


def test_introspecting_an_access_token(hubspot: RunningSandbox, anonymous: Api) -> None:
    tokens = hubspot.grant("rep", ["oauth"])
    hubspot.advance(100)
    body = read(anonymous.post_form(f"{TOKEN}/introspect", **client_form(hubspot, token=tokens.token)))
    assert body["active"] is True
    assert body["user"] == "sam.ortiz@brightmoor-supply.example"
    assert body["hub_id"] == hubspot.portal.id
    assert body["hub_domain"] == "brightmoor-supply.example"
    assert body["scopes"] == ["oauth"]
    assert body["token_use"] == "access_token"
    assert 1690 <= body["expires_in"] <= 1700
    assert body["signed_access_token"]["hubId"] == hubspot.portal.id


def test_introspecting_a_refresh_token(hubspot: RunningSandbox, anonymous: Api) -> None:
    form = client_form(hubspot, token=hubspot.grant().grant.refresh_token)
    body = read(anonymous.post_form(f"{TOKEN}/introspect", **form))
    assert body["token_use"] == "refresh_token"
    assert "expires_in" not in body
    assert "signed_access_token" not in body


def test_introspecting_a_dead_token(hubspot: RunningSandbox, anonymous: Api) -> None:
    form = client_form(hubspot, token=hubspot.grant().token)
    hubspot.advance(1801)
    assert read(anonymous.post_form(f"{TOKEN}/introspect", **form)) == {"active": False}


def test_introspection_and_revocation_need_the_client(hubspot: RunningSandbox, anonymous: Api) -> None:
    for path in (f"{TOKEN}/introspect", f"{TOKEN}/revoke"):
        form = client_form(hubspot, token="x") | {"client_secret": "wrong"}
        assert read(anonymous.post_form(path, **form), 400)["status"] == "BAD_CLIENT_SECRET"


def test_revoking_a_refresh_token_leaves_its_access_token_alive(hubspot: RunningSandbox, anonymous: Api) -> None:
    tokens = hubspot.grant()
    holder = Api(hubspot.url, tokens.token)
    form = client_form(hubspot, token=tokens.grant.refresh_token, token_type_hint="refresh_token")
    assert anonymous.post_form(f"{TOKEN}/revoke", **form).status_code == 200
    assert refused(anonymous, **refresh_form(hubspot, tokens.grant.refresh_token)) == "BAD_REFRESH_TOKEN"
    assert holder.get(CONTACTS).status_code == 200
    assert anonymous.post_form(f"{TOKEN}/revoke", **form).status_code == 200  # again: nothing to do
    holder.close()


def test_revoking_an_access_token_ends_it_alone(hubspot: RunningSandbox, anonymous: Api) -> None:
    tokens = hubspot.grant()
    holder = Api(hubspot.url, tokens.token)
    assert anonymous.post_form(f"{TOKEN}/revoke", **client_form(hubspot, token=tokens.token)).status_code == 200
    assert holder.get(CONTACTS).status_code == 401
    assert anonymous.post_form(TOKEN, **refresh_form(hubspot, tokens.grant.refresh_token)).status_code == 200
    holder.close()


def test_revoking_everything_ends_every_token_at_once(hubspot: RunningSandbox, anonymous: Api) -> None:
    tokens = hubspot.grant()
    assert hubspot.revoke_all() == 1
    assert refused(anonymous, **refresh_form(hubspot, tokens.grant.refresh_token)) == "BAD_REFRESH_TOKEN"
    holder = Api(hubspot.url, tokens.token)
    assert read(holder.get(CONTACTS), 401)["category"] == "INVALID_AUTHENTICATION"
    holder.close()


@pytest.mark.parametrize("version", ["v3", "2026-09"])
def test_an_uninstall_ends_grants_at_once_and_access_tokens_in_their_time(
    hubspot: RunningSandbox, anonymous: Api, version: str
) -> None:
    tokens = hubspot.grant()
    holder = Api(hubspot.url, tokens.token)
    response = holder.send("DELETE", f"/appinstalls/{version}/external-install")
    assert (response.status_code, response.content) == (204, b"")
    assert refused(anonymous, **refresh_form(hubspot, tokens.grant.refresh_token)) == "BAD_REFRESH_TOKEN"
    assert holder.get(CONTACTS).status_code == 200
    hubspot.advance(1800)
    assert holder.get(CONTACTS).status_code == 401
    assert anonymous.send("DELETE", f"/appinstalls/{version}/external-install").status_code == 401
    holder.close()


def test_how_long_access_tokens_survive_an_uninstall_is_an_option(hubspot: RunningSandbox) -> None:
    hubspot.change_options(access_tokens_survive_uninstall_s=60)
    holder = Api(hubspot.url, hubspot.grant().token)
    hubspot.uninstall()
    hubspot.advance(50)
    assert holder.get(CONTACTS).status_code == 200
    hubspot.advance(10)
    assert read(holder.get(CONTACTS), 401)["category"] == "INVALID_AUTHENTICATION"
    holder.use(hubspot.grant().token)  # installed anew
    assert holder.get(CONTACTS).status_code == 200
    holder.close()


def test_a_deleted_account_is_a_bad_hub(hubspot: RunningSandbox, anonymous: Api) -> None:
    tokens = hubspot.grant()
    code = fresh_code(hubspot, anonymous)
    hubspot.delete_account()
    for form in (refresh_form(hubspot, tokens.grant.refresh_token), code_form(hubspot, code)):
        assert read(anonymous.post_form(TOKEN, **form), 400) == {
            "status": "BAD_HUB",
            "message": "missing or unknown hub id",
            "error": "access_denied",
        }
    holder = Api(hubspot.url, tokens.token)
    assert holder.get(CONTACTS).status_code == 401
    assert anonymous.get("/oauth/authorize", **authorize_query(hubspot)).status_code == 400
    holder.close()


def test_how_long_a_code_lives_is_an_option(hubspot: RunningSandbox, anonymous: Api) -> None:
    hubspot.change_options(code_life_s=600)
    form = code_form(hubspot, fresh_code(hubspot, anonymous))
    hubspot.advance(590)
    assert anonymous.post_form(TOKEN, **form).status_code == 200


@pytest.mark.parametrize("path", [TOKEN, "/oauth/2026-03/token"])
def test_the_app_gets_a_token_of_its_own_by_its_credentials(hubspot: RunningSandbox, anonymous: Api, path: str) -> None:
    form = client_form(hubspot, grant_type="client_credentials", scope=f"{JOURNAL_READ} {SUBSCRIPTIONS_READ}")
    body = read(anonymous.post_form(path, **form))
    token = body.pop("access_token")
    assert body == {
        "expires_in": 1800,
        "token_type": "bearer",
        "token_use": "client_credentials",
        "scopes": [JOURNAL_READ, SUBSCRIPTIONS_READ],
    }
    about = read(anonymous.post_form(f"{TOKEN}/introspect", **client_form(hubspot, token=token)))
    assert about["token_use"] == "client_credentials"
    assert about["scopes"] == [JOURNAL_READ, SUBSCRIPTIONS_READ]
    assert not {"hub_id", "user_id", "signed_access_token"} & about.keys()


@pytest.mark.parametrize("scope", ["", "crm.objects.contacts.read", f"{JOURNAL_READ} developer.unicorns"])
def test_the_apps_token_has_scopes_of_its_own_kind(hubspot: RunningSandbox, anonymous: Api, scope: str) -> None:
    assert refused(anonymous, **client_form(hubspot, grant_type="client_credentials", scope=scope)) == "BAD_SCOPES"


def test_the_apps_token_opens_no_account_and_runs_out(hubspot: RunningSandbox) -> None:
    app = Api(hubspot.url, hubspot.grant_app().token)
    assert read(app.get(CONTACTS), 403)["category"] == "MISSING_SCOPES"
    assert read(app.get("/account-info/2026-09/details"), 401)["category"] == "INVALID_AUTHENTICATION"
    hubspot.uninstall()
    assert app.get(JOURNAL).status_code == 204  # it is the app's, not the account's
    hubspot.advance(1800)
    assert read(app.get(JOURNAL), 401)["category"] == "EXPIRED_AUTHENTICATION"
    app.close()


def test_the_apps_token_can_be_revoked(hubspot: RunningSandbox, anonymous: Api) -> None:
    token = hubspot.grant_app().token
    app = Api(hubspot.url, token)
    assert anonymous.post_form(f"{TOKEN}/revoke", **client_form(hubspot, token=token)).status_code == 200
    assert app.get(JOURNAL).status_code == 401
    app.close()


def test_an_introspected_access_token_is_described_in_full(hubspot: RunningSandbox, anonymous: Api) -> None:
    token = hubspot.grant("rep").token
    about = read(anonymous.post_form(f"{TOKEN}/introspect", **client_form(hubspot, token=token)))
    assert set(about) == {
        *("active", "token", "user", "user_id", "hub_id", "hub_domain", "app_id", "client_id", "scopes", "expires_in"),
        *("is_private_distribution", "token_use", "token_type", "signed_access_token"),
    }
    assert set(about["signed_access_token"]) == {
        *("expiresAt", "scopes", "hubId", "userId", "appId", "appInstallId", "audience", "installingUserId"),
        *("signature", "newSignature", "hublet", "scopeToScopeGroupPks", "trialScopes", "trialScopeToScopeGroupPks"),
        *("isUserLevel", "isPrivateDistribution", "isServiceAccount"),
    }
    assert about["hub_domain"] == "brightmoor-supply.example"


def test_the_legacy_token_endpoint_says_less(hubspot: RunningSandbox, anonymous: Api) -> None:
    first = read(anonymous.post_form(LEGACY_TOKEN, **code_form(hubspot, fresh_code(hubspot, anonymous))))
    assert set(first) == {"access_token", "refresh_token", "expires_in", "token_type"}
    form = refresh_form(hubspot, first["refresh_token"])
    assert set(read(anonymous.post_form(LEGACY_TOKEN, **form))) == set(first)
    assert (
        read(anonymous.post_form(TOKEN, **form))["refresh_token"] == first["refresh_token"]
    )  # good on the new one too
    form = client_form(hubspot, grant_type="client_credentials", scope=JOURNAL_READ)
    assert set(read(anonymous.post_form(LEGACY_TOKEN, **form))) == {"access_token", "expires_in", "token_type"}


def test_legacy_descriptions_of_tokens(hubspot: RunningSandbox, anonymous: Api) -> None:
    tokens = hubspot.grant("rep")
    access = read(anonymous.get(f"/oauth/v1/access-tokens/{tokens.token}"))
    assert (access["token"], access["token_type"], access["user_id"]) == (tokens.token, "access", 50110022)
    assert access["hub_id"] == hubspot.portal.id
    refresh = read(anonymous.get(f"/oauth/v1/refresh-tokens/{tokens.grant.refresh_token}"))
    assert (refresh["token_type"], refresh["user"]) == ("refresh", tokens.grant.person.email)
    assert "expires_in" not in refresh
    hubspot.advance(1800)
    assert anonymous.get(f"/oauth/v1/access-tokens/{tokens.token}").status_code == 404
    assert read(anonymous.get("/oauth/v1/refresh-tokens/made-up"), 400)["status"] == "BAD_REFRESH_TOKEN"


def test_legacy_revocation(hubspot: RunningSandbox, anonymous: Api) -> None:
    tokens = hubspot.grant()
    holder = Api(hubspot.url, tokens.token)
    path = f"/oauth/v1/refresh-tokens/{tokens.grant.refresh_token}"
    assert anonymous.send("DELETE", path).status_code == 204
    assert refused(anonymous, **refresh_form(hubspot, tokens.grant.refresh_token)) == "BAD_REFRESH_TOKEN"
    assert holder.get(CONTACTS).status_code == 200
    holder.close()


def test_the_control_api_steers_the_apps_life(hubspot: RunningSandbox, anonymous: Api) -> None:
    tokens = hubspot.grant()
    issued = read(anonymous.post("/__sandbox/app-tokens", {"scopes": [JOURNAL_READ]}), 201)
    app = Api(hubspot.url, issued["access_token"])
    assert app.get(JOURNAL).status_code == 204
    assert anonymous.send("DELETE", "/__sandbox/app").status_code == 200
    assert refused(anonymous, **refresh_form(hubspot, tokens.grant.refresh_token)) == "BAD_REFRESH_TOKEN"
    assert anonymous.send("DELETE", "/__sandbox/account").status_code == 200
    form = refresh_form(hubspot, tokens.grant.refresh_token)
    assert read(anonymous.post_form(TOKEN, **form), 400)["status"] == "BAD_HUB"
    app.close()
