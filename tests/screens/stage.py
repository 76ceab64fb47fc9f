"""One real Chromium with the extension as it is shipped, in which every screen is put into every state: the server's
answers, the extension's storage, the clock, the size and the language's direction are prepared, then the page is
opened in a tab of exactly its own size. Letters are Inter's, so that a picture is the same everywhere.
"""

import base64
import itertools
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Worker, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.e2e.chromium import ExtensionBrowser, chromium_flags
from tests.e2e.stack import ROOT
from tests.screens import prepared
from tests.screens.prepared import Answers
from tests.screens.server import Server

POPUP = (380, 600)
EXTENSION = ROOT / "extension" / ".output" / "chrome-mv3"
PACKAGES = ROOT / "extension" / "node_modules"
FONT = PACKAGES / "@fontsource-variable" / "inter"
SERVER = "http://localhost:8000"  # as the browser knows it, whatever port is free here
SHOWN_WITHIN_MS = 30_000.0
ASKED_FIRST = (
    ("GET", "/api/sync"),
    ("POST", "/api/contacts/search"),
    ("GET", "/api/settings"),
)  # what a popup asks when it opens
THE_SAME_APP = ("popup.html", "sidepanel.html", "options.html", "welcome.html", "signed-in.html")  # and these as well

# A font that is given to the page, and asked for by name wherever the extension's own list of fonts is.
_LETTERS = """((faces) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(':root, .callbook { --font: "Inter" !important; }');
  for (const { source, range } of faces) {
    document.fonts.add(new FontFace('Inter', `url(${source})`, { weight: '100 900', unicodeRange: range }));
  }
  document.adoptedStyleSheets.push(sheet);
  // What is drawn into a page's closed root is looked at like everything else.
  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attachShadow.call(this, { ...options, mode: 'open' });
    root.adoptedStyleSheets.push(sheet);
    return root;
  };
})"""

# The worker lives as long as somebody is attached to it; its clock stands, too.
_STOP_CLOCK = """(now) => {
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) { super(...(given.length === 0 ? [now] : given)); }
    static now() { return now; }
  };
}"""

# One change of storage from any state to any other, so that nothing sees a state between the two. The session first: an
# answer that is still on its way is then nobody's.
_REMEMBER = """async (areas) => {
  for (const [name, wanted] of Object.entries(areas)) {
    const area = chrome.storage[name];
    const gone = Object.keys(await area.get(null)).filter((key) => !(key in wanted));
    await area.set(wanted);
    await area.remove(gone);
  }
}"""

# What only a browser elsewhere, or a person's other language, would bring about. A popup is in no tab of its own.
_SURROUNDINGS = """(({ tab, direction, wordless, offline, silent }) => {
  if (offline) Object.defineProperty(navigator, 'onLine', { get: () => false });
  if (globalThis.chrome?.tabs) chrome.tabs.query = async () => (tab === null ? [] : [{ id: tab, windowId: 1 }]);
  if (globalThis.chrome?.commands) {
    chrome.commands.getAll = async () => [{ name: '_execute_action', shortcut: 'Alt+Shift+C' }];
  }
  if (silent) chrome.runtime.sendMessage = () => new Promise(() => undefined);
  if (!globalThis.chrome?.i18n) return;
  chrome.i18n.getUILanguage = () => 'en-GB'; // a 24-hour clock, wherever this runs
  const getMessage = chrome.i18n.getMessage.bind(chrome.i18n);
  chrome.i18n.getMessage = (name, ...fill) => {
    if (wordless) return '';
    return name === '@@bidi_dir' ? direction : getMessage(name, ...fill);
  };
})"""

_DRAWN = """document.fonts.ready.then(() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))))"""


def nothing(_page: Page) -> None:
    """No step: the state is there as soon as the page is."""


@dataclass(frozen=True)
class Situation:
    """What is so, before a page is opened. `local` and `session` are the extension's storage beyond what follows from
    the answers; `signed_in` false is a browser without a session, `problem` why the last try to reconnect failed;
    `tab` is the one the popup is opened over, if it may be known; `offline` is a computer without a network, `silent` a
    worker that gives no answer.
    """

    answers: Answers = field(default_factory=Answers)
    signed_in: bool = True
    problem: str | None = None
    local: Mapping[str, Any] = field(default_factory=dict)
    session: Mapping[str, Any] = field(default_factory=dict)
    tab: int | None = None
    offline: bool = False
    silent: bool = False


@dataclass(frozen=True)
class View:
    """How it is looked at."""

    page: str = "popup.html"
    size: tuple[int, int] = POPUP
    direction: str = "ltr"
    wordless: bool = False  # as Chromium is now and then: without any word of the extension's
    forced_colours: bool = False


class Stage:
    def __init__(self, browser: ExtensionBrowser, server: Server) -> None:
        self.browser, self.server = browser, server
        self._tokens = (f"token-{number}" for number in itertools.count(1))
        self._stopped: Worker | None = None

    def remember(self, situation: Situation) -> None:
        """The situation, on both sides."""
        token = next(self._tokens)
        self.server.prepare(situation.answers, token)
        known = _known(situation, token) if situation.signed_in else {}
        local = {"server": SERVER, **known.get("local", {}), **situation.local}
        session = {**known.get("session", {}), **situation.session}
        self._worker().evaluate(_REMEMBER, {"local": local, "session": session})

    @contextmanager
    def opened(self, situation: Situation, view: View | None = None) -> Iterator[Page]:
        """The page, when it has heard from the server all that it asks at first."""
        view = view or View()
        self.remember(situation)
        page = self.browser.context.new_page()
        try:
            self._prepare(page, situation, view)
            page.goto(f"chrome-extension://{self.browser.extension_id}/{view.page}")
            if view.page in THE_SAME_APP:
                for method, path in _asked_first(situation):
                    self.server.wait_for(method, path)
            yield page
        finally:
            page.close()

    def badge(self) -> tuple[str, str, str]:
        """Text, colour and tooltip of the toolbar button."""
        colour = self._worker().evaluate("chrome.action.getBadgeBackgroundColor({})")
        text: str = self._worker().evaluate("chrome.action.getBadgeText({})")
        title: str = self._worker().evaluate("chrome.action.getTitle({})")
        return text, "#" + "".join(f"{part:02x}" for part in colour[:3]), title

    def _worker(self) -> Worker:
        """The worker that lives now, with its clock stopped."""
        worker = self.browser.worker()
        if worker is not self._stopped:
            worker.evaluate(_STOP_CLOCK, prepared.NOW.timestamp() * 1000)
            self._stopped = worker
        return worker

    def _stop_clock(self, page: Page) -> None:
        """Playwright does so in all pages there are. One that it missed when it first did, while the browser was
        starting, fails from then on, now and then also after it has loaded again: then it goes.
        """
        try:
            page.clock.set_fixed_time(prepared.NOW)
        except PlaywrightError:
            for each in self.browser.context.pages:
                if each is not page:
                    each.close()
            page.reload()
            page.clock.set_fixed_time(prepared.NOW)

    def version(self) -> str:
        """Of Chromium, whole."""
        browser = self.browser.context.browser
        return browser.version if browser else ""

    def _prepare(self, page: Page, situation: Situation, view: View) -> None:
        width, height = view.size
        page.set_viewport_size({"width": width, "height": height})
        self._stop_clock(page)
        about = {
            "tab": situation.tab,
            "direction": view.direction,
            "wordless": view.wordless,
            "offline": situation.offline,
            "silent": situation.silent,
        }
        page.add_init_script(f"{_SURROUNDINGS}({json.dumps(about)})")
        page.emulate_media(
            color_scheme="light", reduced_motion="reduce", forced_colors="active" if view.forced_colours else "none"
        )


def drawn(page: Page) -> Page:
    """What was asked for is on the screen, and the mouse is out of the way."""
    page.mouse.move(0, 0)
    page.evaluate(_DRAWN)
    return page


def _asked_first(situation: Situation) -> tuple[tuple[str, str], ...]:
    """Of a server that answers; for a run and the connection the worker asks."""
    if not situation.signed_in or situation.answers.away:
        return ()
    return ASKED_FIRST[1:] if situation.silent else ASKED_FIRST


def _known(situation: Situation, token: str) -> dict[str, dict[str, Any]]:
    """What the extension keeps of answers like these, so that the first picture is the last."""
    answers = situation.answers
    session = {
        "state": "signedIn",
        "token": token,
        "expiresAt": "2027-02-19T14:16:00Z",
        "account": prepared.ACCOUNT.model_dump(),
        "problem": situation.problem,
    }
    first = answers.listing(prepared.FIRST_PAGE)
    return {
        "local": {"session": session, "cursor": answers.sync.event, "callsSeenAt": "2026-11-01T00:00:00Z"},
        "session": {
            "sync": answers.sync.model_dump(mode="json"),
            "settings": answers.settings.model_dump(mode="json"),
            "firstPage": first.model_dump(mode="json"),
        },
    }


@contextmanager
def running_stage(extension: Path, chromium: Path, folder: Path) -> Iterator[Stage]:
    with Server().running() as server, sync_playwright() as play:
        browser = ExtensionBrowser(
            play, _launcher(play.chromium.launch_persistent_context, extension, chromium, folder, server.port)
        )
        try:
            browser.context.set_default_timeout(SHOWN_WITHIN_MS)
            yield Stage(browser, server)
        finally:
            browser.context.close()


def _launcher(
    launch: Callable[..., BrowserContext], extension: Path, chromium: Path, folder: Path, port: int
) -> Callable[[], BrowserContext]:
    """English, in UTC; no smoothing that depends on the screen."""
    own = ["--lang=en", "--font-render-hinting=none", "--disable-lcd-text", "--force-color-profile=srgb"]
    own.append(f"--host-resolver-rules=MAP localhost:8000 127.0.0.1:{port},MAP *.example ~NOTFOUND")

    def launched() -> BrowserContext:
        context = launch(
            folder,
            executable_path=chromium,
            headless=False,  # see tests/e2e/chromium.py
            no_viewport=True,
            args=[*chromium_flags(extension, headless=True), *own],
            ignore_default_args=["--disable-extensions"],
            env={**os.environ, "LANGUAGE": "en", "TZ": "UTC"},
        )
        context.add_init_script(f"{_LETTERS}({json.dumps(_faces())})")
        return context

    return launched


def _faces() -> list[dict[str, str]]:
    """Inter's files as the page may load them, each with the letters it has."""
    ranges = json.loads((FONT / "unicode.json").read_text("utf-8"))
    faces = []
    for subset in ("latin", "latin-ext"):
        content = (FONT / "files" / f"inter-{subset}-wght-normal.woff2").read_bytes()
        source = f"data:font/woff2;base64,{base64.b64encode(content).decode()}"
        faces.append({"source": source, "range": ranges[subset]})
    return faces
