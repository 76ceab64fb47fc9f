"""The extension's worker dies at every step of signing in, syncing and choosing an interval, and is woken by its alarm
or by the next click: what the rep then sees is right. In a browser that nothing is attached to, it lives on its own.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.chromium import LATER, TICK, USUAL, Popup, extension_browser
from tests.e2e.rep import Rep, rep_at_work
from tests.e2e.surface import Surface
from tests.e2e.unwatched import Unwatched, left_alone

CONTACTS = 230
MODAL = "Syncing contacts: please stay on this page until it finishes"
BANNER = "Please stay on this page until it is done."
DONE = "Contacts are up to date"
INTERRUPTED = "The sign-in was interrupted"
OVERLAYS = "document.querySelectorAll('callbook-overlay').length"
SOON = TICK % "when: Date.now() + 1500"
ALONE_S = 40.0  # Chromium stops a worker in which nothing has happened for 30 s
UP_WITHIN_S = 30.0
SOON_S = 5.0
CALLER = "+1 206 555 0142"


@pytest.fixture(scope="module", autouse=True)
def unwatched(tmp_path_factory: pytest.TempPathFactory, built_extension: Path, chromium: Path) -> Iterator[Unwatched]:
    """Asked for by all, so that it is alone while the other tests run."""
    with left_alone(tmp_path_factory.mktemp("unwatched"), built_extension, chromium) as browser:
        yield browser


@pytest.fixture(scope="module")
def rep(
    tmp_path_factory: pytest.TempPathFactory,
    built_extension: Path,
    chromium: Path,
    unwatched: Unwatched,  # noqa: ARG001 - its own Playwright has to be over first
) -> Iterator[Rep]:
    folder = tmp_path_factory.mktemp("worker death")
    with rep_at_work(folder, built_extension, chromium, "--contacts", str(CONTACTS)) as rep:
        yield rep


@pytest.fixture
def page(rep: Rep) -> Iterator[Page]:
    """A page of the rep's; the alarm will not wake the worker by chance."""
    page = rep.browser.open(rep.page_url)
    rep.browser.worker().evaluate(LATER)
    yield page
    rep.browser.worker().evaluate(USUAL)
    page.close()


# --- Authorize


@pytest.fixture
def stranger(rep: Rep, page: Page) -> Iterator[Page]:
    """A page of somebody who is not signed in."""
    _sign_out(rep)
    yield page
    for other in rep.browser.context.pages[1:]:
        if other != page:
            other.close()


@pytest.mark.parametrize(
    ("asked", "stage"),
    [
        pytest.param("GET /health", "Request", id="before the window opens"),
        pytest.param("POST /auth/session", "Request", id="with the code in hand"),
        pytest.param("POST /auth/session", "Response", id="before the session is heard of"),
    ],
)
def test_killed_while_signing_in_the_rep_is_told_and_the_next_try_works(
    rep: Rep, stranger: Page, asked: str, stage: str
) -> None:
    popup = rep.browser.click_toolbar_icon(stranger)
    with rep.browser.holding(*asked.split(), stage=stage) as held:
        popup.click("button", "Authorize")
        if asked != "GET /health":
            rep.allow(_consent_window(rep))
        held.wait()
        rep.browser.kill_worker()
    _wake(rep)
    popup = rep.browser.click_toolbar_icon(stranger)
    popup.wait_for_text(INTERRUPTED)
    assert "Waiting for HubSpot" not in popup.text()
    assert rep.stored("session", "verifier") is None
    assert stranger.evaluate(OVERLAYS) == 0
    _sign_in(rep, popup)
    _assert_synced_once(rep, stranger, again=stage == "Response")


def test_killed_before_the_click_the_click_wakes_it(rep: Rep, stranger: Page) -> None:
    popup = rep.browser.click_toolbar_icon(stranger)
    rep.browser.kill_worker()
    _sign_in(rep, popup)
    _assert_synced_once(rep, stranger)


def test_killed_while_the_window_is_open_the_rep_is_told_and_the_next_try_works(rep: Rep, stranger: Page) -> None:
    popup = rep.browser.click_toolbar_icon(stranger)
    popup.click("button", "Authorize")
    window = _consent_window(rep)
    rep.browser.kill_worker()
    window.close()
    _wake(rep)
    popup = rep.browser.click_toolbar_icon(stranger)
    popup.wait_for_text(INTERRUPTED)
    _sign_in(rep, popup)
    _assert_synced_once(rep, stranger)


def test_killed_during_the_first_sync_the_page_shows_it_to_its_end_once(rep: Rep, stranger: Page) -> None:
    over_page = rep.browser.surface(stranger)
    with rep.portal.hanging("list", skip=1):
        _sign_in(rep, rep.browser.click_toolbar_icon(stranger))
        over_page.wait_for_text(MODAL)
        _kill_and_wake(rep)
        rep.browser.wait_until(lambda: rep.get("/api/sync")["run"]["read"], "progress")
        over_page.wait_for_text(re.compile(r"\b[1-9]\d* of"))
        assert stranger.evaluate(OVERLAYS) == 1
        assert "first" in rep.get("/api/sync")["run"]["trigger"]
    over_page.wait_for_text(DONE)
    assert stranger.evaluate(OVERLAYS) == 1
    _assert_synced_once(rep, stranger)


# --- a manual sync


@pytest.fixture
def member(rep: Rep, page: Page) -> Page:
    """A page of a rep who is signed in and synced."""
    if rep.stored("local", "session")["state"] != "signedIn":
        rep.authorize(page)
    rep.wait_synced()
    page.reload()
    rep.browser.worker().evaluate("chrome.storage.session.remove('placement')")
    return page


def test_killed_with_the_click_on_its_way_nothing_runs_and_the_next_click_works(rep: Rep, member: Page) -> None:
    runs = len(rep.runs())
    _click_and_kill(rep, member).close()
    assert len(rep.runs()) == runs
    popup = _sync_dialog(rep, member)
    popup.click("button", "Sync now")
    popup.wait_gone("dialog")
    popup.close()
    rep.browser.surface(member).wait_for_text(DONE)
    assert member.evaluate(OVERLAYS) == 1
    assert len(rep.runs()) == runs + 1


def test_killed_with_the_click_on_its_way_the_dialog_does_not_wait_for_ever(rep: Rep, member: Page) -> None:
    popup = _click_and_kill(rep, member)
    popup.wait_for("button", "Sync now", within_s=SOON_S)


def test_killed_before_the_runs_number_is_heard_the_run_is_known_all_the_same(rep: Rep, member: Page) -> None:
    runs = len(rep.runs())
    popup = _sync_dialog(rep, member)
    with rep.portal.hanging("list", skip=1):
        with rep.browser.holding("POST", "/api/sync", stage="Response") as held:
            popup.click("button", "Sync now")
            held.wait()
            rep.browser.kill_worker()
        popup = rep.browser.click_toolbar_icon(member)
        popup.wait_for("button", "Sync running")
        popup.click("button", "Show on this page")
        over_page = rep.browser.surface(member)
        over_page.wait_for_text(MODAL)
        assert member.evaluate(OVERLAYS) == 1
    over_page.wait_for_text(DONE)
    assert len(rep.runs()) == runs + 1


def test_killed_under_the_modal_it_goes_on_and_got_it_wakes_the_worker(rep: Rep, member: Page) -> None:
    with _full_sync_on(rep, member) as over_page:
        over_page.wait_for_text(MODAL)
        rep.browser.kill_worker()
        over_page.click("button", "Got it")
        assert MODAL not in over_page.wait_for_text(BANNER)
        assert member.evaluate(OVERLAYS) == 1
    over_page.wait_for_text(DONE)
    over_page.wait_until(f"{OVERLAYS} === 0")


def test_killed_under_the_banner_the_alarm_brings_the_end(rep: Rep, member: Page) -> None:
    with _full_sync_on(rep, member) as over_page:
        over_page.click("button", "Got it")
        over_page.wait_for_text(BANNER)
        rep.browser.worker().evaluate(SOON)
        rep.browser.kill_worker()
    over_page.wait_for_text(DONE)
    assert member.evaluate(OVERLAYS) == 1
    over_page.wait_until(f"{OVERLAYS} === 0")
    assert rep.stored("session", "placement") is None


def test_over_before_the_worker_is_back_the_page_is_told_the_end(rep: Rep, member: Page) -> None:
    with _full_sync_on(rep, member) as over_page:
        over_page.wait_for_text(MODAL)
        rep.browser.kill_worker()
    rep.wait_synced()
    assert not rep.browser.worker_runs()
    _wake(rep)
    over_page.wait_for_text(DONE)
    assert member.evaluate(OVERLAYS) == 1
    over_page.wait_until(f"{OVERLAYS} === 0")


# --- the interval


def test_killed_around_a_change_of_the_interval_the_choice_is_kept(rep: Rep, member: Page) -> None:
    for minutes in (5, 20):
        popup = _sync_dialog(rep, member)
        rep.browser.kill_worker()
        popup.click("radio", f"Every {minutes} minutes")
        rep.browser.wait_until(_interval_is(rep, minutes), "the server to know")
        popup.close()
        rep.browser.kill_worker()
        again = _sync_dialog(rep, member)
        assert again.wait_for("radio", f"Every {minutes} minutes").states["checked"] == "true"
        again.click("button", "Close")
        again.wait_for_text(re.compile(rf"next in ({minutes}|{minutes - 1}) min"))
        again.close()


# --- nothing attached


def test_unwatched_the_socket_outlives_the_limit_and_a_call_arrives(
    rep: Rep, unwatched: Unwatched, built_extension: Path, chromium: Path
) -> None:
    there = unwatched.rep
    unwatched.program.wait_until(
        lambda: time.monotonic() - unwatched.started_s > ALONE_S, "its time alone", ALONE_S + UP_WITHIN_S
    )
    there.ring(CALLER, "unwatched")
    rung = there.user().event_number
    there.make_sync_due()
    unwatched.program.wait_until(lambda: _ended_since(there, rung), "the run after the ring", UP_WITHIN_S)
    unwatched.wait_until_asked("GET /api/sync", unwatched.asked("GET /api/sync") + 1)
    assert unwatched.asked("POST /api/tickets") == unwatched.lines, "the line was opened again"
    unwatched.program.process.terminate()
    unwatched.program.process.wait(UP_WITHIN_S)
    with (
        there.stack.stopped(),
        extension_browser(built_extension, chromium, profile=unwatched.profile, beside=rep.browser) as afterwards,
    ):
        cursor = afterwards.worker().evaluate("chrome.storage.local.get('cursor').then((all) => all.cursor)")
    assert cursor >= rung


def _interval_is(rep: Rep, minutes: int) -> Callable[[], bool]:
    return lambda: rep.user().interval_minutes == minutes


def _ended_since(rep: Rep, event: int) -> bool:
    newest = rep.runs()[-1]
    return newest.trigger == "automatic" and newest.finished_at is not None and rep.user().event_number > event


def _sign_out(rep: Rep) -> None:
    """As Settings > Unauthorize does, and nothing of it is left on the server."""
    session = rep.stored("local", "session")
    if session is not None and session["state"] == "signedIn":
        rep.wait_synced()
        popup = rep.browser.click_toolbar_icon(rep.browser.context.pages[-1])
        popup.click("button", "More")
        popup.click("menuitem", "Settings")
        popup.click("button", "Unauthorize")
        popup.wait_for("alertdialog", "Unauthorize HubSpot?")
        popup.click("button", "Unauthorize")
        popup.wait_for("button", "Authorize")
        popup.press("Escape")
        rep.browser.wait_until(lambda: rep.rows_from_hubspot() == 0, "the contacts to be deleted")
    rep.browser.worker().evaluate("chrome.storage.local.set({ session: { state: 'signedOut', problem: null } })")


def _consent_window(rep: Rep) -> Page:
    window = rep.browser.wait_for_page(lambda page: "/oauth/authorize" in page.url)
    window.get_by_role("button", name="Allow").wait_for()
    return window


def _sign_in(rep: Rep, popup: Popup) -> None:
    rep.allow(rep.consent_window(popup))
    rep.wait_signed_in()


def _assert_synced_once(rep: Rep, page: Page, *, again: bool = False) -> None:
    """Signed in, one run (two, if the session before was never heard of), one overlay at most, one list."""
    assert rep.wait_synced()["state"] == "finished"
    assert [run.trigger for run in rep.runs()] == (["first", "automatic"] if again else ["first"])
    assert page.evaluate(OVERLAYS) <= 1
    popup = rep.browser.click_toolbar_icon(page)
    popup.wait_for_text(re.compile(rf"All\s+{CONTACTS}"))
    popup.wait_for_text("Synced just now")
    popup.close()


def _sync_dialog(rep: Rep, page: Page) -> Popup:
    popup = rep.browser.click_toolbar_icon(page)
    popup.wait_for_text("Synced")
    popup.click("button", "Sync HubSpot contacts")
    popup.wait_for("dialog", "Sync HubSpot contacts")
    popup.click("radio", re.compile("^Full sync"))
    return popup


def _click_and_kill(rep: Rep, page: Page) -> Popup:
    """The popup's dialog, after the worker died with the click in hand."""
    popup = _sync_dialog(rep, page)
    with rep.browser.holding("POST", "/api/sync") as held:
        popup.click("button", "Sync now")
        held.wait()
        rep.browser.kill_worker()
    return popup


@contextmanager
def _full_sync_on(rep: Rep, page: Page) -> Iterator[Surface]:
    """A full sync started over this page and kept going in the block; then it may end."""
    popup = rep.browser.click_toolbar_icon(page)
    with rep.portal.hanging("list", skip=1):
        rep.start_sync(popup)
        popup.close()
        yield rep.browser.surface(page)


def _kill_and_wake(rep: Rep) -> None:
    rep.browser.worker().evaluate(SOON)
    rep.browser.kill_worker()
    rep.browser.wait_until(rep.browser.worker_runs, "the alarm to wake the worker")


def _wake(rep: Rep) -> None:
    """What the alarm does within half a minute: the dead worker starts, and looks after things."""
    rep.browser.worker()
