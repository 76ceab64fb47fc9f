"""Personal contacts, from the form to a ringing call; what a contact's page tells; and leaving for good."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.chromium import Popup
from tests.e2e.rep import DANAS_EMAIL, Rep, rep_at_work

NUMBER = "+1 212 555 0142"
CARRIERS_FORM = "12125550142"


@pytest.fixture(scope="module")
def rep(tmp_path_factory: pytest.TempPathFactory, built_extension: Path, chromium: Path) -> Iterator[Rep]:
    folder = tmp_path_factory.mktemp("personal")
    with rep_at_work(folder, built_extension, chromium, "--contacts", "30") as rep:
        rep.authorize(rep.browser.open(rep.page_url))
        yield rep


@pytest.fixture
def page(rep: Rep) -> Iterator[Page]:
    page = rep.browser.open(rep.page_url)
    yield page
    page.close()


def _add(popup: Popup, first: str, last: str, number: str) -> None:
    popup.click("button", "More")
    popup.click("menuitem", "Add personal contact")
    popup.type("textbox", "First name", first)
    popup.type("textbox", "Last name", last)
    popup.type("textbox", "Mobile", number)
    popup.click("button", "Save")
    popup.wait_for_text(re.compile(r"Personal\s+[1-9]"))


def _leave(popup: Popup, page: Page) -> None:
    page.mouse.click(5, 5)
    popup.wait_closed()


def _open(popup: Popup, name: str) -> None:
    popup.click("button", re.compile("^Personal"))
    popup.click("row", re.compile(name))
    popup.wait_for("heading", name)


def test_a_personal_contact_is_added_named_on_a_call_changed_and_deleted(rep: Rep, page: Page) -> None:
    popup = rep.browser.click_toolbar_icon(page)
    _add(popup, "Grace", "Hopper", NUMBER)
    popup.click("button", re.compile("^Personal"))
    popup.wait_for_text(re.compile(r"Grace Hopper\s*, personal contact"))
    assert popup.evaluate("document.querySelectorAll('[role=grid] [role=row] .hub').length") == 0

    rep.browser.record_notifications()
    assert rep.stack.callbook("ring", "--user", DANAS_EMAIL, "--from", CARRIERS_FORM).returncode == 0
    rep.browser.wait_until(
        lambda: [one for one in rep.browser.notifications() if one.title == "Grace Hopper"], "a name"
    )

    _open(popup, "Grace Hopper")
    popup.click("button", "Edit")
    popup.rewrite("textbox", "Last name", "Murray Hopper")
    popup.click("button", "Save")
    popup.wait_for("heading", "Grace Murray Hopper")
    popup.click("button", "Delete")
    popup.wait_for("alertdialog", "Delete Grace Murray Hopper?")
    popup.click("button", "Delete")
    popup.wait_for_text(re.compile(r"Personal\s+0"))
    assert rep.contacts(source="personal")["total"] == 0


def test_what_the_server_does_not_take_is_said_and_nothing_is_lost(rep: Rep, page: Page) -> None:
    popup = rep.browser.click_toolbar_icon(page)
    popup.click("button", "More")
    popup.click("menuitem", "Add personal contact")
    popup.click("button", "Save")
    popup.wait_for("alert")
    assert rep.contacts(source="personal")["total"] == 0


def test_a_hubspot_contact_cannot_be_changed_here(rep: Rep, page: Page) -> None:
    popup = rep.browser.click_toolbar_icon(page)
    first = rep.every_contact("hubspot")[0]["name"]
    popup.click("row", re.compile(re.escape(first)))
    popup.wait_for("link", re.compile("Open in HubSpot"))
    assert popup.elements("button", "Edit") == []
    assert popup.elements("button", "Delete") == []


def test_personal_contacts_outlive_unauthorize_and_not_the_deletion_of_everything(rep: Rep, page: Page) -> None:
    popup = rep.browser.click_toolbar_icon(page)
    _add(popup, "Ida", "Rhodes", NUMBER)
    popup.click("button", "More")
    popup.click("menuitem", "Settings")
    popup.click("button", "Unauthorize")
    popup.wait_for("alertdialog", "Unauthorize HubSpot?")
    popup.click("button", "Unauthorize")
    popup.wait_for("button", "Authorize")
    _leave(popup, page)
    rep.authorize(page)
    assert [row["name"] for row in rep.every_contact("personal")] == ["Ida Rhodes"]

    popup = rep.browser.click_toolbar_icon(page)
    popup.click("button", "More")
    popup.click("menuitem", "Settings")
    popup.click("button", "Delete my data")
    popup.wait_for("alertdialog", "Delete my data?")
    popup.click("button", "Delete my data")
    popup.wait_for("button", "Authorize")
    _leave(popup, page)
    rep.authorize(page)
    assert rep.every_contact("personal") == []
