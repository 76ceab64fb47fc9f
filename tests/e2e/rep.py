"""A sales rep at a browser with Callbook in it: the stack, the portal behind it, and what the rep does in passing in
many tests. What a test is about, it does itself.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import Page

from callbook import contacts, models
from callbook.models import Contact, Run, User, connected, transaction
from tests.e2e.chromium import ExtensionBrowser, Popup, extension_browser
from tests.e2e.gate import Gate
from tests.e2e.neutral_page import neutral_pages
from tests.e2e.portal import Portal
from tests.e2e.stack import Stack, running_stack

ASK_WITHIN_S = 30
SYNC_WITHIN_S = 60.0
DANA = "Dana Whitlock, Super Admin"
DANAS_EMAIL = "dana.whitlock@brightmoor-supply.example"
# Tests wait for nothing that a person would not: a sweep a second, an index without lag.
QUICK = {"CALLBOOK_HEARTBEAT_S": "1", "CALLBOOK_INDEX_LAG_S": "0"}
# The rep's pages have no scripts of their own: whatever changes in them is somebody else's doing.
_WATCH = """() => {
  window.changes = [];
  const note = (found) => window.changes.push(...found.map(({ type, target }) => type + ' in ' + target.nodeName));
  new MutationObserver(note).observe(document, { subtree: true, childList: true, attributes: true });
}"""
_HEAR_OUT = "new Promise((done) => setTimeout(() => done(window.changes)))"  # observers come before timers


@dataclass(frozen=True)
class Rep:
    """`page_url` is an ordinary page of the rep's work."""

    stack: Stack
    portal: Portal
    browser: ExtensionBrowser
    page_url: str
    _http: requests.Session = field(default_factory=requests.Session)

    # --- in the browser

    def consent_window(self, popup: Popup) -> Page:
        """HubSpot's window after a click on Authorize."""
        popup.click("button", "Authorize")
        window = self.browser.wait_for_page(lambda page: "/oauth/authorize" in page.url)
        window.get_by_role("button", name="Allow").wait_for()
        return window

    def allow(self, window: Page, person: str = DANA) -> None:
        window.get_by_label(person).check()
        with window.expect_event("close"):
            window.get_by_role("button", name="Allow").click()

    def authorize(self, page: Page) -> None:
        """Authorized, and the first sync is over."""
        self.allow(self.consent_window(self.browser.click_toolbar_icon(page)))
        self.wait_signed_in()
        self.wait_synced()

    def wait_signed_in(self) -> None:
        """The extension has its session; from here on the API is asked in it."""
        session = self.browser.wait_until(self._session, "a session")
        self._http.headers["Authorization"] = f"Bearer {session['token']}"

    def start_sync(self, popup: Popup, kind: str = "Full sync") -> None:
        popup.click("button", "Sync HubSpot contacts")
        popup.wait_for("dialog", "Sync HubSpot contacts")
        popup.click("radio", re.compile(f"^{kind}"))
        popup.click("button", "Sync now")
        popup.wait_gone("dialog")

    def stored(self, area: str, key: str) -> Any:
        """What the extension keeps under this key."""
        return self.browser.worker().evaluate(f"chrome.storage.{area}.get('{key}').then((all) => all['{key}'] ?? null)")

    # --- over the API, in the rep's own session

    def get(self, path: str, **query: str | int) -> Any:
        return self._ask("GET", path, params=query)

    def post(self, path: str, body: object) -> Any:
        return self._ask("POST", path, json=body)

    def contacts(self, **asked: str | int) -> Any:
        """A part of the rep's list, or of what a search finds in it."""
        return self.post("/api/contacts/search", asked)

    def calls(self) -> Any:
        """The newest of the rep's history."""
        return self.post("/api/calls/search", {})

    def every_contact(self, source: str = "all") -> list[dict[str, Any]]:
        """The rep's contacts in the order of the list, walked by its cursor."""
        page = self.contacts(source=source, limit=200)
        rows = list(page["contacts"])
        while page["next"] is not None:
            page = self.contacts(source=source, limit=200, after=page["next"])
            rows += page["contacts"]
        return rows

    def wait_synced(self) -> dict[str, Any]:
        """The run that ended, once no run is in progress any more."""

        def ended() -> dict[str, Any] | None:
            state: dict[str, dict[str, Any] | None] = self.get("/api/sync")
            return state["last_run"] if state["run"] is None else None

        return self.browser.wait_until(ended, "the end of the run", within_s=SYNC_WITHIN_S)

    # --- on the server

    def ring(self, number: str, call_id: str, state: str = "ringing") -> None:
        rung = self.stack.callbook(
            "ring", "--user", DANAS_EMAIL, "--from", number, "--call-id", call_id, "--state", state
        )
        assert rung.returncode == 0, rung.stderr

    def add_personal(self, people: Sequence[dict[str, str]]) -> None:
        """Contacts of the rep's own."""
        models.connect(self.stack.environment["CALLBOOK_DATABASE_URL"])
        with connected(), transaction():
            owner = User.get(User.email == DANAS_EMAIL).owner
            for properties in people:
                contacts.add_personal(owner, properties, "US")

    def cached_properties(self) -> dict[int, tuple[int, dict[str, str]]]:
        """What the cache keeps of each HubSpot contact: its id there, and its properties as they were read."""
        models.connect(self.stack.environment["CALLBOOK_DATABASE_URL"])
        with connected():
            owner = User.get(User.email == DANAS_EMAIL).owner
            rows = Contact.of(owner).select().where((Contact.source == "hubspot") & Contact.deleted_at.is_null())
            return {row.id: (int(row.hubspot_id or 0), row.properties) for row in rows}

    def rows_from_hubspot(self) -> int:
        """All rows the server keeps of HubSpot's contacts, whether anybody may see them or not."""
        models.connect(self.stack.environment["CALLBOOK_DATABASE_URL"])
        with connected():
            return int(Contact.everyones().select().where(Contact.source == "hubspot").count())

    def make_sync_due(self, *, late: timedelta = timedelta(0), unseen_for: timedelta | None = None) -> None:
        """The time of the next automatic run has come, `late` ago; no browser has asked for `unseen_for`."""
        due: dict[str, Any] = {"next_sync_at": models.now() - late}
        if unseen_for is not None:
            due["last_seen_at"] = models.now() - unseen_for
        self._change_user(**due)

    def wait_swept(self) -> None:
        """The server's worker has looked, from beginning to end, for whatever is due: a sweep ends with the numbers
        that are to be read again, and the second one that does began after the first.
        """
        for _ in range(2):
            self._change_user(phones_stale=True)
            self.stack.service.program.wait_until(lambda: not self.user().phones_stale, "a sweep", SYNC_WITHIN_S)

    def user(self) -> User:
        """The rep, as the server knows them."""
        models.connect(self.stack.environment["CALLBOOK_DATABASE_URL"])
        with connected():
            user: User = User.get(User.email == DANAS_EMAIL)
            return user

    def runs(self) -> list[Run]:
        """All of the rep's runs, in order."""
        owner = self.user().owner
        with connected():
            return list(Run.of(owner).select().order_by(Run.id))

    def _change_user(self, **columns: Any) -> None:
        models.connect(self.stack.environment["CALLBOOK_DATABASE_URL"])
        with connected(), transaction():
            User.update(**columns).where(User.email == DANAS_EMAIL).execute()

    def close(self) -> None:
        self._http.close()

    def _session(self) -> dict[str, Any] | None:
        session: dict[str, Any] | None = self.stored("local", "session")
        return session if session is not None and session["state"] == "signedIn" else None

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        response = self._http.request(method, self.stack.callbook_url + path, timeout=ASK_WITHIN_S, **options)
        assert response.ok, response.text
        return response.json()


@contextmanager
def rep_at_work(  # noqa: PLR0913 - what is out of the ordinary, all by name
    folder: Path,
    extension: Path,
    chromium: Path,
    *sandbox: str,
    settings: dict[str, str] | None = None,
    gate: Gate | None = None,
    profile: Path | None = None,
    keep_first_run: bool = False,
) -> Iterator[Rep]:
    """A rep who has Callbook in the browser, knows its server, and has not authorized it yet."""
    with (
        running_stack(folder, sandbox=sandbox, settings={**QUICK, **(settings or {})}, gate=gate) as stack,
        closing(Portal(stack.sandbox_url)) as portal,
        neutral_pages() as page_url,
        extension_browser(extension, chromium, profile=profile, keep_first_run=keep_first_run) as browser,
        closing(Rep(stack, portal, browser, page_url)) as rep,
    ):
        know_server(rep, stack.callbook_url)
        yield rep


@contextmanager
def second_browser(rep: Rep, extension: Path, chromium: Path) -> Iterator[Rep]:
    """The same rep at another computer, where Callbook is not authorized yet."""
    with (
        extension_browser(extension, chromium, beside=rep.browser) as browser,
        closing(replace(rep, browser=browser, _http=requests.Session())) as there,
    ):
        know_server(there, rep.stack.callbook_url)
        yield there


def watch(page: Page) -> Page:
    """From here until it loads again, `changes_of` knows what was done to the page."""
    page.evaluate(_WATCH)
    return page


def changes_of(page: Page) -> list[str]:
    found: list[str] = page.evaluate(_HEAR_OUT)
    return found


def know_server(rep: Rep, address: str) -> None:
    """As Settings > Server address does."""
    rep.browser.worker().evaluate("(address) => chrome.storage.local.set({ server: address })", address)
