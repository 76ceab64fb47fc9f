"""When something is wrong, the popup says what it is while it lasts, and nothing more once it is over: HubSpot down,
throttling, its access gone, the server unreachable, a sync that is not complete.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.chromium import LATER, USUAL, Notification, Popup
from tests.e2e.gate import Answer, Change, Gate, open_gate
from tests.e2e.rep import Rep, rep_at_work

CONTACTS = 230  # three pages of the list
ADA = "+44 20 7946 0958"
DOWN = "HubSpot does not answer"
SLOW_DOWN = "HubSpot asked us to slow down"
RECONNECT = "Reconnect HubSpot"
UNREACHABLE = "Server unreachable"
PATIENCE = "Nothing to do: it continues by itself"
PART_READ = re.compile(r"\b[1-9]\d* of 2\d\d read")
RETRY_AFTER_S = 7
TOTAL_SAMPLE_AND_A_PAGE = 3  # answers of HubSpot's
CLOCK = "new Intl.DateTimeFormat(navigator.language, {{ hour: 'numeric', minute: '2-digit' }}).format(new Date({}))"
STRIP = "document.querySelector('[data-strip]')?.dataset.strip ?? null"
ROWS = "document.querySelectorAll('[role=grid] [role=row]')"
# What the strip said since, each time it changed.
NOTE_STRIPS = """(() => {
  const kind = () => document.querySelector('[data-strip]')?.dataset.strip ?? 'none';
  globalThis.strips = [kind()];
  new MutationObserver(() => {
    if (globalThis.strips.at(-1) !== kind()) globalThis.strips.push(kind());
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
})()"""


@pytest.fixture(scope="module")
def gate() -> Iterator[Gate]:
    with open_gate() as gate:
        yield gate


@pytest.fixture(scope="module")
def rep(tmp_path_factory: pytest.TempPathFactory, built_extension: Path, chromium: Path, gate: Gate) -> Iterator[Rep]:
    """A rep after the first sync, with Ada among the contacts."""
    folder = tmp_path_factory.mktemp("troubles")
    with rep_at_work(folder, built_extension, chromium, "--contacts", str(CONTACTS), gate=gate) as rep:
        rep.portal.create(firstname="Ada", lastname="Lovelace", company="Analytical Engines", phone=ADA)
        rep.authorize(rep.browser.open(rep.page_url))
        yield rep


@pytest.fixture
def page(rep: Rep) -> Iterator[Page]:
    page = rep.browser.open(rep.page_url)
    yield page
    page.close()


def test_while_hubspot_is_down_the_popup_says_so_and_then_goes_on(rep: Rep, page: Page, gate: Gate) -> None:
    popup = _popup(rep, page)
    with _down_after_a_page(rep, gate, popup):
        said = popup.wait_for_text(DOWN)
        assert PART_READ.search(said), said
        assert PATIENCE in said
        assert "Synced just now" not in said
        assert SLOW_DOWN not in said
        _assert_ada_is_found(popup)
    assert rep.wait_synced()["state"] == "finished"
    _assert_well(popup)


def test_as_long_as_hubspot_is_down_nothing_else_is_said(rep: Rep, page: Page, gate: Gate) -> None:
    popup = _popup(rep, page)
    with _down_after_a_page(rep, gate, popup):
        popup.wait_for_text(DOWN)
        popup.evaluate(NOTE_STRIPS)
        tried = len(gate.asked_at)
        rep.browser.wait_until(lambda: len(gate.asked_at) > tried, "another try")
        rep.browser.wait_until(lambda: rep.get("/api/sync")["run"]["state"] == "waiting", "the try to fail")
        popup.wait_for_text(DOWN)
        strips = popup.evaluate("globalThis.strips")
    rep.wait_synced()
    assert strips == ["waiting"]


def test_throttled_it_is_told_until_when(rep: Rep, page: Page) -> None:
    """The list and search have budgets of their own: only when both are used up is there anything to wait for."""
    popup = _popup(rep, page)
    with rep.portal.failing("contacts", 429, skip=TOTAL_SAMPLE_AND_A_PAGE, retry_after_s=RETRY_AFTER_S):
        rep.start_sync(popup)
        said = popup.wait_for_text(SLOW_DOWN)
    assert DOWN not in said
    assert PATIENCE in said
    run = rep.get("/api/sync")["run"]
    assert (run["state"], run["problem"]) == ("waiting", "throttled")
    assert run["read"] > 0
    until = popup.evaluate(CLOCK.format(json.dumps(run["retry_at"])))
    assert f"{run['read']} of {run['total']} read · continuing at {until}" in said.replace("\n", " ")
    asked = rep.portal.asked("list")
    _assert_ada_is_found(popup)
    assert rep.portal.asked("list") == asked, "it had been asked to wait"
    assert rep.wait_synced()["throttled"] >= 1
    _assert_well(popup)


def test_without_access_the_last_copy_serves_and_reconnect_goes_on(rep: Rep, page: Page) -> None:
    names = [row["name"] for row in rep.every_contact()]
    popup = _popup(rep, page)
    rep.portal.end_all_grants()
    rep.portal.create(firstname="Late", lastname="Comer")
    rep.start_sync(popup, "Recent changes")
    said = popup.wait_for_text(RECONNECT)
    state = rep.get("/api/sync")
    assert (state["connection"]["state"], state["run"]) == ("reconnect_needed", None)
    since = popup.evaluate(CLOCK.format(json.dumps(state["connection"]["since"])))
    assert f"Access removed at {since}. Caller names come from the last copy." in said
    assert "Last synced" in said
    assert "Synced just now" not in said
    popup.wait_until(f"{ROWS}.length > 5")
    _assert_ada_is_found(popup)
    assert [row["name"] for row in rep.every_contact()] == names
    assert rep.browser.worker().evaluate("chrome.action.getBadgeText({})") == "!"
    assert "reconnected" in rep.browser.worker().evaluate("chrome.action.getTitle({})")
    _assert_ada_is_named(rep, "without access")
    asked = rep.portal.asked("search")
    rep.make_sync_due()
    rep.wait_swept()
    assert rep.portal.asked("search") == asked
    _reconnect(rep, popup)
    popup = _popup(rep, page)
    assert popup.evaluate(STRIP) is None
    popup.type("searchbox", "Search contacts", "comer")
    popup.wait_for_text("Late Comer")
    assert rep.browser.worker().evaluate("chrome.action.getBadgeText({})") == ""


def test_a_server_that_is_gone_is_told_and_try_now_works_when_it_is_back(rep: Rep, page: Page) -> None:
    popup = _popup(rep, page)
    with rep.stack.stopped():
        popup.close()
        popup = rep.browser.click_toolbar_icon(page)
        said = popup.wait_for_text(UNREACHABLE)
        since = popup.evaluate(CLOCK.format(json.dumps(rep.stored("session", "unreachableSince"))))
        assert f"No answer since {since}." in said
        assert "Search and names need the server" in said
        assert "Synced" not in said
        popup.wait_until(f"{ROWS}.length > 5")
        popup.click("button", "Try now")
        assert rep.stored("session", "unreachableSince") is not None
        popup.wait_for_text(UNREACHABLE)
        rep.browser.worker().evaluate(LATER)
        rep.browser.kill_worker()  # which would notice by itself that the server is back
    popup.click("button", "Try now")
    _assert_well(popup)
    rep.browser.worker().evaluate(USUAL)
    _assert_ada_is_found(popup)


def test_a_difference_that_stays_is_told_as_incomplete(rep: Rep, page: Page, gate: Gate) -> None:
    popup = _popup(rep, page)
    with gate.changing(_two_more):
        rep.start_sync(popup, "Recent changes")
        assert rep.wait_synced()["problem"] == "totals_differ"
        held = rep.get("/api/sync")["counts"]["hubspot"]
        said = popup.wait_for_text(f"{held} of {held + 2} contacts")
    assert "HubSpot counts a different number. The next sync looks again." in said
    assert popup.evaluate(STRIP) == "incomplete"
    assert rep.browser.worker().evaluate("chrome.action.getBadgeText({})") == "!"
    _assert_ada_is_found(popup)
    rep.start_sync(popup, "Recent changes")
    assert rep.wait_synced()["state"] == "finished"
    _assert_well(popup)


def test_a_record_that_cannot_be_read_is_told_as_incomplete(rep: Rep, page: Page, gate: Gate) -> None:
    popup = _popup(rep, page)
    with gate.changing(_unreadable(min(rep.portal.contacts()))):
        rep.start_sync(popup)
        assert rep.wait_synced()["problem"] == "records_failed"
        popup.wait_for_text("1 could not be read")
    assert popup.evaluate(STRIP) == "incomplete"
    rep.start_sync(popup)
    assert rep.wait_synced()["state"] == "finished"
    _assert_well(popup)


@contextmanager
def _down_after_a_page(rep: Rep, gate: Gate, popup: Popup) -> Iterator[None]:
    """A full sync that has read a page when HubSpot stops answering; after the block it answers again."""
    pages = rep.portal.asked("list")
    with rep.portal.slow("list"):
        rep.start_sync(popup)
        rep.browser.wait_until(lambda: rep.portal.asked("list") > pages, "the first page")
        with gate.shut():
            popup.wait_for_text(PART_READ)
            yield


def _popup(rep: Rep, page: Page) -> Popup:
    popup = rep.browser.click_toolbar_icon(page)
    _assert_well(popup)
    return popup


def _assert_well(popup: Popup) -> None:
    popup.wait_for_text(re.compile("Synced just now|Synced 1 min ago"))
    popup.wait_until(f"({STRIP}) === null")


def _assert_ada_is_found(popup: Popup) -> None:
    popup.rewrite("searchbox", "Search contacts", "lovelace")
    popup.wait_until(f"{ROWS}.length === 1 && {ROWS}[0].textContent.includes('Ada Lovelace')")
    popup.press("Escape")
    popup.wait_until(f"{ROWS}.length > 5")


def _assert_ada_is_named(rep: Rep, call_id: str) -> None:
    rep.browser.record_notifications()
    rep.ring(ADA, call_id)
    rep.browser.wait_until(rep.browser.call_notifications, "a notification")
    expected = Notification(f"call:{call_id}", "Ada Lovelace", f"Analytical Engines · {ADA}")
    assert [one for one in rep.browser.notifications() if one.id == expected.id] == [expected]
    rep.ring(ADA, call_id, "ended")
    rep.browser.wait_until(lambda: not rep.browser.call_notifications(), "the end of the notification")


def _reconnect(rep: Rep, popup: Popup) -> None:
    """The session that there was lasts until the new one."""
    token = rep.stored("local", "session")["token"]
    popup.click("button", "Reconnect")
    window = rep.browser.wait_for_page(lambda page: "/oauth/authorize" in page.url)
    window.get_by_role("button", name="Allow").wait_for()
    assert rep.stored("local", "session")["token"] == token
    rep.allow(window)
    rep.browser.wait_until(lambda: rep.stored("local", "session")["token"] != token, "the new session")
    rep.wait_signed_in()
    run = rep.wait_synced()
    assert (run["state"], run["added"]) == ("finished", 1)


def _two_more(path: str, _asked: bytes, answer: Answer) -> Answer:
    """HubSpot counts two that nobody ever sees."""
    return _changed(answer, lambda body: {**body, "total": body["total"] + 2}) if path.endswith("/search") else answer


def _unreadable(contact_id: int) -> Change:
    """One contact's properties come in a shape that nobody can read."""

    def change(path: str, _asked: bytes, answer: Answer) -> Answer:
        return _changed(answer, spoiled) if "/contacts" in path and b'"results"' in answer.body else answer

    def spoiled(body: dict[str, Any]) -> dict[str, Any]:
        given = body["results"]
        return {
            **body,
            "results": [{**one, "properties": None} if one["id"] == str(contact_id) else one for one in given],
        }

    return change


def _changed(answer: Answer, change: Any) -> Answer:
    return Answer(answer.status, json.dumps(change(json.loads(answer.body))).encode())
