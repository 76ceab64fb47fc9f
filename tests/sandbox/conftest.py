"""A fresh sandbox for each test, and an authorized client to talk to it."""

from collections.abc import Iterator

import pytest

import hubspot_sandbox
from hubspot_sandbox import RunningSandbox
from tests.sandbox.client import Api


@pytest.fixture
def hubspot() -> Iterator[RunningSandbox]:
    with hubspot_sandbox.running(contacts=60, seed=3) as running:
        yield running


@pytest.fixture
def api(hubspot: RunningSandbox) -> Iterator[Api]:
    api = Api(hubspot.url, hubspot.grant().token)
    yield api
    api.close()


@pytest.fixture
def anonymous(hubspot: RunningSandbox) -> Iterator[Api]:
    api = Api(hubspot.url)
    yield api
    api.close()


@pytest.fixture
def app(hubspot: RunningSandbox) -> Iterator[Api]:
    """The app with a token of its own, installed in the account."""
    hubspot.grant()
    app = Api(hubspot.url, hubspot.grant_app().token)
    yield app
    app.close()
