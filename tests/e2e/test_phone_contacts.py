"""RingCentral's list of contacts in the phone window: read in pages, kept true, and emptied when the rep leaves."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route

from callbook import feed, models
from callbook.models import Contact, connected, transaction
from tests.e2e.phone import ADA, REGISTER, Phone, open_phone, rep_with_people
from tests.e2e.rep import DANA, Rep

CROWD = 12_000
WRITTEN = "one of the crowd"
OF_THE_CROWD = 2_000_000
FEED_ROWS = 1_000
BEYOND = 10**12  # ids that the portal has not given yet


@pytest.fixture(scope="module")
def rep(tmp_path_factory: pytest.TempPathFactory, built_extension: Path, chromium: Path) -> Iterator[Rep]:
    with rep_with_people(tmp_path_factory.mktemp("phone"), built_extension, chromium) as rep:
        yield rep


@pytest.fixture(scope="module")
def phone(rep: Rep, widget_url: str) -> Phone:
    return open_phone(rep, widget_url)


def _hubspot_count(rep: Rep) -> int:
    return int(rep.contacts(source="hubspot", limit=1)["total"])


@contextmanager
def _crowd(rep: Rep) -> Iterator[None]:
    """Within the block the cache holds many more, as a sync would have written them."""
    owner = rep.user().owner
    with connected(), transaction():
        first = feed.draw(owner, CROWD)
        rows = [_one_of_many(BEYOND + place, first + place) for place in range(CROWD)]
        ids = [row[0] for row in Contact.of(owner).add(rows, "id")]
        phone = {"position": 0, "property": "phone", "written": WRITTEN}
        numbers = [f"+1206{OF_THE_CROWD + place}" for place in range(len(ids))]
        with_numbers = zip(ids, numbers, strict=True)
        models.Phone.of(owner).add([{**phone, "contact_id": each, "e164": number} for each, number in with_numbers])
    try:
        yield
    finally:
        with connected(), transaction():
            models.Phone.of(owner).delete().where(models.Phone.written == WRITTEN).execute()
            Contact.of(owner).delete().where(Contact.hubspot_id >= BEYOND).execute()
            feed.draw(owner, 1)  # whoever remembers the rows looks again


def _one_of_many(hubspot_id: int, seq: int) -> dict[str, Any]:
    name = f"Person {hubspot_id}"
    told = {"source": "hubspot", "hubspot_id": hubspot_id, "name": name, "properties": {"lastname": name}}
    sorting = {"sort_key": name.lower(), "letter": "P", "search_text": name.lower(), "has_number": True}
    return {**told, **sorting, "read_at": models.now(), "primary": True, "seq": seq}


def test_all_contacts_come_in_pages_and_no_personal_one(rep: Rep, phone: Phone) -> None:
    with _crowd(rep):
        phone.page.reload()
        phone.wait_for_contacts(_hubspot_count(rep))
        contacts = phone.contacts()
        assert len({contact["id"] for contact in contacts}) == _hubspot_count(rep) == len(contacts) > CROWD
    assert {contact["type"] for contact in contacts} == {"HubSpot"}
    assert "Mum" not in {contact["name"] for contact in contacts}
    pages = phone.asked("/contacts")
    assert [body["page"] for body in pages] == list(range(1, len(pages) + 1))
    assert len(pages) > CROWD / FEED_ROWS
    assert {body["syncTimestamp"] for body in pages} == {None}
    first = phone.in_widget(
        "() => standIn.log.find(({ message }) => message.response?.nextPage === 2).message.response"
    )
    assert phone.in_widget("() => standIn.service.cursor") == first["syncTimestamp"]
    assert len(first["data"]) == FEED_ROWS
    phone.page.reload()
    phone.wait_for_contacts(_hubspot_count(rep))


def test_a_refresh_by_hand_syncs_and_brings_who_came_went_and_changed(rep: Rep, phone: Phone) -> None:
    phone.wait_for_contacts(_hubspot_count(rep))
    gone = rep.portal.create(firstname="Gone", lastname="Soon", phone="+12065550166")
    phone.in_widget("() => void standIn.fetchContacts('manual')")
    phone.wait_for_widget("standIn.service.contacts.some(({ name }) => name === 'Gone Soon')")
    phone.wait_for_names({"+12065550166": ["Gone Soon"]})
    rep.wait_synced()
    rep.portal.edit(gone, firstname="Changed")
    phone.in_widget("() => void standIn.fetchContacts('manual')")
    phone.wait_for_widget("standIn.matchesOf('+12065550166')[0]?.name === 'Changed Soon'")
    rep.wait_synced()
    rep.portal.archive(gone)
    phone.in_widget("() => void standIn.fetchContacts('manual')")
    phone.wait_for_widget("!standIn.service.contacts.some(({ name }) => name.endsWith('Soon'))")
    phone.wait_for_widget("standIn.matchesOf('+12065550166').length === 0")
    rep.wait_synced()
    assert len(phone.contacts()) == _hubspot_count(rep)
    assert phone.asked("/contacts")[-1]["syncTimestamp"] is not None, "only changes were read"


def _unauthorize(phone: Phone) -> None:
    widget = phone.widget()
    widget.get_by_role("button", name="Settings").click()
    widget.get_by_role("button", name="Unauthorize").click()
    phone.surface.wait_for("alertdialog", "Unauthorize HubSpot?")
    assert phone.in_widget("() => standIn.service.authorized")
    phone.surface.click("button", "Unauthorize")


def _authorize_again(rep: Rep, phone: Phone) -> None:
    phone.widget().get_by_role("button", name="Authorize").click()
    window = rep.browser.wait_for_page(lambda page: "/oauth/authorize" in page.url)
    window.get_by_role("button", name="Allow").wait_for()
    rep.allow(window, DANA)
    rep.wait_signed_in()
    rep.wait_synced()
    phone.wait_for_widget("standIn.service.authorized")
    phone.wait_for_contacts(_hubspot_count(rep))


def test_unauthorize_in_the_widget_asks_empties_it_and_authorize_brings_all_back(rep: Rep, phone: Phone) -> None:
    phone.wait_for_contacts(_hubspot_count(rep))
    phone.wait_for_names({ADA: ["Ada Lovelace"]})
    _unauthorize(phone)
    phone.wait_for_widget("!standIn.service.authorized")
    phone.wait_for_contacts(0)
    assert phone.in_widget("(number) => standIn.matchesOf(number)", ADA) == []
    _authorize_again(rep, phone)
    assert phone.in_widget("() => standIn.errors") == []
    assert phone.heard(REGISTER) == 1


def test_unauthorize_in_the_midst_of_a_read_leaves_nobody_in_it(rep: Rep, phone: Phone) -> None:
    """The widget reads one list at a time: what was asked of it meanwhile is lost."""
    asked: list[Route] = []

    def hold_the_third(route: Route) -> None:
        asked.append(route)
        if len(asked) != 3:
            route.continue_()

    with _crowd(rep):
        phone.page.route("**/api/feed*", hold_the_third)
        phone.page.reload()
        rep.browser.wait_until(lambda: len(asked) >= 3, "the third page to be asked for")
        _unauthorize(phone)
        phone.wait_for_widget(
            "standIn.log.some(({ message }) => message.type === 'rc-adapter-sync-third-party-contacts')"
        )
        asked[2].continue_()
        phone.wait_for_widget("!standIn.service.authorized")
        assert phone.contacts() == []
        phone.page.unroute("**/api/feed*")
    _authorize_again(rep, phone)
