"""The main job, done by itself in real Chromium as a rep does it: clicks, keys and looks, never a call past the screen.
Each step prints a line with its time and leaves a numbered screenshot; what a step asserts is what the rep would see.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

from caller import Caller, a_caller
from tests.e2e.chromium import ExtensionBrowser, Popup
from tests.e2e.phone import Phone
from tests.e2e.protocol import DriverTimeout
from tests.e2e.stack import Stack
from tests.e2e.surface import Surface

SYNC_WITHIN_S = 1800.0
SEARCHED = 4  # digits of a number
UNKNOWN, CARRIER = "+12065550199", "WIRELESS CALLER"
PROGRESS = re.compile(r"[\d,]+ of [\d,]+")
# Fades and rises are over; what goes on for ever (a spinner) is not waited for.
SETTLED = """Promise.allSettled(document.getAnimations()
  .filter((animation) => animation.effect.getComputedTiming().endTime < 1000)
  .map((animation) => animation.finished)).then(() => true)"""


@dataclass(frozen=True)
class Setting:
    """What the demo has started. `contacts` is how many HubSpot holds; `widget_url` is the stand-in phone."""

    stack: Stack
    browser: ExtensionBrowser
    page_url: str
    contacts: int
    widget_url: str


@dataclass
class Walk:
    """One walk through the product. `seen` is what was last looked at, for the picture of a failure."""

    setting: Setting
    out: Path
    page: Page
    on_page: Surface
    began_s: float = field(default_factory=time.monotonic)
    pictures: int = 0
    seen: Surface | None = None

    @property
    def browser(self) -> ExtensionBrowser:
        return self.setting.browser

    def open_popup(self) -> Popup:
        popup = self.browser.click_toolbar_icon(self.page)
        self.seen = popup
        return popup

    def picture(self, surface: Surface, name: str) -> None:
        self.pictures += 1
        surface.evaluate(SETTLED)
        surface.screenshot(self.out / f"{self.pictures:02d}-{name}.png")


def do_main_job(setting: Setting, out: Path) -> int:
    """0 when every step came out right. The last line begins `demo ok`, or says which step failed."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("[0-9][0-9]-*.png"):
        old.unlink()
    page = setting.browser.open(setting.page_url)
    page.emulate_media(reduced_motion="reduce")  # pictures of the page are not taken in mid-fade
    walk = Walk(setting, out, page, setting.browser.surface(page))
    for title, step in STEPS:
        began_s = time.monotonic()
        try:
            said = step(walk)
        except (DriverTimeout, AssertionError) as failure:
            surface = walk.seen if walk.seen is not None and not walk.seen.closed else walk.on_page
            surface.screenshot(out / "failure.png")
            print(f"demo failed at “{title}”: {str(failure).splitlines()[0]} (see {out / 'failure.png'})", flush=True)
            return 1
        print(f"{time.monotonic() - began_s:6.1f} s  {title}{f': {said}' if said else ''}", flush=True)
    took_s = time.monotonic() - walk.began_s
    print(f"demo ok: {setting.contacts:,} contacts, {walk.pictures} screenshots in {out}, {took_s:.0f} s", flush=True)
    return 0


def _see_what_it_is(walk: Walk) -> str:
    popup = walk.open_popup()
    popup.wait_for("button", "Authorize")
    walk.picture(popup, "not-connected")
    return ""


def _set_the_server(walk: Walk) -> str:
    popup = _popup(walk)
    popup.click("button", "More")
    popup.wait_for("menuitem", "Settings")
    walk.picture(popup, "more")
    popup.click("menuitem", "Settings")
    popup.rewrite("textbox", "Server address", walk.setting.stack.callbook_url)
    popup.press("Enter")
    popup.wait_for_text("Reachable")
    walk.picture(popup, "settings")
    return walk.setting.stack.callbook_url


def _authorize(walk: Walk) -> str:
    _popup(walk).click("button", "Authorize")
    window = walk.browser.wait_for_page(lambda page: "/oauth/authorize" in page.url)
    window.get_by_role("button", name="Allow").wait_for()
    window.screenshot(path=walk.out / f"{walk.pictures + 1:02d}-consent.png")
    walk.pictures += 1
    with window.expect_event("close"):
        window.get_by_role("button", name="Allow").click()
    return "as a Super Admin of the sandbox's portal"


def _see_the_modal(walk: Walk) -> str:
    walk.seen = walk.on_page
    walk.page.bring_to_front()
    walk.on_page.wait_for_text("please stay on this page until it finishes")
    walk.on_page.wait_for_text(PROGRESS)
    walk.picture(walk.on_page, "modal")
    return ""


def _got_it(walk: Walk) -> str:
    walk.on_page.click("button", "Got it")
    walk.on_page.wait_for_text("Please stay on this page until it is done.")
    walk.on_page.wait_for_text(PROGRESS)
    walk.picture(walk.on_page, "banner")
    return "the banner is at the lower left"


def _see_syncing(walk: Walk) -> str:
    popup = walk.open_popup()
    popup.wait_for_text("You can close this. The server carries on.")
    popup.wait_for("button", "Syncing")
    popup.wait_for_text(PROGRESS)
    walk.picture(popup, "first-sync")
    popup.close()
    return "the button reads Syncing"


def _see_it_done(walk: Walk) -> str:
    walk.seen = walk.on_page
    walk.on_page.wait_for_text("Contacts are up to date", within_s=SYNC_WITHIN_S)
    walk.picture(walk.on_page, "done")
    return ""


def _look_at_the_list(walk: Walk) -> str:
    popup = walk.open_popup()
    popup.wait_for_text(re.compile(rf"All\s+{walk.setting.contacts:,}"))
    popup.wait_for_text(re.compile("Synced"))
    walk.picture(popup, "contacts")
    return f"{walk.setting.contacts:,}"


def _filter(walk: Walk) -> str:
    popup = _popup(walk)
    popup.click("button", re.compile("^HubSpot"))
    popup.wait_until(_rows_and_badges("rows === badges && rows > 0" if walk.setting.contacts else "rows === 0"))
    walk.picture(popup, "hubspot-filter")
    popup.click("button", re.compile("^Personal"))
    popup.wait_until(_rows_and_badges("badges === 0"))
    walk.picture(popup, "personal-filter")
    popup.click("button", re.compile("^All"))
    return "every HubSpot contact has the HubSpot icon, no personal one has"


def _rows_and_badges(condition: str) -> str:
    return f"""(() => {{
      const shown = [...document.querySelectorAll('[role=grid] [role=row]')];
      const rows = shown.length;
      const badges = shown.filter((row) => row.querySelector('.hub')).length;
      return {condition};
    }})()"""


def _search(walk: Walk) -> str:
    caller = a_caller(walk.setting.stack.environment["CALLBOOK_DATABASE_URL"])
    if caller is None:
        return "nobody here has a number of their own"
    popup = _popup(walk)
    part = caller.number[-SEARCHED:]
    popup.type("searchbox", "Search contacts", part)
    popup.wait_for_text(re.compile(rf"\d+ of {walk.setting.contacts:,}"))
    walk.picture(popup, "search")
    popup.press("Escape")
    return f"for {part}, part of a number"


def _change_the_interval(walk: Walk) -> str:
    popup = _popup(walk)
    popup.click("button", "Sync HubSpot contacts")
    popup.wait_for("dialog", "Sync HubSpot contacts")
    popup.click("radio", "Every 5 minutes")
    popup.wait_for_text(re.compile("next in (5|4) min"))
    walk.picture(popup, "sync-dialog")
    return "every 5 minutes"


def _sync_now(walk: Walk) -> str:
    popup = _popup(walk)
    popup.click("button", "Sync now")
    walk.seen = walk.on_page
    walk.on_page.wait_for_text(re.compile("until it finishes|Contacts are up to date"))
    walk.picture(walk.on_page, "sync-now")
    if walk.on_page.elements("button", "Got it"):
        walk.on_page.click("button", "Got it")
    walk.on_page.wait_for_text("Contacts are up to date", within_s=SYNC_WITHIN_S)
    popup = walk.open_popup()
    popup.wait_for_text(re.compile("Synced .*next in (5|4) min"))
    walk.picture(popup, "synced")
    popup.close()
    return ""


def _be_called(walk: Walk) -> str:
    caller = a_caller(walk.setting.stack.environment["CALLBOOK_DATABASE_URL"])
    if caller is None:
        walk.open_popup()
        return "nobody here has a number of their own"
    walk.browser.record_notifications()
    _ring_from_hubspots_page(walk, caller)
    shown = walk.browser.wait_until(
        lambda: next((one for one in walk.browser.notifications() if one.title == caller.name), None),
        f"a notification that names {caller.name}",
    )
    popup = walk.open_popup()
    popup.click("tab", re.compile("^Calls"))
    popup.wait_for_text(caller.name)
    popup.wait_for("button", re.compile(r"^All \d"))  # the history has come
    walk.picture(popup, "call")
    return f"{caller.number} rings, the notification says {shown.title}"


def _ring_from_hubspots_page(walk: Walk, caller: Caller) -> None:
    """The sandbox's page is a phone system's, too."""
    page = walk.browser.open(walk.setting.stack.sandbox_url)
    page.get_by_label("Ring", exact=True).select_option(caller.rep_email)
    page.get_by_label("from the number").fill(f"+{caller.number}")
    page.get_by_label("from the number").press("Enter")
    page.get_by_text("ringing: answered 202").wait_for()
    walk.pictures += 1
    page.screenshot(path=walk.out / f"{walk.pictures:02d}-ring.png")
    page.close()
    walk.page.bring_to_front()


def _open_the_phone(walk: Walk) -> str:
    popup = _popup(walk)
    popup.click("button", "More")
    popup.click("menuitem", "Settings")
    popup.rewrite("textbox", "Phone address", walk.setting.widget_url)
    popup.press("Enter")
    popup.wait_until("document.querySelector('.phone-settings button') === null")
    walk.picture(popup, "phone-settings")
    popup.press("Escape")
    popup.click("button", "More")
    popup.click("menuitem", "Open the phone")
    phone = _phone(walk)
    phone.wait_for_widget("standIn.phone.ready")
    walk.picture(phone.surface, "phone")
    return "a stand-in for RingCentral's, in a window of the extension"


def _ring_the_phone(walk: Walk) -> str:
    caller = a_caller(walk.setting.stack.environment["CALLBOOK_DATABASE_URL"])
    if caller is None:
        return "nobody here has a number of their own"
    phone = _phone(walk)
    _see_who_calls(walk, phone, f"+{caller.number}", caller.name, "phone-known")
    _add_who_shares(walk, f"+{caller.number}")
    _see_who_calls(walk, phone, f"+{caller.number}", "(1 of 2)", "phone-shared")
    _see_who_calls(walk, phone, UNKNOWN, CARRIER, "phone-unknown")
    return f"{caller.name}, then one of two who share the number, then nobody known"


def _phone(walk: Walk) -> Phone:
    return Phone(walk.browser, walk.browser.wait_for_page(lambda page: page.url.endswith("/phone.html")))


def _see_who_calls(walk: Walk, phone: Phone, number: str, name: str, picture: str) -> None:
    phone.ring(number, picture, CARRIER)
    phone.wait_for_caller(name)
    walk.picture(phone.surface, picture)
    phone.end(picture)


def _add_who_shares(walk: Walk, number: str) -> None:
    popup = walk.open_popup()
    popup.click("button", "More")
    popup.click("menuitem", "Add personal contact")
    popup.type("textbox", "First name", "Robin")
    popup.type("textbox", "Mobile", number)
    popup.click("button", "Save")
    popup.wait_for_text(re.compile(r"Personal\s+1"))
    popup.close()


def _unauthorize(walk: Walk) -> str:
    popup = walk.open_popup()
    popup.click("button", "More")
    popup.click("menuitem", "Settings")
    popup.click("button", "Unauthorize")
    popup.wait_for("alertdialog", "Unauthorize HubSpot?")
    walk.picture(popup, "unauthorize")
    popup.click("button", "Unauthorize")
    popup.wait_for("button", "Authorize")
    walk.picture(popup, "unauthorized")
    return ""


def _popup(walk: Walk) -> Popup:
    assert isinstance(walk.seen, Popup), "the popup is not open"
    return walk.seen


STEPS: tuple[tuple[str, Callable[[Walk], str]], ...] = (
    ("Open Callbook", _see_what_it_is),
    ("More > Settings: the server's address", _set_the_server),
    ("Authorize and consent", _authorize),
    ("The modal on the page", _see_the_modal),
    ("Got it", _got_it),
    ("Syncing", _see_syncing),
    ("Done", _see_it_done),
    ("Contacts", _look_at_the_list),
    ("HubSpot and Personal filters", _filter),
    ("Search", _search),
    ("Automatic sync", _change_the_interval),
    ("Sync now", _sync_now),
    ("An inbound call", _be_called),
    ("Open the phone", _open_the_phone),
    ("The phone rings", _ring_the_phone),
    ("Unauthorize", _unauthorize),
)
