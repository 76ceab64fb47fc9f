"""HubSpot's own Python client, unchanged, with nothing but a token and another host."""

from collections.abc import Iterator

import pytest
from hubspot import HubSpot

import hubspot_sandbox
from hubspot_sandbox import RunningSandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    """One for all tests of a module; they make what they change."""
    with hubspot_sandbox.running(contacts=230, seed=11) as running:
        yield running


@pytest.fixture(scope="module")
def client(sandbox: RunningSandbox) -> HubSpot:
    return HubSpot(access_token=sandbox.grant().token, host=sandbox.url)
