"""Ways in that lead nowhere: each ends where the rep can read why and try again, and the next try works."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from callbook.sealing import challenge_of, new_secret
from callbook.settings import PINNED_EXTENSION_ID
from tests.e2e.chromium import LATER, USUAL, Popup
from tests.e2e.rep import DANA, Rep, know_server, rep_at_work
from tests.e2e.stack import free_port

SAM = "Sam Ortiz, sales rep with App Marketplace access"
ROBIN = "Robin Vale, sales rep without App Marketplace access"
REFUSED = "HubSpot did not let you connect"
CLOSED = "The HubSpot window was closed"
TAB_CLOSED = "The HubSpot tab was closed"
NOT_HERE = "This sign-in was not started here"
CONNECTED = "Connected to brightmoor-supply.example"
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


# --- in a tab


def test_a_tab_does_where_the_window_does_not(rep: Rep, page: Page) -> None:
    tab = _consent_tab(rep, page)
    popup = rep.browser.click_toolbar_icon(page)
    popup.wait_for("button", WAITING)
    popup.wait_for_text("Continue in the tab that has opened.")
    popup.close()
    _allow_in(tab)
    tab.get_by_text(CONNECTED).wait_for()
    tab.get_by_text("You can close this tab.").wait_for()
    assert tab.url == _page_of(rep, "signed-in.html")
    tab.reload()
    tab.get_by_text(CONNECTED).wait_for()
    rep.wait_signed_in()
    rep.wait_synced()
    rep.browser.click_toolbar_icon(page).wait_for_text(re.compile(r"All\s+20"))


def test_a_worker_that_died_meanwhile_still_takes_what_the_tab_brings(rep: Rep, page: Page) -> None:
    tab = _consent_tab(rep, page)
    rep.browser.kill_worker()
    _allow_in(tab)
    tab.get_by_text(CONNECTED).wait_for()
    rep.wait_signed_in()


def test_a_refusal_is_told_in_the_tab_with_the_message_for_the_admin(rep: Rep, page: Page) -> None:
    tab = _consent_tab(rep, page)
    _be_refused(tab)
    tab.get_by_role("link", name="Back to the app").click()
    tab.get_by_text(REFUSED).wait_for()
    tab.get_by_role("button", name="Copy message for your admin").wait_for()
    popup = _popup_that_says(rep, page, REFUSED)
    _allow_and_see_contacts(rep, page, popup, DANA)


def test_a_tab_that_was_closed_is_told_and_the_next_try_works(rep: Rep, page: Page) -> None:
    _consent_tab(rep, page).close()
    popup = _popup_that_says(rep, page, TAB_CLOSED)
    assert WAITING not in popup.text()
    _allow_and_see_contacts(rep, page, popup, DANA)


def test_while_a_tab_is_open_another_way_in_may_be_tried(rep: Rep, page: Page) -> None:
    first = _consent_tab(rep, page)
    second = _consent_tab(rep, page, beside=first)
    _allow_in(first)
    first.get_by_text(NOT_HERE).wait_for()
    popup = rep.browser.click_toolbar_icon(page)
    popup.click("button", WAITING)
    window = rep.browser.wait_for_page(lambda one: "/oauth/authorize" in one.url and one is not second)
    rep.allow(window)
    rep.wait_signed_in()


def test_a_link_that_somebody_has_sent_signs_nobody_in(rep: Rep, page: Page) -> None:
    """Whoever consents behind it is led to their own browser's Callbook, which has not asked."""
    page.goto(_start_of_a_stranger(rep))
    _allow_in(page)
    page.get_by_text(NOT_HERE).wait_for()
    assert page.url == _page_of(rep, "signed-in.html")
    assert rep.stored("local", "session")["state"] == "signedOut"


@pytest.mark.parametrize("brought", ["code", "error"])
def test_a_page_that_brings_an_answer_of_its_own_changes_nothing(rep: Rep, page: Page, brought: str) -> None:
    """Login CSRF: the rep would look at an attacker's contacts, and tell them their calls."""
    tab = _consent_tab(rep, page)
    attack = f"{_page_of(rep, 'signed-in.html')}#for={challenge_of(new_secret())}&{brought}=consent_denied"
    page.evaluate("(where) => location.assign(where)", attack)
    page.get_by_text(NOT_HERE).wait_for()
    assert _is_authorizing(rep)
    _allow_in(tab)
    tab.get_by_text(CONNECTED).wait_for()


def test_no_page_can_lay_itself_over_ours(rep: Rep, page: Page) -> None:
    inside = page.evaluate_handle(
        """(where) => new Promise((loaded) => {
          const frame = document.createElement('iframe');
          frame.onload = () => loaded(frame);
          frame.src = where;
          document.body.append(frame);
        })""",
        _page_of(rep, "signed-in.html"),
    ).as_element()
    frame = inside.content_frame() if inside is not None else None
    assert frame is not None
    assert "Authorize" not in frame.content()
    assert frame.url.startswith("chrome-error:")


def _page_of(rep: Rep, name: str) -> str:
    return f"chrome-extension://{rep.browser.extension_id}/{name}"


def _start_of_a_stranger(rep: Rep) -> str:
    challenge = challenge_of(new_secret())
    return f"{rep.stack.callbook_url}/auth/start?challenge={challenge}&extension={PINNED_EXTENSION_ID}&via=tab"


def _consent_tab(rep: Rep, page: Page, *, beside: Page | None = None) -> Page:
    """HubSpot's page after a click on "Open in a tab"."""
    rep.browser.click_toolbar_icon(page).click("button", "Open in a tab")
    tab = rep.browser.wait_for_page(lambda one: "/oauth/authorize" in one.url and one is not beside)
    tab.get_by_role("button", name="Allow").wait_for()
    return tab


def _allow_in(tab: Page) -> None:
    tab.get_by_label(DANA).check()
    tab.get_by_role("button", name="Allow").click()


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
