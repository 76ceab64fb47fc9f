"""HubSpot's OAuth: consent, exchange, refresh, who it is, revocation, and what each refusal means."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from callbook.errors import CallbookError, Misconfigured, NeedsReconnect, Permanent, Transient
from callbook.hubspot import OAuth, record_url
from callbook.hubspot.oauth import SCOPES
from hubspot_sandbox import RunningSandbox

REDIRECT = "http://127.0.0.1:8000/auth/callback"
VERIFIER = "v" * 60


def oauth_of(hubspot: RunningSandbox, **changed: str) -> OAuth:
    known = {
        "api_url": hubspot.url,
        "app_url": hubspot.url,
        "client_id": hubspot.options.client_id,
        "client_secret": hubspot.options.client_secret,
        "redirect_uri": REDIRECT,
    }
    return OAuth(**{**known, **changed})


@pytest.fixture
def oauth(shared_hubspot: RunningSandbox) -> OAuth:
    return oauth_of(shared_hubspot)


@dataclass(frozen=True)
class Asked:
    path: str
    query: dict[str, str]


def asked(url: str) -> Asked:
    parts = urlsplit(url)
    return Asked(parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()})


def code_of(oauth: OAuth, hubspot: RunningSandbox) -> str:
    form = {**asked(oauth.consent_url("a state", VERIFIER)).query, "person": "admin", "decision": "allow"}
    answer = requests.post(f"{hubspot.url}/oauth/authorize", data=form, allow_redirects=False, timeout=10)
    return asked(answer.headers["Location"]).query["code"]


def test_consent_names_client_scopes_state_and_challenge(oauth: OAuth, shared_hubspot: RunningSandbox) -> None:
    url = oauth.consent_url("a state", VERIFIER)
    wanted = asked(url)
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    assert wanted.path == "/oauth/authorize"
    assert wanted.query["client_id"] == shared_hubspot.options.client_id
    assert wanted.query["redirect_uri"] == REDIRECT
    assert wanted.query["scope"].split() == list(SCOPES)
    assert wanted.query["state"] == "a state"
    assert wanted.query["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert wanted.query["code_challenge_method"] == "S256"
    assert "+" not in url  # spaces as %20
    assert shared_hubspot.options.client_secret not in url


def test_a_code_becomes_a_grant_once(oauth: OAuth, shared_hubspot: RunningSandbox) -> None:
    code = code_of(oauth, shared_hubspot)
    grant = oauth.exchange(code, VERIFIER)
    assert (bool(grant.access_token), bool(grant.refresh_token), grant.expires_in_s) == (True, True, 1800)
    with pytest.raises(Permanent) as caught:
        oauth.exchange(code, VERIFIER)
    assert (type(caught.value), caught.value.kind) == (Permanent, "exchange_failed")


def test_a_code_without_its_verifier_is_refused(oauth: OAuth, shared_hubspot: RunningSandbox) -> None:
    with pytest.raises(CallbookError):
        oauth.exchange(code_of(oauth, shared_hubspot), "another" * 9)


def test_who_granted_and_where(oauth: OAuth, shared_hubspot: RunningSandbox) -> None:
    who = oauth.identify(shared_hubspot.grant("rep").token)
    assert (who.portal_id, who.email) == (shared_hubspot.options.portal_id, "sam.ortiz@brightmoor-supply.example")
    assert set(SCOPES) <= set(who.scopes)
    assert who.ui_domain
    assert who.time_zone


@pytest.mark.parametrize("rotate", [False, True])
def test_a_refresh_gives_what_counts_from_now_on(oauth: OAuth, shared_hubspot: RunningSandbox, *, rotate: bool) -> None:
    shared_hubspot.change_options(rotate_refresh_tokens=rotate)
    before = shared_hubspot.grant().grant.refresh_token
    grant = oauth.refresh(before)
    assert (grant.refresh_token != before) is rotate
    assert oauth.refresh(grant.refresh_token).access_token != grant.access_token


def test_a_grant_that_is_gone_needs_the_person(oauth: OAuth) -> None:
    with pytest.raises(NeedsReconnect) as caught:
        oauth.refresh("na1-never-heard-of")
    assert "never-heard-of" not in str(caught.value)


@pytest.mark.parametrize("changed", [{"client_secret": "mistyped"}, {"client_id": "mistyped"}])
def test_what_is_wrong_with_us_is_never_the_persons_to_mend(
    shared_hubspot: RunningSandbox, changed: dict[str, str]
) -> None:
    token = shared_hubspot.grant().grant.refresh_token
    with pytest.raises(Misconfigured) as caught:
        oauth_of(shared_hubspot, **changed).refresh(token)
    assert caught.value.kind == "server_misconfigured"
    assert token not in str(caught.value)
    assert "mistyped" not in str(caught.value)
    assert oauth_of(shared_hubspot).refresh(token).access_token


@pytest.mark.parametrize("status", [500, 502, 503, 429, 477])
def test_a_fault_that_passes_is_transient(oauth: OAuth, shared_hubspot: RunningSandbox, status: int) -> None:
    shared_hubspot.fault("oauth", status, times=3)
    token = shared_hubspot.grant()
    with pytest.raises(Transient):
        oauth.refresh(token.grant.refresh_token)
    with pytest.raises(Transient):
        oauth.identify(token.token)
    with pytest.raises(Transient):
        oauth.revoke(token.grant.refresh_token)
    assert oauth.refresh(token.grant.refresh_token).access_token


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("BAD_REFRESH_TOKEN", NeedsReconnect),
        ("BAD_HUB", NeedsReconnect),
        ("BAD_CLIENT_ID", Misconfigured),
        ("BAD_CLIENT_SECRET", Misconfigured),
        ("BAD_REDIRECT_URI", Misconfigured),
        ("SOMETHING_NEW", Misconfigured),
    ],
)
def test_each_refusal_of_the_token_endpoint_has_its_consequence(
    oauth: OAuth, monkeypatch: pytest.MonkeyPatch, status: str, error: type[CallbookError]
) -> None:
    answer_with(monkeypatch, 400, f'{{"status": "{status}", "error": "invalid_grant"}}'.encode())
    with pytest.raises(error):
        oauth.refresh("a token")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"access_token": "a"}'),
        (200, b'{"access_token": "a", "refresh_token": "r", "expires_in": "soon"}'),
        (200, b'{"access_token": null, "refresh_token": null, "expires_in": 1800}'),
        (200, b"\xff\xfe"),
        (401, b"<html>"),
        (502, b"<html>"),
    ],
)
def test_nonsense_disconnects_nobody(oauth: OAuth, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes) -> None:
    answer_with(monkeypatch, status, body)
    with pytest.raises(Transient):
        oauth.refresh("a token")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"status": null}', b'{"error": "invalid_grant"}'])
def test_a_refusal_without_hubspots_word_for_it_disconnects_nobody(
    oauth: OAuth, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    answer_with(monkeypatch, 400, body)
    with pytest.raises(CallbookError) as caught:
        oauth.refresh("a token")
    assert not isinstance(caught.value, NeedsReconnect)


@pytest.mark.parametrize("error", [requests.ConnectionError, requests.Timeout])
def test_no_answer_is_transient(
    oauth: OAuth, monkeypatch: pytest.MonkeyPatch, error: type[requests.RequestException]
) -> None:
    def fail(*_args: object, **_options: object) -> requests.Response:
        raise error

    monkeypatch.setattr(requests.Session, "send", fail)
    for attempt in (oauth.refresh, oauth.identify, oauth.revoke):
        with pytest.raises(Transient) as caught:
            attempt("a token")
        assert caught.value.kind == "hubspot_unreachable"


def test_a_revoked_grant_gives_no_more_tokens(oauth: OAuth, shared_hubspot: RunningSandbox) -> None:
    token = shared_hubspot.grant().grant.refresh_token
    oauth.revoke(token)
    oauth.revoke(token)  # a token no longer known is no error
    with pytest.raises(NeedsReconnect):
        oauth.refresh(token)


def test_every_request_has_a_timeout(
    oauth: OAuth, shared_hubspot: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = shared_hubspot.grant()
    send = requests.Session.send
    timeouts: list[object] = []

    def watched(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        timeouts.append(options["timeout"])
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", watched)
    oauth.refresh(token.grant.refresh_token)
    oauth.identify(token.token)
    oauth.revoke(token.grant.refresh_token)
    assert timeouts == [(5, 30)] * 4


def test_a_contacts_page_is_in_its_own_data_centre() -> None:
    assert record_url("app-eu1.hubspot.com", 7, 5) == "https://app-eu1.hubspot.com/contacts/7/record/0-1/5"


def answer_with(monkeypatch: pytest.MonkeyPatch, status: int, body: bytes) -> None:
    def answer(_self: requests.Session, request: requests.PreparedRequest, **_options: object) -> requests.Response:
        response = requests.Response()
        response.status_code = status
        response.request = request
        response._content = body  # noqa: SLF001 - there is no other way to make one
        return response

    monkeypatch.setattr(requests.Session, "send", answer)
