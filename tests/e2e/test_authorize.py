"""Ways in that lead nowhere: each ends where the rep can read why and try again, and the next try works."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.chromium import LATER, USUAL, Popup
from tests.e2e.rep import DANA, Rep, know_server, rep_at_work
from tests.e2e.stack import free_port

SAM = "Sam Ortiz, sales rep with App Marketplace access"
ROBIN = "Robin Vale, sales rep without App Marketplace access"
REFUSED = "HubSpot did not let you connect"
CLOSED = "The HubSpot window was closed"
INTERRUPTED = "The sign-in was interrupted"
SOON_S = 5.0
WAITING = "Waiting for HubSpot"


@pytest.fixture(scope="module")
def rep(tmp_path_factory: pytest.TempPathFactory, built_extension: Path, chromium: Path) -> Iterator[Rep]:
    """A rep who has not authorized."""
    folder = tmp_path_factory.mktemp("authorize")
    with rep_at_work(folder, built_extension, chromium, "--contacts", "20") as rep:
        yield rep


@pytest.fixture
def page(rep: Rep) -> Iterator[Page]:
    """An ordinary page; after the test nobody is signed in any more, and no other window is open."""
    page = rep.browser.open(rep.page_url)
    yield page
    for other in rep.browser.context.pages[1:]:
        other.close()
    rep.browser.wait_until(lambda: not _is_authorizing(rep), "the sign-in to end")
    rep.browser.worker().evaluate("chrome.storage.session.clear()")
    rep.browser.worker().evaluate("chrome.storage.local.set({ session: { state: 'signedOut', problem: null } })")
    rep.browser.worker().evaluate(USUAL)
    know_server(rep, rep.stack.callbook_url)


def _is_authorizing(rep: Rep) -> bool:
    session = rep.stored("local", "session")
    return session is not None and session["state"] == "authorizing"


def _deny(window: Page) -> None:
    with window.expect_event("close"):
        window.get_by_role("button", name="Deny").click()


def _be_refused_and_go_back(window: Page) -> None:
    _be_refused(window)
    with window.expect_event("close"):
        window.get_by_role("link", name="Back to the app").click()


def _be_refused_and_close(window: Page) -> None:
    _be_refused(window)
    window.close()


def _be_refused(window: Page) -> None:
    window.get_by_label(ROBIN).check()
    window.get_by_role("button", name="Allow").click()
    window.get_by_role("heading", name="You don't have permission to install this app").wait_for()


@pytest.mark.parametrize(
    ("leave", "told"),
    [
        pytest.param(_deny, REFUSED, id="consent denied"),
        pytest.param(_be_refused_and_go_back, REFUSED, id="may not install, goes back"),
        pytest.param(_be_refused_and_close, CLOSED, id="may not install, closes the window"),
        pytest.param(Page.close, CLOSED, id="window closed"),
    ],
)
def test_a_way_in_that_ended_is_told_and_the_next_try_works(
    rep: Rep, page: Page, leave: Callable[[Page], None], told: str
) -> None:
    leave(rep.consent_window(rep.browser.click_toolbar_icon(page)))
    popup = _popup_that_says(rep, page, told)
    assert WAITING not in popup.text()
    offered = popup.elements("button", "Copy message for your admin")
    assert bool(offered) == (told == REFUSED)
    _allow_and_see_contacts(rep, page, popup, DANA)


def test_a_rep_who_may_install_gets_in(rep: Rep, page: Page) -> None:
    _allow_and_see_contacts(rep, page, rep.browser.click_toolbar_icon(page), SAM)


def test_while_the_window_is_open_the_popup_waits_and_a_second_click_opens_no_second_window(
    rep: Rep, page: Page
) -> None:
    window = rep.consent_window(rep.browser.click_toolbar_icon(page))
    popup = rep.browser.click_toolbar_icon(page)
    popup.click("button", WAITING)
    popup.wait_for_text("Continue in the window that HubSpot opened.")
    popup.close()
    assert sum("/oauth/authorize" in one.url for one in rep.browser.context.pages) == 1
    rep.allow(window)
    rep.wait_signed_in()


def test_a_server_that_does_not_answer_is_told_and_works_when_it_does(rep: Rep, page: Page) -> None:
    know_server(rep, f"http://127.0.0.1:{free_port()}")
    popup = rep.browser.click_toolbar_icon(page)
    popup.click("button", "Authorize")
    popup.wait_for_text("No Callbook server answers at the address in Settings.")
    popup.wait_for("button", "Authorize")
    popup.click("button", "More")
    popup.click("menuitem", "Settings")
    popup.wait_for_text("Not reachable")
    popup.rewrite("textbox", "Server address", rep.stack.callbook_url)
    popup.wait_for_text("Reachable")
    popup.press("Enter")
    popup.wait_gone("button", "Save")
    popup.click("button", "Back")
    _allow_and_see_contacts(rep, page, popup, DANA)


def test_after_the_worker_was_killed_the_popup_says_so_at_once(rep: Rep, page: Page) -> None:
    rep.consent_window(rep.browser.click_toolbar_icon(page))
    rep.browser.worker().evaluate(LATER)
    rep.browser.kill_worker()
    _popup_that_says(rep, page, INTERRUPTED)


def test_after_the_worker_was_killed_a_click_names_the_window_that_is_still_open(rep: Rep, page: Page) -> None:
    """Chromium allows one such window at a time, and the dead worker's stays."""
    rep.consent_window(rep.browser.click_toolbar_icon(page))
    rep.browser.kill_worker()
    popup = rep.browser.click_toolbar_icon(page)
    popup.click("button", re.compile(f"^(Authorize|{WAITING})$"))
    popup.wait_for_text(re.compile("window (is|was) still open", re.IGNORECASE), within_s=SOON_S)


def test_after_the_worker_was_killed_and_the_window_closed_the_next_try_works(rep: Rep, page: Page) -> None:
    window = rep.consent_window(rep.browser.click_toolbar_icon(page))
    rep.browser.kill_worker()
    window.close()
    popup = _popup_that_says(rep, page, INTERRUPTED)
    assert WAITING not in popup.text()
    _allow_and_see_contacts(rep, page, popup, DANA)


def test_after_the_worker_was_killed_the_old_window_connects_nothing(rep: Rep, page: Page) -> None:
    window = rep.consent_window(rep.browser.click_toolbar_icon(page))
    rep.browser.kill_worker()
    window.get_by_role("button", name="Allow").click()
    popup = _popup_that_says(rep, page, INTERRUPTED)
    window.close()
    _allow_and_see_contacts(rep, page, popup, DANA)


def _popup_that_says(rep: Rep, page: Page, words: str) -> Popup:
    popup = rep.browser.click_toolbar_icon(page)
    popup.wait_for_text(words, within_s=SOON_S)
    popup.wait_for("button", "Authorize")
    return popup


def _allow_and_see_contacts(rep: Rep, page: Page, popup: Popup, person: str) -> None:
    rep.allow(rep.consent_window(popup), person)
    rep.wait_signed_in()
    rep.wait_synced()
    rep.browser.click_toolbar_icon(page).wait_for_text(re.compile(r"All\s+20"))
