"""What a person comes upon less often: refusals and waits, what is on a page in a small window or another theme, and
everything twice as large.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from playwright.sync_api import Page

from tests.screens import prepared as p
from tests.screens.overlays import PAGE, over_page, placed
from tests.screens.prepared import Answers, Refuses
from tests.screens.stage import Situation, View
from tests.screens.states import (
    AWAY,
    CALLS,
    ENDED,
    INCOMPLETE,
    MANUAL,
    SETTINGS,
    SYNC,
    State,
    after,
    click,
    open_contact,
    reachable,
    signed_out,
    syncing,
)

SILENT_FOR_MS = 3_000  # until the worker is not waited for any longer


def _server_address(text: str) -> State:
    def steps(page: Page) -> None:
        page.get_by_label("Server address").fill(text)
        page.get_by_role("button", name="Save").scroll_into_view_if_needed()

    shows = "Not an https address" if text.startswith("http:") else "Not reachable"
    name = "07-settings-no-address" if text.startswith("http:") else "07-settings-other-server"
    return State(name, shows, steps=after(SETTINGS, reachable, steps))


def _own_lines() -> Sequence[State]:
    """Settings, scrolled to the rep's numbers: one that another user has, and one that stays because nobody answers."""
    taken = Situation(Answers(refuses={"PUT /api/lines": Refuses(409, "line_taken")}))
    broken = Situation(Answers(refuses={"PUT /api/lines": Refuses(500, "internal")}))

    def enter(page: Page) -> None:
        page.get_by_label("Number or extension").fill("(201) 555-0112")
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_role("alert").scroll_into_view_if_needed()

    def remove(page: Page) -> None:
        page.get_by_role("button", name="Remove (201) 555-0111").click()
        page.get_by_role("alert").scroll_into_view_if_needed()

    says = "Another user has this number"
    return (
        State("07-settings-line-taken", says, taken, after(SETTINGS, reachable, enter)),
        State("07-settings-line-stays", "Not saved", broken, after(SETTINGS, reachable, remove)),
        State("200-settings-line-taken", says, taken, after(SETTINGS, reachable, enter), View(size=(380, 300))),
    )


def _troubles() -> Sequence[State]:
    def wait_in_vain(page: Page) -> None:
        page.clock.fast_forward(SILENT_FOR_MS)

    elsewhere = {"server": "https://callbook.example"}
    # A page that may show progress keeps the worker from taking the update by itself.
    shown = {"tabId": None, "runId": None, "stage": "modal", "since": "2026-11-21T14:00:00Z", "refusedTabId": None}
    cancelled = p.ended(kind="full", trigger="first", state="cancelled", read=12_300)
    begun = Answers(sync=p.sync(hubspot=12_300, last_run=cancelled, last_synced_at=None))
    return (
        State("10-offline", "You are offline", replace(AWAY, offline=True, local=elsewhere)),
        State("10-update", "A new version", Situation(session={"updateReady": "0.2.0", "placement": shown})),
        State("10-stuck", "does not answer", Situation(silent=True), wait_in_vain),
        State("10-cancelled", "The sync was cancelled", Situation(begun)),
        State("02-first-sync-slowed", "HubSpot asked us", Situation(syncing(
            state="waiting", problem="throttled", retry_at=p.at(14, 32), read=41_200))),
        _server_address("https://callbook.example"),
        _server_address("http://callbook.example"),
        State("first-run-unreachable", "Not reachable", signed_out(None, **elsewhere),
              view=View("welcome.html", (760, 1000))),
    )  # fmt: skip


def _lists_and_forms() -> Sequence[State]:
    nobody = Answers(sync=p.sync(personal=0), people=p.PEOPLE[1:])
    invalid = {"POST /api/contacts": Refuses(422, "invalid")}
    add = after(click("button", "More"), click("menuitem", "Add personal contact"), click("button", "Save"))
    paused_until = (p.NOW + timedelta(minutes=30)).isoformat()
    return (
        State("03-no-personal", "No personal contacts", Situation(nobody), click("button", "Personal 0")),
        State("04-form-refused", "Enter a name", Situation(Answers(refuses=invalid)), add),
        State("06-calls-choose", "Alma Reyes", steps=after(CALLS, click("button", "Choose"))),
        State("06-calls-quiet", "Notifications paused", Situation(local={"pausedUntil": paused_until}), CALLS),
    )


def _sync_dialog() -> Sequence[State]:
    never = Answers(sync=p.sync(hubspot=0, last_run=None, last_synced_at=None), people=())
    to_mend = p.sync()
    to_mend.counts.number_unreadable = 3
    refuses = Answers(refuses={"POST /api/sync": Refuses(409, "server_misconfigured")})
    start = after(SYNC, click("button", "Sync now"))
    return (
        State("05-sync-never", "After the first full sync", Situation(never), SYNC),
        State("05-sync-to-mend", "3 with an unreadable number", Situation(Answers(sync=to_mend)), SYNC),
        State("05-sync-refused", "is not set up", Situation(refuses), start),
    )


def _pages() -> Sequence[State]:
    """What is drawn over pages: in a small window, from right to left, in a high contrast theme."""
    views = {
        "320": replace(PAGE, size=(320, 480)),
        "rtl": replace(PAGE, direction="rtl"),
        "forced": replace(PAGE, forced_colours=True),
    }
    stages = (
        ("modal", "please stay on this page", MANUAL, "modal"),
        ("banner", "Please stay on this page", MANUAL, "banner"),
        ("done", "Contacts are up to date", ENDED, "banner"),
    )
    return tuple(
        State(f"{prefix}-{name}", shows, over_page(run), placed(run, stage), view)
        for prefix, view in views.items()
        for name, shows, run, stage in stages
    )


def _looked_at_differently() -> Sequence[State]:
    """In a high contrast theme; and with everything twice as large."""
    forced, low = View(forced_colours=True), View(size=(380, 300))
    missed = Situation(local={"missed": ["call-8", "call-4"]})
    return (
        State("forced-incomplete", "12 could not be read", INCOMPLETE, view=forced),
        State("forced-first-sync", "You can close this", Situation(syncing()), view=forced),
        State("forced-calls", "Adaeze Nwosu", missed, CALLS, forced),
        State("forced-contact", "updated 2 days ago", steps=open_contact("Bianca Ferraro"), view=forced),
        State("forced-not-connected", "Authorize", signed_out("consent_denied"), view=forced),
        State("200-not-connected", "Authorize", signed_out("consent_denied"), view=low),
        State("200-first-sync", "You can close this", Situation(syncing()), view=low),
        State("200-contact", "updated 2 days ago", steps=open_contact("Bianca Ferraro"), view=low),
        State("200-calls", "Adaeze Nwosu", steps=CALLS, view=low),
    )


RARER: tuple[State, ...] = (
    *_troubles(),
    *_own_lines(),
    *_lists_and_forms(),
    *_sync_dialog(),
    *_pages(),
    *_looked_at_differently(),
)
