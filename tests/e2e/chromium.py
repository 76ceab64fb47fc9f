"""Real Chromium with the unpacked extension in it, driven from outside as a person drives it: the toolbar button is
pressed (which alone grants activeTab), the popup is a popup. Branded Chrome ignores --load-extension; Chromium and
Chrome for Testing do not.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright, Worker, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.e2e.protocol import DriverTimeout, NestedChannel, PageChannel
from tests.e2e.surface import WAIT_S, Surface

START_WITHIN_S = 30.0
TICK = "chrome.alarms.create('callbook-tick', { %s, periodInMinutes: 0.5 })"
LATER, USUAL = TICK % "delayInMinutes: 30", TICK % "delayInMinutes: 0.5"  # when the extension's alarm goes off next
MOST_LAYERS, CLOSED_WITHIN_S = 4, 2.0  # what may lie over one another in a popup, and how soon one goes
TURN_S = 0.01
WINDOW = "1280,900"
# In physical pixels. Without it the headless screen is 800x600, which cuts popups off.
SCREEN = "{3200x2400 devicePixelRatio=2}"
Found = TypeVar("Found")

# `notifications.getAll` tells ids only, so what was really created is written down.
_RECORD_NOTIFICATIONS = """(() => {
  if (globalThis.__shown) return;
  const shown = (globalThis.__shown = []);
  const create = chrome.notifications.create.bind(chrome.notifications);
  chrome.notifications.create = (...given) => {
    const options = given.find((one) => typeof one === 'object') ?? {};
    const id = typeof given[0] === 'string' ? given[0] : '';
    const made = create(...given);
    made.then(() => shown.push({ id, title: options.title ?? '', message: options.message ?? '' }), () => undefined);
    return made;
  };
})()"""


@dataclass(frozen=True)
class Notification:
    id: str
    title: str
    message: str


class Popup(Surface):
    """The extension's popup over a page. A click on the page closes it, as it does a person's."""

    def close(self) -> None:
        """Escape, as a person would: each closes what is uppermost, a dialog before the popup."""
        for _ in range(MOST_LAYERS):
            if self.closed:
                return
            self.press("Escape")
            with suppress(DriverTimeout):
                self.wait_closed(within_s=CLOSED_WITHIN_S)
        self.wait_closed()


class Held:
    """Requests of one method that go no further; others to the same address are let through."""

    def __init__(self, browser: "ExtensionBrowser", channel: NestedChannel, method: str) -> None:
        self._browser, self._channel, self._method = browser, channel, method

    def wait(self) -> None:
        """Until there is one."""
        self._browser.wait_until(self._one_is_held, "a request of the worker's to be held")

    def _one_is_held(self) -> bool:
        events, self._channel.events = self._channel.events, []
        paused = [event["params"] for event in events if event["method"] == "Fetch.requestPaused"]
        others = [one for one in paused if one["request"]["method"] != self._method]
        for one in others:
            self._channel.send("Fetch.continueRequest", {"requestId": one["requestId"]})
        return len(others) < len(paused)


class ExtensionBrowser:
    """A running browser with one extension. `context` is Playwright's, for ordinary pages."""

    def __init__(self, play: Playwright, launch: Callable[[], BrowserContext]) -> None:
        self.play = play
        self._launch = launch
        self.console: list[str] = []
        self._start()

    def first_run_page(self) -> Page:
        """It opens by itself, once in each profile."""
        return self.wait_for_page(lambda page: page.url == f"{self._origin}welcome.html", within_s=START_WITHIN_S)

    def _start(self) -> None:
        self.context = self._launch()
        if self.context.browser is None:
            raise DriverTimeout("Playwright gave no handle on the browser it started")
        self.context.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        self.context.on("weberror", lambda error: self.console.append(f"uncaught: {error.error}"))
        self.extension_id = _extension_of(self.context)
        self._origin = f"chrome-extension://{self.extension_id}/"
        self._cdp = self.context.browser.new_browser_cdp_session()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Within the block the browser does not run; after it, it does again, with the same profile."""
        self.context.close()
        yield
        self._start()

    # --- pages

    def open(self, url: str) -> Page:
        """A new tab in front, with the page loaded."""
        page = self.context.new_page()
        page.goto(url)
        return page

    def surface(self, page: Page) -> Surface:
        """A page as a person sees it, closed shadow roots included (Playwright's own locators stop at those)."""
        session = self.context.new_cdp_session(page)
        return Surface(PageChannel(session, page.is_closed), page.url)

    def wait_for_page(self, wanted: Callable[[Page], bool], *, within_s: float = WAIT_S) -> Page:
        """An open page, or the next one to open, e.g. the window `launchWebAuthFlow` opens."""

        def found() -> Page | None:
            return next((page for page in self.context.pages if not page.is_closed() and wanted(page)), None)

        return self._until(found, "a page to open", within_s)

    # --- the toolbar button

    def click_toolbar_icon(self, page: Page) -> Popup:
        """Press the extension's button while `page` is in front; the popup, when it has loaded."""
        page.bring_to_front()
        before = set(self._popup_targets())
        self._cdp.send("Extensions.triggerAction", {"id": self.extension_id, "targetId": self._tab_of(page)})
        target_id = self._until(lambda: next(iter(set(self._popup_targets()) - before), None), "a popup", WAIT_S)
        popup = Popup(NestedChannel(self._cdp, target_id), "the popup")
        popup.wait_until(f"location.href.startsWith('{self._origin}') && document.readyState === 'complete'")
        return popup

    def side_panel(self) -> Popup:
        """The side panel, once it has been opened and has loaded."""
        url = f"{self._origin}sidepanel.html"

        def found() -> str | None:
            return next((one["targetId"] for one in self._targets() if one["url"] == url), None)

        panel = Popup(NestedChannel(self._cdp, self._until(found, "the side panel", WAIT_S)), "the side panel")
        panel.wait_until("document.readyState === 'complete'")
        return panel

    # --- the background worker

    def worker(self) -> Worker:
        """The extension's service worker, woken up if it is not alive."""
        if not self._worker_alive():
            with self._service_workers() as channel:
                channel.send("ServiceWorker.startWorker", {"scopeURL": self._origin})
            self._until(self._worker_alive, "the service worker to start", START_WITHIN_S)
        return self._until(self._known_worker, "the service worker", START_WITHIN_S)

    def kill_worker(self) -> None:
        """Stop the service worker as Chromium does when it is idle (it does not while Playwright is attached). It may
        be woken again before one looks.
        """
        states: list[str] = []

        def note(told: dict[str, Any]) -> None:
            ours = (one for one in told["versions"] if str(one["scriptURL"]).startswith(self._origin))
            states.extend(one["runningStatus"] for one in ours)

        def stopped() -> bool:
            return not self._worker_alive() or ("stopped" in states and states[-1] != "stopped")

        with self._service_workers() as channel:
            channel.on("ServiceWorker.workerVersionUpdated", note)
            channel.send("ServiceWorker.stopAllWorkers")
            self._until(stopped, "the service worker to stop", WAIT_S)

    def restart_extension(self) -> None:
        """As after an update: what it has on pages is cut off from it."""
        with self.restarting():
            self.worker().evaluate("void setTimeout(() => chrome.runtime.reload())")

    @contextmanager
    def restarting(self) -> Iterator[None]:
        """Something in the block starts the extension again; after it, it has."""
        page = self.open("chrome://extensions/")  # an unpacked one is not started again without developer mode
        page.evaluate("chrome.developerPrivate.updateProfileConfiguration({ inDeveloperMode: true })")
        page.close()
        before = self.worker()
        yield
        self._until(lambda: self._known_worker() not in (None, before), "the extension to start again", START_WITHIN_S)

    @contextmanager
    def holding(self, method: str, path: str, *, stage: str = "Request") -> Iterator[Held]:
        """Within the block, requests of the worker to this path are held on their way there ("Request"), or on their
        way back ("Response").
        """
        self.worker()
        target = next(one["targetId"] for one in self._targets() if self._is_worker(one))
        channel = NestedChannel(self._cdp, target)
        channel.send("Fetch.enable", {"patterns": [{"urlPattern": f"*{path}", "requestStage": stage}]})
        try:
            yield Held(self, channel, method)
        finally:
            channel.detach()  # lets go of what is held, should the worker still live

    def record_notifications(self) -> None:
        """From here until the worker dies, `notifications` knows what was said. Ask again after `kill_worker`."""
        self.worker().evaluate(_RECORD_NOTIFICATIONS)

    def notifications(self) -> list[Notification]:
        """What the extension has shown since `record_notifications`, in order."""
        shown: list[dict[str, str]] = self.worker().evaluate("globalThis.__shown ?? []")
        return [Notification(**one) for one in shown]

    def notification_ids(self) -> list[str]:
        """What stands on the screen now (headless Chromium keeps the list and draws nothing)."""
        return list(self.worker().evaluate("chrome.notifications.getAll()"))

    def call_notifications(self) -> list[str]:
        """Those of calls; the end of the first sync may stand beside them."""
        return [each for each in self.notification_ids() if each.startswith("call:")]

    def worker_runs(self) -> bool:
        """Whether the worker is alive now; asking does not wake it."""
        return self._worker_alive()

    # --- waiting and targets

    def wait_until(self, look: Callable[[], Found | None], what: str, *, within_s: float = WAIT_S) -> Found:
        """What `look` finds, as soon as it finds something, with the browser's events coming in meanwhile."""
        return self._until(look, what, within_s)

    def _until(self, look: Callable[[], Found | None], what: str, within_s: float) -> Found:
        deadline = time.monotonic() + within_s
        while not (found := look()):
            if time.monotonic() > deadline:
                raise DriverTimeout(f"waited {within_s:.0f} s for {what}")
            time.sleep(TURN_S)
            self._cdp.send("Browser.getVersion")  # Playwright hands out events only while a command is under way
        return found

    def _targets(self) -> list[dict[str, Any]]:
        """All targets: without the empty filter, tabs are left out."""
        found: list[dict[str, Any]] = self._cdp.send("Target.getTargets", {"filter": [{}]})["targetInfos"]
        return found

    def _popup_targets(self) -> list[str]:
        """Pages of the extension that are not in a tab, so that Playwright has not attached to them."""
        pages = (one for one in self._targets() if one["type"] == "page" and one["url"].startswith(self._origin))
        return [one["targetId"] for one in pages if not one["attached"]]

    def _tab_of(self, page: Page) -> str:
        """`triggerAction` wants the target of type `tab` around the page and refuses the page itself."""
        tabs = [one["targetId"] for one in self._targets() if one["type"] == "tab" and one["url"] == page.url]
        if len(tabs) == 1:
            return str(tabs[0])
        session = self.context.new_cdp_session(page)
        page_id = session.send("Target.getTargetInfo")["targetInfo"]["targetId"]
        session.detach()
        return str(next(tab for tab in tabs if self._holds(tab, page_id)))

    def _holds(self, tab_id: str, page_id: str) -> bool:
        tab = NestedChannel(self._cdp, tab_id)
        tab.send("Target.setAutoAttach", {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True})
        inside = [one["params"] for one in tab.events if one["method"] == "Target.attachedToTarget"]
        tab.detach()
        return any(one["targetInfo"]["targetId"] == page_id for one in inside)

    def _worker_alive(self) -> bool:
        return any(map(self._is_worker, self._targets()))

    def _is_worker(self, target: dict[str, Any]) -> bool:
        return target["type"] == "service_worker" and str(target["url"]).startswith(self._origin)

    def _known_worker(self) -> Worker | None:
        return next((one for one in reversed(self.context.service_workers) if one.url.startswith(self._origin)), None)

    @contextmanager
    def _service_workers(self) -> Iterator[CDPSession]:
        page = self.context.pages[0] if self.context.pages else self.context.new_page()
        session = self.context.new_cdp_session(page)
        session.send("ServiceWorker.enable")
        yield session
        session.detach()


@contextmanager
def extension_browser(  # noqa: PLR0913 - what is out of the ordinary, all by name
    extension: Path,
    chromium: Path,
    *,
    headless: bool = True,
    profile: Path | None = None,
    beside: ExtensionBrowser | None = None,
    language: str = "en-US",
    keep_first_run: bool = False,
) -> Iterator[ExtensionBrowser]:
    """Chromium with the extension loaded, its worker running; all of it is gone at the end.
    Without `profile` the browser starts with an empty one, which is removed. `beside` names a browser of this thread
    that is running already. The first-run page is closed, unless it is to be kept.
    """
    with ExitStack() as held:
        folder = held.enter_context(TemporaryDirectory(prefix="callbook-profile-", ignore_cleanup_errors=True))
        play = held.enter_context(sync_playwright()) if beside is None else beside.play
        new = profile is None or not profile.exists() or not any(profile.iterdir())

        def launch() -> BrowserContext:
            return play.chromium.launch_persistent_context(
                profile or folder,
                executable_path=chromium,
                headless=False,  # Playwright's own headless mode has no toolbar; --headless=new is the real browser
                no_viewport=True,
                args=[*chromium_flags(extension, headless=headless), f"--lang={language}"],
                env={**os.environ, "LANGUAGE": language},  # on Linux the flag alone does nothing
                ignore_default_args=["--disable-extensions"],
            )

        browser = ExtensionBrowser(play, launch)
        try:
            if new and not keep_first_run and (extension / "welcome.html").exists():
                browser.first_run_page().close()
            yield browser
        finally:
            browser.context.close()


def chromium_flags(extension: Path, *, headless: bool) -> list[str]:
    flags = [
        f"--load-extension={extension}",
        "--enable-unsafe-extension-debugging",  # Extensions.triggerAction, the real click on the toolbar button
        f"--window-size={WINDOW}",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    if headless:
        flags += ["--headless=new", f"--screen-info={SCREEN}"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses to run as root with its sandbox
    return flags


def _extension_of(context: BrowserContext) -> str:
    """The id of the extension, once its worker has started."""
    if not context.service_workers:
        try:
            context.wait_for_event("serviceworker", timeout=START_WITHIN_S * 1000)
        except PlaywrightTimeout as error:
            raise DriverTimeout("the extension's service worker did not start; is the folder a built one?") from error
    return str(context.service_workers[0].url.split("/")[2])
