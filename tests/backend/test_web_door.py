"""What every request passes: a session, an origin that is ours, a log that tells nobody's secrets."""

import gc
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask import Blueprint

from callbook import wsgi
from callbook.models import Connection, Login, Run, connected
from callbook.sealing import Keyring, fingerprint
from callbook.settings import PINNED_EXTENSION_ID, Settings
from hubspot_sandbox import RunningSandbox
from tests.backend.databases import all_bytes
from tests.backend.people import CONTACTS, Consenting, Rep, cache, json_of, keep_personal, owner_of, remote

OURS = f"chrome-extension://{PINNED_EXTENSION_ID}"
THEIRS = [
    "chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba",
    "https://evil.example",
    f"https://{PINNED_EXTENSION_ID}.chromiumapp.org",
    f"{OURS}.evil.example",
    "null",
]
SOCKET = "/api/events/socket"  # speaks only WebSocket; its ticket is its session


@pytest.fixture
def hubspot(shared_hubspot: RunningSandbox) -> RunningSandbox:
    return shared_hubspot


def api_routes(app: APIFlask) -> Iterator[tuple[str, str]]:
    """Every method of every route under /api, with its parameters filled in."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            if rule.rule.startswith("/api/") and not rule.websocket:
                yield method, rule.rule.replace("<int:contact_id>", "1")


def test_what_a_server_starts_with_is_no_matter_for_the_collector(
    environ: dict[str, str],
    database: None,  # noqa: ARG001 - migrated
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    try:
        served = wsgi.application()
        assert gc.get_freeze_count() > 0
        served.extensions["callbook_jobs"].huey.storage.close()
    finally:
        gc.unfreeze()


def test_every_route_under_api_refuses_without_a_session(app: APIFlask) -> None:
    routes = list(api_routes(app))
    assert len({path for _, path in routes}) >= 8
    for method, path in routes:
        for headers in ({}, {"Authorization": "Bearer nobody"}):
            answer = app.test_client().open(path, method=method, headers=headers, json={})
            assert answer.status_code == 401, (method, path)
            assert method == "HEAD" or json_of(answer)["error"]["kind"] == "signed_out"


def test_only_the_socket_sees_to_its_session_itself(app: APIFlask) -> None:
    assert [rule.rule for rule in app.url_map.iter_rules() if rule.websocket] == [SOCKET]
    assert app.test_client().get(SOCKET).status_code == 400


def test_another_view_of_the_sockets_name_needs_a_session(app: APIFlask) -> None:
    elsewhere = Blueprint("elsewhere", __name__)

    @elsewhere.get("/api/elsewhere")
    def socket() -> str:
        return "a secret"

    app.register_blueprint(elsewhere)
    assert app.test_client().get("/api/elsewhere").status_code == 401


def test_what_is_open_to_all_is_this_and_no_more(app: APIFlask) -> None:
    rules = {rule.rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/api/")}
    pages = {"/auth/start", "/auth/callback", "/auth/session", "/auth/unauthorize"}
    assert rules - {"/static/<path:filename>"} == pages | {"/health", "/openapi.json", "/hooks/calls"}


def test_health_says_who_we_are_without_a_session(app: APIFlask) -> None:
    answer = app.test_client().get("/health")
    assert answer.status_code == 200
    assert json_of(answer) == {"status": "ok", "service": "callbook", "version": "0.1.0"}


@pytest.mark.parametrize("path", ["/health", "/api/sync", "/auth/session"])
def test_our_extension_may_read_answers_and_refusals(app: APIFlask, path: str) -> None:
    answer = app.test_client().get(path, headers={"Origin": OURS})
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    assert {"X-Request-Id", "Retry-After"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_our_extension_may_ask_before_it_sends(app: APIFlask, method: str) -> None:
    asks = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization, content-type"}
    answer = app.test_client().options("/api/settings", headers={"Origin": OURS, **asks})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == OURS
    assert answer.headers["Access-Control-Max-Age"] == "7200"
    assert method in answer.headers["Access-Control-Allow-Methods"]
    allowed = {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert allowed == {"authorization", "content-type"}


@pytest.mark.parametrize("origin", THEIRS)
def test_nobody_elses_page_may_read_an_answer(app: APIFlask, origin: str) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for answer in (
        app.test_client().get("/health", headers={"Origin": origin}),
        app.test_client().post(CONTACTS, json={}, headers={"Origin": origin}),
        app.test_client().options(CONTACTS, headers={"Origin": origin, **asks}),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


def test_the_openapi_description_is_3_1_and_lists_every_api_route(app: APIFlask) -> None:
    answer = app.test_client().get("/openapi.json")
    described = json_of(answer)
    assert described["openapi"].startswith("3.1.")
    listed = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    spoken = {
        (method, rule.rule.replace("<int:contact_id>", "{contact_id}"))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}
        if rule.rule.startswith("/api/") and not rule.websocket
    }
    assert spoken <= listed
    open_to_all = {("GET", "/health"), ("POST", "/auth/session"), ("POST", "/auth/unauthorize")}
    assert listed - spoken == open_to_all | {("GET", SOCKET)}


def test_the_openapi_description_knows_every_field_it_refers_to(app: APIFlask) -> None:
    described = json_of(app.test_client().get("/openapi.json"))
    text = json.dumps(described)
    named = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert named
    assert named <= described["components"]["schemas"].keys()
    assert {"SyncState", "ContactsOut", "CallersOut"} <= named


@pytest.mark.parametrize("what", ["sync", "settings", "calls", "events"])
def test_moments_are_iso_8601_in_utc_with_a_z(alice: Rep, what: str) -> None:
    def moments(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for name, each in value.items():
                if (name.endswith("_at") or name in ("at", "since")) and each is not None:
                    yield each
                yield from moments(each)
        if isinstance(value, list):
            for each in value:
                yield from moments(each)

    call = {"call_id": "c1", "direction": "inbound", "state": "ringing", "number": "+12015550132"}
    assert alice.post("/api/calls", call).status_code == 202
    after = {"after": 0} if what == "events" else {}
    found = list(moments(alice.calls() if what == "calls" else alice.read(f"/api/{what}", **after)))
    assert found or what == "settings"
    assert [each for each in found if not each.endswith("Z") or "T" not in each] == []


def secrets_of(app: APIFlask, hubspot: RunningSandbox, settings: Settings) -> dict[str, str]:
    """Every secret of a sign-in and what follows it, by name."""
    consenting = Consenting(app.test_client(), hubspot)
    back = consenting.decide(consenting.start(), "admin", "allow")
    found = dict(part.split("=", 1) for part in back.partition("?")[2].split("&"))
    found["one-time code"] = consenting.back(back)["code"]
    found["session"] = json_of(consenting.redeem(found["one-time code"]))["token"]
    rep = Rep(consenting.client, found["session"])
    found["ticket"] = json_of(rep.post("/api/tickets"))["ticket"]
    keyring, owner = Keyring(settings.secret_keys), owner_of(rep)
    with connected():
        connection = Connection.of(owner).select().get()
        login = Login.get(Login.state_hash == fingerprint(found["state"]))
    for field in ("access_token", "refresh_token"):
        found[field] = keyring.open(getattr(connection, field), str(owner.id), field)
    found["HubSpot's verifier"] = keyring.open(login.hubspot_verifier, login.state_hash, "hubspot_verifier")
    return {**found, "verifier": consenting.verifier, "client secret": settings.hubspot_client_secret}


def test_no_secret_is_in_the_database_or_the_queue(
    app: APIFlask, hubspot: RunningSandbox, settings: Settings, tmp_path: Path
) -> None:
    secrets = secrets_of(app, hubspot, settings)
    kept = all_bytes(settings.database_url, tmp_path)
    assert b"advance" in kept
    assert fingerprint(secrets["session"]).encode() in kept
    assert [name for name, secret in secrets.items() if secret.encode() in kept] == []


def test_no_secret_is_in_any_log_record_however_loud_the_log(
    app: APIFlask,
    hubspot: RunningSandbox,
    settings: Settings,
    work: Callable[[], list[Run]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        secrets = secrets_of(app, hubspot, settings)
        hubspot.fault("list", 401)
        hubspot.fault("token", 400)
        assert [run.problem for run in work()] == ["reconnect_needed"]
    told = caplog.text
    assert "/auth/callback" in told
    assert "UPDATE" in told
    assert [name for name, secret in secrets.items() if secret in told] == []


def test_no_name_and_no_number_is_in_the_log(alice: Rep, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        owner = owner_of(alice)
        cache(owner, remote(1, lastname="Lovelace", phone="+1 201 555 0132", email="ada@engines.example"))
        keep_personal(owner, lastname="Babbage")
        call = {"call_id": "c1", "direction": "inbound", "state": "ringing", "number": "+12015550132"}
        assert alice.post("/api/calls", call).status_code == 202
        assert alice.contacts(q="Lovelace")["total"] == 1
        assert alice.post("/api/callers", {"numbers": ["+12015550132"]}).status_code == 200
        assert alice.post(CONTACTS, {"q": "Lovelace", "after": "Lovelace"}).status_code == 400
    told = caplog.text
    assert f"POST {CONTACTS} 200" in told
    assert [
        each for each in ("Lovelace", "Babbage", "5550132", "555 0132", "engines", "whitlock") if each in told
    ] == []
