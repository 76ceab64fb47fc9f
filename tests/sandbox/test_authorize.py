"""The consent page: what it shows, who may say yes, and where the browser is never sent."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

import hubspot_sandbox
from hubspot_sandbox import Options, RunningSandbox
from tests.sandbox.client import CALLBACK, Api, authorize_query, landed

CONSENT = "/oauth/authorize"


@pytest.fixture(scope="module")
def hubspot() -> Iterator[RunningSandbox]:
    """One sandbox for the whole module: nothing here changes its contacts."""
    with hubspot_sandbox.running(contacts=60, seed=3) as running:
        yield running


def choose(hubspot: RunningSandbox, api: Api, decision: str, person: str, **more: str) -> requests.Response:
    """Post the form as the page would: with the hidden fields it was given."""
    page = api.get(CONSENT, **authorize_query(hubspot, **more)).text
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    fields = {name: unescape(value) for name, value in hidden}
    return api.post_form(CONSENT, **fields, person=person, decision=decision)


def test_page_shows_portal_scopes_people_and_choices(hubspot: RunningSandbox, anonymous: Api) -> None:
    response = anonymous.get(CONSENT, **authorize_query(hubspot))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    page = response.text
    assert "Brightmoor Supply" in page
    assert str(hubspot.portal.id) in page
    assert "crm.objects.contacts.read" in page
    assert "crm.objects.owners.read" not in page
    labels = re.findall(r'<label><input type="radio" name="person" value="[^"]*"( checked)?>([^<]*)</label>', page)
    assert labels == [
        (" checked", "Dana Whitlock, Super Admin"),
        ("", "Sam Ortiz, sales rep with App Marketplace access"),
        ("", "Robin Vale, sales rep without App Marketplace access"),
    ]
    assert re.findall(r"<button[^>]*>([^<]*)</button>", page) == ["Allow", "Deny"]


@pytest.mark.parametrize("person", ["admin", "rep"])
def test_allow_sends_a_code_and_the_state_back(hubspot: RunningSandbox, anonymous: Api, person: str) -> None:
    response = choose(hubspot, anonymous, "allow", person)
    assert response.headers["Location"].startswith(f"{CALLBACK}?")
    back = landed(response)
    assert back["state"] == "s 1"
    assert set(back) == {"code", "state"}


def test_deny_is_access_denied(hubspot: RunningSandbox, anonymous: Api) -> None:
    back = landed(choose(hubspot, anonymous, "deny", "admin"))
    assert back["error"] == "access_denied"
    assert back["error_description"]
    assert back["state"] == "s 1"
    assert "code" not in back


def test_rep_without_access_is_told_and_can_only_go_back(hubspot: RunningSandbox, anonymous: Api) -> None:
    response = choose(hubspot, anonymous, "allow", "rep-without-access")
    assert "Location" not in response.headers
    assert "You don't have permission to install this app" in unescape(response.text)
    assert "Super Admin" in response.text
    link = re.search(r'<a href="([^"]*)">Back to the app</a>', response.text)
    assert link is not None
    address = unescape(link[1])
    assert address.startswith(f"{CALLBACK}?")
    assert parse_qs(urlsplit(address).query) == {
        "error": ["access_denied"],
        "error_description": ["user lacks App Marketplace access"],
        "state": ["s 1"],
    }


def test_a_query_in_the_redirect_uri_is_kept(hubspot: RunningSandbox, anonymous: Api) -> None:
    back = landed(choose(hubspot, anonymous, "allow", "admin", redirect_uri=f"{CALLBACK}?tenant=7"))
    assert set(back) == {"tenant", "code", "state"}


def test_without_state_none_comes_back(hubspot: RunningSandbox, anonymous: Api) -> None:
    query = authorize_query(hubspot)
    del query["state"]
    assert set(landed(anonymous.post_form(CONSENT, **query, person="admin", decision="allow"))) == {"code"}


def test_path_with_the_portals_id(hubspot: RunningSandbox, anonymous: Api) -> None:
    assert anonymous.get("/oauth/62515/authorize", **authorize_query(hubspot)).status_code == 200
    assert anonymous.get("/oauth/999/authorize", **authorize_query(hubspot)).status_code == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "somebody-else"},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1.evil.example/"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": ""},
        {"scope": ""},
        {"scope": "crm.objects.unicorns.read"},
        {"scope": "developer.webhooks_journal.read"},
        {"code_challenge": "x", "code_challenge_method": "plain"},
    ],
)
def test_a_request_that_cannot_be_trusted_is_never_redirected(
    hubspot: RunningSandbox, anonymous: Api, wrong: dict[str, str]
) -> None:
    query = authorize_query(hubspot, **wrong)
    for response in (
        anonymous.get(CONSENT, **query),
        anonymous.post_form(CONSENT, **query, person="admin", decision="allow"),
    ):
        assert response.status_code == 400
        assert "Location" not in response.headers
        assert "We couldn't connect the app" in unescape(response.text)


@pytest.mark.parametrize("answer", [{"person": "nobody", "decision": "allow"}, {"person": "admin"}])
def test_a_form_without_an_answer_grants_nothing(
    hubspot: RunningSandbox, anonymous: Api, answer: dict[str, str]
) -> None:
    assert anonymous.post_form(CONSENT, **authorize_query(hubspot), **answer).status_code == 400


def test_named_redirect_uris_are_the_only_ones() -> None:
    with hubspot_sandbox.running(contacts=0, options=Options(redirect_uris=("https://app.example/back",))) as hubspot:
        api = Api(hubspot.url)
        named = authorize_query(hubspot, redirect_uri="https://app.example/back")
        assert api.get(CONSENT, **named).status_code == 200
        assert api.get(CONSENT, **authorize_query(hubspot)).status_code == 400
        api.close()


def test_what_the_request_says_is_escaped(hubspot: RunningSandbox, anonymous: Api) -> None:
    page = anonymous.get(CONSENT, **authorize_query(hubspot, state='"><script>alert(1)</script>')).text
    assert "<script>" not in page
