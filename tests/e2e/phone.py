"""The phone window with the stand-in for RingCentral's widget in it: what a rep sees there, and what the widget did."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Frame, Page

from tests.e2e.chromium import ExtensionBrowser
from tests.e2e.rep import Rep, rep_at_work
from tests.e2e.surface import Surface

CONTACTS = 30
ADA = "+44 20 7946 0958"
SHARED = "+12065550142"
REGISTER = "rc-adapter-register-third-party-service"
WITHIN_S = 60.0
_ASKED = """(path) => standIn.log.filter(({ way, message }) => way === 'out' && message.path === path)
  .map(({ message }) => message.body)"""
_HEARD = "(type) => standIn.log.filter(({ way, message }) => way === 'in' && message.type === type).length"


@dataclass(frozen=True)
class Phone:
    """`page` is the window; it may load the widget anew at any time."""

    browser: ExtensionBrowser
    page: Page

    @property
    def surface(self) -> Surface:
        return self.browser.surface(self.page)

    def widget(self) -> Frame:
        """The stand-in, as soon as it has been registered with."""
        return self.wait_for_widget("standIn.service.registered !== null")

    def in_widget(self, expression: str, *given: Any) -> Any:
        """What a function of the widget's page answers."""
        return self.widget().evaluate(expression, list(given) if len(given) > 1 else next(iter(given), None))

    def wait_for_widget(self, condition: str) -> Frame:
        """Until this is so in the widget."""
        return self.browser.wait_until(lambda: self._frame_where(condition), condition, within_s=WITHIN_S)

    def asked(self, path: str) -> Sequence[dict[str, Any]]:
        """The bodies of what the widget has asked for there since it was loaded."""
        bodies: Sequence[dict[str, Any]] = self.in_widget(_ASKED, path)
        return bodies

    def heard(self, kind: str) -> int:
        """How many messages of this type the widget has got since it was loaded."""
        return int(self.in_widget(_HEARD, kind))

    def ring(self, number: str, call_id: str, name: str | None = None) -> None:
        ring = "([from, id, fromName]) => { void standIn.ring({ from, id, fromName }); standIn.redraw(); }"
        self.widget().evaluate(ring, [number, call_id, name])

    def wait_for_caller(self, name: str) -> None:
        """Until the widget's ringing screen names them, or has this in the name."""
        self.wait_for_widget(f"document.querySelector('.call h1')?.textContent.includes({json.dumps(name)})")

    def end(self, call_id: str, **how: Any) -> None:
        self.widget().evaluate("([id, how]) => { standIn.end(id, how); standIn.redraw(); }", [call_id, how])

    def wait_for_names(self, expected: Mapping[str, Sequence[str]]) -> None:
        """Until the widget has these names, and no others, for numbers that stand in its history."""
        widget = self.widget()
        widget.evaluate("(numbers) => void standIn.showHistory(numbers)", list(expected))
        known = "(numbers) => numbers.map((number) => standIn.matchesOf(number).map(({ name }) => name))"
        self.browser.wait_until(
            lambda: widget.evaluate(known, list(expected)) == list(expected.values()), f"{expected}", within_s=WITHIN_S
        )

    def contacts(self) -> list[dict[str, Any]]:
        """The widget's list, the fields that tests look at."""
        rows: list[dict[str, Any]] = self.in_widget(
            "() => standIn.service.contacts.map(({ id, name, type, deleted }) => ({ id, name, type, deleted }))"
        )
        return rows

    def wait_for_contacts(self, count: int) -> None:
        self.wait_for_widget(f"!standIn.service.syncing && standIn.service.contacts.length === {count}")

    def _frame_where(self, condition: str) -> Frame | None:
        for frame in self.page.frames:
            try:
                if frame != self.page.main_frame and frame.evaluate(f"'standIn' in globalThis && Boolean({condition})"):
                    return frame
            except Error:  # it is on its way out
                continue
        return None


@contextmanager
def rep_with_people(folder: Path, extension: Path, chromium: Path) -> Iterator[Rep]:
    """A rep after the first sync: Ada has a number of her own, Grace and Joan share one, Mum is the rep's alone."""
    with rep_at_work(folder, extension, chromium, "--contacts", str(CONTACTS)) as rep:
        rep.portal.create(firstname="Ada", lastname="Lovelace", company="Analytical Engines", phone=ADA)
        rep.portal.create(firstname="Grace", lastname="Hopper", phone=SHARED)
        rep.portal.create(firstname="Joan", lastname="Clarke", mobilephone=SHARED)
        rep.authorize(rep.browser.open(rep.page_url))
        rep.add_personal([{"firstname": "Mum", "phone": "+12065550111"}])
        yield rep


def open_phone(rep: Rep, widget_url: str) -> Phone:
    """As a rep opens it, who has entered the widget's address in Settings."""
    popup = rep.browser.click_toolbar_icon(rep.browser.context.pages[-1])
    popup.click("button", "More")
    popup.click("menuitem", "Settings")
    popup.rewrite("textbox", "Phone address", widget_url)
    popup.rewrite("textbox", "RingCentral client id", "an id")
    popup.press("Enter")
    popup.wait_until("document.querySelector('.phone-settings button') === null")
    popup.press("Escape")
    popup.click("button", "More")
    popup.click("menuitem", "Open the phone")
    window = rep.browser.wait_for_page(lambda page: page.url.endswith("/phone.html"))
    return Phone(rep.browser, window)
