"""The walk through HubSpot's consent: each way it can end is told clearly, and only one is a session."""

import html
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from apiflask import APIFlask

from callbook.hubspot import Family
from callbook.models import Budget, Connection, Run, User, connected
from callbook.sealing import challenge_of, new_secret
from callbook.settings import PINNED_EXTENSION_ID, SecretKey, Settings
from callbook.web import create_app
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Consenting, Rep, json_of, owner_of

SECOND_EXTENSION = "abcdefghijklmnopabcdefghijklmnop"
BEARERS = 4
FOREIGN_EXTENSION = "ponmlkjihgfedcbaponmlkjihgfedcba"


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


def later(**span: float) -> time_machine.travel:
    return time_machine.travel(datetime.now(UTC) + timedelta(**span))


def kind_of(consenting: Consenting, code: str, **changed: str) -> str:
    answer = consenting.redeem(code, **changed)
    assert answer.status_code >= 400
    assert "token" not in json_of(answer)
    return str(json_of(answer)["error"]["kind"])


def page_of(consenting: Consenting, url: str) -> str:
    """What a person reads when there is no way back to the extension."""
    parts = urlsplit(url)
    answer = consenting.client.get(f"{parts.path}?{parts.query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "Location" not in answer.headers
    return answer.text


def consenting_with(settings: Settings, hubspot: RunningSandbox) -> Consenting:
    """On a server with other settings, over the same database."""
    return Consenting(create_app(settings).test_client(), hubspot)


def test_consent_ends_in_a_session_and_the_first_full_sync_starts_by_itself(consenting: Consenting) -> None:
    answer = consenting.redeem(consenting.code("admin"))
    assert answer.status_code == 200
    body = json_of(answer)
    assert body["account"] == {
        "portal_id": 62515,
        "portal_name": "brightmoor-supply.example",
        "ui_domain": "app.hubspot.com",
        "user_email": "dana.whitlock@brightmoor-supply.example",
        "demo": True,
    }
    lives_for = datetime.fromisoformat(body["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=89) < lives_for <= timedelta(days=90)
    rep = Rep(consenting.client, body["token"])
    run = rep.read("/api/sync")["run"]
    assert (run["kind"], run["trigger"], run["state"]) == ("full", "first", "queued")


def test_hubspot_is_asked_for_what_we_read_with_pkce_and_spaces_it_understands(consenting: Consenting) -> None:
    url = consenting.start()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert "+" not in urlsplit(url).query
    assert "crm.objects.contacts.read" in asked["scope"].split(" ")
    assert asked["code_challenge_method"] == "S256"
    assert asked["code_challenge"] != challenge_of(consenting.verifier)  # HubSpot's leg has a verifier of its own
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/auth/callback"


def test_denied_consent_is_told_to_the_extension(consenting: Consenting) -> None:
    assert consenting.back(consenting.decide(consenting.start(), "admin", "deny")) == {"error": "consent_denied"}


def tab_answer(consenting: Consenting, url: str) -> dict[str, str]:
    """What the extension's page gets in its fragment, which is sent to no server, from the page that leads there."""
    page = page_of(consenting, url)
    link = re.search(r'<a href="([^"]+)"', page)
    assert link is not None
    where, _, fragment = html.unescape(link[1]).partition("#")
    assert where == f"chrome-extension://{PINNED_EXTENSION_ID}/signed-in.html"
    assert "location.replace(document.links[0].href)" in page
    return {name: values[0] for name, values in parse_qs(fragment).items()}


def test_a_tab_is_led_to_the_extensions_page_with_a_code_that_names_who_asked(consenting: Consenting) -> None:
    answer = tab_answer(consenting, consenting.decide(consenting.start(via="tab"), "admin", "allow"))
    assert answer.keys() == {"for", "code"}
    assert answer["for"] == challenge_of(consenting.verifier)
    assert consenting.redeem(answer["code"]).status_code == 200
    assert kind_of(consenting, answer["code"]) == "code_invalid"


def test_a_tabs_code_is_good_with_its_own_verifier_only(app: APIFlask, hubspot: RunningSandbox) -> None:
    victim, attacker = (Consenting(app.test_client(), hubspot) for _ in range(2))
    url = victim.decide(attacker.start(via="tab"), "admin", "allow")  # a link that the attacker has sent
    answer = tab_answer(victim, url)
    assert answer["for"] == challenge_of(attacker.verifier)
    assert kind_of(victim, answer["code"]) == "verifier_mismatch"
    assert kind_of(attacker, answer["code"]) == "code_invalid"


def test_a_denial_in_a_tab_is_told_there(consenting: Consenting) -> None:
    answer = tab_answer(consenting, consenting.decide(consenting.start(via="tab"), "admin", "deny"))
    assert answer == {"for": challenge_of(consenting.verifier), "error": "consent_denied"}


def test_a_windows_state_leads_no_tab(consenting: Consenting) -> None:
    url = consenting.decide(consenting.start(), "admin", "allow")
    assert "already used, or has expired" in page_of(consenting, url.replace("state=", "state=tab."))


def test_a_user_who_may_not_install_comes_back_as_refused(consenting: Consenting, hubspot: RunningSandbox) -> None:
    asked = {name: values[0] for name, values in parse_qs(urlsplit(consenting.start()).query).items()}
    form = {**asked, "person": "rep-without-access", "decision": "allow"}
    page = requests.post(f"{hubspot.url}/oauth/authorize", data=form, allow_redirects=False, timeout=10)
    assert "permission to install" in page.text
    way_back = re.search(r'href="([^"]+/auth/callback[^"]+)"', page.text)
    assert way_back is not None
    assert consenting.back(html.unescape(way_back[1])) == {"error": "consent_denied"}


def test_consent_without_the_contacts_scope_is_told_as_that(consenting: Consenting) -> None:
    url = consenting.start().replace("crm.objects.contacts.read", "")
    assert consenting.back(consenting.decide(url, "admin", "allow")) == {"error": "scope_missing"}
    with connected():
        assert User.select().count() == 0


def test_a_replayed_state_is_stopped_on_a_page(consenting: Consenting) -> None:
    url = consenting.decide(consenting.start(), "admin", "allow")
    assert "code" in consenting.back(url)
    assert "already used, or has expired" in page_of(consenting, url)


def test_a_state_used_for_a_denial_cannot_be_used_for_a_consent(consenting: Consenting) -> None:
    start = consenting.start()
    denied = consenting.decide(start, "admin", "deny")
    allowed = consenting.decide(start, "admin", "allow")
    assert consenting.back(denied) == {"error": "consent_denied"}
    assert "already used" in page_of(consenting, allowed)


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_an_expired_state_is_stopped_on_a_page(consenting: Consenting, decision: str) -> None:
    start = consenting.start()
    with later(minutes=16):
        assert "has expired" in page_of(consenting, consenting.decide(start, "admin", decision))


@pytest.mark.parametrize("query", ["", "code=x", "state=unknown", "code=x&state=unknown", "error=access_denied"])
def test_an_unknown_or_missing_state_is_stopped_on_a_page(consenting: Consenting, query: str) -> None:
    assert "already used, or has expired" in page_of(consenting, f"/auth/callback?{query}")


def test_a_replayed_one_time_code_is_refused_and_the_first_session_lives_on(consenting: Consenting) -> None:
    code = consenting.code()
    rep = Rep(consenting.client, json_of(consenting.redeem(code))["token"])
    assert kind_of(consenting, code) == "code_invalid"
    assert rep.get("/api/sync").status_code == 200


def test_of_several_who_bear_one_code_at_once_one_gets_a_session(app: APIFlask, hubspot: RunningSandbox) -> None:
    first = Consenting(app.test_client(), hubspot)
    code, gate = first.code(), threading.Barrier(BEARERS)

    def bear() -> int:
        gate.wait()
        return Consenting(app.test_client(), hubspot, verifier=first.verifier).redeem(code).status_code

    with ThreadPoolExecutor(BEARERS) as pool:
        answers = [each.result() for each in [pool.submit(bear) for _ in range(BEARERS)]]
    assert sorted(answers) == [200, 400, 400, 400]


def test_an_expired_one_time_code_is_refused(consenting: Consenting) -> None:
    code = consenting.code()
    with later(seconds=61):
        assert kind_of(consenting, code) == "code_invalid"


def test_an_unknown_one_time_code_is_refused(consenting: Consenting) -> None:
    assert kind_of(consenting, new_secret()) == "code_invalid"


def test_a_code_without_its_verifier_is_refused_and_stays_good(consenting: Consenting) -> None:
    code = consenting.code()
    body = {"code": code, "extension": PINNED_EXTENSION_ID}
    answer = consenting.client.post("/auth/session", json=body)
    assert (answer.status_code, json_of(answer)["error"]["kind"]) == (422, "invalid")
    assert consenting.redeem(code).status_code == 200


def test_a_code_with_a_wrong_verifier_is_refused_and_used_up(consenting: Consenting) -> None:
    code = consenting.code()
    assert kind_of(consenting, code, verifier=new_secret()) == "verifier_mismatch"
    assert kind_of(consenting, code) == "code_invalid"


def test_a_foreign_extension_cannot_start(consenting: Consenting) -> None:
    query = f"challenge={challenge_of(consenting.verifier)}&extension={FOREIGN_EXTENSION}"
    page = page_of(consenting, f"/auth/start?{query}")
    assert "does not know your Callbook extension" in page
    assert FOREIGN_EXTENSION not in page


@pytest.mark.usefixtures("app")
def test_a_foreign_extension_cannot_redeem_and_does_not_use_the_code_up(
    settings: Settings, hubspot: RunningSandbox
) -> None:
    both = replace(settings, extension_ids=(PINNED_EXTENSION_ID, SECOND_EXTENSION))
    consenting = consenting_with(both, hubspot)
    code = consenting.code()
    for other in (SECOND_EXTENSION, FOREIGN_EXTENSION):
        assert kind_of(consenting, code, extension=other) == "code_invalid"
    assert consenting.redeem(code).status_code == 200


@pytest.mark.parametrize("challenge", ["", "short", "x" * 44, "ü" * 43, "<script>alert(1)</script>" + "x" * 18])
def test_a_bad_challenge_is_stopped_on_a_page(consenting: Consenting, challenge: str) -> None:
    answer = consenting.client.get(
        "/auth/start", query_string={"challenge": challenge, "extension": PINNED_EXTENSION_ID}
    )
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "This link is not complete" in answer.text
    assert "script" not in answer.text


@pytest.mark.usefixtures("app")
def test_keys_exchanged_while_a_person_consents_end_in_an_answer(settings: Settings, hubspot: RunningSandbox) -> None:
    url = consenting_with(settings, hubspot).start()
    other_keys = (SecretKey("k2", b"x" * 32),)
    consenting = consenting_with(replace(settings, secret_keys=other_keys), hubspot)
    assert consenting.back(consenting.decide(url, "admin", "allow")) == {"error": "server_misconfigured"}


def test_a_code_that_hubspot_does_not_honour_is_told_as_that(consenting: Consenting, hubspot: RunningSandbox) -> None:
    url = consenting.decide(consenting.start(), "admin", "allow")
    hubspot.revoke_all()
    assert consenting.back(url) == {"error": "exchange_failed"}


def test_a_wrong_client_secret_is_told_and_disconnects_nobody(
    settings: Settings, hubspot: RunningSandbox, alice: Rep
) -> None:
    before = alice.read("/api/sync")["connection"]
    misconfigured = consenting_with(replace(settings, hubspot_client_secret="wrong"), hubspot)
    url = misconfigured.decide(misconfigured.start(), "admin", "allow")
    assert misconfigured.back(url) == {"error": "server_misconfigured"}
    assert alice.read("/api/sync")["connection"] == before


@pytest.mark.usefixtures("app")
def test_hubspot_out_of_reach_during_the_callback_is_told(settings: Settings, hubspot: RunningSandbox) -> None:
    consenting = consenting_with(replace(settings, hubspot_api_url="http://127.0.0.1:9"), hubspot)
    url = consenting.decide(consenting.start(), "admin", "allow")
    assert consenting.back(url) == {"error": "hubspot_unreachable"}


@pytest.mark.parametrize("endpoint", ["token", "introspect", "account"])
@pytest.mark.parametrize("status", [429, 500, 502])
def test_hubspot_down_during_the_callback_is_told(
    consenting: Consenting, hubspot: RunningSandbox, endpoint: str, status: int
) -> None:
    url = consenting.decide(consenting.start(), "admin", "allow")
    hubspot.fault(endpoint, status)
    assert consenting.back(url) == {"error": "hubspot_unreachable"}
    with connected():
        assert User.select().count() == 0


def test_a_refusal_of_the_identity_is_a_failed_exchange(consenting: Consenting, hubspot: RunningSandbox) -> None:
    url = consenting.decide(consenting.start(), "admin", "allow")
    hubspot.fault("account", 404)
    assert consenting.back(url) == {"error": "exchange_failed"}


def test_authorizing_again_renews_the_connection_of_the_same_user(
    sign_in: Callable[[str], Rep], alice: Rep, work: Callable[[], list[Run]]
) -> None:
    work()
    owner = owner_of(alice)
    again = sign_in("admin")
    assert owner_of(again) == owner
    with connected():
        assert Connection.of(owner).select().count() == 1
    assert alice.contacts()["total"] == again.contacts()["total"] == 6
    assert [run.kind for run in work()] == ["recent"]


def test_what_was_asked_of_hubspot_counts_in_the_portals_budget(alice: Rep, hubspot: RunningSandbox) -> None:
    asked = sum(hubspot.requests.count(each) for each in ("token", "introspect", "account"))
    with connected():
        general = Budget.get((Budget.family == Family.GENERAL) & (Budget.portal_id == portal_of(alice)))
        assert len(general.ledger["departures"]) == asked == 3


def portal_of(rep: Rep) -> int:
    return int(rep.read("/api/sync")["connection"]["account"]["portal_id"])


def test_two_people_of_one_portal_are_two_users(alice: Rep, bob: Rep) -> None:
    assert owner_of(alice).id != owner_of(bob).id
    told = [rep.read("/api/sync")["connection"]["account"] for rep in (alice, bob)]
    assert told[0]["portal_id"] == told[1]["portal_id"]
    assert told[0]["user_email"] != told[1]["user_email"]
