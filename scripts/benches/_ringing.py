"""A call event on its way to the rep: from when it is sent to the server until the notification is made in Chromium.

`warm` is with the worker alive and its line open; `alarm only` with the worker killed just before, so that nothing but
its alarm of every 30 s is left; `answered elsewhere` is from that event until the notification is gone. Events go by
the API, as the phone window sends them.
"""

import argparse
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import ROOT, Row
from benches._timed import timed
from chromium_on_machine import find_chromium
from tests.e2e.rep import Rep, rep_at_work

EXTENSION = ROOT / "extension" / ".output" / "chrome-mv3"
CALLER = "+1 206 555 0142"
WARM_UP = 3
HEARD_WITHIN_S = 60.0
# Writes down when each notification was made and when it went, in seconds of the clock that Python has, too.
_NOTE = """(() => {
  globalThis.__madeAt = {};
  globalThis.__goneAt = {};
  const clear = chrome.notifications.clear.bind(chrome.notifications);
  chrome.notifications.clear = async (id) => {
    const gone = await clear(id);
    globalThis.__goneAt[id] ??= Date.now() / 1000;
    return gone;
  };
  const create = chrome.notifications.create.bind(chrome.notifications);
  chrome.notifications.create = async (id, options) => {
    const made = await create(id, options);
    globalThis.__madeAt[id] = Date.now() / 1000;
    return made;
  };
})()"""


def ringing(options: argparse.Namespace) -> list[Row]:
    """All in one browser."""
    chromium = find_chromium(os.environ)
    if chromium is None or not EXTENSION.exists():
        raise SystemExit("This needs Chromium and the extension's build: ./scripts/test makes both.")
    with (
        TemporaryDirectory(prefix="callbook-ringing-") as folder,
        rep_at_work(Path(folder), EXTENSION, chromium, "--contacts", "100") as rep,
    ):
        rep.portal.create(firstname="Grace", lastname="Hopper", phone=CALLER)
        rep.authorize(rep.browser.open(rep.page_url))
        rep.browser.worker().evaluate(_NOTE)
        calls = [_ring(rep, f"warm {place}") for place in range(WARM_UP + options.rings)][WARM_UP:]
        dead = [_ring_the_dead(rep, f"dead {place}") for place in range(options.deaths)]
    made, gone = zip(*calls, strict=True)
    times = (("warm", made, 1), ("answered elsewhere", gone, 2), ("alarm only", dead, 35))
    return [timed("ringing", what, [each * 1000 for each in times_s], goal_s * 1000) for what, times_s, goal_s in times]


def _ring(rep: Rep, call_id: str) -> tuple[float, float]:
    """Seconds until the notification is made, and until it is gone after somebody else has answered."""
    sent_at = _send(rep, call_id, "ringing")
    made_at = _noted(rep, "__madeAt", call_id)
    taken_at = _send(rep, call_id, "answered_elsewhere")
    return made_at - sent_at, _noted(rep, "__goneAt", call_id) - taken_at


def _noted(rep: Rep, by: str, call_id: str) -> float:
    at = f"globalThis.{by}['call:{call_id}'] ?? null"
    return float(rep.browser.wait_until(lambda: rep.browser.worker().evaluate(at), "the notification"))


def _ring_the_dead(rep: Rep, call_id: str) -> float:
    """Seconds, to the first look that sees it; nothing looks before the alarm has woken the worker."""
    rep.browser.kill_worker()
    sent_at = _send(rep, call_id, "ringing")
    rep.browser.wait_until(rep.browser.worker_runs, "the alarm", within_s=HEARD_WITHIN_S)
    rep.browser.wait_until(lambda: f"call:{call_id}" in rep.browser.notification_ids(), "the notification")
    seconds = time.time() - sent_at
    _send(rep, call_id, "ended")
    rep.browser.wait_until(lambda: not rep.browser.notification_ids(), "the end of the notification")
    return seconds


def _send(rep: Rep, call_id: str, state: str) -> float:
    """When it was."""
    sent_at = time.time()
    rep.post("/api/calls", {"call_id": call_id, "direction": "inbound", "state": state, "number": CALLER})
    return sent_at
