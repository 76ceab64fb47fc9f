"""The driver against a small extension of its own: what a green end-to-end test rests on (the click is real, activeTab
comes with it and not otherwise, closed shadow roots are reached, a killed worker is dead) is shown here.
"""

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.chromium import ExtensionBrowser, Notification, extension_browser
from tests.e2e.neutral_page import neutral_pages
from tests.e2e.protocol import DriverTimeout, TargetClosed

MANIFEST = {
    "manifest_version": 3,
    "name": "A small extension",
    "version": "1",
    "action": {"default_popup": "popup.html"},
    "background": {"service_worker": "background.js"},
    "permissions": ["activeTab", "scripting", "notifications"],
    "icons": {"128": "icon.png"},
}
POPUP_HTML = """<!doctype html><meta charset="utf-8"><title>Small</title>
<style>body { width: 300px; height: 590px; }</style>
<button id="put" aria-label="Put on page">+</button>
<button id="late" disabled>Later</button>
<label>Search <input id="field"></label>
<p id="out" role="status"></p>
<script src="popup.js"></script>"""
POPUP_JS = """
const out = document.getElementById('out');
const overlay = () => {
  const host = document.body.appendChild(document.createElement('div'));
  const root = host.attachShadow({ mode: 'closed' });
  root.innerHTML = '<style>b { color: red }</style><div style="position:fixed;left:20px;bottom:20px">' +
    '<b>Over the page</b><button>Got it</button></div>';
  root.querySelector('button').onclick = (event) => {
    document.title = event.isTrusted ? 'really clicked' : 'faked';
    host.remove();
  };
};
document.getElementById('put').onclick = async (event) => {
  const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
  const done = chrome.scripting.executeScript({ target: { tabId: tab.id }, func: overlay });
  out.textContent = await done.then(() => 'put, trusted ' + event.isTrusted, (error) => 'refused: ' + error.message);
};
document.getElementById('field').oninput = (event) => { out.textContent = 'typed ' + event.target.value; };
requestAnimationFrame(() => { document.getElementById('late').disabled = false; });
document.getElementById('late').onclick = () => { out.textContent = 'later'; };
"""
BACKGROUND_JS = (
    """chrome.runtime.onMessage.addListener((message, sender, answer) => { answer('heard ' + message); });"""
)
NOTIFY = """chrome.notifications.create('ring-1',
    { type: 'basic', iconUrl: 'icon.png', title: 'Ada Lovelace', message: 'is calling' }).catch(String)"""


def _png() -> bytes:
    """One grey pixel: https://www.w3.org/TR/png-3/#5DataRep"""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes([0, 128]))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def small_extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small extension")
    (folder / "manifest.json").write_text(json.dumps(MANIFEST), "utf-8")
    (folder / "popup.html").write_text(POPUP_HTML, "utf-8")
    (folder / "popup.js").write_text(POPUP_JS, "utf-8")
    (folder / "background.js").write_text(BACKGROUND_JS, "utf-8")
    (folder / "icon.png").write_bytes(_png())
    return folder


@pytest.fixture(scope="module")
def browser(small_extension: Path, chromium: Path) -> Iterator[ExtensionBrowser]:
    with extension_browser(small_extension, chromium) as running:
        yield running


@pytest.fixture(scope="module")
def page_url() -> Iterator[str]:
    with neutral_pages() as url:
        yield url


def test_a_real_click_opens_the_popup_and_grants_active_tab(browser: ExtensionBrowser, page_url: str) -> None:
    page = browser.open(page_url)
    popup = browser.click_toolbar_icon(page)
    popup.click("button", "Put on page")
    assert "put, trusted true" in popup.wait_for_text("trusted")

    overlay = browser.surface(page)
    assert "Over the page" in overlay.text()
    assert "color" not in overlay.text()
    assert page.get_by_role("button", name="Got it").count() == 0, "the shadow root is closed to the page"
    overlay.click("button", "Got it")
    overlay.wait_gone("button", "Got it")
    assert page.title() == "really clicked"
    popup.wait_closed()


def test_the_popup_in_a_tab_has_no_access_to_the_page(browser: ExtensionBrowser, page_url: str) -> None:
    browser.open(page_url)
    as_tab = browser.open(f"chrome-extension://{browser.extension_id}/popup.html")
    surface = browser.surface(as_tab)
    surface.click("button", "Put on page")
    assert "refused" in surface.wait_for_text("refused")


def test_the_button_belongs_to_the_tab_it_was_pressed_on(browser: ExtensionBrowser, page_url: str) -> None:
    first, second = browser.open(page_url), browser.open(page_url)
    popup = browser.click_toolbar_icon(first)
    popup.click("button", "Put on page")
    popup.wait_for_text("put")
    assert "Over the page" in browser.surface(first).text()
    assert "Over the page" not in browser.surface(second).text()


def test_typing_is_done_key_by_key(browser: ExtensionBrowser, page_url: str) -> None:
    popup = browser.click_toolbar_icon(browser.open(page_url))
    popup.type("textbox", "Search", "Zoé (+1)")
    assert popup.wait_for("textbox", "Search").value == "Zoé (+1)"
    popup.press("Control+a")
    popup.press("Backspace")
    assert popup.wait_until("document.getElementById('out').textContent === 'typed '")
    popup.close()
    assert popup.closed
    with pytest.raises(TargetClosed):
        popup.text()


def test_a_click_waits_until_the_element_can_be_clicked(browser: ExtensionBrowser, page_url: str) -> None:
    popup = browser.click_toolbar_icon(browser.open(page_url))
    popup.click("button", "Later")
    popup.wait_for_text("later")
    with pytest.raises(DriverTimeout, match="it is not there"):
        popup.click("button", "Never", within_s=0.1)
    popup.evaluate("document.getElementById('late').style.visibility = 'hidden'")
    with pytest.raises(DriverTimeout):
        popup.click("button", "Later", within_s=0.1)
    popup.close()


def test_a_covered_element_is_not_clicked(browser: ExtensionBrowser, page_url: str) -> None:
    popup = browser.click_toolbar_icon(browser.open(page_url))
    popup.evaluate("document.body.insertAdjacentHTML('beforeend', '<div style=\"position:fixed;inset:0\">veil</div>')")
    with pytest.raises(DriverTimeout, match="something covers it"):
        popup.click("button", "Later", within_s=0.2)
    popup.close()


def test_the_popup_is_pictured_at_twice_the_density(browser: ExtensionBrowser, page_url: str, tmp_path: Path) -> None:
    popup = browser.click_toolbar_icon(browser.open(page_url))
    png = popup.screenshot(tmp_path / "popup.png").read_bytes()
    assert int.from_bytes(png[16:20]) == 2 * popup.evaluate("innerWidth")
    assert int.from_bytes(png[20:24]) == 2 * popup.evaluate("innerHeight")
    assert popup.evaluate("innerHeight") >= 590
    popup.close()


def test_a_killed_worker_is_dead_and_wakes_anew(browser: ExtensionBrowser, page_url: str) -> None:
    browser.worker().evaluate("globalThis.mark = 1")
    assert browser.worker().evaluate("globalThis.mark") == 1
    popup = browser.click_toolbar_icon(browser.open(page_url))
    browser.kill_worker()
    assert popup.evaluate("chrome.runtime.sendMessage('you')") == "heard you"
    assert browser.worker().evaluate("globalThis.mark ?? null") is None
    browser.kill_worker()
    assert browser.worker().evaluate("globalThis.mark ?? null") is None
    popup.close()


def test_notifications_can_be_read(browser: ExtensionBrowser) -> None:
    browser.record_notifications()
    assert browser.worker().evaluate(NOTIFY) == "ring-1"
    assert browser.notifications() == [Notification("ring-1", "Ada Lovelace", "is calling")]
    assert browser.notification_ids() == ["ring-1"]


def test_a_window_that_opens_by_itself_is_found(browser: ExtensionBrowser, page_url: str) -> None:
    browser.worker().evaluate(f"chrome.windows.create({{ url: '{page_url}?opened', type: 'popup' }}).then(() => 0)")
    opened = browser.wait_for_page(lambda page: page.url.endswith("?opened"))
    opened.get_by_role("heading", name="Customers").wait_for()
    opened.close()
    with pytest.raises(DriverTimeout):
        browser.wait_for_page(lambda page: "never" in page.url, within_s=0.1)
