"""The caller card on the page the rep looks at, where the rep has allowed it: there while the call rings, without
taking the focus, and gone without a trace.
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.rep import Rep, know_server, rep_at_work
from tests.e2e.surface import Surface

ADA = "+44 20 7946 0958"
SHARED = "+1 206 555 0142"
UNKNOWN = "+1 206 555 0199"
EDITHS = "+1 206 555 0172"
PROGRESS = "please stay on this page until it finishes"
CARDS = "document.querySelectorAll('callbook-card').length"


@pytest.fixture(scope="module")
def allowed(tmp_path_factory: pytest.TempPathFactory, built_extension: Path) -> Path:
    """The extension as after a yes to Chromium's question, which nobody can answer from outside: pages are allowed."""
    folder = tmp_path_factory.mktemp("allowed") / "extension"
    shutil.copytree(built_extension, folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["host_permissions"] = manifest.pop("optional_host_permissions")
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


@pytest.fixture(scope="module")
def rep(tmp_path_factory: pytest.TempPathFactory, allowed: Path, chromium: Path) -> Iterator[Rep]:
    """A rep after the first sync, of a portal in which Ada has a number of her own and Grace and Joan share one."""
    folder = tmp_path_factory.mktemp("card")
    with rep_at_work(folder, allowed, chromium, "--contacts", "10") as rep:
        rep.portal.create(firstname="Ada", lastname="Lovelace", company="Analytical Engines", phone=ADA)
        grace, joan, *_others = rep.portal.contacts()
        rep.portal.edit(grace, firstname="Grace", lastname="Hopper", phone=SHARED)
        rep.portal.edit(joan, firstname="Joan", lastname="Clarke", mobilephone="+1 (206) 555-0142")
        rep.authorize(rep.browser.open(rep.page_url))
        yield rep


@pytest.fixture
def page(rep: Rep) -> Iterator[Surface]:
    """An ordinary page in front."""
    page = rep.browser.open(rep.page_url)
    yield rep.browser.surface(page)
    page.close()


def test_who_calls_is_on_the_page_until_somebody_else_answers(rep: Rep, page: Surface) -> None:
    _event(rep, "elsewhere", ADA)
    assert "Incoming call" in page.wait_for_text("Ada Lovelace")
    assert "Exact match" in page.text()
    assert len(page.elements("alert")) == 1
    assert "Incoming call from Ada Lovelace, Analytical Engines" in page.text()
    assert page.evaluate("document.activeElement === document.body"), "the card took the focus"
    guessed = ["Incoming call", "Ada", "Lovelace", "Analytical", "7946", "United Kingdom", "Exact match"]
    found = [words for words in guessed if page.evaluate(f"find({words!r}, false, false, true)")]
    assert found == ["Incoming call"], "the page beneath can find out who calls"
    _event(rep, "elsewhere", ADA, "answered_elsewhere")
    page.wait_for_text("Answered elsewhere")
    page.wait_until(f"{CARDS} === 0")


def test_that_it_is_on_is_said_in_settings(rep: Rep) -> None:
    popup = rep.browser.click_toolbar_icon(rep.browser.open(rep.page_url))
    popup.click("button", "More")
    popup.click("menuitem", "Settings")
    assert popup.wait_for("switch", "Caller card on web pages").states["checked"] == "true"
    popup.close()


def test_escape_closes_it_and_the_notification_with_it(rep: Rep, page: Surface) -> None:
    _event(rep, "closed", UNKNOWN)
    page.wait_for_text("No match")
    page.wait_for("button", "Search HubSpot")
    rep.browser.wait_until(rep.browser.call_notifications, "a notification")
    page.press("Escape")
    page.wait_until(f"{CARDS} === 0")
    rep.browser.wait_until(lambda: not rep.browser.call_notifications(), "the end of the notification")
    _event(rep, "closed", UNKNOWN, "ended")


def test_two_calls_at_once_are_two_cards_and_each_ends_by_itself(rep: Rep, page: Surface) -> None:
    _event(rep, "first", ADA)
    _event(rep, "second", UNKNOWN)
    page.wait_for_text("Ada Lovelace")
    page.wait_for_text("(206) 555-0199")
    both = ["call:first", "call:second"]
    rep.browser.wait_until(lambda: sorted(rep.browser.call_notifications()) == both, "two notifications")
    _event(rep, "first", ADA, "ended")
    page.wait_until(f"{CARDS} === 1")
    rep.browser.wait_until(lambda: "Ada Lovelace" not in page.text(), "the end of the first call")
    assert "(206) 555-0199" in page.text()
    _event(rep, "second", UNKNOWN, "ended")
    page.wait_until(f"{CARDS} === 0")


def test_who_it_is_on_a_shared_number_is_picked_remembered_and_taken_back(rep: Rep, page: Surface) -> None:
    _event(rep, "shared", SHARED)
    page.wait_for_text("2 people share this number")
    page.click("button", re.compile("^Joan Clarke"))
    assert "Your choice" in page.wait_for_text("Remembered for this number")
    page.wait_for("button", re.compile("^Open in HubSpot"))
    page.click("button", "Undo")
    page.wait_for_text("2 people share this number")
    page.click("button", re.compile("^Grace Hopper"))
    page.wait_for_text("Remembered for this number")
    _event(rep, "shared", SHARED, "ended")
    page.wait_until(f"{CARDS} === 0")
    _event(rep, "shared again", SHARED)
    assert "Grace Hopper" in page.wait_for_text("Your choice")
    _event(rep, "shared again", SHARED, "ended")
    page.wait_until(f"{CARDS} === 0")


def test_a_stranger_whom_hubspot_has_gets_a_name_while_it_rings(rep: Rep, page: Surface) -> None:
    rep.portal.create(firstname="Edith", lastname="Clarke", phone=EDITHS)  # no sync has read her yet
    _event(rep, "stranger", EDITHS)
    page.wait_for_text("(206) 555-0172")
    assert "Exact match" in page.wait_for_text("Edith Clarke")
    assert len(page.elements("alert")) == 1
    _event(rep, "stranger", EDITHS, "ended")
    page.wait_until(f"{CARDS} === 0")


def test_what_does_not_come_about_is_said_on_the_card_which_stays(rep: Rep, page: Surface) -> None:
    _event(rep, "in vain", ADA)
    page.wait_for_text("Ada Lovelace")
    address = rep.stored("local", "server")
    know_server(rep, "http://127.0.0.1:9")  # nobody is there
    page.click("button", re.compile("^Open in HubSpot"))
    page.wait_for_text("Server unreachable")
    assert "Ada Lovelace" in page.text()
    know_server(rep, address)
    _event(rep, "in vain", ADA, "ended")
    page.wait_until(f"{CARDS} === 0")


def test_a_site_is_muted_on_the_card(rep: Rep, page: Surface) -> None:
    _event(rep, "muted", ADA)
    page.wait_for_text("Ada Lovelace")
    page.click("button", "Not on this site")
    page.wait_until(f"{CARDS} === 0")
    assert rep.stored("local", "mutedSites") == [page.evaluate("location.host")]
    _event(rep, "muted", ADA, "ended")


def test_where_pages_are_allowed_a_syncs_progress_comes_along_to_another_origin(rep: Rep) -> None:
    tab = rep.browser.open(f"{rep.page_url}orders")
    popup = rep.browser.click_toolbar_icon(tab)
    with rep.portal.hanging("list"):
        rep.start_sync(popup)
        popup.close()
        rep.browser.surface(tab).wait_for_text(PROGRESS)
        tab.goto(rep.page_url.replace("127.0.0.1", "localhost"))
        rep.browser.surface(tab).wait_for_text(PROGRESS)
        assert tab.evaluate("document.querySelectorAll('callbook-overlay').length") == 1
    rep.wait_synced()
    tab.close()


def _event(rep: Rep, call_id: str, number: str, state: str = "ringing") -> None:
    rep.post("/api/calls", {"call_id": call_id, "direction": "inbound", "state": state, "number": number})
