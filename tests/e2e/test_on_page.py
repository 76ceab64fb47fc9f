"""Modal, banner and end of a sync on the rep's own page: only where the popup was opened, once, styled whatever the
page does, back after a reload, gone for good on another origin.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from playwright.sync_api import Page

from tests.e2e.rep import Rep, changes_of, rep_at_work, watch
from tests.e2e.surface import Surface

CONTACTS = 1_500  # slow answers make a full sync of so many last 12 s, if it is not let go before
MODAL = "please stay on this page until it finishes"
BANNER = "Please stay on this page until it is done."
DONE = "Contacts are up to date"
PROGRESS = re.compile(r"[\d,]+ of 1,500")
OVERLAYS = "document.querySelectorAll('callbook-overlay').length"
LOOK = """function () {
  const style = getComputedStyle(this);
  const names = ['display', 'width', 'padding', 'color', 'backgroundColor', 'borderRadius', 'fontFamily', 'fontSize',
    'direction', 'textAlign'];
  return names.map((name) => style[name]);
}"""
PLACE = "function () { const { left, bottom } = this.getBoundingClientRect(); return [left, innerHeight - bottom]; }"

# All that a page can see of what is on it: its globals, its sheets, how its own elements look, what can be read on it.
SEEN_BY_PAGE = """() => {
  const names = ['font', 'color', 'backgroundColor', 'display', 'direction', 'overflow', 'pointerEvents', 'width'];
  const look = (one) => names.map((name) => getComputedStyle(one)[name]).join(' ');
  return {
    globals: Object.keys(window).toSorted(),
    sheets: document.styleSheets.length + document.adoptedStyleSheets.length,
    look: [...document.querySelectorAll('html, body, body *')].map(look),
    words: document.documentElement.innerText,
    title: document.title,
  };
}"""
OVERLAY_BY_PAGE = """() => {
  const { shadowRoot, childNodes, attributes } = document.querySelector('callbook-overlay');
  return [shadowRoot, childNodes.length, attributes.length];
}"""


@pytest.fixture(scope="module")
def rep(tmp_path_factory: pytest.TempPathFactory, built_extension: Path, chromium: Path) -> Iterator[Rep]:
    """A rep after the first sync."""
    folder = tmp_path_factory.mktemp("on page")
    with rep_at_work(folder, built_extension, chromium, "--contacts", str(CONTACTS)) as rep:
        rep.authorize(rep.browser.open(rep.page_url))
        yield rep


@pytest.fixture(autouse=True)
def tidy(rep: Rep) -> Iterator[None]:
    """Each test begins with one empty tab and nothing running."""
    *others, last = rep.browser.context.pages
    for page in others:
        page.close()
    last.goto("about:blank")
    rep.browser.console.clear()
    yield
    rep.wait_synced()


@contextmanager
def full_sync_on(rep: Rep, page: Page) -> Iterator[Surface]:
    """A full sync started over this page and kept going in the block; then it may end."""
    popup = rep.browser.click_toolbar_icon(page)
    with rep.portal.hanging("list", skip=1):
        rep.start_sync(popup)
        popup.close()
        yield rep.browser.surface(page)


def test_the_modal_then_the_banner_then_the_end(rep: Rep) -> None:
    page = rep.browser.open(rep.page_url)
    with full_sync_on(rep, page) as over_page:
        assert "Full sync of" in over_page.wait_for_text(MODAL)
        over_page.wait_for_text(PROGRESS)
        assert over_page.evaluate("document.activeElement.localName") == "callbook-overlay"
        over_page.click("button", "Got it")
        banner = over_page.wait_for_text(BANNER)
        assert MODAL not in banner
        assert PROGRESS.search(banner)
        left_px, below_px = over_page.ask(PLACE, "region", "Syncing contacts")
        assert 0 < left_px < 40
        assert 0 < below_px < 40
    over_page.wait_for_text(DONE)
    assert "1,500 read in" in over_page.wait_for_text("0 added")
    over_page.wait_until(f"{OVERLAYS} === 0")
    its_own = f"run:{rep.wait_synced()['id']}"
    rep.browser.wait_until(lambda: its_own in rep.browser.notification_ids(), "a notification of the end")


def test_the_page_sees_an_empty_element_and_nothing_else_of_ours(rep: Rep) -> None:
    page = rep.browser.open(rep.page_url)
    before = page.evaluate(SEEN_BY_PAGE)
    with full_sync_on(rep, page) as over_page:
        over_page.wait_for_text(MODAL)
        assert page.evaluate(OVERLAY_BY_PAGE) == [None, 0, 0]
        assert page.evaluate(SEEN_BY_PAGE) == before
        over_page.click("button", "Got it")
        over_page.wait_for_text(BANNER)
        assert page.evaluate(SEEN_BY_PAGE) == before
    over_page.wait_for_text(DONE)


def test_before_the_sync_the_popup_alone_leaves_the_page_as_it_was(rep: Rep) -> None:
    page = watch(rep.browser.open(rep.page_url))
    popup = rep.browser.click_toolbar_icon(page)
    popup.wait_for_text("Synced")
    popup.close()
    assert changes_of(page) == []


def test_no_other_page_is_ever_written_on(rep: Rep) -> None:
    other_tab = watch(rep.browser.open(f"{rep.page_url}orders"))
    rep.browser.worker().evaluate(f"chrome.windows.create({{ url: '{rep.page_url}invoices' }}).then(() => null)")
    other_window = rep.browser.wait_for_page(lambda page: page.url.endswith("/invoices"))
    other_window.wait_for_load_state()
    watch(other_window)
    with full_sync_on(rep, rep.browser.open(rep.page_url)) as over_page:
        over_page.wait_for_text(PROGRESS)
        other_tab.bring_to_front()
        other_tab.reload()
        watch(other_tab)
    over_page.wait_for_text(DONE)
    assert changes_of(other_tab) == []
    assert changes_of(other_window) == []
    assert other_tab.evaluate(OVERLAYS) == 0


def test_escape_turns_the_modal_into_the_banner(rep: Rep) -> None:
    page = rep.browser.open(rep.page_url)
    with full_sync_on(rep, page) as over_page:
        over_page.wait_for_text(MODAL)
        over_page.press("Escape")
        assert MODAL not in over_page.wait_for_text(BANNER)
        assert over_page.elements("dialog") == []


def test_it_comes_back_once_after_a_reload_and_on_the_next_page_of_the_site(rep: Rep) -> None:
    page = rep.browser.open(rep.page_url)
    with full_sync_on(rep, page) as over_page:
        over_page.wait_for_text(MODAL)
        page.reload()
        over_page.wait_for_text(MODAL)
        assert page.evaluate(OVERLAYS) == 1
        over_page.click("button", "Got it")
        over_page.wait_for_text(BANNER)
        page.goto(f"{rep.page_url}customers")
        assert MODAL not in over_page.wait_for_text(BANNER)
        over_page.wait_for_text(PROGRESS)
        over_page.wait_until(f"{OVERLAYS} === 1")
    over_page.wait_for_text(DONE)
    assert page.evaluate(OVERLAYS) == 1


def test_on_another_origin_it_is_gone_and_nothing_complains(rep: Rep) -> None:
    page = rep.browser.open(rep.page_url)
    with full_sync_on(rep, page) as over_page:
        over_page.wait_for_text(MODAL)
        page.goto(_elsewhere(rep))
        rep.browser.wait_until(lambda: not _is_placed(rep), "the page to be given up")
        assert page.evaluate(OVERLAYS) == 0
        page.goto(rep.page_url)
        popup = rep.browser.click_toolbar_icon(page)
        popup.wait_for("button", "Show on this page")
        assert page.evaluate(OVERLAYS) == 0
        popup.close()
    rep.wait_synced()
    assert page.evaluate(OVERLAYS) == 0
    rep.browser.worker().evaluate("console.error('the last word')")
    rep.browser.wait_until(lambda: rep.browser.console, "the worker's console")
    assert rep.browser.console == ["error: the last word"]


def test_another_tab_can_take_it_over_and_shows_it_styled_whatever_the_page_does(rep: Rep) -> None:
    with full_sync_on(rep, rep.browser.open(rep.page_url)) as over_page:
        over_page.wait_for_text(MODAL)
        ordinary = _looks(over_page)
        over_strict = _show_on(rep, rep.browser.open(f"{rep.page_url}strict"))
        assert _looks(over_strict) == ordinary
        over_page.wait_until(f"{OVERLAYS} === 0")
        over_bare = _show_on(rep, rep.browser.open(f"{rep.page_url}bare"))
        assert _looks(over_bare) == ordinary
        over_strict.wait_until(f"{OVERLAYS} === 0")
        over_rtl = _show_on(rep, rep.browser.open(f"{rep.page_url}rtl"))
        assert _looks(over_rtl) == ordinary
        over_rtl.click("button", "Got it")
        left_px, below_px = over_rtl.ask(PLACE, "region", "Syncing contacts")
        assert 0 < left_px < 40
        assert 0 < below_px < 40
    over_rtl.wait_for_text(DONE)


def test_on_a_page_with_shortcuts_of_its_own_our_keys_work_and_stay_ours(rep: Rep) -> None:
    """Whoever listened on the window before us hears that a key was pressed in something of ours, and nothing more."""
    page = rep.browser.open(f"{rep.page_url}keys")
    with full_sync_on(rep, page) as over_page:
        over_page.wait_for_text(MODAL)
        over_page.press("Escape")
        assert MODAL not in over_page.wait_for_text(BANNER)
        over_other = _show_on(rep, rep.browser.open(f"{rep.page_url}keys"))
        over_other.press("Enter")
        assert MODAL not in over_other.wait_for_text(BANNER)
        for surface in (over_page, over_other):
            assert set(surface.evaluate("heard.filter((key) => key.includes('keydown'))")) == {
                "first: keydown in CALLBOOK-OVERLAY"
            }
        over_other.press("k")
        assert "window: keydown in BODY" in over_other.evaluate("heard")


def test_on_a_page_that_keeps_every_key_from_everybody_the_mouse_is_left(rep: Rep) -> None:
    """Nothing that is put on a page hears a key that its window has stopped; the popup tells the same."""
    page = rep.browser.open(f"{rep.page_url}deaf")
    with full_sync_on(rep, page) as over_page:
        over_page.wait_for_text(MODAL)
        over_page.press("Escape")
        over_page.press("Enter")
        assert MODAL in over_page.text()
        over_page.click("button", "Got it")
        assert MODAL not in over_page.wait_for_text(BANNER)


def test_what_a_page_has_removed_comes_back_as_it_was(rep: Rep) -> None:
    page = rep.browser.open(rep.page_url)
    with full_sync_on(rep, page) as over_page:
        over_page.wait_for_text(MODAL)
        page.evaluate("document.querySelector('callbook-overlay').remove()")
        over_page.wait_for_text(MODAL)
        over_page.wait_until("document.activeElement.localName === 'callbook-overlay'")
        assert over_page.ask("function () { return this.matches(':modal'); }", "dialog", re.compile(MODAL))
        assert page.evaluate(OVERLAYS) == 1


def test_a_page_that_removes_it_again_and_again_is_left_alone_and_the_popup_says_so(rep: Rep) -> None:
    page = rep.browser.open(f"{rep.page_url}tidy")
    with full_sync_on(rep, page):
        rep.browser.wait_until(lambda: not _is_placed(rep), "the page to be given up")
        popup = rep.browser.click_toolbar_icon(page)
        popup.wait_for_text("This page cannot show the progress.")
        popup.wait_for_text(PROGRESS)
        popup.close()
    assert page.evaluate(OVERLAYS) == 0


def test_after_an_update_nothing_old_stays_on_the_page_and_nothing_stands_twice(rep: Rep) -> None:
    page = rep.browser.open(rep.page_url)
    with full_sync_on(rep, page) as over_page:
        over_page.wait_for_text(MODAL)
        rep.browser.restart_extension()
        again = _show_on(rep, page)
        assert page.evaluate(OVERLAYS) == 1
        again.click("button", "Got it")
        again.wait_for_text(BANNER)
        rep.browser.worker().evaluate("chrome.storage.session.set({ updateReady: '9.9.9' })")
        with rep.browser.restarting():
            rep.browser.click_toolbar_icon(page).click("button", "Restart")
        again.wait_until(f"{OVERLAYS} === 0")


def test_where_a_page_cannot_be_written_on_the_popup_says_so(rep: Rep) -> None:
    page = rep.browser.open("chrome://version/")
    popup = rep.browser.click_toolbar_icon(page)
    with rep.portal.hanging("list", skip=1):
        rep.start_sync(popup)
        popup.wait_for_text("This page cannot show the progress.")
        popup.wait_for_text(PROGRESS)
    assert rep.browser.console == []


def _show_on(rep: Rep, page: Page) -> Surface:
    rep.browser.click_toolbar_icon(page).click("button", "Show on this page")
    over_page = rep.browser.surface(page)
    over_page.wait_for_text(MODAL)
    return over_page


def _is_placed(rep: Rep) -> bool:
    placement = rep.stored("session", "placement")
    return placement is not None and placement["tabId"] is not None


def _elsewhere(rep: Rep) -> str:
    """The same server, another origin."""
    parts = urlsplit(rep.page_url)
    return urlunsplit(parts._replace(netloc=f"localhost:{parts.port}"))


def _looks(surface: Surface) -> list[object]:
    """How dialog, heading and button are drawn."""
    title = re.compile(MODAL)
    found = (("dialog", title), ("heading", title), ("button", "Got it"))
    return [surface.ask(LOOK, role, name) for role, name in found]
