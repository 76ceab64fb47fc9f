"""A HubSpot sandbox, a fresh database, and people: Alice and Bob are reps of the same portal."""

import base64
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask

import hubspot_sandbox
from callbook import models, sync
from callbook.models import Run, connected
from callbook.settings import Settings
from callbook.web import create_app
from hubspot_sandbox import RunningSandbox
from tests.backend.people import Consenting, Rep, json_of

CONTACTS = 230  # three pages of the list, two of search


@pytest.fixture
def hubspot() -> Iterator[RunningSandbox]:
    with hubspot_sandbox.running(contacts=CONTACTS, seed=11) as sandbox:
        yield sandbox


@pytest.fixture
def environ(tmp_path: Path, hubspot: RunningSandbox) -> dict[str, str]:
    key = base64.b64encode(b"k" * 32).decode()
    return {
        "CALLBOOK_DATABASE_URL": f"sqlite:///{tmp_path}/callbook.db",
        "CALLBOOK_SECRET_KEYS": f"k1:{key}",
        "CALLBOOK_INDEX_LAG_S": "0",
        "HUBSPOT_CLIENT_ID": hubspot.options.client_id,
        "HUBSPOT_CLIENT_SECRET": hubspot.options.client_secret,
        "HUBSPOT_API_URL": hubspot.url,
        "HUBSPOT_APP_URL": hubspot.url,
    }


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
def app(settings: Settings) -> APIFlask:
    models.connect(settings.database_url)
    models.migrate()
    return create_app(settings)


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
