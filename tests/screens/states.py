"""Every state of every screen: what is so, what is done to get there, and words that are on the screen then. Their
numbers are those of the visual specification's screens.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page

from callbook.web import shapes
from tests.screens import prepared as p
from tests.screens.overlays import PAGE, over_page, placed, ringing, with_card
from tests.screens.prepared import Answers
from tests.screens.stage import SERVER, Situation, View, nothing


@dataclass(frozen=True)
class State:
    name: str
    shows: str
    situation: Situation = field(default_factory=Situation)
    steps: Callable[[Page], None] = nothing
    view: View = field(default_factory=View)


def signed_out(problem: str | None, **local: Any) -> Situation:
    session = {"state": "signedOut", "problem": problem}
    return Situation(signed_in=False, local={"session": session, **local})


def authorizing(place: str) -> Situation:
    """With no time limit: the worker would end what has taken too long."""
    session = {"state": "authorizing", "startedAt": "2026-11-21T14:15:30Z", "place": place}
    sign_in = {"verifier": "v", "place": place, "tabId": None, "until": "2026-11-21T14:30:30Z"}
    return Situation(signed_in=False, local={"session": session}, session={"signIn": sign_in})


def not_asked_here(page: Page) -> None:
    """Led there with an answer that is not this browser's."""
    page.evaluate("location.hash = 'for=another&code=x'")
    page.reload()


AUTHORIZING = authorizing("window")


def syncing(**changes: Any) -> Answers:
    """A first sync: what is read so far is what there is."""
    run = p.run(**changes)
    people = p.PEOPLE if run.read else p.PEOPLE[:1]
    return Answers(sync=p.sync(hubspot=run.read, run=run, last_run=None, last_synced_at=None), people=people)


def resting(**changes: Any) -> Situation:
    """No run is in progress, and the last one ended so; the one before came out right."""
    held = changes.get("local_total", p.HUBSPOT)
    return Situation(Answers(sync=p.sync(hubspot=held, last_run=p.ended(**changes), last_synced_at=p.at(13, 52))))


def click(role: Any, name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role(role, name=name, exact=True).first.click()


def press(*keys: str) -> Callable[[Page], None]:
    def steps(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key)

    return steps


def in_search(page: Page) -> None:
    """Where the keys go when the popup has opened."""
    page.wait_for_function("document.activeElement?.role === 'searchbox'")


def search(text: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("searchbox").fill(text)


def after(*steps: Callable[[Page], None]) -> Callable[[Page], None]:
    def done(page: Page) -> None:
        for step in steps:
            step(page)

    return done


def open_contact(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("row", name=re.compile(re.escape(name))).click()


def open_caller(name: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_role("button", name=re.compile(re.escape(name))).first.click()


def reachable(page: Page) -> None:
    """The server's address has been asked, as every page that shows it does."""
    page.get_by_text("Reachable", exact=True).wait_for()


SYNC = click("button", "Sync HubSpot contacts")
SYNC_RUNNING = click("button", "Sync running")


def _calls_tab(page: Page) -> None:
    page.get_by_role("tab", name=re.compile("^Calls")).click()


CALLS = _calls_tab
SETTINGS = after(click("button", "More"), click("menuitem", "Settings"))

MANUAL = p.run(trigger="manual", read=41_200, seconds_left=240)
RATE_LIMITED = p.run(trigger="automatic", state="waiting", problem="throttled", retry_at=p.at(14, 32), read=41_200)
ENDED = p.ended(trigger="manual", kind="full", read=p.HUBSPOT, duration_s=412.0, added=6, updated=118, removed=21)
PAUSED = p.run(trigger="manual", state="paused", paused_at=p.at(14, 14), read=41_200, seconds_left=None)
AWAY = Situation(Answers(away=True), session={"unreachableSince": "2026-11-21T14:02:00Z"})
INCOMPLETE = resting(state="incomplete", problem="records_failed", failed=12, local_total=98_400)
HELD = p.ended(state="incomplete", problem="removal_held", removal_held=41_000, kind="full")
PROBLEMS = shapes.ProblemsOut(
    problems=[
        shapes.ProblemOut(
            remote_id=str(60_218_834 + place),
            category=category,
            name=name,
            hubspot_url=f"https://app.hubspot.com/contacts/4711/record/0-1/{60_218_834 + place}",
            seen_at=p.at(14, 12),
        )
        for place, (category, name) in enumerate(
            [("refused", None), ("number_unreadable", "Priya Raman"), ("number_unreadable", "Zoë Ng"),
             ("no_answer", "Caleb Osei")]
        )
    ],
    total=12,
)  # fmt: skip


def _first_run() -> Sequence[State]:
    refused = signed_out("consent_denied")
    return (
        State("01-not-connected", "Authorize", signed_out(None)),
        State("01-refused", "HubSpot did not let you connect", refused),
        State("01-window-closed", "The HubSpot window was closed", signed_out("window_closed")),
        State("01-signed-out", "You were signed out", signed_out("session_expired")),
        State("01-authorizing", "Waiting for HubSpot", AUTHORIZING),
        State("01-authorizing-tab", "Continue in the tab", authorizing("tab")),
        State("02-first-sync", "You can close this", Situation(syncing())),
        State("02-first-sync-queued", "Waiting to start", Situation(syncing(state="queued", read=0, total=None))),
        State("02-first-sync-offer", "Show on this page", Situation(syncing(), tab=7)),
    )


def _contacts() -> Sequence[State]:
    empty = Answers(sync=p.sync(hubspot=0, personal=0), people=())
    number = shapes.SearchedAs(e164="+19295550164", display="+1 929 555 0164")
    return (
        State("03-contacts", "Ben Carver"),
        State("03-focus", "Ben Carver", steps=after(in_search, press(*["Tab"] * 6, "ArrowDown"))),
        State("03-loading", "Server unreachable", Situation(Answers(away=True), session={"firstPage": None})),
        State("03-personal", "Ben Carver", steps=click("button", "Personal 19")),
        State("03-empty", "There are no contacts in HubSpot", Situation(empty)),
        State("03-long-names", "Überlandwerk", Situation(Answers(people=p.LONG_NAMES))),
        State("03b-more-menu", "Open side panel", Situation(tab=7), click("button", "More")),
        State("03c-search", "of 98,431", steps=search("ar")),
        State("03c-search-number", "of 98,431", steps=search("555-01")),
        State("03d-search-empty", "No contact has this number", Situation(Answers(searched_as=number)),
              search("929 555 0164")),
        State("03d-search-name", "No contact found", steps=search("Quentin")),
        State("03-demo", "Demo account", Situation(Answers(sync=p.sync(connection=p.demo())))),
        *_searches_at_hubspot(number),
        State("04-contact", "updated 2 days ago", steps=open_contact("Bianca Ferraro")),
        State("04-contact-personal", "Personal contact", Situation(Answers(contact=p.ben())),
              open_contact("Ben Carver")),
        State("04-contact-long", "updated 2 days ago",
              Situation(Answers(people=p.LONG_NAMES, contact=p.bianca(**p.LONG_NAMES[2].model_dump()))),
              open_contact("Wolfeschlegel")),
        State("04-delete", "This personal contact is deleted", Situation(Answers(contact=p.ben())),
              after(open_contact("Ben Carver"), click("button", "Delete"))),
        State("04-form", "Only you see it",
              steps=after(click("button", "More"), click("menuitem", "Add personal contact"))),
    )  # fmt: skip


def _searches_at_hubspot(number: shapes.SearchedAs) -> Sequence[State]:
    """From a search here that found nobody."""
    found = shapes.RemoteSearchOut(
        contacts=[p.remote(p.PEOPLE[5]), p.remote(p.LONG_NAMES[0])], searched=number.display, retry_at=None
    )
    busy = {"POST /api/hubspot-search": p.Refuses(429, "busy")}
    steps = after(search("929 555 0164"), click("button", "Search HubSpot"))
    asked = Answers(searched_as=number)
    return (
        State("03e-hubspot-found", "Adaeze Nwosu", Situation(replace(asked, remote=found)), steps),
        State("03e-hubspot-nobody", "Searched HubSpot", Situation(asked), steps),
        State("03e-hubspot-busy", "Search again", Situation(replace(asked, refuses=busy)), steps),
    )


def _sync_dialog() -> Sequence[State]:
    return (
        State("05-sync-dialog", "Last run", steps=SYNC),
        State("05-sync-details", "Slowed down", steps=after(SYNC, lambda page: page.get_by_text("Details").click())),
        State("05-sync-running", "This run", Situation(Answers(sync=p.sync(run=MANUAL))), SYNC_RUNNING),
        State("05-sync-paused", "This run", Situation(Answers(sync=p.sync(run=PAUSED))), SYNC),
    )


def _calls() -> Sequence[State]:
    two = {"missed": ["call-8", "call-4"]}
    return (
        State("06-calls", "Adaeze Nwosu", Situation(local=two), CALLS),
        State("06-calls-missed", "Number withheld", steps=after(CALLS, click("button", "Missed 2"))),
        State("06-calls-none", "No calls yet", Situation(Answers(calls=())), CALLS),
        State("03-contacts-missed", "Ben Carver", Situation(local=two)),
    )


def _settings() -> Sequence[State]:
    unauthorize = after(SETTINGS, click("button", "Unauthorize"))
    return (
        State("07-settings", "Reachable", steps=SETTINGS),
        State("07-settings-demo", "Reachable", Situation(Answers(sync=p.sync(connection=p.demo()))), SETTINGS),
        State("07-settings-signed-out", "Reachable", signed_out(None), SETTINGS),
        State("07b-settings-syncing", "Syncing", Situation(Answers(sync=p.sync(run=MANUAL))), SETTINGS),
        State("07c-unauthorize", "Your 19 personal contacts stay", steps=unauthorize),
        State("07c-delete-data", "This cannot be undone", steps=after(SETTINGS, click("button", "Delete my data"))),
    )


def _problems() -> Sequence[State]:
    listed = replace(INCOMPLETE, answers=replace(INCOMPLETE.answers, problems=PROBLEMS))
    revoked = Situation(Answers(sync=p.sync(connection=p.reconnect(), last_synced_at=p.at(13, 32))))
    return (
        State("10-reconnect", "Reconnect HubSpot", revoked),
        State("10-waiting", "HubSpot asked us to slow down", Situation(Answers(sync=p.sync(run=RATE_LIMITED)))),
        State("10-incomplete", "12 could not be read", INCOMPLETE),
        State("10-which", "Failing contacts", listed, click("button", "Show which")),
        State("10-unreachable", "Server unreachable", AWAY),
        State("10-held", "are gone in HubSpot", Situation(Answers(sync=p.sync(last_run=HELD)))),
        State("10-paused", "Sync paused", Situation(Answers(sync=p.sync(run=PAUSED)))),
        State("10-failed", "The last sync did not finish", resting(state="failed", problem="hubspot_unreachable")),
        State("10-syncing", "Syncing", Situation(Answers(sync=p.sync(run=MANUAL)))),
    )


def _with_less_room() -> Sequence[State]:
    """On a window of 320 px; and with everything twice as large, in half a popup's height."""
    narrow, low = View(size=(320, 600)), View(size=(380, 300))
    return (
        State("320-not-connected", "HubSpot did not let you connect", signed_out("consent_denied"), view=narrow),
        State("320-first-sync", "You can close this", Situation(syncing(), tab=7), view=narrow),
        State("320-contacts", "Überlandwerk", Situation(Answers(people=p.LONG_NAMES)), view=narrow),
        State("320-contact", "updated 2 days ago", steps=open_contact("Bianca Ferraro"), view=narrow),
        State("320-calls", "Adaeze Nwosu", steps=CALLS, view=narrow),
        State("320-sync-dialog", "Last run", steps=SYNC, view=narrow),
        State("320-settings", "Reachable", steps=SETTINGS, view=narrow),
        State("200-incomplete", "12 could not be read", INCOMPLETE, view=low),
        State("200-sync-dialog", "Last run", steps=SYNC, view=low),
        State("200-settings", "Reachable", steps=SETTINGS, view=low),
    )


def _side_panel() -> Sequence[State]:
    """As wide as people make it."""
    usual, wide = View("sidepanel.html", (360, 760)), View("sidepanel.html", (720, 760))
    return (
        State("panel-contacts", "Ben Carver", view=usual),
        State("panel-not-connected", "Authorize", signed_out(None), view=usual),
        State("panel-wide-calls", "Adaeze Nwosu", steps=after(CALLS, open_caller("Bianca Ferraro")), view=wide),
        State("panel-wide-settings", "Reachable", steps=SETTINGS, view=wide),
        State("panel-wide-sync-dialog", "Last run", steps=SYNC, view=wide),
    )


def _pages_in_tabs() -> Sequence[State]:
    """The options page and the first-run page, so high that nothing has to be scrolled to."""
    options, narrow = View("options.html", (760, 1680)), View("options.html", (320, 1960))
    first, tab = View("welcome.html", (760, 1000)), View("signed-in.html", (760, 400))
    seen = after(reachable, click("button", "Send a test call"), click("button", "Yes"))
    unseen = after(reachable, click("button", "Send a test call"), click("button", "No"))
    delete = after(reachable, click("button", "Delete my data"))
    return (
        State("options", "Reachable", view=options),
        State("options-signed-out", "Reachable", signed_out(None), view=options),
        State("options-delete-data", "This cannot be undone", steps=delete, view=options),
        State("options-320", "Reachable", view=narrow),
        State("first-run", "Reachable", signed_out(None), view=first),
        State("first-run-refused", "HubSpot did not let you connect", signed_out("consent_denied"), reachable, first),
        State("first-run-seen", "Everything is set up", steps=seen, view=first),
        State("first-run-unseen", "What to check", steps=unseen, view=first),
        State("tab-connected", "You can close this tab.", view=tab),
        State("tab-refused", "HubSpot did not let you connect", signed_out("consent_denied"), view=tab),
        State("tab-not-asked", "not started here", signed_out(None), not_asked_here, tab),
        State("first-run-320", "Reachable", signed_out(None), view=View("welcome.html", (320, 1060))),
    )


def _phone_window() -> Sequence[State]:
    window = View("phone.html", (360, 600))

    def phone(address: str) -> Situation:
        return Situation(local={"phone": {"address": address, "clientId": ""}})

    def wait_in_vain(page: Page) -> None:
        page.clock.fast_forward(10_000)

    return (
        State("phone", "Callbook", phone(f"{SERVER}/phone"), view=window),
        State("phone-silent", "Try again", phone(f"{SERVER}/silent-phone"), wait_in_vain, window),
        State("phone-no-address", "Settings", phone(""), view=window),
    )


def _looked_at_differently() -> Sequence[State]:
    """Right to left, and in a high contrast theme."""
    rtl, forced = View(direction="rtl"), View(forced_colours=True)
    return (
        State("rtl-contacts", "Ben Carver", view=rtl),
        State("rtl-contact", "Bianca Ferraro", steps=open_contact("Bianca Ferraro"), view=rtl),
        State("rtl-sync-dialog", "Last run", steps=SYNC, view=rtl),
        State("rtl-settings", "Reachable", steps=SETTINGS, view=rtl),
        State("rtl-calls", "Adaeze Nwosu", steps=CALLS, view=rtl),
        State("rtl-incomplete", "12 could not be read", INCOMPLETE, view=rtl),
        State("forced-contacts", "Ben Carver", view=forced),
        State("forced-sync-dialog", "Last run", steps=SYNC, view=forced),
        State("forced-settings", "Reachable", steps=SETTINGS, view=forced),
    )


def _on_pages() -> Sequence[State]:
    paused = MANUAL.model_copy(update={"state": "paused", "seconds_left": None})
    slowed = MANUAL.model_copy(update={"state": "waiting", "problem": "throttled", "seconds_left": None})
    partly = ENDED.model_copy(update={"state": "incomplete", "problem": "records_failed", "failed": 12})
    broken = ENDED.model_copy(update={"state": "failed", "problem": "hubspot_error"})
    return tuple(
        State(name, shows, over_page(run), placed(run, stage), PAGE)
        for name, shows, run, stage in (
            ("08a-modal", "please stay on this page", MANUAL, "modal"),
            ("08a-modal-paused", "Sync paused", paused, "modal"),
            ("08b-banner", "Please stay on this page", MANUAL, "banner"),
            ("08b-banner-waiting", "HubSpot asked us to slow down", slowed, "banner"),
            ("08c-done", "Contacts are up to date", ENDED, "banner"),
            ("08c-incomplete", "The sync is incomplete", partly, "banner"),
            ("08c-failed", "The sync did not finish", broken, "banner"),
        )
    )


def _ringing() -> Sequence[State]:
    """In the popup, and on a page."""
    bianca, aaron, alma = p.PEOPLE[2], p.PEOPLE[9], p.PEOPLE[7]
    rings: dict[str, Any] = {
        "state": "ringing",
        "rings_ms": 38_000,
        "started_at": p.NOW - timedelta(seconds=7),
        "answered_at": None,
        "ended_at": None,
    }
    known = p.call(21, p.caller(bianca), **rings)
    shared = p.call(22, p.caller(aaron, alma, bianca, display="(312) 555-0100"), **rings)
    unknown = p.call(23, p.caller(display="(929) 555-0164"), **rings)
    hidden = p.call(24, p.withheld(), **rings)
    return tuple(
        state
        for name, shows, call in (
            ("known", "Bianca Ferraro", known),
            ("shared", "3 people share this number", shared),
            ("unknown", "Not among", unknown),
            ("withheld", "Number withheld", hidden),
        )
        for state in (
            State(f"09-live-{name}", shows, ringing(call)),
            State(f"09-card-{name}", shows, ringing(call), with_card(call), PAGE),
        )
    )


ORDINARY: tuple[State, ...] = (
    *_first_run(),
    *_contacts(),
    *_sync_dialog(),
    *_calls(),
    *_settings(),
    *_problems(),
    *_ringing(),
    *_on_pages(),
    *_looked_at_differently(),
    *_with_less_room(),
    *_side_panel(),
    *_pages_in_tabs(),
    *_phone_window(),
)
