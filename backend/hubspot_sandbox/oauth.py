"""The token endpoints: a code, a refresh token or the app's own credentials for an access token, introspection,
revocation, the legacy ways of looking at a token, and the uninstall.

Guides: https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/guide (legacy) and
https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide
"""

import base64
import hashlib
import hmac

from hubspot_sandbox import errors
from hubspot_sandbox.authorizations import (
    ACCESS_TOKEN_S,
    APP_ID,
    APP_SCOPES,
    AccessToken,
    AppToken,
    Authorizations,
    Grant,
)
from hubspot_sandbox.exchange import Answer, Call, Refused, empty_answer, json_answer
from hubspot_sandbox.sandbox import Sandbox

APP_INSTALL_ID = 20831007
FORM = "application/x-www-form-urlencoded"
LEGACY_FIELDS = ("access_token", "refresh_token", "expires_in", "token_type")


def token(sandbox: Sandbox, call: Call) -> Answer:
    return json_answer(_issued(sandbox, call))


def legacy_token(sandbox: Sandbox, call: Call) -> Answer:
    body = _issued(sandbox, call)
    return json_answer({name: body[name] for name in LEGACY_FIELDS if name in body})


def introspect(sandbox: Sandbox, call: Call) -> Answer:
    """Look a token up, whatever `token_type_hint` says it is."""
    text = _client_form(sandbox, call).get("token", "")
    access = sandbox.authorizations.find_live(text)
    if access is not None:
        return json_answer(_access_description(sandbox, access))
    grant = sandbox.authorizations.find_grant(text)
    if grant is None:
        return json_answer({"active": False})
    return json_answer(_head(sandbox, text, "refresh_token") | _holder(sandbox, grant))


def revoke(sandbox: Sandbox, call: Call) -> Answer:
    form = _client_form(sandbox, call)
    sandbox.authorizations.revoke(form.get("token", ""))
    return json_answer({})


def legacy_access_token(sandbox: Sandbox, call: Call) -> Answer:
    access = sandbox.authorizations.find_live(call.path["token"])
    if not isinstance(access, AccessToken):
        raise errors.not_found()
    return json_answer(_legacy(_access_description(sandbox, access), "access"))


def legacy_refresh_token(sandbox: Sandbox, call: Call) -> Answer:
    text = call.path["token"]
    grant = sandbox.authorizations.find_grant(text)
    if grant is None:
        raise errors.bad_refresh_token()
    return json_answer(_legacy(_head(sandbox, text, "refresh_token") | _holder(sandbox, grant), "refresh"))


def legacy_revoke(sandbox: Sandbox, call: Call) -> Answer:
    sandbox.authorizations.revoke(call.path["token"])
    return empty_answer()


def uninstall(sandbox: Sandbox, _call: Call) -> Answer:
    sandbox.authorizations.uninstall()
    return empty_answer()


def _issued(sandbox: Sandbox, call: Call) -> dict[str, object]:
    form = _client_form(sandbox, call)
    kind = form.get("grant_type")
    if kind == "client_credentials":
        return _app_token_body(sandbox.authorizations.grant_app(_app_scopes(form)))
    if kind == "authorization_code":
        return _token_body(sandbox, _redeem(sandbox.authorizations, form))
    if kind == "refresh_token":
        return _token_body(sandbox, sandbox.authorizations.refresh(form.get("refresh_token", "")))
    raise errors.oauth("BAD_GRANT_TYPE", "unsupported_grant_type", "missing or unknown grant type")


def _client_form(sandbox: Sandbox, call: Call) -> dict[str, str]:
    if call.content_type.partition(";")[0].strip().lower() != FORM:
        raise errors.envelope(415, f"Unsupported media type: send {FORM}.")
    form = call.form()
    if form.get("client_id") != sandbox.options.client_id:
        raise errors.oauth("BAD_CLIENT_ID", "invalid_client", "missing or unknown client id")
    if not hmac.compare_digest(form.get("client_secret", "").encode(), sandbox.options.client_secret.encode()):
        raise errors.oauth("BAD_CLIENT_SECRET", "invalid_client", "missing or invalid client secret")
    return form


def _redeem(authorizations: Authorizations, form: dict[str, str]) -> AccessToken:
    code = authorizations.take_code(form.get("code", ""))
    if form.get("redirect_uri") != code.redirect_uri:
        raise errors.oauth("BAD_REDIRECT_URI", "invalid_grant", "missing or mismatched redirect uri")
    if code.challenge is not None and code.challenge != _challenge(form.get("code_verifier", "")):
        raise _bad_verifier()
    return authorizations.grant(code.person, code.scopes)


def _bad_verifier() -> Refused:
    return errors.oauth("BAD_CODE_VERIFIER", "invalid_grant", "missing or invalid code verifier")


def _challenge(verifier: str) -> str:
    """RFC 7636, section 4.6."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _app_scopes(form: dict[str, str]) -> list[str]:
    scopes = form.get("scope", "").split()
    if not scopes or not set(scopes) <= set(APP_SCOPES):
        raise errors.oauth("BAD_SCOPES", "invalid_scope", "missing or unknown scopes")
    return scopes


def _token_body(sandbox: Sandbox, issued: AccessToken) -> dict[str, object]:
    return {
        "access_token": issued.token,
        "refresh_token": issued.grant.refresh_token,
        "expires_in": ACCESS_TOKEN_S,
        "token_type": "bearer",
        "token_use": "access_token",
        "hub_id": sandbox.portal.id,
        "user_id": issued.grant.person.user_id,
        "scopes": list(issued.scopes),
    }


def _app_token_body(issued: AppToken) -> dict[str, object]:
    return {
        "access_token": issued.token,
        "expires_in": ACCESS_TOKEN_S,
        "token_type": "bearer",
        "token_use": "client_credentials",
        "scopes": list(issued.scopes),
    }


def _access_description(sandbox: Sandbox, access: AccessToken | AppToken) -> dict[str, object]:
    expires_in = {"expires_in": (access.expires_at_ms - sandbox.clock.now_ms()) // 1000}
    if isinstance(access, AppToken):
        head = _head(sandbox, access.token, "client_credentials")
        return head | {"scopes": list(access.scopes)} | expires_in
    description = _head(sandbox, access.token, "access_token") | _holder(sandbox, access.grant) | expires_in
    return description | {"signed_access_token": _signed(sandbox, access)}


def _head(sandbox: Sandbox, text: str, use: str) -> dict[str, object]:
    return {
        "active": True,
        "token": text,
        "app_id": APP_ID,
        "client_id": sandbox.options.client_id,
        "is_private_distribution": False,
        "token_use": use,
        "token_type": "bearer",
    }


def _holder(sandbox: Sandbox, grant: Grant) -> dict[str, object]:
    return {
        "user": grant.person.email,
        "user_id": grant.person.user_id,
        "hub_id": sandbox.portal.id,
        "hub_domain": sandbox.portal.hub_domain,
        "scopes": list(grant.scopes),
    }


def _legacy(description: dict[str, object], kind: str) -> dict[str, object]:
    kept = {name: value for name, value in description.items() if name not in ("active", "token_use")}
    return kept | {"token_type": kind}


def _signed(sandbox: Sandbox, access: AccessToken) -> dict[str, object]:
    return {
        "expiresAt": access.expires_at_ms,
        "scopes": ",".join(access.scopes),
        "hubId": sandbox.portal.id,
        "userId": access.grant.person.user_id,
        "appId": APP_ID,
        "appInstallId": APP_INSTALL_ID,
        "audience": "",
        "installingUserId": access.grant.person.user_id,
        "signature": _digest(access.token, "signature"),
        "newSignature": _digest(access.token, "newSignature"),
        "hublet": "na1",
        "scopeToScopeGroupPks": "",
        "trialScopes": "",
        "trialScopeToScopeGroupPks": "",
        "isUserLevel": False,
        "isPrivateDistribution": False,
        "isServiceAccount": False,
    }


def _digest(token: str, name: str) -> str:
    """Something of the right look: what HubSpot signs there, and with what, nobody outside can know."""
    return base64.b64encode(hashlib.sha256(f"{name} {token}".encode()).digest()).decode()
