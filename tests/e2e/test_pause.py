"""A run that the rep pauses, comes back to, resumes and cancels; told the same in the popup and on the page."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.chromium import Popup
from tests.e2e.rep import Rep, rep_at_work

CONTACTS = 400
DIALOG = "Sync HubSpot contacts"
MODAL = "please stay on this page until it finishes"
PAUSED = "What was read is kept. Resume it in Callbook."
DONE = "Contacts are up to date"
FOCUSED = "document.activeElement.textContent"


@pytest.fixture(scope="module")
def rep(tmp_path_factory: pytest.TempPathFactory, built_extension: Path, chromium: Path) -> Iterator[Rep]:
    folder = tmp_path_factory.mktemp("pause")
    with rep_at_work(folder, built_extension, chromium, "--contacts", str(CONTACTS)) as rep:
        rep.authorize(rep.browser.open(rep.page_url))
        yield rep


@pytest.fixture
def page(rep: Rep) -> Iterator[Page]:
    page = rep.browser.open(rep.page_url)
    yield page
    page.close()


@contextmanager
def standing_run(rep: Rep, page: Page) -> Iterator[Popup]:
    """A full sync that has read some contacts and, within the block, gets no further."""
    popup = rep.browser.click_toolbar_icon(page)
    with rep.portal.hanging("list", skip=1):
        rep.start_sync(popup)
        rep.browser.wait_until(lambda: (rep.get("/api/sync")["run"] or {"read": 0})["read"] > 0, "the first page")
        yield popup


def open_dialog(popup: Popup, button: str | re.Pattern[str]) -> None:
    popup.click("button", button)
    popup.wait_for("dialog", DIALOG)


def test_paused_it_waits_for_the_rep_and_resumed_it_ends_well(rep: Rep, page: Page, tmp_path: Path) -> None:
    with standing_run(rep, page) as popup:
        over_page = rep.browser.surface(page)
        over_page.wait_for_text(MODAL)
        open_dialog(popup, "Sync running")
        popup.screenshot(tmp_path / "running-dialog.png")
        popup.click("button", "Pause")
        popup.wait_for("button", "Paused")
        assert popup.evaluate(FOCUSED) == "Resume"
        popup.screenshot(tmp_path / "paused-dialog.png")
        over_page.wait_for_text(PAUSED)
        over_page.screenshot(tmp_path / "paused-modal.png")
        over_page.click("button", "Got it")
        assert "Sync paused" in over_page.wait_for_text(PAUSED)
        over_page.screenshot(tmp_path / "paused-banner.png")
        popup.close()
    before = rep.runs()[-1]
    rep.wait_swept()
    assert (before.state, rep.runs()[-1].__data__) == ("paused", before.__data__)
    again = rep.browser.click_toolbar_icon(page)
    again.wait_for_text(re.compile(r"Sync paused\s+[\d,]+ of 400 read · since \d"))
    again.wait_for_text(re.compile(r"Paused\s*·\s*Synced"))
    again.screenshot(tmp_path / "paused-strip.png")
    again.click("button", "Resume")
    over_page.wait_for_text(DONE)
    again.wait_for_text(re.compile(r"Synced just now"))
    run = rep.runs()[-1]
    assert (run.id, run.state, run.read) == (before.id, "finished", CONTACTS)
    open_dialog(again, DIALOG)
    again.ask("function () { this.click(); }", "DisclosureTriangle", "Details")
    assert re.search(r"In HubSpot\s+400\s+Read\s+400\s+In Callbook\s+400\s+Unchanged\s+400", again.text())
    again.screenshot(tmp_path / "report-dialog.png")


def test_cancelled_by_keyboard_it_ends_and_the_next_can_begin(rep: Rep, page: Page, tmp_path: Path) -> None:
    with standing_run(rep, page) as popup:
        over_page = rep.browser.surface(page)
        open_dialog(popup, "Sync running")
        for _ in range(12):
            if popup.evaluate(FOCUSED) == "Cancel sync":
                break
            popup.press("Tab")
        popup.press("Enter")
        over_page.wait_for_text("The sync was cancelled")
        popup.wait_for("button", "Sync now")
        assert popup.evaluate(FOCUSED) == "Sync now"
        assert "cancelled" in popup.text()
        popup.screenshot(tmp_path / "cancelled-dialog.png")
    assert rep.runs()[-1].state == "cancelled"
    assert len(rep.cached_properties()) == CONTACTS
    popup.click("button", "Sync now")
    popup.wait_gone("dialog")
    assert rep.wait_synced()["state"] == "finished"
