"""Syncing again: by hand with its counts, by itself without a trace on any page, and leaving; with the extension
exactly as it is shipped.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page

from tests.e2e.chromium import Popup
from tests.e2e.rep import ASK_WITHIN_S, Rep, changes_of, rep_at_work, watch
from tests.e2e.stack import pinned_extension_id

CONTACTS = 60
PERMISSIONS = {"storage", "alarms", "identity", "notifications", "scripting", "activeTab", "sidePanel"}
PAGES = ["http://*/*", "https://*/*"]  # asked for by the switch of the caller card, and not before
DONE = "Contacts are up to date"
ROWS = "document.querySelectorAll('[role=grid] [role=row]')"


@pytest.fixture(scope="module")
def rep(tmp_path_factory: pytest.TempPathFactory, built_extension: Path, chromium: Path) -> Iterator[Rep]:
    folder = tmp_path_factory.mktemp("sync")
    with rep_at_work(folder, built_extension, chromium, "--contacts", str(CONTACTS)) as rep:
        yield rep


@pytest.fixture
def page(rep: Rep) -> Iterator[Page]:
    """A page of a rep who has authorized."""
    page = rep.browser.open(rep.page_url)
    if rep.stored("local", "session") is None or rep.stored("local", "session")["state"] != "signedIn":
        rep.authorize(page)
    yield page
    page.close()


def test_the_extension_under_test_is_the_shipped_one(rep: Rep, built_extension: Path) -> None:
    shipped = json.loads((built_extension / "manifest.json").read_text("utf-8"))
    loaded: dict[str, Any] = rep.browser.worker().evaluate("chrome.runtime.getManifest()")
    assert _without_words(loaded) == _without_words(shipped)
    assert rep.browser.extension_id == pinned_extension_id()


def test_it_may_do_no_more_than_it_says(rep: Rep) -> None:
    loaded: dict[str, Any] = rep.browser.worker().evaluate("chrome.runtime.getManifest()")
    assert set(loaded["permissions"]) == PERMISSIONS
    assert {"host_permissions", "optional_permissions", "content_scripts"} & set(loaded) == set()
    assert sorted(loaded["optional_host_permissions"]) == PAGES
    granted: dict[str, list[str]] = rep.browser.worker().evaluate("chrome.permissions.getAll()")
    assert set(granted["permissions"]) == PERMISSIONS
    assert granted["origins"] == []


def test_the_interval_is_kept(rep: Rep, page: Page) -> None:
    popup = _dialog(rep, page)
    assert popup.wait_for("radio", "Every 20 minutes").states["checked"] == "true"
    popup.click("radio", "Every 5 minutes")
    rep.browser.wait_until(lambda: rep.get("/api/settings")["interval_minutes"] == 5, "the server to know")
    popup.click("button", "Close")
    popup.wait_for_text(re.compile("next in [45] min"))
    popup.close()
    again = _dialog(rep, page)
    assert again.wait_for("radio", "Every 5 minutes").states["checked"] == "true"
    assert "last run" in again.text().lower()


def test_recent_changes_come_with_their_counts(rep: Rep, page: Page) -> None:
    first, second, third, fourth, *_others = rep.portal.contacts()
    rep.portal.create(firstname="Newton", lastname="Newcome", phone="+1 206 555 0101")
    rep.portal.create(firstname="Nova", lastname="Newcome")
    rep.portal.edit(first, firstname="Edda", lastname="Newcome")
    rep.portal.archive(second)
    rep.portal.archive(third)
    rep.portal.archive(fourth)
    popup = rep.browser.click_toolbar_icon(page)
    rep.start_sync(popup, "Recent changes")
    over_page = rep.browser.surface(page)
    done = over_page.wait_for_text(DONE)
    assert re.search(r"2 added\s*·\s*1 updated\s*·\s*3 removed", done), done
    in_hubspot = rep.portal.contacts()
    popup = rep.browser.click_toolbar_icon(page)
    popup.wait_for_text(re.compile(rf"All\s+{len(in_hubspot)}\b"))
    popup.type("searchbox", "Search contacts", "newcome")
    popup.wait_for_text(f"3 of {len(in_hubspot)}")
    names = popup.evaluate(f"[...{ROWS}].map((row) => row.querySelector('bdi').textContent)")
    assert names == ["Edda Newcome", "Newton Newcome", "Nova Newcome"]
    assert {hubspot_id for hubspot_id, _ in rep.cached_properties().values()} == set(in_hubspot)


def test_an_automatic_run_shows_nothing_on_any_page(rep: Rep, page: Page) -> None:
    rep.wait_synced()
    rep.portal.create(firstname="Otto", lastname="Matic")
    rep.browser.click_toolbar_icon(watch(page)).close()  # so that the page could be written on
    other = watch(rep.browser.open(f"{rep.page_url}orders"))
    with rep.portal.slow("search"):
        rep.make_sync_due()
        rep.browser.wait_until(lambda: _run_known(rep, "run"), "the browser to hear of the run")
        assert rep.stored("session", "placement") is None
    assert rep.wait_synced()["added"] == 1
    rep.browser.wait_until(lambda: _run_known(rep, "last_run"), "the browser to hear of its end")
    assert changes_of(page) == changes_of(other) == []
    other.close()


def test_unauthorize_asks_and_then_nothing_is_left(rep: Rep, page: Page) -> None:
    rep.wait_synced()
    token = rep.stored("local", "session")["token"]
    revoked = rep.portal.asked("revoke")
    popup = rep.browser.click_toolbar_icon(page)
    popup.wait_for_text("Synced")
    popup.click("button", "More")
    popup.click("menuitem", "Settings")
    popup.click("button", "Unauthorize")
    popup.wait_for("alertdialog", "Unauthorize HubSpot?")
    assert "HubSpot itself is not changed." in popup.text()
    popup.click("button", "Cancel")
    popup.wait_gone("alertdialog")
    assert _status(rep, token) == requests.codes.ok
    popup.click("button", "Unauthorize")
    popup.wait_for("alertdialog", "Unauthorize HubSpot?")
    popup.click("button", "Unauthorize")  # the question's: it covers the other one
    popup.wait_for("button", "Authorize")
    popup.press("Escape")
    popup.wait_for_text("See who is calling")
    assert popup.evaluate(f"{ROWS}.length") == 0
    assert _status(rep, token) == requests.codes.unauthorized
    assert token not in json.dumps(rep.browser.worker().evaluate("chrome.storage.local.get()"))
    assert rep.stored("session", "firstPage") is None
    rep.browser.wait_until(lambda: rep.portal.asked("revoke") > revoked, "the revocation at HubSpot")
    assert rep.portal.end_all_grants() == 0, "it was revoked"
    rep.browser.wait_until(lambda: rep.rows_from_hubspot() == 0, "the contacts to be deleted")


def _without_words(manifest: dict[str, Any]) -> dict[str, Any]:
    """The browser gives the words in its language."""
    kept = {name: value for name, value in manifest.items() if name not in ("name", "description", "current_locale")}
    commands = {name: {**each, "description": None} for name, each in manifest["commands"].items()}
    return {**kept, "commands": commands}


def _dialog(rep: Rep, page: Page) -> Popup:
    popup = rep.browser.click_toolbar_icon(page)
    popup.click("button", "Sync HubSpot contacts")
    popup.wait_for("dialog", "Sync HubSpot contacts")
    return popup


def _run_known(rep: Rep, which: str) -> bool:
    """Whether the extension knows of an automatic run."""
    sync = rep.stored("session", "sync")
    return sync is not None and sync[which] is not None and sync[which]["trigger"] == "automatic"


def _status(rep: Rep, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{rep.stack.callbook_url}/api/settings", headers=headers, timeout=ASK_WITHIN_S).status_code
