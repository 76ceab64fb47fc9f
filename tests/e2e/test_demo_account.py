"""The demo account, in a build that names a server for it: tried from the first screen, and left without a trace."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.chromium import extension_browser
from tests.e2e.neutral_page import neutral_pages
from tests.e2e.portal import Portal
from tests.e2e.rep import QUICK, Rep, know_server
from tests.e2e.stack import ROOT, free_port, running_stack

BUILD_WITHIN_S = 300
EXTENSION = ROOT / "extension"
NOT_SOURCES = shutil.ignore_patterns("node_modules", ".output", ".wxt", "coverage")


def built_for_demo(folder: Path, server: str) -> Path:
    """The extension, built apart from the one that every other test has."""
    shutil.copytree(EXTENSION, folder, ignore=NOT_SOURCES)
    (folder / "node_modules").symlink_to(EXTENSION / "node_modules")
    environment = {**os.environ, "CALLBOOK_DEMO_SERVER": server}
    subprocess.run(["npm", "run", "build"], cwd=folder, env=environment, check=True, timeout=BUILD_WITHIN_S)  # noqa: S607 - the one of ./scripts/test
    return folder / ".output" / "chrome-mv3"


@pytest.fixture(scope="module")
def rep(tmp_path_factory: pytest.TempPathFactory, chromium: Path) -> Iterator[Rep]:
    """A rep whose company's server does not answer, and who may look at a demo."""
    folder = tmp_path_factory.mktemp("demo-account")
    with (
        running_stack(folder / "stack", sandbox=("--contacts", "20"), settings=QUICK) as stack,
        closing(Portal(stack.sandbox_url)) as portal,
        neutral_pages() as page_url,
        extension_browser(built_for_demo(folder / "extension", stack.callbook_url), chromium) as browser,
        closing(Rep(stack, portal, browser, page_url)) as rep,
    ):
        yield rep


def test_the_demo_is_tried_and_left_for_the_server_of_before(rep: Rep) -> None:
    own = f"http://127.0.0.1:{free_port()}"
    know_server(rep, own)
    page = rep.browser.open(rep.page_url)
    popup = rep.browser.click_toolbar_icon(page)
    popup.click("button", "Use the demo account")
    window = rep.browser.wait_for_page(lambda one: "/oauth/authorize" in one.url)
    rep.allow(window)
    rep.wait_signed_in()
    rep.wait_synced()
    assert rep.stored("local", "server") == rep.stack.callbook_url

    popup = rep.browser.click_toolbar_icon(page)
    popup.wait_for_text("Demo account")
    popup.wait_for_text(re.compile(r"All\s+20"))
    popup.click("button", "More")
    popup.click("menuitem", "Settings")
    popup.click("button", "Unauthorize")
    popup.wait_for("alertdialog", "Unauthorize HubSpot?")
    popup.click("button", "Unauthorize")
    popup.wait_gone("alertdialog")
    rep.browser.wait_until(lambda: rep.stored("local", "server") == own, "the server of before")
    popup.click("button", "Back")
    popup.wait_for("button", "Use the demo account")


def test_a_demo_window_that_was_closed_leaves_ones_own_server(rep: Rep) -> None:
    own = f"http://127.0.0.1:{free_port()}"
    know_server(rep, own)
    page = rep.browser.open(rep.page_url)
    rep.browser.click_toolbar_icon(page).click("button", "Use the demo account")
    rep.browser.wait_for_page(lambda one: "/oauth/authorize" in one.url).close()
    rep.browser.click_toolbar_icon(page).wait_for_text("The HubSpot window was closed")
    rep.browser.wait_until(lambda: rep.stored("local", "server") == own, "the server of before")
