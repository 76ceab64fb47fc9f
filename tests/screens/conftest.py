"""One stage for all screens."""

import os
from collections.abc import Iterator

import pytest

from chromium_on_machine import find_chromium
from tests.screens.stage import EXTENSION, Stage, running_stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    chromium = find_chromium(os.environ)
    assert chromium, "there is no Chromium here; ./scripts/test finds or installs one"
    assert (EXTENSION / "manifest.json").exists(), "the extension is not built; ./scripts/test builds it"
    with running_stage(EXTENSION, chromium, tmp_path_factory.mktemp("stage")) as running:
        yield running
