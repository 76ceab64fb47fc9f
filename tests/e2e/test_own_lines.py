"""A phone system that knows the rep by an extension: its calls are the rep's from the moment that they enter it in
Settings until they remove it.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.backend.phoning import headers_of
from tests.e2e.chromium import Notification, Popup
from tests.e2e.rep import ASK_WITHIN_S, Rep, rep_at_work

CALLER = "+1 206 555 0199"
FIELD = "Number or extension"
FOCUSED = "document.activeElement.id"


@pytest.fixture(scope="module")
def rep(tmp_path_factory: pytest.TempPathFactory, built_extension: Path, chromium: Path) -> Iterator[Rep]:
    with rep_at_work(tmp_path_factory.mktemp("lines"), built_extension, chromium, "--contacts", "10") as rep:
        rep.authorize(rep.browser.open(rep.page_url))
        yield rep


@pytest.fixture
def settings(rep: Rep) -> Iterator[Popup]:
    page = rep.browser.open(rep.page_url)
    popup = rep.browser.click_toolbar_icon(page)
    popup.click("button", "More")
    popup.click("menuitem", "Settings")
    yield popup
    page.close()


def test_calls_to_an_extension_are_the_reps_as_long_as_it_is_entered(rep: Rep, settings: Popup) -> None:
    rep.browser.record_notifications()
    assert not _told(rep, "before", "ringing")

    settings.type("textbox", FIELD, "x101")
    settings.press("Enter")
    settings.wait_for("button", "Remove 101")
    settings.wait_until(f"{FOCUSED} === 'own-line'")
    assert _told(rep, "entered", "ringing")
    rep.browser.wait_until(rep.browser.call_notifications, "a notification")
    announced = Notification("call:entered", "Incoming call", "(206) 555-0199 · not in your contacts")
    assert _announced(rep) == [announced]
    assert _told(rep, "entered", "ended")
    rep.browser.wait_until(lambda: not rep.browser.call_notifications(), "the end of the notification")

    settings.click("button", "Remove 101")
    settings.wait_gone("button", "Remove 101")
    settings.wait_until(f"{FOCUSED} === 'own-line'")
    rep.browser.wait_until(lambda: rep.get("/api/lines") == {"lines": []}, "the server to know")
    assert not _told(rep, "removed", "ringing")
    assert [call["call_id"] for call in rep.calls()["calls"]] == ["entered"]
    assert _announced(rep) == [announced]


def test_what_is_no_number_is_said_at_the_field_and_stays_there(rep: Rep, settings: Popup) -> None:
    settings.type("textbox", FIELD, "Dana")
    settings.click("button", "Add")
    refused = settings.wait_for("alert")
    field = settings.wait_for("textbox", FIELD)
    assert (field.value, field.description) == ("Dana", "That is neither a phone number nor an extension.")
    assert refused.role == "alert"
    assert settings.evaluate(FOCUSED) == "own-line"
    assert rep.get("/api/lines") == {"lines": []}


def _told(rep: Rep, call_id: str, state: str) -> bool:
    """The phone system tells of a call to 101; whether it is somebody's."""
    call = {"call_id": call_id, "direction": "inbound", "state": state, "from": CALLER, "to": "101"}
    body = json.dumps(call).encode()
    key = base64.b64decode(rep.stack.environment["CALLBOOK_CALL_HOOK_SECRETS"].removeprefix("whsec_"))
    headers = {"Content-Type": "application/json", **headers_of(body, f"{call_id}-{state}", key=key)}
    answer = requests.post(f"{rep.stack.callbook_url}/hooks/calls", data=body, headers=headers, timeout=ASK_WITHIN_S)
    assert answer.status_code == 202, answer.text
    return bool(answer.json()["routed"])


def _announced(rep: Rep) -> list[Notification]:
    return [one for one in rep.browser.notifications() if one.id.startswith("call:")]
