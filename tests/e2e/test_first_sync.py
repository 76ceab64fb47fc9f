"""The first sync in the real browser: the cache holds what HubSpot holds, and the list shows all of it, each row with
the right badge, without drawing more than is in view.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.chromium import Popup
from tests.e2e.rep import Rep, rep_at_work

CONTACTS = 3_000
PERSONAL = [
    {"firstname": "Ada", "lastname": f"Ownbook {number}", "phone": f"+1 212 555 {number:04}"} for number in range(1, 8)
]
A_FEW_DOZEN = 60
NUMBERS = ("mobilephone", "phone", "hs_whatsapp_phone_number")
READ = (
    *("firstname", "lastname", "email", "hs_additional_emails", "phone", "mobilephone", "hs_whatsapp_phone_number"),
    *("company", "associatedcompanyid", "jobtitle", "hubspot_owner_id", "country"),
    *("hs_calculated_phone_number_country_code", "notes_last_contacted", "createdate", "lastmodifieddate"),
    *("hs_merged_object_ids", "hs_calculated_merged_vids"),
)
ONE_IN = 25
MOST_STOPS = 12
SELECTED = "document.querySelector('[role=grid] [aria-selected=true]')"
ROWS = "document.querySelectorAll('[role=grid] [role=row]')"
# Down the whole list as fast as rows come, never past a row that was not drawn: what each says, how many were at once.
WALK = """(async () => {
  const grid = document.querySelector('[role=grid]');
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const rows = () => [...grid.querySelectorAll('[role=row]')];
  const seen = {};
  let most = 0;
  for (let top = 0; ; top += grid.clientHeight) {
    grid.scrollTop = top;
    await frame();
    for (let drawn = 0; rows().some((row) => row.ariaBusy === 'true'); drawn += 1) {
      if (drawn > 600) throw new Error('rows at ' + top + ' px did not come');
      await frame();
    }
    most = Math.max(most, rows().length);
    for (const row of rows()) {
      seen[row.ariaRowIndex] = { said: row.querySelector('.name').textContent, badge: !!row.querySelector('.hub') };
    }
    if (top + grid.clientHeight >= grid.scrollHeight) return { seen, most };
  }
})()"""


@pytest.fixture(scope="module")
def rep(tmp_path_factory: pytest.TempPathFactory, built_extension: Path, chromium: Path) -> Iterator[Rep]:
    """A rep after the first sync, with some personal contacts; the list is not yet looked at."""
    folder = tmp_path_factory.mktemp("first sync")
    with rep_at_work(folder, built_extension, chromium, "--contacts", str(CONTACTS)) as rep:
        rep.authorize(rep.browser.open(rep.page_url))
        rep.add_personal(PERSONAL)
        yield rep


@pytest.fixture
def popup(rep: Rep) -> Iterator[Popup]:
    """The popup over the rep's page, with the list in it."""
    page = rep.browser.open(rep.page_url)
    popup = rep.browser.click_toolbar_icon(page)
    popup.wait_for_text(re.compile(rf"All\s+{CONTACTS + len(PERSONAL):,}"))
    yield popup
    page.close()


def test_the_cache_holds_exactly_the_contacts_of_hubspot(rep: Rep) -> None:
    in_hubspot = rep.portal.contacts(*READ)
    cached = rep.cached_properties()
    assert len(in_hubspot) == len(cached) == CONTACTS
    assert dict(cached.values()) == {contact_id: _set_ones(all_) for contact_id, all_ in in_hubspot.items()}


def test_the_list_tells_every_contact_as_hubspot_has_it(rep: Rep) -> None:
    cached = rep.cached_properties()
    rows = rep.every_contact("hubspot")
    companies = rep.portal.company_names()
    assert {row["id"]: _told(row) for row in rows} == {
        own_id: _expected(properties, companies) for own_id, (_hubspot_id, properties) in cached.items()
    }
    for row in rows[::ONE_IN]:
        hubspot_id, properties = cached[row["id"]]
        contact = rep.get(f"/api/contacts/{row['id']}")
        assert contact["hubspot_url"].endswith(f"/{hubspot_id}")
        assert contact["email"] == properties.get("email")
        assert _moment(contact["modified_at"]) == _moment(properties["lastmodifieddate"])
        assert {phone["raw"] for phone in contact["phones"]} == set(_numbers(properties))


def test_every_row_of_the_list_has_the_badge_of_its_source_and_few_are_drawn(rep: Rep, popup: Popup) -> None:
    walked = popup.evaluate(WALK)
    expected = {
        str(place): (row["name"], row["source"] == "hubspot") for place, row in enumerate(rep.every_contact(), start=1)
    }
    aloud = {True: ", from HubSpot", False: ", personal contact"}
    assert {place: (row["said"], row["badge"]) for place, row in walked["seen"].items()} == {
        place: (f"{name}{aloud[from_hubspot]}", from_hubspot) for place, (name, from_hubspot) in expected.items()
    }
    assert sum(not row["badge"] for row in walked["seen"].values()) == len(PERSONAL)
    assert walked["most"] < A_FEW_DOZEN


def test_the_end_key_leads_to_the_last_contact(rep: Rep, popup: Popup) -> None:
    _into_the_list(popup)
    popup.press("End")
    last = rep.every_contact()[-1]
    popup.wait_until(f"{SELECTED}?.ariaRowIndex === '{CONTACTS + len(PERSONAL)}'")
    popup.wait_until(f"{SELECTED}.textContent.includes({json.dumps(last['name'])})")
    assert popup.evaluate(f"{ROWS}.length") < A_FEW_DOZEN
    popup.press("Home")
    popup.wait_until(f"{SELECTED}?.ariaRowIndex === '1' && document.querySelector('[role=grid]').scrollTop === 0")


def test_the_wheel_goes_to_the_end(rep: Rep, popup: Popup) -> None:
    popup.wheel(100 * CONTACTS, "grid", "Contacts")
    last = rep.every_contact()[-1]["name"]
    popup.wait_until(f"[...{ROWS}].at(-1).textContent.includes({json.dumps(last)})")
    assert popup.evaluate(f"{ROWS}.length") < A_FEW_DOZEN


def test_a_key_and_a_place_in_the_list_cost_one_request_each(rep: Rep, popup: Popup) -> None:
    """Chromium asks the server for leave to ask once, not again for every text and every place."""

    def asked(method: str) -> int:
        return rep.stack.service.program.output().count(f" {method} /api/contacts/search ")

    leave, lists = asked("OPTIONS"), asked("POST")
    popup.wheel(100 * CONTACTS, "grid", "Contacts")
    popup.wait_until(f"[...{ROWS}].at(-1).ariaRowIndex === '{CONTACTS + len(PERSONAL)}'")
    for text in ("2125550001", "2125550002", "2125550003"):
        popup.rewrite("searchbox", "Search contacts", text)
        popup.wait_until(f"{ROWS}.length === 1 && {ROWS}[0].textContent.includes('{text[-4:]}')")
    assert leave > 0
    assert asked("OPTIONS") == leave
    assert asked("POST") >= lists + 4


def test_a_letter_leads_to_its_first_contact(rep: Rep, popup: Popup) -> None:
    letters = rep.contacts(letters=True, limit=1)["letters"]
    assert sum(each["count"] for each in letters) == CONTACTS + len(PERSONAL)
    wanted = next(each for each in letters if each["letter"] == "M")
    _into_the_list(popup)
    popup.press("m")
    popup.wait_until(f"{SELECTED}?.ariaRowIndex === '{wanted['offset'] + 1}'")
    heads = popup.evaluate("[...document.querySelectorAll('[role=grid] .letter')].map((one) => one.textContent)")
    assert "M" in heads


def test_a_search_marks_what_it_found(rep: Rep, popup: Popup) -> None:
    popup.type("searchbox", "Search contacts", "ownb")
    popup.wait_for_text(re.compile(rf"\b{len(PERSONAL)} of {CONTACTS + len(PERSONAL):,}"))
    marks = popup.evaluate(f"[...{ROWS}].map((row) => row.querySelector('mark')?.textContent)")
    assert marks == ["Ownb"] * len(PERSONAL)
    popup.rewrite("searchbox", "Search contacts", "2125550003")
    popup.wait_until(f"{ROWS}.length === 1")
    marked = popup.evaluate(f"{ROWS}[0].querySelector('mark').textContent")
    assert re.sub(r"\D", "", marked) == "2125550003"
    popup.rewrite("searchbox", "Search contacts", "nobody at all")
    popup.wait_for_text("No contact found")
    popup.press("Escape")
    popup.wait_until(f"{ROWS}.length > 1")
    assert rep.contacts(q="ownb")["total"] == len(PERSONAL)


def test_the_filters_show_one_source_each_with_its_count(popup: Popup) -> None:
    popup.click("button", f"Personal {len(PERSONAL)}")
    popup.wait_until(f"{ROWS}.length === {len(PERSONAL)} && ![...{ROWS}].some((row) => row.querySelector('.hub'))")
    assert popup.wait_for("button", re.compile("^Personal")).states["pressed"] == "true"
    popup.click("button", f"HubSpot {CONTACTS:,}")
    popup.wait_until(f"{ROWS}.length > {len(PERSONAL)} && [...{ROWS}].every((row) => row.querySelector('.hub'))")
    assert popup.evaluate("document.querySelector('[role=grid]').ariaRowCount") == str(CONTACTS)
    popup.click("button", f"All {CONTACTS + len(PERSONAL):,}")
    popup.wait_until(f"document.querySelector('[role=grid]').ariaRowCount === '{CONTACTS + len(PERSONAL)}'")


def _into_the_list(popup: Popup) -> None:
    """With the keyboard, from the search field on."""
    popup.wait_until("document.activeElement?.role === 'searchbox'")
    for _stop in range(MOST_STOPS):
        if popup.evaluate("document.activeElement.role === 'grid'"):
            return
        popup.press("Tab")
    raise AssertionError("Tab does not lead into the list")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _set_ones(properties: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name in READ if (value := properties.get(name)) is not None}


def _told(row: dict[str, Any]) -> dict[str, str | None]:
    number = None if row["phone"] is None else row["phone"]["raw"]
    return {**{name: row[name] for name in ("name", "company", "job_title")}, "number": number}


def _expected(properties: dict[str, str], companies: Mapping[str, str | None]) -> dict[str, str | None]:
    """The company is the associated one, by its own name, before the text typed into the contact."""
    numbers = _numbers(properties)
    full_name = " ".join(filter(None, (properties.get("firstname"), properties.get("lastname"))))
    name = next(filter(None, (full_name, properties.get("email"), properties.get("company"), *numbers)))
    company = companies.get(properties.get("associatedcompanyid", "")) or properties.get("company")
    job_title = properties.get("jobtitle")
    return {"name": name, "company": company, "job_title": job_title, "number": next(iter(numbers), None)}


def _numbers(properties: dict[str, str]) -> list[str]:
    return [properties[name].strip() for name in NUMBERS if name in properties]
