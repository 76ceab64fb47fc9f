"""One account for all facts that need only the API, and a sandbox of its own for each that needs a hand behind it."""

from collections.abc import Iterator

import pytest

from tests.sandbox.contract.account import HUBSPOT, REAL_TOKEN, Account, a_sandbox


@pytest.fixture(scope="session")
def account() -> Iterator[Account]:
    if not REAL_TOKEN:
        with a_sandbox() as sandboxed:
            yield sandboxed
        return
    real = Account(HUBSPOT, REAL_TOKEN, None)
    yield real
    real.close()


@pytest.fixture
def steered(request: pytest.FixtureRequest) -> Iterator[Account]:
    """An account whose clock, faults, limits and pages the test holds in its hand; `with_options` sets it up."""
    if REAL_TOKEN:
        pytest.skip("needs a hand behind the account (clock, faults, limits, what people do in HubSpot's pages)")
    with a_sandbox(**getattr(request, "param", {})) as sandboxed:
        yield sandboxed
