"""HubSpot's OAuth (2026-09): consent, tokens, who they belong to, revocation.

Sources: developers.hubspot.com, "Working with OAuth". A refresh token comes back unchanged in practice but may be new;
whatever is returned is what counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from pydantic import BaseModel, Field, ValidationError

from callbook.errors import CallbookError, Misconfigured, NeedsReconnect, Permanent, Transient
from callbook.hubspot.client import TIMEOUT_S, problem_of

SCOPES = ("oauth", "crm.objects.contacts.read", "crm.objects.companies.read", "crm.objects.owners.read")
REQUIRED_SCOPE = "crm.objects.contacts.read"
TOKEN_PATH = "/oauth/2026-09/token"  # noqa: S105 - a path
DETAILS_PATH = "/account-info/2026-09/details"
GONE = {"BAD_REFRESH_TOKEN", "BAD_HUB"}  # the installation is gone
BAD_CODE = "BAD_AUTH_CODE"


@dataclass(frozen=True)
class Grant:
    access_token: str
    refresh_token: str
    expires_in_s: int


@dataclass(frozen=True)
class Identity:
    """Who granted, and in which portal. `time_zone` is the portal's, as HubSpot names it."""

    portal_id: int
    user_id: int
    email: str | None
    portal_name: str
    ui_domain: str
    time_zone: str
    scopes: tuple[str, ...]


class _Token(BaseModel):
    access_token: str
    refresh_token: str
    expires_in: int


class _Introspection(BaseModel):
    active: bool
    hub_id: int
    user_id: int
    user: str | None = None
    hub_domain: str | None = None
    scopes: list[str]


class _Details(BaseModel):
    ui_domain: str = Field("app.hubspot.com", alias="uiDomain")
    time_zone: str = Field("", alias="timeZone")


class OAuth:
    """Our side of the app's OAuth: a confidential client with PKCE."""

    def __init__(self, api_url: str, app_url: str, client_id: str, client_secret: str, redirect_uri: str) -> None:
        self._api_url = api_url
        self._app_url = app_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri

    def consent_url(self, state: str, verifier: str) -> str:
        """Where to send a person. Only we keep the PKCE verifier."""
        url, _ = self._session().create_authorization_url(
            f"{self._app_url}/oauth/authorize", state=state, code_verifier=verifier
        )
        return str(url).replace("+", "%20")  # HubSpot wants the scopes' spaces as %20

    def exchange(self, code: str, verifier: str) -> Grant:
        """Raises `Permanent("exchange_failed")`, `Misconfigured`, `Transient`."""
        return self._fetch("fetch_token", code=code, code_verifier=verifier, grant_type="authorization_code")

    def refresh(self, refresh_token: str) -> Grant:
        """Raises `NeedsReconnect`, `Misconfigured`, `Transient`."""
        return self._fetch("refresh_token", refresh_token=refresh_token)

    def identify(self, access_token: str) -> Identity:
        introspected = self._token_post("introspect", access_token, "access_token")
        details = self._get(DETAILS_PATH, access_token)
        try:
            who = _Introspection.model_validate(introspected)
            portal = _Details.model_validate(details)
        except ValidationError as problem:
            raise Transient("hubspot_error", "an identity of another shape") from problem
        name = who.hub_domain or f"HubSpot {who.hub_id}"
        return Identity(who.hub_id, who.user_id, who.user, name, portal.ui_domain, portal.time_zone, tuple(who.scopes))

    def revoke(self, refresh_token: str) -> None:
        """HubSpot answers 200 for a token it no longer knows, too."""
        self._token_post("revoke", refresh_token, "refresh_token")

    def _session(self) -> OAuth2Session:
        session = OAuth2Session(
            self._client_id,
            self._client_secret,
            scope=" ".join(SCOPES),
            redirect_uri=self._redirect_uri,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - a method's name
            code_challenge_method="S256",
        )
        session.register_compliance_hook("access_token_response", _checked)
        session.register_compliance_hook("refresh_token_response", _checked)
        return session

    def _fetch(self, action: str, **fields: str) -> Grant:
        with self._session() as session:
            try:
                body = getattr(session, action)(self._api_url + TOKEN_PATH, timeout=TIMEOUT_S, **fields)
                token = _Token.model_validate(dict(body))
            except requests.RequestException as problem:
                raise Transient("hubspot_unreachable", type(problem).__name__) from problem
            except (ValueError, OAuthError) as problem:  # pydantic's, Authlib's or json's: all are ValueErrors
                raise Transient("hubspot_error", "a token answer of another shape") from problem
        return Grant(token.access_token, token.refresh_token, token.expires_in)

    def _token_post(self, action: str, token: str, hint: str) -> Mapping[str, Any]:
        client = {"client_id": self._client_id, "client_secret": self._client_secret}
        form = {**client, "token": token, "token_type_hint": hint}
        return _sent("POST", f"{self._api_url}{TOKEN_PATH}/{action}", data=form)

    def _get(self, path: str, access_token: str) -> Mapping[str, Any]:
        return _sent("GET", self._api_url + path, headers={"Authorization": f"Bearer {access_token}"})


def _sent(method: str, url: str, **content: Any) -> Mapping[str, Any]:
    try:
        response = _checked(requests.request(method, url, timeout=TIMEOUT_S, **content))
        body = response.json() if response.content else {}
    except requests.JSONDecodeError as problem:
        raise Transient("hubspot_error", "an answer that is not JSON") from problem
    except requests.RequestException as problem:
        raise Transient("hubspot_unreachable", type(problem).__name__) from problem
    return body if isinstance(body, dict) else {}


def _checked(response: requests.Response) -> requests.Response:
    """Passes an answer on, or raises what its refusal means. OAuth refusals are HTTP 400 with a `status` word."""
    if response.ok:
        return response
    raise _refusal(response)


def _refusal(response: requests.Response) -> CallbookError:
    if response.status_code != requests.codes.bad_request:
        return problem_of(response)
    try:
        status = str(response.json().get("status"))
    except (requests.JSONDecodeError, AttributeError):
        return Permanent("exchange_failed", "HTTP 400")
    if status in GONE:
        return NeedsReconnect(status)
    if status == BAD_CODE:
        return Permanent("exchange_failed", status)
    return Misconfigured(status)


def record_url(ui_domain: str, portal_id: int, contact_id: int) -> str:
    """The contact's page in the portal's own HubSpot (data centres have their own host)."""
    return f"https://{ui_domain}/contacts/{portal_id}/record/0-1/{contact_id}"
