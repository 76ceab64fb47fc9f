"""The popup as a rep opens it: in real Chromium, by a click on the toolbar button, with the production build.

`rows_ms` and `interactive_ms` are counted from the start of the popup's navigation: to the frame in which the rows of
the list stand, and to the first idle moment after it with the search field in focus. `keystroke_ms` is from the press
of the key that completes a search, while the result of the letters before it stands there, to the frame with its own;
`drag_ms` from the scrollbar's move to anywhere in the list to the frame in which all rows there stand. All are medians,
of the warm popup of somebody who has just used it. `heap_mb` is JavaScript's after a collection; `script_kb` is what
the popup's page loads before it is drawn, gzipped (what is seldom opened over it comes with the click).
"""

import argparse
import gzip
import os
import re
import shutil
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import ROOT, Row, say
from benches._farther import farther
from benches._options import count
from chromium_on_machine import find_chromium
from tests.e2e.chromium import Popup
from tests.e2e.rep import Rep, know_server, rep_at_work

CONTACTS, OPENINGS, WARM_UP = 100_000, 15, 2
LATENCY_MS = 80.0
SYNC_WITHIN_S = 3_600.0
LETTERS_TYPED = 3  # before the one that is measured
EXTENSION = ROOT / "extension" / ".output" / "chrome-mv3"
SEARCH = ("searchbox", "Search contacts")
# In a copy of the build, before the popup's own script: it looks on, and takes no part.
PROBE = """(() => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(performance.now());
    port2.postMessage(null);
  }));
  const rows = () => [...document.querySelectorAll('[role=grid] [role=row]')];
  const whole = () => rows().length > 0 && rows().every((row) => row.ariaBusy !== 'true');
  const watched = { subtree: true, childList: true, characterData: true, attributes: true };
  const when = (so) => new Promise((done) => {
    const observer = new MutationObserver(() => look());
    const look = () => {
      if (!so()) return;
      observer.disconnect();
      done(painted());
    };
    observer.observe(document, watched);
    look();
  });
  const idle = () => new Promise((done) => requestIdleCallback(() => done()));
  const interactive = async () => {
    await opened;
    do await idle(); while (document.activeElement?.role !== 'searchbox');
    return performance.now();
  };
  const count = () => document.querySelector('.chip[aria-pressed=true] .num')?.textContent.replace(/\\D/g, '');
  const since = (type, so) => new Promise((done) => {
    addEventListener(type, (event) => when(so).then((at) => done(at - event.timeStamp)), { capture: true, once: true });
  });
  const opened = when(whole);
  globalThis.probe = {
    opened: async () => [await opened, await interactive()],
    searched: (total) => { probe.found = since('keydown', () => whole() && count() === String(total)); },
    scrolled: () => {
      const before = rows()[0].ariaRowIndex;
      probe.found = since('scroll', () => whole() && rows()[0].ariaRowIndex !== before);
    },
    shows: (total) => when(() => whole() && count() === String(total)),
  };
})();
"""
_GRID = "document.querySelector('[role=grid]')"
_THUMB_PX = 12  # below the arrow above it
_BAR = f"""(() => {{
  const {{ right, top, height }} = {_GRID}.getBoundingClientRect();
  return {{ x: right - 4, top, height }};
}})()"""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--contacts", type=count, default=CONTACTS, help="in the account (%(default)s)")
    parser.add_argument("--openings", type=count, default=OPENINGS, help="how often the popup is opened (%(default)s)")
    parser.add_argument("--latency-ms", type=float, default=LATENCY_MS, help="of the farther server (%(default)s)")


def measure(options: argparse.Namespace) -> list[Row]:
    chromium = find_chromium(os.environ)
    if chromium is None or not EXTENSION.exists():
        raise SystemExit("This needs Chromium and the extension's build: ./scripts/test makes both.")
    contacts = ("--contacts", str(options.contacts))
    with TemporaryDirectory(prefix="callbook-popup-") as place:
        probed = _probed(EXTENSION, Path(place) / "extension")
        say(f"{options.contacts:,} contacts are synced")
        with rep_at_work(Path(place), probed, chromium, *contacts) as rep:
            _authorize(rep)
            rows = [_row(rep, "loopback", options)]
            with farther(rep.stack.callbook_url, options.latency_ms / 1000) as url:
                know_server(rep, url)
                rows.append(_row(rep, f"{options.latency_ms:.0f} ms away", options))
    say("")
    return rows


def _probed(extension: Path, copy: Path) -> Path:
    shutil.copytree(extension, copy)
    (copy / "probe.js").write_text(PROBE, "utf-8")
    page = copy / "popup.html"
    page.write_text(page.read_text("utf-8").replace("<head>", '<head><script src="/probe.js"></script>', 1), "utf-8")
    return copy


def _authorize(rep: Rep) -> None:
    popup = rep.browser.click_toolbar_icon(rep.browser.open(rep.page_url))
    rep.allow(rep.consent_window(popup))
    rep.wait_signed_in()
    rep.browser.wait_until(lambda: rep.get("/api/sync")["run"] is None, "the first sync", within_s=SYNC_WITHIN_S)


@dataclass
class _Taken:
    """What was measured, one of each for every opening."""

    rows_ms: list[float] = field(default_factory=list)
    interactive_ms: list[float] = field(default_factory=list)
    keystroke_ms: list[float] = field(default_factory=list)
    drag_ms: list[float] = field(default_factory=list)
    heap_mb: list[float] = field(default_factory=list)


def _row(rep: Rep, server: str, options: argparse.Namespace) -> Row:
    total = int(rep.contacts(limit=1)["total"])
    searches = _searches(rep, total, options.openings + WARM_UP)
    taken = _Taken()
    page = rep.browser.open(rep.page_url)
    for number, (text, before, found) in enumerate(searches):
        say(f"{server}: opening {number + 1} of {len(searches)}")
        opening = _Taken() if number < WARM_UP else taken
        popup = rep.browser.click_toolbar_icon(page)
        _open(popup, opening, total)
        _drag(popup, opening, (number + 1) / (len(searches) + 1))
        _search(popup, opening, text, before, found)
        _collect(popup, opening)
        popup.press("Escape")
        popup.close()
    page.close()
    medians = {name: round(statistics.median(values), 1) for name, values in vars(taken).items()}
    return {"server": server, "openings": options.openings, **medians, "script_kb": script_kb(EXTENSION)}


def _open(popup: Popup, taken: _Taken, total: int) -> None:
    rows_ms, interactive_ms = popup.evaluate("probe.opened()")
    taken.rows_ms.append(rows_ms)
    taken.interactive_ms.append(interactive_ms)
    popup.evaluate(f"probe.shows({total})")


def _search(popup: Popup, taken: _Taken, text: str, before: int, found: int) -> None:
    popup.type(*SEARCH, text[:-1])
    popup.evaluate(f"probe.shows({before})")
    popup.evaluate(f"probe.searched({found})")
    popup.press(text[-1])
    taken.keystroke_ms.append(popup.evaluate("probe.found"))


def _drag(popup: Popup, taken: _Taken, share: float) -> None:
    """By the thumb, in one move from the top to `share` of the way down."""
    bar = popup.evaluate(_BAR)
    x, y = bar["x"], bar["top"] + _THUMB_PX
    popup.channel.send("Input.dispatchMouseEvent", {"type": "mouseMoved", "x": x, "y": y})
    button = {"x": x, "y": y, "button": "left", "clickCount": 1}
    popup.channel.send("Input.dispatchMouseEvent", {"type": "mousePressed", **button})
    popup.evaluate("probe.scrolled()")
    moved = {"type": "mouseMoved", "x": x, "y": y + share * (bar["height"] - 3 * _THUMB_PX), "buttons": 1}
    popup.channel.send("Input.dispatchMouseEvent", {**moved, "button": "left"})
    taken.drag_ms.append(popup.evaluate("probe.found"))
    popup.channel.send("Input.dispatchMouseEvent", {**button, "type": "mouseReleased", "y": moved["y"]})
    if popup.evaluate(f"{_GRID}.scrollTop / {_GRID}.scrollHeight") < share / 4:
        raise RuntimeError("the scrollbar was not dragged")


def _collect(popup: Popup, taken: _Taken) -> None:
    popup.channel.send("HeapProfiler.collectGarbage")
    taken.heap_mb.append(popup.channel.send("Runtime.getHeapUsage")["usedSize"] / 1e6)


def _searches(rep: Rep, total: int, count: int) -> list[tuple[str, int, int]]:
    """Beginnings of names from all over the list, each with how many contacts are found without its last letter, and
    how many fewer with it.
    """
    found: list[tuple[str, int, int]] = []
    step = max(1, total // (4 * count))
    for offset in range(0, total, step):
        name = rep.contacts(offset=offset, limit=1)["contacts"][0]["name"].split(" ")[-1]
        text = name[: LETTERS_TYPED + 1].lower()
        if not (text.isascii() and text.isalpha()) or any(text == known for known, *_ in found):
            continue
        shorter, longer = (int(rep.contacts(q=each, limit=1)["total"]) for each in (text[:-1], text))
        if 0 < longer < shorter:
            found.append((text, shorter, longer))
        if len(found) == count:
            return found
    raise RuntimeError(f"only {len(found)} names to search for among {total:,} contacts")


def script_kb(extension: Path) -> float:
    """All that the popup's page loads before it is drawn, gzipped."""
    page = (extension / "popup.html").read_text("utf-8")
    scripts = re.findall(r'(?:src|href)="(/[^"]+\.js)"', page)
    return round(sum(len(gzip.compress((extension / each[1:]).read_bytes())) for each in scripts) / 1000, 1)
