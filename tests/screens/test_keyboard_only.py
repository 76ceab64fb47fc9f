"""The main tasks with the keyboard alone, by the keys a person would press: each goes by what has the focus."""

import re

from playwright.sync_api import Page, expect

from tests.screens import prepared as p
from tests.screens.prepared import Answers
from tests.screens.stage import Situation, Stage, View
from tests.screens.states import signed_out

MOST_TABS = 15

_FOCUSED = """() => {
  const one = document.activeElement;
  const label = one.labels?.[0]?.innerText;
  return (one.getAttribute('aria-label') ?? label ?? one.innerText ?? '').split('\\n')[0].trim();
}"""


def tab_to(page: Page, name: str) -> None:
    """Tab until the element with this name has the focus, as far as a person would."""
    seen: list[str] = []
    for _ in range(MOST_TABS):
        focused: str = page.evaluate(_FOCUSED)
        if focused == name:
            return
        seen.append(focused)
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {name!r}, but to {seen}")


def test_authorize(stage: Stage) -> None:
    with stage.opened(signed_out(None)) as page:
        expect(page.get_by_role("button", name="Authorize")).to_be_visible()
        tab_to(page, "Authorize")
        page.keyboard.press("Enter")
        expect(page.get_by_role("grid", name="Contacts")).to_be_visible()
        stage.server.wait_for("POST", "/auth/session")


def test_find_a_contact(stage: Stage) -> None:
    with stage.opened(Situation()) as page:
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.type("ferr")
        expect(page.get_by_role("row")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Bianca Ferraro")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("searchbox")).to_have_value("")


def test_find_a_contact_by_its_letter(stage: Stage) -> None:
    with stage.opened(Situation()) as page:
        expect(page.get_by_text("Ben Carver")).to_be_visible()
        tab_to(page, "Contacts")  # the tab
        page.keyboard.press("Tab")
        tab_to(page, "Contacts")  # the list
        page.keyboard.press("n")
        expect(page.get_by_role("row", selected=True)).to_contain_text("Adaeze Nwosu")
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("row", selected=True)).to_contain_text("Caleb Osei")


def test_sync(stage: Stage) -> None:
    with stage.opened(Situation()) as page:
        expect(page.get_by_role("searchbox")).to_be_focused()
        tab_to(page, "Sync HubSpot contacts")
        page.keyboard.press("Enter")
        expect(page.get_by_role("radio", name="Recent changes")).to_be_focused()
        page.keyboard.press("ArrowDown")
        tab_to(page, "Sync now")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_hidden()
        assert stage.server.wait_for("POST", "/api/sync").body == {"kind": "full"}
        expect(page.get_by_role("button", name="Sync running")).to_be_focused()


def test_change_the_interval(stage: Stage) -> None:
    with stage.opened(Situation()) as page:
        expect(page.get_by_role("searchbox")).to_be_focused()
        tab_to(page, "Sync HubSpot contacts")
        page.keyboard.press("Enter")
        expect(page.get_by_role("radio", name="Recent changes")).to_be_focused()
        tab_to(page, "Every 20 minutes")
        page.keyboard.press("ArrowLeft")
        assert stage.server.wait_for("PATCH", "/api/settings").body == {"interval_minutes": 5}
        expect(page.get_by_role("radio", name="Every 5 minutes")).to_be_checked()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Sync HubSpot contacts")).to_be_focused()


def test_enter_a_number_of_ones_own_and_remove_others(stage: Stage) -> None:
    with stage.opened(Situation(), View("options.html", (760, 1680))) as page:
        remove = page.get_by_role("button", name=re.compile("^Remove "))
        field = page.get_by_label("Number or extension")
        expect(remove).to_have_count(2)
        tab_to(page, "Number or extension")
        page.keyboard.type("102")
        page.keyboard.press("Enter")
        expect(remove).to_have_count(3)
        expect(field).to_be_focused()
        expect(field).to_have_value("")
        assert stage.server.wait_for("PUT", "/api/lines").body == {"lines": ["+12015550111", "101", "102"]}
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
        expect(page.get_by_role("button", name="Remove 101")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Remove 102")).to_be_focused()
        page.keyboard.press("Enter")
        expect(field).to_be_focused()
        expect(remove).to_have_count(1)


def test_read_a_call(stage: Stage) -> None:
    calls = [p.call(9, p.caller(p.PEOPLE[2]), started_at=p.at(13, 52))]
    with stage.opened(Situation(Answers(calls=calls), local={"missed": ["call-9"]})) as page:
        expect(page.get_by_text("Ben Carver")).to_be_visible()
        tab_to(page, "Contacts")
        page.keyboard.press("ArrowRight")
        row = page.get_by_role("button", name=re.compile("Bianca Ferraro.*Missed", re.DOTALL))
        expect(row).to_be_visible()
        for _ in range(MOST_TABS):
            if row.evaluate("(one) => one === document.activeElement"):
                break
            page.keyboard.press("Tab")
        expect(row).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Bianca Ferraro")).to_be_visible()
