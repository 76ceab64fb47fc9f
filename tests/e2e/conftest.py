"""What every browser test needs: Chromium, and the extension as it is shipped."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from chromium_on_machine import find_chromium
from tests.widget.server import widget_server

BUILT_EXTENSION = Path(__file__).resolve().parents[2] / "extension" / ".output" / "chrome-mv3"


@pytest.fixture(scope="session")
def chromium() -> Path:
    found = find_chromium(os.environ)
    assert found, "there is no Chromium here; ./scripts/test finds or installs one"
    return found


@pytest.fixture(scope="session")
def built_extension() -> Path:
    assert (BUILT_EXTENSION / "manifest.json").exists(), "the extension is not built; ./scripts/test builds it"
    return BUILT_EXTENSION


@pytest.fixture(scope="module")
def widget_url() -> Iterator[str]:
    """Of the stand-in for RingCentral's widget, in which somebody is signed in."""
    with widget_server() as url:
        yield f"{url}app.html?signedIn=yes"
