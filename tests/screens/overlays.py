"""What is drawn over somebody else's page, on a page of the extension: there its script has the same browser APIs, and
its root may be looked into. The page under it is nobody's in particular.
"""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from callbook.web.shapes import CallOut, RunOut
from tests.screens import prepared
from tests.screens.prepared import Answers
from tests.screens.stage import EXTENSION, Situation, View

PAGE = View(page="manifest.json", size=(760, 480))

_SOMEBODYS_PAGE = """() => {
  document.documentElement.lang = 'en';
  document.head.innerHTML =
    '<title>A page</title><style>body { background: #eef0f4; font: 20px Inter; }</style>';
  document.body.innerHTML = '<main><h1>A page</h1></main>';
}"""

# As the worker keeps it; that it also hears of a change makes it draw.
_PLACE = """async ({ runId, stage }) => {
  const { id } = await chrome.tabs.getCurrent();
  const since = new Date().toISOString();
  await chrome.storage.session.set({ placement: { tabId: id, runId, stage, since, refusedTabId: null } });
  const { sync } = await chrome.storage.session.get('sync');
  await chrome.storage.session.set({ sync: { ...sync, event: sync.event + 1 } });
}"""


# The card asks the worker what to draw as soon as it is there.
_PLACE_CARD = """async (callIds) => {
  const { id } = await chrome.tabs.getCurrent();
  await chrome.storage.session.set({ cardPlace: { tabId: id, offered: callIds } });
}"""


def ringing(*calls: CallOut) -> Situation:
    """Calls that ring, or are in another state that is still to be seen."""
    live = [
        {
            "call": call.model_dump(mode="json"),
            "ringsUntil": "2026-11-21T14:16:38Z",
            "heardAt": "2026-11-21T14:15:59Z",
        }
        for call in calls
    ]
    return Situation(session={"liveCalls": live, "cardPlace": {"tabId": None, "offered": []}})


def with_card(*calls: CallOut) -> Callable[[Page], None]:
    def steps(page: Page) -> None:
        page.evaluate(_SOMEBODYS_PAGE)
        page.evaluate(_PLACE_CARD, [call.call_id for call in calls])
        page.evaluate((EXTENSION / "card.js").read_text("utf-8"))

    return steps


def over_page(run: RunOut) -> Situation:
    over = run.finished_at is not None
    sync = prepared.sync(last_run=run) if over else prepared.sync(run=run)
    return Situation(Answers(sync=sync))


def placed(run: RunOut, stage: str) -> Callable[[Page], None]:
    def steps(page: Page) -> None:
        page.evaluate(_SOMEBODYS_PAGE)
        page.evaluate((EXTENSION / "overlay.js").read_text("utf-8"))
        place: dict[str, Any] = {"runId": run.id, "stage": stage}
        page.evaluate(_PLACE, place)
        shown = page.locator(".modal" if stage == "modal" else ".toast")
        shown.wait_for()
        if run.finished_at is not None:
            shown.dispatch_event("mouseenter")  # it stays while it is looked at

    return steps
