"""The sandbox's page in real Chromium: it follows what happens without a reload, and all of it works without script."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import hubspot_sandbox
from hubspot_sandbox import Options, RunningSandbox
from tests.sandbox.client import CONTACTS, Api
from tests.sandbox.receiver import Receiver, receiving

REP = "sam.ortiz@brightmoor-supply.example"
WIDTHS = (1200, 400)


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def hubspot(receiver: Receiver) -> Iterator[RunningSandbox]:
    options = Options(ring_url=receiver.url, ring_secret="a secret")
    with hubspot_sandbox.running(contacts=30, seed=3, options=options) as running:
        yield running


@pytest.fixture
def page(browser: Browser, hubspot: RunningSandbox) -> Iterator[Page]:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(hubspot.url)
    yield page
    page.close()
    assert said == [], "the page's script breaks none of its own rules"


def test_it_follows_without_a_reload_and_leaves_focus_where_it_was(page: Page, hubspot: RunningSandbox) -> None:
    call = hubspot.ring("+12125550100", REP)
    hang_up = page.get_by_role("button", name="Hang up")
    hang_up.focus()
    api = Api(hubspot.url, hubspot.grant().token)
    api.get(CONTACTS, limit=7)
    expect(page.get_by_text(f"GET {CONTACTS}?limit=7")).to_be_visible()
    hubspot.answer_call(call.id)
    expect(page.get_by_role("button", name="Answer")).to_have_count(0)
    expect(hang_up).to_be_focused()
    api.close()


def test_enter_in_the_ring_form_rings_what_is_typed(page: Page, receiver: Receiver, hubspot: RunningSandbox) -> None:
    page.get_by_label("Ring", exact=True).select_option(REP)
    page.get_by_label("from the number").fill("+44 20 7946 0000")
    page.get_by_label("from the number").press("Enter")
    expect(page.get_by_text("ringing: answered 204")).to_be_visible()
    assert [(call.number, call.to) for call in hubspot.calls] == [("+44 20 7946 0000", REP)]
    assert len(receiver.deliveries) == 1


def test_it_all_works_without_script(browser: Browser, hubspot: RunningSandbox) -> None:
    ada = hubspot.create(firstname="Ada", lastname="Lovelace", phone="+1 212 555 0100")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(hubspot.url)
    page.get_by_label("Search by name, e-mail, phone or id").fill("Lovelace")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="Ring from +1 212 555 0100, Ada Lovelace").click()
    expect(page.get_by_role("button", name="Hang up")).to_be_visible()
    page.get_by_role("link", name="Edit Ada Lovelace").click()
    page.get_by_label("First name").fill("Augusta")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Augusta Lovelace is saved.")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("is deleted")
    page.get_by_role("link", name="1 archived").click()
    page.get_by_role("button", name="Restore Augusta Lovelace").click()
    expect(page.get_by_role("status")).to_have_text("Augusta Lovelace is restored.")
    assert hubspot.portal.contacts[ada.id].properties["firstname"] == "Augusta"
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out_of_the_screen(page: Page, hubspot: RunningSandbox, width: int) -> None:
    hubspot.edit(hubspot.portal.live_ids[0], lastname="x" * 200, email=f"{'y' * 60}@{'z' * 60}.example", phone="1" * 80)
    page.set_viewport_size({"width": width, "height": 900})
    for path in ("/", f"/contacts/62515/record/0-1/{hubspot.portal.live_ids[0]}"):
        page.goto(f"{hubspot.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
