"""The phone window, with the stand-in for RingCentral's widget in real Chromium: every rule of its protocol that the
bridge lives by, but for those of its list (test_phone_contacts.py), in one window that stays open from test to test.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route

from tests.e2e.phone import ADA, REGISTER, SHARED, Phone, open_phone, rep_with_people
from tests.e2e.rep import Rep
from tests.e2e.stack import free_port

ADA_AS_CARRIERS_WRITE_IT = "442079460958"
UNKNOWN = "+12065550199"
CARRIER = "WIRELESS CALLER"
OVERLONG = "9" * 300
# As if what is kept to be told had happened so many seconds ago.
OF_LONGER_AGO = """async (seconds) => {
  const { callReports } = await chrome.storage.local.get('callReports');
  const at = (place) => new Date(Date.now() - seconds[place] * 1000).toISOString();
  await chrome.storage.local.set({ callReports: callReports.map((one, place) => ({ ...one, at: at(place) })) });
}"""


@pytest.fixture(scope="module")
def rep(tmp_path_factory: pytest.TempPathFactory, built_extension: Path, chromium: Path) -> Iterator[Rep]:
    with rep_with_people(tmp_path_factory.mktemp("phone"), built_extension, chromium) as rep:
        yield rep


@pytest.fixture(scope="module")
def phone(rep: Rep, widget_url: str) -> Phone:
    return open_phone(rep, widget_url)


def _calls(rep: Rep, call_id: str) -> list[dict[str, Any]]:
    return [call for call in rep.calls()["calls"] if call["call_id"] == call_id]


def _wait_for_state(rep: Rep, call_id: str, state: str) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        return next((call for call in _calls(rep, call_id) if call["state"] == state), None)

    return rep.browser.wait_until(found, f"the call to be {state}")


def _show_widget(rep: Rep, url: str) -> None:
    rep.browser.worker().evaluate("(address) => chrome.storage.local.set({ phone: { address, clientId: '' } })", url)


def test_it_registers_once_after_the_first_login_message(phone: Phone) -> None:
    widget = phone.wait_for_widget("standIn.phone.ready")
    told = widget.evaluate("standIn.log.map(({ way, message }) => [way, message.type, message.loggedIn])")
    logins = [place for place, (way, kind, _) in enumerate(told) if (way, kind) == ("out", "rc-login-status-notify")]
    assert [told[place][2] for place in logins] == [False, True]
    assert phone.heard(REGISTER) == 1
    assert next(kind for way, kind, _ in told if way == "in") == REGISTER
    assert widget.evaluate("[standIn.service.registered.name, standIn.errors]") == ["HubSpot", []]
    assert "clientId=an+id" in widget.url


def test_asking_for_it_again_shows_the_same_window(rep: Rep, phone: Phone) -> None:
    popup = rep.browser.click_toolbar_icon(rep.browser.context.pages[0])
    popup.click("button", "More")
    popup.click("menuitem", "Open the phone")
    rep.browser.wait_until(lambda: phone.page.evaluate("document.hasFocus()"), "the window in front")
    windows = [page for page in rep.browser.context.pages if page.url.endswith("/phone.html")]
    assert windows == [phone.page]


def test_a_second_page_of_it_waits_until_the_first_is_closed(rep: Rep, phone: Phone) -> None:
    second = rep.browser.open(phone.page.url)
    rep.browser.surface(second).wait_for_text("The phone is open in another window")
    assert second.query_selector("iframe") is None
    second.close()


@pytest.mark.parametrize(
    ("number", "name"),
    [
        pytest.param(ADA_AS_CARRIERS_WRITE_IT, "Ada Lovelace", id="known"),
        pytest.param(SHARED, "Joan Clarke (1 of 2)", id="shared"),
        pytest.param("+12065550111", "Mum", id="personal"),
        pytest.param(UNKNOWN, CARRIER, id="unknown"),
        pytest.param("anonymous", CARRIER, id="withheld"),
    ],
)
def test_a_ring_has_its_name_and_goes_into_the_history(rep: Rep, phone: Phone, number: str, name: str) -> None:
    call_id = f"s-{number}"
    phone.ring(number, call_id, CARRIER)
    phone.wait_for_caller(name)
    rang = _wait_for_state(rep, call_id, "ringing")
    assert rang["caller"]["carrier_name"] == CARRIER
    phone.in_widget("(id) => standIn.answer(id)", call_id)
    _wait_for_state(rep, call_id, "answered")
    phone.end(call_id)
    _wait_for_state(rep, call_id, "ended")
    assert len(_calls(rep, call_id)) == 1


def test_names_are_answered_by_the_very_texts_that_were_asked(phone: Phone) -> None:
    ada = [ADA, ADA_AS_CARRIERS_WRITE_IT, "+442079460958", "0044 20 7946 0958", "+442079460958*101"]
    both = ["Joan Clarke (1 of 2)", "Grace Hopper (1 of 2)"]
    odd = ["18442085446*101", "101", "anonymous", "", "\x00", "not a number", OVERLONG, "*67", "constructor"]
    phone.wait_for_names({SHARED: both, "2065550142": both})
    phone.wait_for_names({number: ["Ada Lovelace"] for number in ada} | {number: [] for number in odd})


@pytest.mark.parametrize(
    ("how", "state"),
    [
        pytest.param({"reason": "Pickup"}, "answered_elsewhere", id="a colleague took it"),
        pytest.param({"reason": "NoAnswer"}, "missed", id="nobody did"),
        pytest.param({"silent": ["session"]}, "missed", id="and nobody says why it ended"),
    ],
)
def test_how_a_ring_ended(rep: Rep, phone: Phone, how: dict[str, Any], state: str) -> None:
    call_id = f"s-{how}"
    phone.ring(ADA, call_id)
    _wait_for_state(rep, call_id, "ringing")
    phone.end(call_id, **how)
    _wait_for_state(rep, call_id, state)


def test_voicemail(rep: Rep, phone: Phone) -> None:
    phone.ring(ADA, "s-voicemail")
    _wait_for_state(rep, "s-voicemail", "ringing")
    phone.in_widget("(id) => { standIn.toVoicemail(id); standIn.redraw(); }", "s-voicemail")
    _wait_for_state(rep, "s-voicemail", "voicemail")


def test_of_two_calls_at_once_each_ends_by_itself(rep: Rep, phone: Phone) -> None:
    phone.ring(ADA, "s-first")
    phone.ring(UNKNOWN, "s-second")
    _wait_for_state(rep, "s-second", "ringing")
    phone.in_widget("(id) => standIn.answer(id)", "s-second")
    _wait_for_state(rep, "s-second", "answered")
    _wait_for_state(rep, "s-first", "ringing")
    phone.end("s-first", reason="NoAnswer")
    _wait_for_state(rep, "s-first", "missed")
    _wait_for_state(rep, "s-second", "answered")
    phone.end("s-second")
    _wait_for_state(rep, "s-second", "ended")


def test_a_transfer_that_nobody_took_rings_again_with_its_name(rep: Rep, phone: Phone) -> None:
    phone.ring(ADA, "s-back")
    _wait_for_state(rep, "s-back", "ringing")
    phone.in_widget("(id) => standIn.answer(id)", "s-back")
    phone.in_widget("(id) => standIn.transfer(id)", "s-back")
    _wait_for_state(rep, "s-back", "ended")
    phone.in_widget("(id) => { standIn.comeBack(id); standIn.redraw(); }", "s-back")
    again = _wait_for_state(rep, "s-back/p-s-back-3", "ringing")
    assert again["caller"]["candidates"][0]["name"] == "Ada Lovelace"
    phone.in_widget("(id) => standIn.answer(id)", "s-back")
    _wait_for_state(rep, "s-back/p-s-back-3", "answered")
    phone.end("s-back")
    _wait_for_state(rep, "s-back/p-s-back-3", "ended")
    _wait_for_state(rep, "s-back", "ended")


def test_a_pick_on_a_shared_number_reaches_the_phone(rep: Rep, phone: Phone) -> None:
    phone.ring(SHARED, "s-shared")
    rep.browser.wait_until(lambda: len(_matches(phone, SHARED)) == 2, "both of them")
    before = _matches(phone, SHARED)
    picked = before[1].partition(" (")[0]
    page = rep.browser.open(rep.page_url)
    popup = rep.browser.click_toolbar_icon(page)
    popup.click("button", re.compile(f"^{picked}"))
    rep.browser.wait_until(lambda: _matches(phone, SHARED)[0] == picked, "the one picked first, and sure")
    popup.click("button", "Undo")
    rep.browser.wait_until(lambda: _matches(phone, SHARED) == before, "nobody picked")
    popup.close()
    page.close()
    phone.end("s-shared")


def _matches(phone: Phone, number: str) -> list[str]:
    found: list[str] = phone.in_widget("(number) => standIn.matchesOf(number).map(({ name }) => name)", number)
    return found


def test_the_dialer_finds_people_by_name_and_number(phone: Phone) -> None:
    found = phone.in_widget("async () => [await standIn.search('Lovelace'), await standIn.search('2065550142')]")
    assert found[0] == [{"name": "Ada Lovelace", "phoneNumber": "+442079460958", "type": "business"}]
    assert {row["name"] for row in found[1]} == {"Grace Hopper", "Joan Clarke"}


def test_view_contact_opens_the_record_in_hubspot(rep: Rep, phone: Phone) -> None:
    phone.ring(ADA, "s-view")
    phone.wait_for_caller("Ada Lovelace")
    with rep.browser.context.expect_page() as record:
        phone.widget().get_by_role("button", name="View contact").click()
    record.value.close()
    phone.end("s-view")


def test_a_late_answer_puts_the_name_right(rep: Rep, phone: Phone) -> None:
    held: list[Route] = []
    released: list[bool] = []

    def hold(route: Route) -> None:
        if released:
            route.continue_()
        else:
            held.append(route)

    number = "0044-20-79460958"  # in a form that nobody has asked for yet
    phone.page.route("**/api/callers", hold)
    phone.ring(number, "s-late", CARRIER)
    rep.browser.wait_until(lambda: len(held) >= 2, "the questions")
    phone.wait_for_caller(CARRIER)
    rep.browser.wait_until(lambda: _matches_answered(phone), "answers without the server")
    released.append(True)
    for route in held:
        route.continue_()
    phone.wait_for_caller("Ada Lovelace")
    phone.page.unroute("**/api/callers")
    phone.end("s-late")


def _matches_answered(phone: Phone) -> bool:
    waiting = """() => { const out = standIn.log.filter(({ way, message }) => way === 'out' && message.requestId);
      const back = new Set(standIn.log.map(({ message }) => message.responseId));
      return out.filter(({ message }) => !back.has(message.requestId)).length; }"""
    return bool(phone.in_widget(waiting) == 0)


def test_without_the_server_known_callers_have_names_and_calls_are_told_afterwards(rep: Rep, phone: Phone) -> None:
    phone.wait_for_names({ADA: ["Ada Lovelace"]})
    with rep.stack.stopped():
        phone.ring(ADA, "s-offline")
        phone.wait_for_caller("Ada Lovelace")
        phone.in_widget("(id) => standIn.answer(id)", "s-offline")
        phone.end("s-offline")
        rep.browser.wait_until(lambda: len(rep.stored("local", "callReports")) == 3, "the events to be kept")
        rep.browser.worker().evaluate(OF_LONGER_AGO, [60, 50, 20])
    phone.wait_for_names({"+12065550177": []})  # whatever reaches the server lets the rest go
    told = _wait_for_state(rep, "s-offline", "ended")
    started, answered, ended = (datetime.fromisoformat(told[f"{what}_at"]) for what in ("started", "answered", "ended"))
    assert (answered - started).total_seconds() == pytest.approx(10, abs=2)
    assert (ended - answered).total_seconds() == pytest.approx(30, abs=2)
    rep.browser.wait_until(lambda: rep.stored("local", "callReports") == [], "the events to be sent")


def test_the_widget_loaded_anew_is_registered_with_anew(phone: Phone) -> None:
    old = phone.widget()
    old.evaluate("() => { globalThis.old = true; location.reload(); }")
    phone.wait_for_widget("globalThis.old === undefined && standIn.service.contacts.length > 0")
    assert phone.heard(REGISTER) == 1
    assert phone.asked("/contacts")[0]["syncTimestamp"] is None
    phone.page.reload()
    phone.wait_for_widget("standIn.service.contacts.length > 0")
    assert phone.heard(REGISTER) == 1


def test_logging_out_and_in_again_registers_nothing_twice(phone: Phone) -> None:
    phone.in_widget("async () => { standIn.logout(); await standIn.login(); }")
    phone.ring(ADA, "s-again")
    phone.wait_for_caller("Ada Lovelace")
    phone.end("s-again")
    assert phone.heard(REGISTER) == 1
    assert phone.in_widget("() => standIn.errors") == []


def test_a_call_button_makes_the_phone_dial(rep: Rep, phone: Phone) -> None:
    popup = _contact(rep, rep.browser.context.pages[0], "Lovelace")
    popup.click("button", re.compile("^Call"))
    phone.wait_for_widget("[...standIn.calls.values()].some(({ to }) => to === '+442079460958')")
    call_id = phone.in_widget("() => [...standIn.calls.values()].find(({ direction }) => direction === 'Outbound').id")
    phone.wait_for_caller("Ada Lovelace")
    assert _wait_for_state(rep, call_id, "ringing")["direction"] == "outbound"
    phone.end(call_id)


def _contact(rep: Rep, page: Page, name: str) -> Any:
    popup = rep.browser.click_toolbar_icon(page)
    popup.type("searchbox", "Search contacts", name)
    popup.click("row", re.compile(name))
    popup.wait_for("heading", re.compile(name))
    return popup


def test_a_phone_that_is_not_signed_in_does_not_dial_and_says_so(rep: Rep, phone: Phone) -> None:
    phone.in_widget("() => standIn.logout()")
    _contact(rep, rep.browser.context.pages[0], "Lovelace").click("button", re.compile("^Call"))
    phone.surface.wait_for_text("+442079460958 was not called: sign in to the phone first.")
    calls = phone.in_widget("() => standIn.calls.size")
    phone.in_widget("() => standIn.login()")
    phone.wait_for_widget("standIn.phone.ready")
    assert phone.in_widget("() => standIn.calls.size") == calls
    phone.surface.click("button", "Close")
    phone.surface.wait_until("document.querySelector('.phone-notice') === null")


FORGE = """(id) => {
  parent.postMessage({ type: 'rc-active-call-notify', call: { telephonySessionId: id, direction: 'Inbound',
    from: { phoneNumber: '+12065550142' }, telephonyStatus: 'Ringing' } }, '*');
  parent.postMessage({ type: 'rc-post-message-request', requestId: id, path: '/contacts/match',
    body: { phoneNumbers: ['+442079460958'] } }, '*');
}"""


def test_forged_messages_are_ignored(rep: Rep, phone: Phone, widget_url: str) -> None:
    widget = phone.widget()
    beside = widget_url.replace("app.html", "silent.html")
    phone.page.evaluate(
        "(src) => document.body.append(Object.assign(document.createElement('iframe'), { src }))", beside
    )
    sibling = rep.browser.wait_until(
        lambda: next((frame for frame in phone.page.frames if "silent.html" in frame.url), None), "a sibling frame"
    )
    sibling.wait_for_load_state()
    sibling.evaluate("() => addEventListener('message', ({ data }) => (globalThis.got = data))")
    sibling.evaluate(FORGE, "forged by a sibling")
    phone.page.evaluate(FORGE.replace("parent", "window"), "forged by the page")
    elsewhere = beside.replace("127.0.0.1", "localhost")
    widget.evaluate("(url) => { location.href = url; }", elsewhere)
    foreign = rep.browser.wait_until(
        lambda: next((frame for frame in phone.page.frames if urlsplit(frame.url).hostname == "localhost"), None), "it"
    )
    foreign.wait_for_load_state()
    foreign.evaluate("() => addEventListener('message', ({ data }) => (globalThis.got = data))")
    foreign.evaluate(FORGE, "forged by a foreign origin")
    phone.page.reload()
    phone.ring(ADA, "s-real")
    _wait_for_state(rep, "s-real", "ringing")  # what came before it would have been told before it
    phone.end("s-real")
    assert [call["call_id"] for call in rep.calls()["calls"] if "forged" in call["call_id"]] == []


def test_a_widget_that_never_loads_is_said_and_tried_again(rep: Rep, phone: Phone, widget_url: str) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/app.html"
    _show_widget(rep, nowhere)
    said = phone.surface.wait_for_text("The phone does not answer")
    assert urlsplit(nowhere).netloc in said
    phone.surface.click("button", "Try again")
    phone.surface.wait_until("document.body.innerText.includes('does not answer') === false")
    _show_widget(rep, widget_url)
    phone.ring(ADA, "s-there")
    phone.wait_for_caller("Ada Lovelace")
    phone.end("s-there")
    assert "does not answer" not in phone.surface.text()


def test_without_an_address_it_says_so(rep: Rep, phone: Phone, widget_url: str) -> None:
    _show_widget(rep, "")
    phone.surface.wait_for_text("The phone has no address")
    _show_widget(rep, widget_url)
    phone.wait_for_widget("standIn.phone.ready")


def test_nothing_complained(rep: Rep) -> None:
    complaints = [line for line in rep.browser.console if line.startswith(("error", "uncaught"))]
    # of a stopped server, and of what was on its way at Unauthorize
    known = ("ERR_CONNECTION_REFUSED", "status of 401")
    assert [line for line in complaints if not any(each in line for each in known)] == []
