"""Whether the popup can be trusted: for each situation, what it says is so, what it offers to do, and what the badge
tells while it is closed. The table below is the specification; nothing else about a problem may be on the screen.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.screens import prepared as p
from tests.screens.every_state import STATES
from tests.screens.looking import shown
from tests.screens.prepared import Answers
from tests.screens.stage import Situation, Stage, View, drawn
from tests.screens.states import (
    AUTHORIZING,
    HELD,
    MANUAL,
    PAUSED,
    RATE_LIMITED,
    authorizing,
    resting,
    signed_out,
    syncing,
)

GREEN, RED, AMBER, GREY = "#1a7648", "#bf2a35", "#e0a030", "#676c78"
SILENT_FOR_MS = 3_000  # until the worker is not waited for any longer
WELL = "Synced 4 min ago · next in 16 min"


@dataclass(frozen=True)
class Badge:
    text: str = ""
    colour: str = GREY
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """`said` is what a strip, the card of a first sync, or an empty list says; `actions` are its buttons, and the way
    in where there is no session. All is well: nothing said, nothing to do.
    """

    said: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    footer: str | None = WELL
    badge: Badge = field(default_factory=Badge)


@dataclass(frozen=True)
class Trust:
    name: str
    so: Situation
    told: Told


SIGNED_OUT = Badge(words=("Callbook: not connected to HubSpot",))
FIRST_SYNC = Badge("…", GREY, ("The first sync is running",))
PAUSED_BADGE = Badge("!", AMBER, ("Sync paused",))
INCOMPLETE = Badge("!", AMBER, ("The last sync is incomplete",))
FAILED = Badge("!", AMBER, ("The last sync did not finish",))
RECONNECT = Badge("!", RED, ("HubSpot has to be reconnected",))
UNREACHABLE = Badge("!", RED, ("The Callbook server has not answered for over 5 minutes",))
CLOSE = "You can close this. The server carries on."
BY_ITSELF = "Nothing to do: it continues by itself"
OLDER = "Synced 24 min ago · next in 16 min"
NEVER = "Not synced yet · next in 16 min"
NOT_FINISHED = "The last sync did not finish"
KIND_OF_FIRST: dict[str, Any] = {"trigger": "first", "kind": "full"}


def not_connected(problem: str | None, *said: str, admin: bool = False) -> Trust:
    actions = (*(["Copy message for your admin"] if admin else []), "Authorize")
    return Trust(f"not connected: {problem}", signed_out(problem), Told(said, actions, None, SIGNED_OUT))


def first(name: str, *said: str, **changes: Any) -> Trust:
    card = ("HubSpot", "Brightmoor Supply", "Syncing", *said)
    return Trust(f"first sync: {name}", Situation(syncing(**changes)), Told(card, (), CLOSE, FIRST_SYNC))


def first_ended(hubspot: int = 0, **changes: Any) -> Situation:
    last = p.ended(**KIND_OF_FIRST, read=hubspot, **changes)
    people = p.PEOPLE if hubspot else ()
    return Situation(Answers(sync=p.sync(hubspot=hubspot, last_run=last, last_synced_at=None), people=people))


def away(since: str) -> Situation:
    return Situation(Answers(away=True), session={"unreachableSince": since})


def state(**changes: Any) -> Situation:
    return Situation(Answers(sync=p.sync(**changes)))


def failed(problem: str, why: str, *actions: str, title: str = NOT_FINISHED) -> Trust:
    so = resting(state="failed", problem=problem)
    return Trust(f"failed: {problem}", so, Told((title, why), actions, OLDER, FAILED))


RINGING = {
    "callId": "a",
    "state": "ringing",
    "ringsUntil": "2026-11-21T14:16:40Z",
    "announced": True,
    "dismissed": False,
}
REVOKED = state(connection=p.reconnect(), last_synced_at=p.at(13, 32))
NEEDS_SERVER = "Search and names need the server"
OFFLINE = ("You are offline", "Names and search come back with the connection.")
RESTARTING = "Restarting takes a second. Nothing is lost."
UPDATE = ("A new version of Callbook is ready", RESTARTING)
STUCK = ("Callbook does not answer", RESTARTING)
# A page that may show progress keeps the worker from taking the update by itself.
SHOWN = {"tabId": None, "runId": None, "stage": "modal", "since": "2026-11-21T14:00:00Z", "refusedTabId": None}
UPDATED = Situation(session={"updateReady": "0.2.0", "placement": SHOWN})
SLOW = ("HubSpot asked us to slow down", "41,200 of 98,412 read · continuing at 14:32")
UNREAD = ("98,400 of 98,412 contacts", "12 could not be read")

TRUST: tuple[Trust, ...] = (
    # --- no session
    not_connected(None),
    not_connected(
        "consent_denied",
        "HubSpot did not let you connect",
        "If you did not decline it yourself, ask a HubSpot admin for “App Marketplace access”.",
        admin=True,
    ),
    not_connected(
        "scope_missing",
        "HubSpot gave too few permissions",
        "Callbook needs to read contacts and owners. Ask a HubSpot admin to allow both.",
        admin=True,
    ),
    not_connected(
        "window_closed",
        "The HubSpot window was closed",
        "Nothing was connected. Authorize again when you are ready.",
    ),
    not_connected(
        "server_unreachable",
        "Server unreachable",
        "No Callbook server answers at the address in Settings. Check the address, or ask your admin.",
    ),
    not_connected(
        "server_misconfigured",
        "The Callbook server is not set up for HubSpot",
        "Tell the person who runs your Callbook server: its HubSpot client id or secret is wrong.",
    ),
    not_connected("session_expired", "You were signed out", "The server ended your session. Authorize again to go on."),
    not_connected("interrupted", "The sign-in was interrupted", "Nothing was connected. Please authorize again."),
    not_connected(
        "tab_closed", "The HubSpot tab was closed", "Nothing was connected. Authorize again when you are ready."
    ),
    Trust("authorizing", AUTHORIZING, Told((), ("Waiting for HubSpot",), None, SIGNED_OUT)),
    Trust("authorizing in a tab", authorizing("tab"), Told((), ("Waiting for HubSpot",), None, SIGNED_OUT)),
    # --- the first sync
    first("queued", "Waiting to start", state="queued", read=0, total=None, seconds_left=None),
    first("0 %", "0 of 98,412 contacts", read=0, seconds_left=None),
    first("12 %", "12,300 of 98,412 contacts · about 6 min left"),
    first("99 %", "98,100 of 98,412 contacts · less than a minute left", read=98_100, seconds_left=4),
    first("100 %", "98,412 of 98,412 contacts · finishing up", read=98_412, seconds_left=None),
    Trust(
        "first sync: slowed down",
        Situation(syncing(state="waiting", problem="throttled", retry_at=p.at(14, 32), read=41_200)),
        Told(SLOW, (), BY_ITSELF, FIRST_SYNC),
    ),
    Trust(
        "first sync: paused",
        Situation(syncing(state="paused", paused_at=p.at(14, 14), read=41_200)),
        Told(
            ("Sync paused", "41,200 of 98,412 read · since 14:14"),
            ("Resume",),
            "Paused · Not synced yet",
            Badge("!", AMBER, ("Sync paused", "The first sync is running")),
        ),
    ),
    Trust(
        "first sync: cancelled",
        first_ended(12_300, state="cancelled"),
        Told(("The sync was cancelled", "What was read is kept."), ("Sync now",), NEVER, INCOMPLETE),
    ),
    Trust(
        "first sync: failed",
        first_ended(state="failed", problem="hubspot_unreachable"),
        Told((NOT_FINISHED, "HubSpot gave no answer.", "No contacts yet"), ("Sync now",), NEVER, FAILED),
    ),
    Trust(
        "first sync: revoked before it began",
        Situation(Answers(sync=p.sync(hubspot=0, connection=p.reconnect(), last_run=None, last_synced_at=None))),
        Told(("Reconnect HubSpot", "Access removed at 13:40."), ("Reconnect",), "Not synced yet", RECONNECT),
    ),
    # --- a run
    Trust("all is well", Situation(), Told()),
    Trust("a manual run", state(run=MANUAL), Told(footer="Syncing · 41,200 of 98,412")),
    Trust(
        "a run that waits for its turn",
        state(run=p.run(trigger="manual", state="queued", read=0, total=None)),
        Told(footer="Syncing · Waiting to start"),
    ),
    Trust(
        "an automatic run, which a click joins",
        state(run=p.run(trigger="automatic", kind="recent", read=12, total=229)),
        Told(footer="Syncing · 12 of 229"),
    ),
    Trust("slowed down", state(run=RATE_LIMITED), Told(SLOW, (), BY_ITSELF)),
    Trust(
        "HubSpot gives no answer",
        state(run=RATE_LIMITED.model_copy(update={"problem": "hubspot_unreachable"})),
        Told(("HubSpot does not answer", SLOW[1]), (), BY_ITSELF),
    ),
    Trust(
        "paused",
        state(run=PAUSED),
        Told(
            ("Sync paused", "41,200 of 98,412 read · since 14:14"),
            ("Resume",),
            "Paused · Synced 4 min ago",
            PAUSED_BADGE,
        ),
    ),
    Trust("cancelled over a whole cache", resting(state="cancelled"), Told(footer=OLDER)),
    # --- the connection and the server
    Trust(
        "revoked",
        REVOKED,
        Told(
            ("Reconnect HubSpot", "Access removed at 13:40. Caller names come from the last copy."),
            ("Reconnect",),
            "Last synced 13:32",
            RECONNECT,
        ),
    ),
    Trust(
        "reconnecting did not work",
        replace(REVOKED, problem="window_closed"),
        Told(("Reconnect HubSpot", "The HubSpot window was closed"), ("Reconnect",), "Last synced 13:32", RECONNECT),
    ),
    Trust(
        "server unreachable for 3 minutes",
        away("2026-11-21T14:13:00Z"),
        Told(
            ("Server unreachable", "No answer since 14:13. Tried again every 30 s."),
            ("Try now",),
            NEEDS_SERVER,
        ),
    ),
    Trust(
        "server unreachable for 14 minutes",
        away("2026-11-21T14:02:00Z"),
        Told(
            ("Server unreachable", "No answer since 14:02. Tried again every 30 s."),
            ("Try now",),
            NEEDS_SERVER,
            UNREACHABLE,
        ),
    ),
    Trust(
        "offline",
        replace(away("2026-11-21T14:13:00Z"), offline=True, local={"server": "https://callbook.example"}),
        Told(OFFLINE, ("Try now",), NEEDS_SERVER),
    ),
    Trust(
        "offline, with the server on this very computer",
        replace(away("2026-11-21T14:13:00Z"), offline=True),
        Told(("Server unreachable", "No answer since 14:13. Tried again every 30 s."), ("Try now",), NEEDS_SERVER),
    ),
    # --- the extension itself
    Trust("updated under the page", UPDATED, Told(UPDATE, ("Restart",))),
    Trust(
        "updated under the page, while something is wrong",
        replace(REVOKED, session=UPDATED.session),
        Told(
            ("Reconnect HubSpot", "Access removed at 13:40. Caller names come from the last copy."),
            ("Reconnect",),
            "Last synced 13:32",
            RECONNECT,
        ),
    ),
    Trust("the worker gives no answer", Situation(silent=True), Told(STUCK, ("Restart extension",))),
    Trust(
        "the worker gives no answer, and the last that was known was a problem",
        replace(resting(state="failed", problem="internal"), silent=True),
        Told(STUCK, ("Restart extension",), OLDER, FAILED),
    ),
    # --- how the last run ended
    Trust(
        "incomplete: contacts could not be read",
        resting(state="incomplete", problem="records_failed", failed=12, local_total=98_400),
        Told(UNREAD, ("Show which",), OLDER, INCOMPLETE),
    ),
    Trust(
        "incomplete: HubSpot counts differently",
        resting(state="incomplete", problem="totals_differ", local_total=98_400),
        Told((UNREAD[0], "HubSpot counts a different number. The next sync looks again."), (), OLDER, INCOMPLETE),
    ),
    failed("hubspot_unreachable", "HubSpot gave no answer.", "Sync now"),
    failed("scope_missing", "The app lacks a permission. Reconnect.", "Reconnect", title="HubSpot refused"),
    failed(
        "server_misconfigured",
        "Tell the person who runs your Callbook server: its HubSpot client id or secret is wrong.",
    ),
    failed("internal", "Something went wrong on the Callbook server.", "Sync now"),
    Trust(
        "the brake holds",
        state(last_run=HELD),
        Told(
            ("41,000 of 98,412 contacts are gone in HubSpot. Remove them here too?",),
            ("Keep", "Remove"),
            badge=INCOMPLETE,
        ),
    ),
    Trust("the brake was answered: Keep", replace(state(last_run=HELD), local={"keptRunId": HELD.id}), Told()),
    # --- what there is
    Trust(
        "an empty account",
        Situation(Answers(sync=p.sync(hubspot=0, personal=0), people=())),
        Told(
            ("There are no contacts in HubSpot", "Who is added there appears here with the next sync."), ("Sync now",)
        ),
    ),
    Trust(
        "nobody has a number",
        Situation(Answers(people=[one.model_copy(update={"phone": None}) for one in p.PEOPLE])),
        Told(),
    ),
    Trust(
        "missed calls",
        Situation(local={"missed": ["call-8", "call-4"]}),
        Told(badge=Badge("2", RED, ("2 missed calls",))),
    ),
    Trust(
        "a call rings",
        Situation(local={"calls": [{**RINGING, "contactId": 13}]}),
        Told(badge=Badge("1", GREEN, ("1 call is ringing",))),
    ),
)


def told_in(stage: Stage, so: Situation) -> Told:
    with stage.opened(so) as page:
        page.locator("main.popup > *").first.wait_for()
        if so.silent:
            page.clock.fast_forward(SILENT_FOR_MS)
        said, actions = _said(drawn(page))
        footer = page.locator(".ftr")
        return Told(said, actions, _plain(footer.inner_text()) if footer.count() else None, _badge(stage))


def _said(page: Page) -> tuple[tuple[str, ...], tuple[str, ...]]:
    lines: list[str] = []
    actions: list[str] = []
    for place in page.locator(".strip, .conn, .empty").all():
        names = [_plain(one.inner_text()) for one in place.locator("button:not([aria-disabled=true])").all()]
        lines += [_plain(line) for line in place.inner_text().split("\n") if _plain(line) not in ("", *names)]
        actions += names
    actions += [_plain(one.inner_text()) for one in page.locator(".welcome > .btn").all()]
    return tuple(lines), tuple(actions)


def _plain(words: str) -> str:
    return re.sub(r"\s*·\s*", " · ", words).replace("\n", " ").strip()


def _badge(stage: Stage) -> Badge:
    text, colour, title = stage.badge()
    return Badge(text, colour, tuple(line for line in title.split("\n") if line != "Callbook"))


@pytest.mark.parametrize("trust", TRUST, ids=lambda one: one.name)
def test_what_it_says_is_so(stage: Stage, trust: Trust) -> None:
    assert told_in(stage, trust.so) == trust.told


@pytest.mark.parametrize("name", ["08a-modal", "08b-banner", "09-card-known"])
def test_what_lies_over_a_page_has_its_words_from_the_worker(stage: Stage, name: str) -> None:
    """Before a test that kills the worker: a card goes by its clock, which does not stand in the next one."""
    state = next(one for one in STATES if one.name == name)
    with stage.opened(state.situation, replace(state.view, wordless=True)) as page:
        state.steps(page)
        shown(page, state).wait_for()
        assert page.locator(".callbook").get_attribute("lang") == "en-GB"


@pytest.mark.parametrize("name", ["all is well", "paused", "revoked"])
def test_it_says_the_same_after_the_worker_died(stage: Stage, name: str) -> None:
    trust = next(one for one in TRUST if one.name == name)
    stage.remember(trust.so)
    stage.browser.kill_worker()
    assert told_in(stage, trust.so) == trust.told
    assert stage.browser.worker_runs()


@pytest.mark.parametrize("page", ["popup.html", "sidepanel.html", "options.html", "welcome.html", "signed-in.html"])
def test_a_browser_without_our_words_does_not_keep_us_from_speaking(stage: Stage, page: str) -> None:
    with stage.opened(signed_out(None), View(page, wordless=True)) as opened:
        opened.get_by_text(re.compile("Authorize|HubSpot")).first.wait_for()
        html = opened.locator("html")
        assert (html.get_attribute("lang"), html.get_attribute("dir")) == ("en-GB", "ltr")
