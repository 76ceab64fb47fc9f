"""A ringing phone, as the rep hears of it: one notification with the caller's name, gone with the ring, whatever
happens to the worker; and the list of calls.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.chromium import LATER, TICK, USUAL, Notification
from tests.e2e.rep import Rep, know_server, rep_at_work
from tests.e2e.surface import Surface

ADA = "+44 20 7946 0958"
SHARED = "+1 206 555 0142"
UNKNOWN = "+1 206 555 0199"
NOBODYS, EDITHS = "+1 206 555 0171", "+1 206 555 0172"
SOON_MS = 4_000
RECORD = re.compile(r"^https://[^/]+/contacts/\d+/record/0-1/\d+$")
CLEAR = """chrome.notifications.getAll()
  .then((all) => Promise.all(Object.keys(all).map((id) => chrome.notifications.clear(id))))"""


@pytest.fixture(scope="module")
def rep(tmp_path_factory: pytest.TempPathFactory, built_extension: Path, chromium: Path) -> Iterator[Rep]:
    """A rep after the first sync, of a portal in which Ada has a number of her own and Grace and Joan share one."""
    folder = tmp_path_factory.mktemp("calls")
    with rep_at_work(folder, built_extension, chromium, "--contacts", "30") as rep:
        rep.portal.create(firstname="Ada", lastname="Lovelace", company="Analytical Engines", phone=ADA)
        grace, joan, *_others = rep.portal.contacts()
        rep.portal.edit(grace, firstname="Grace", lastname="Hopper", phone=SHARED)
        rep.portal.edit(joan, firstname="Joan", lastname="Clarke", mobilephone="+1 (206) 555-0142")
        rep.authorize(rep.browser.open(rep.page_url))
        yield rep


@pytest.fixture(autouse=True)
def quiet(rep: Rep) -> None:
    """No notification stands, and whatever is shown from here on is written down."""
    rep.browser.worker().evaluate(CLEAR)
    rep.browser.record_notifications()


@pytest.mark.parametrize(
    ("number", "title", "message"),
    [
        pytest.param(ADA, "Ada Lovelace", "Analytical Engines · +44 20 7946 0958", id="a contact"),
        pytest.param("442079460958", "Ada Lovelace", "Analytical Engines · +44 20 7946 0958", id="the carrier's form"),
        pytest.param("(206) 555-0142", "Incoming call", "Shared by 2 people · (206) 555-0142", id="a shared number"),
        pytest.param(UNKNOWN, "Incoming call", "(206) 555-0199 · not in your contacts", id="nobody known"),
        pytest.param("anonymous", "Incoming call", "Number withheld", id="withheld"),
    ],
)
def test_a_ring_is_announced_once_and_gone_when_it_ends(rep: Rep, number: str, title: str, message: str) -> None:
    call_id = f"once {title} {number}"
    rep.ring(number, call_id)
    rep.browser.wait_until(rep.browser.call_notifications, "a notification")
    assert _announced(rep, call_id) == [Notification(f"call:{call_id}", title, message)]
    rep.ring(number, call_id)
    rep.ring(number, call_id, "ended")
    rep.browser.wait_until(lambda: not rep.browser.call_notifications(), "the end of the notification")
    assert len(_announced(rep, call_id)) == 1


def test_an_answered_call_no_longer_rings(rep: Rep) -> None:
    rep.ring(ADA, "answered")
    rep.browser.wait_until(rep.browser.call_notifications, "a notification")
    rep.ring(ADA, "answered", "answered_elsewhere")
    rep.browser.wait_until(lambda: not rep.browser.call_notifications(), "the end of the notification")


def test_a_notifications_buttons_open_the_record_and_dismiss(rep: Rep) -> None:
    """Chromium shows notifications outside of itself, where nothing can press them; what it says then is said here."""
    rep.browser.context.route(RECORD, lambda route: route.fulfill(body="the record"))
    with rep.browser.context.expect_page() as record:
        _ring_and_press(rep, ADA, "opened", 0)
    record.value.wait_for_url(RECORD)
    record.value.close()
    _ring_and_press(rep, ADA, "dismissed", 1)
    _ring_and_press(rep, UNKNOWN, "without a record", 0)


def _ring_and_press(rep: Rep, number: str, call_id: str, button: int) -> None:
    """With the ring ends what was announced, if the button has not ended it."""
    rep.ring(number, call_id)
    rep.browser.wait_until(rep.browser.call_notifications, "a notification")
    rep.browser.worker().evaluate(f"chrome.notifications.onButtonClicked.dispatch('call:{call_id}', {button})")
    if (number, button) != (ADA, 0):
        rep.browser.wait_until(lambda: not rep.browser.call_notifications(), "the end of the notification")
    rep.ring(number, call_id, "ended")
    rep.browser.wait_until(lambda: not rep.browser.call_notifications(), "the end of the call")


def test_the_alarm_wakes_a_killed_worker_which_announces_the_ring_once(rep: Rep) -> None:
    rep.browser.worker().evaluate(TICK % f"when: Date.now() + {SOON_MS}")
    rep.browser.kill_worker()
    rep.ring(ADA, "while dead")
    rep.browser.wait_until(rep.browser.worker_runs, "the alarm to wake the worker")
    rep.browser.wait_until(lambda: rep.browser.call_notifications() == ["call:while dead"], "the notification")
    rep.browser.worker().evaluate("chrome.notifications.clear('call:while dead')")
    rep.browser.kill_worker()
    _wait_caught_up(rep)
    assert rep.browser.call_notifications() == [], "it was announced again"
    rep.ring(ADA, "while dead", "ended")


def test_a_ring_that_was_over_before_the_browser_heard_of_it_is_a_missed_call(rep: Rep) -> None:
    page = rep.browser.open(rep.page_url)
    _look_at_calls(rep, page)
    rep.browser.worker().evaluate(LATER)
    rep.browser.kill_worker()
    rep.ring(ADA, "stale")
    rep.ring(ADA, "stale", "ended")
    assert not rep.browser.worker_runs()
    _wait_caught_up(rep)
    assert rep.browser.call_notifications() == []
    assert rep.stored("local", "calls")[0]["announced"] is False
    assert rep.browser.worker().evaluate("chrome.action.getBadgeText({})") == "1"
    rep.browser.worker().evaluate(USUAL)
    page.close()


def test_a_ring_past_its_time_to_live_is_not_announced(rep: Rep) -> None:
    ring = {"call_id": "long ago", "direction": "inbound", "state": "ringing", "number": ADA}
    rep.post("/api/calls", {**ring, "ago_ms": 120_000})
    _wait_caught_up(rep)
    assert _announced(rep, "long ago") == []
    assert rep.calls()["calls"][0]["state"] == "missed"


def test_the_calls_tab_lists_who_called_and_what_became_of_it(rep: Rep) -> None:
    rep.ring("withheld", "tab 1", "missed")
    rep.ring(SHARED, "tab 2", "missed")
    rep.ring(ADA, "tab 3")
    page = rep.browser.open(rep.page_url)
    popup = rep.browser.click_toolbar_icon(page)
    popup.wait_for("tab", re.compile("missed"))
    popup.click("tab", re.compile("^Calls"))
    popup.wait_for_text("ringing")
    rows: list[str] = popup.evaluate("[...document.querySelectorAll('[role=tabpanel] li')].map((row) => row.innerText)")
    assert "Ada Lovelace" in rows[0]
    assert "ringing" in rows[0]
    assert "Shared by 2 people" in rows[1]
    assert "Missed" in rows[1]
    assert "Number withheld" in rows[2]
    assert popup.elements("tab", re.compile("missed")) == [], "they were looked at"
    rep.ring(ADA, "tab 3", "answered")
    popup.wait_for_text("in progress")
    rep.ring(ADA, "tab 3", "ended")
    popup.wait_until("!document.querySelector('[role=tabpanel] li').innerText.includes('in progress')")
    popup.click("button", re.compile("^Incoming.*Ada Lovelace|Ada Lovelace"))
    popup.wait_for("link", "Open in HubSpot")
    page.close()


def test_a_pick_in_the_history_is_shown_as_remembered_only_when_it_is(rep: Rep) -> None:
    rep.ring(SHARED, "pick 1", "missed")
    page = rep.browser.open(rep.page_url)
    popup = rep.browser.click_toolbar_icon(page)
    popup.click("tab", re.compile("^Calls"))
    popup.wait_for_text("Shared by 2 people")
    address = rep.stored("local", "server")
    know_server(rep, "http://127.0.0.1:9")  # nobody is there
    _pick_first(popup)
    popup.wait_for_text("Server unreachable")
    assert "Remembered for this number" not in popup.text()
    know_server(rep, address)
    _pick_first(popup)
    popup.wait_for_text("Remembered for this number")
    popup.click("button", "Undo")
    popup.wait_until("!document.body.innerText.includes('Remembered for this number')")
    page.close()


def _pick_first(popup: Surface) -> None:
    popup.click("button", "Choose")
    popup.click("button", re.compile("^Grace Hopper"))


def test_who_was_unknown_is_searched_for_at_hubspot_or_added_from_the_history(rep: Rep) -> None:
    rep.ring(NOBODYS, "unknown 1", "missed")
    rep.ring(EDITHS, "unknown 2", "missed")
    rep.portal.create(firstname="Edith", lastname="Clarke", phone=EDITHS)  # HubSpot had nobody when it rang
    page = rep.browser.open(rep.page_url)
    popup = rep.browser.click_toolbar_icon(page)
    popup.click("tab", re.compile("^Calls"))
    popup.click("button", re.compile("^Unknown"))
    popup.wait_for_text("(206) 555-0172")
    assert "Ada Lovelace" not in popup.text()
    popup.click("button", "Search HubSpot")  # of the newest
    popup.wait_for_text("Edith Clarke")
    popup.click("button", "Back")
    popup.wait_until("!document.body.innerText.includes('(206) 555-0172')")
    popup.click("button", "Add contact")
    popup.type("textbox", "Last name", "Plumber")
    popup.click("button", "Save")
    popup.wait_until("!document.body.innerText.includes('(206) 555-0171')")
    popup.click("button", re.compile("^All"))
    popup.wait_for_text("Plumber")
    popup.type("searchbox", re.compile("^Search"), "edith")
    popup.wait_until("!document.body.innerText.includes('Plumber')")
    assert "Edith Clarke" in popup.text()
    page.close()


def _announced(rep: Rep, call_id: str) -> list[Notification]:
    """The notifications made for this call."""
    return [one for one in rep.browser.notifications() if one.id == f"call:{call_id}"]


def _look_at_calls(rep: Rep, page: Page) -> None:
    popup = rep.browser.click_toolbar_icon(page)
    popup.click("tab", re.compile("^Calls"))
    rep.browser.wait_until(lambda: rep.stored("local", "missed") == [], "the missed calls to be seen")
    popup.close()


def _wait_caught_up(rep: Rep) -> None:
    """The worker, woken if need be, has dealt with every event there is."""
    rep.browser.wait_until(
        lambda: rep.stored("local", "cursor") == rep.get("/api/sync")["event"], "the worker to catch up"
    )
