"""The token endpoints: a code or a refresh token for an access token, introspection, revocation.

Guide: https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/guide.
"""

import base64
import hashlib
import hmac

from hubspot_sandbox import errors
from hubspot_sandbox.authorizations import ACCESS_TOKEN_S, AccessToken, Authorizations, Grant
from hubspot_sandbox.exchange import Answer, Call, Refused, json_answer
from hubspot_sandbox.sandbox import Sandbox

APP_ID = 1165000
FORM = "application/x-www-form-urlencoded"


def token(sandbox: Sandbox, call: Call) -> Answer:
    form = _client_form(sandbox, call)
    kind = form.get("grant_type")
    if kind == "authorization_code":
        issued = _redeem(sandbox.authorizations, form)
    elif kind == "refresh_token":
        issued = sandbox.authorizations.refresh(form.get("refresh_token", ""))
    else:
        raise errors.oauth("BAD_GRANT_TYPE", "unsupported_grant_type", "missing or unknown grant type")
    return json_answer(_token_body(sandbox, issued))


def introspect(sandbox: Sandbox, call: Call) -> Answer:
    form = _client_form(sandbox, call)
    text = form.get("token", "")
    access = sandbox.authorizations.find_token(text)
    now_ms = sandbox.clock.now_ms()
    if access is not None and access.expires_at_ms > now_ms:
        expires_in = (access.expires_at_ms - now_ms) // 1000
        head = _introspection_head(sandbox, access.grant, text, "access_token")
        return json_answer(head | {"expires_in": expires_in, "signed_access_token": _signed(sandbox, access)})
    grant = sandbox.authorizations.find_grant(text)
    if grant is None:
        return json_answer({"active": False})
    return json_answer(_introspection_head(sandbox, grant, text, "refresh_token"))


def revoke(sandbox: Sandbox, call: Call) -> Answer:
    form = _client_form(sandbox, call)
    sandbox.authorizations.revoke(form.get("token", ""))
    return json_answer({})


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


def _token_body(sandbox: Sandbox, issued: AccessToken) -> dict[str, object]:
    return {
        "access_token": issued.token,
        "refresh_token": issued.grant.refresh_token,
        "expires_in": ACCESS_TOKEN_S,
        "token_type": "bearer",
        "token_use": "access_token",
        "hub_id": sandbox.portal.id,
        "user_id": issued.grant.person.user_id,
        "scopes": list(issued.grant.scopes),
    }


def _introspection_head(sandbox: Sandbox, grant: Grant, text: str, use: str) -> dict[str, object]:
    return {
        "active": True,
        "token": text,
        "user": grant.person.email,
        "user_id": grant.person.user_id,
        "hub_id": sandbox.portal.id,
        "hub_domain": sandbox.portal.hub_domain,
        "app_id": APP_ID,
        "client_id": sandbox.options.client_id,
        "scopes": list(grant.scopes),
        "is_private_distribution": False,
        "token_use": use,
        "token_type": "bearer",
    }


def _signed(sandbox: Sandbox, access: AccessToken) -> dict[str, object]:
    return {
        "expiresAt": access.expires_at_ms,
        "scopes": ",".join(access.grant.scopes),
        "hubId": sandbox.portal.id,
        "userId": access.grant.person.user_id,
        "appId": APP_ID,
        "hublet": "na1",
        "installingUserId": access.grant.person.user_id,
        "isUserLevel": False,
        "isPrivateDistribution": False,
        "isServiceAccount": False,
    }
