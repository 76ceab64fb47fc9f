"""A HubSpot sandbox, a fresh database, and people: Alice and Bob are reps of the same portal."""

import os
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from flask import Response, current_app, request

import hubspot_sandbox
from callbook import accounts, models, sync
from callbook.accounts import Budget
from callbook.hubspot import Client, client
from callbook.models import Run, connected
from callbook.settings import Settings
from callbook.web import create_app
from callbook.web.shapes.parts import Shape
from hubspot_sandbox import Options, RunningSandbox
from tests.backend.people import Consenting, Rep, connect, json_of, new_user, owner_of
from tests.backend.serving import Live, environ_of, serving
from tests.backend.syncing import Engine, Json, Meddler, Spawn, endpoint_of

CONTACTS = 230  # three pages of the list, two of search


@pytest.fixture
def hubspot(request: pytest.FixtureRequest) -> Iterator[RunningSandbox]:
    """Another number of contacts by `parametrize("hubspot", [...], indirect=True)`."""
    with hubspot_sandbox.running(contacts=getattr(request, "param", CONTACTS), seed=11) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def long_running() -> Iterator[RunningSandbox]:
    with hubspot_sandbox.running(contacts=6, seed=5) as sandbox:
        yield sandbox


@pytest.fixture
def shared_hubspot(long_running: RunningSandbox) -> Iterator[RunningSandbox]:
    """For tests that leave its contacts alone: quicker than a sandbox each."""
    long_running.requests.clear()
    yield long_running
    long_running.clear_faults()
    long_running.change_options(rotate_refresh_tokens=False)


@pytest.fixture
def environ(tmp_path: Path, hubspot: RunningSandbox) -> dict[str, str]:
    return environ_of(hubspot, tmp_path)


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    return Settings.from_env(environ)


@pytest.fixture
def database(settings: Settings) -> Iterator[None]:
    models.connect(settings.database_url)
    models.migrate()
    with connected():
        yield


@pytest.fixture
def app(settings: Settings) -> Iterator[APIFlask]:
    models.connect(settings.database_url)
    models.migrate()
    app = create_app(settings)
    app.after_request(_has_its_shape)
    yield app
    app.extensions["callbook_jobs"].huey.storage.close()


def _has_its_shape(response: Response) -> Response:
    """What is told is all of what the contract says, and nothing else."""
    view = current_app.view_functions.get(request.endpoint or "")
    shape = getattr(view, "_spec", {}).get("response", {}).get("schema")
    well = response.data and response.status_code < HTTPStatus.BAD_REQUEST
    if well and isinstance(shape, type) and issubclass(shape, Shape):
        assert shape.model_validate_json(response.data).model_dump(mode="json") == response.json
    return response


@pytest.fixture(autouse=True)
def nothing_left_open(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither connections to PostgreSQL nor what is held of a database outlive their test."""
    monkeypatch.setattr("callbook.contacts.searching._held", OrderedDict())
    monkeypatch.setattr("callbook.contacts.counting._tallies", {})
    yield
    models.disconnect()


@pytest.fixture
def consenting(app: APIFlask, hubspot: RunningSandbox) -> Consenting:
    return Consenting(app.test_client(), hubspot)


@pytest.fixture
def sign_in(app: APIFlask, hubspot: RunningSandbox) -> Callable[[str], Rep]:
    def sign_in(who: str) -> Rep:
        consenting = Consenting(app.test_client(), hubspot)
        answer = consenting.redeem(consenting.code(who))
        assert answer.status_code == 200, answer.text
        return Rep(consenting.client, json_of(answer)["token"])

    return sign_in


@pytest.fixture
def alice(sign_in: Callable[[str], Rep]) -> Rep:
    return sign_in("admin")


@pytest.fixture
def bob(sign_in: Callable[[str], Rep]) -> Rep:
    return sign_in("rep")


@pytest.fixture
def somebody(app: APIFlask, settings: Settings) -> Callable[..., Rep]:
    """Signs in a new user who has a connection, and nothing at HubSpot."""

    def somebody(email: str, **changed: Any) -> Rep:
        with connected():
            owner = new_user(email, **changed).owner
            connect(owner)
            token = accounts.open_session(settings, owner)
        return Rep(app.test_client(), token)

    return somebody


@pytest.fixture
def ann(somebody: Callable[..., Rep]) -> Rep:
    return somebody("ann@one.example")


@pytest.fixture
def ben(somebody: Callable[..., Rep]) -> Rep:
    return somebody("ben@one.example")


@pytest.fixture(scope="session")
def live_server(long_running: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(long_running, tmp_path_factory.mktemp("live")) as server:
        yield server


@pytest.fixture
def live(live_server: Live) -> Live:
    """A server as it is run, in a process of its own. Tests sign in as users of their own."""
    models.connect(live_server.settings.database_url)
    return live_server


@pytest.fixture
def charlie(app: APIFlask, settings: Settings) -> Rep:
    """Somebody of another portal, with Alice's name and user id there."""
    with hubspot_sandbox.running(contacts=0, options=Options(portal_id=77001)) as elsewhere:
        there = create_app(replace(settings, hubspot_api_url=elsewhere.url, hubspot_app_url=elsewhere.url))
        consenting = Consenting(there.test_client(), elsewhere)
        token = json_of(consenting.redeem(consenting.code("admin")))["token"]
    return Rep(app.test_client(), token)


@pytest.fixture
def work(settings: Settings) -> Callable[[], list[Run]]:
    """Works every run that can be taken, until none can; the runs as they then are."""
    worker = sync.Worker(settings, threading.Event())

    def work() -> list[Run]:
        with connected():
            taken: list[int] = []
            while ready := sync.claimable():
                taken += ready
                worker.work(ready[0])
            return list(Run.everyones().select().where(Run.id.in_(taken)).order_by(Run.id))

    return work


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our client repeats a failed request without resting."""
    monkeypatch.setattr(client, "RETRY_WAITS_S", (0.0, 0.0))
    monkeypatch.setattr("callbook.hubspot.RETRY_WAITS_S", (0.0, 0.0))
    monkeypatch.setattr(Budget, "leave", lambda _self, _family: None)


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run sends one request at a time, so that a step is a page, and search only asks for what has changed."""
    monkeypatch.setattr("callbook.sync.reader.LIST_HEADS", 1)
    monkeypatch.setattr("callbook.sync.reader.SEARCH_HEADS", 0)


@pytest.fixture
def engine(
    settings: Settings,
    hubspot: RunningSandbox,
    alice: Rep,
    at_once: None,  # noqa: ARG001 - a fixture asked for its effect
    one_by_one: None,  # noqa: ARG001 - the same
) -> Iterator[Engine]:
    """Alice's runs; the first, which her authorization asked for, stands queued."""
    engine = Engine(settings, hubspot, owner_of(alice), sync.Worker(settings, threading.Event()))
    yield engine
    engine.close()


@pytest.fixture
def meddler(monkeypatch: pytest.MonkeyPatch) -> Meddler:
    meddler = Meddler()
    get, post = Client.get, Client.post

    def meddled_get(self: Client, path: str, params: Mapping[str, str], *, patient: bool = True) -> Json:
        return meddler.answer(endpoint_of(path, params), get(self, path, params, patient=patient))

    def meddled_post(self: Client, path: str, body: Mapping[str, Any], *, patient: bool = True) -> Json:
        return meddler.answer(endpoint_of(path, body), post(self, path, body, patient=patient))

    monkeypatch.setattr(Client, "get", meddled_get)
    monkeypatch.setattr(Client, "post", meddled_post)
    return meddler


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 10 and of 20, so that two dozen contacts have as many borders as hundreds."""
    monkeypatch.setattr("callbook.hubspot.contacts.LIST_LIMIT", 10)
    monkeypatch.setattr("callbook.hubspot.contacts.SEARCH_LIMIT", 20)
    monkeypatch.setattr("callbook.hubspot.SEARCH_LIMIT", 20)


@pytest.fixture
def spawn(environ: dict[str, str], tmp_path: Path) -> Iterator[Spawn]:
    """Starts `callbook worker`."""
    started: list[subprocess.Popen[bytes]] = []
    with (tmp_path / "workers.log").open("wb") as log:

        def spawn() -> "subprocess.Popen[bytes]":
            command = [sys.executable, "-m", "callbook.cli", "worker"]
            started.append(subprocess.Popen(command, env={**os.environ, **environ}, stdout=log, stderr=log))
            return started[-1]

        yield spawn
        for each in started:
            each.kill()
            each.wait()
