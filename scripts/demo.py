"""Callbook on one machine: the HubSpot sandbox, the server and its worker, and Chromium with the extension and an
ordinary page to try it on; or, with --headless, the main job done by itself, a screenshot and a line for each step.
"""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Error as PlaywrightError

from caller import a_caller
from hubspot_sandbox import CsvRefused, read_contacts_csv
from main_job import Setting, do_main_job
from tests.e2e.chromium import ExtensionBrowser, extension_browser
from tests.e2e.neutral_page import neutral_pages
from tests.e2e.processes import ProgramFailed
from tests.e2e.protocol import DriverTimeout, ProtocolError, TargetClosed
from tests.e2e.stack import Stack, running_stack
from tests.widget.server import widget_server

ROOT = Path(__file__).resolve().parents[1]
EXTENSION = ROOT / "extension" / ".output" / "chrome-mv3"
CONTACTS = 2_000
LIST_PAGE = 100
FIRST_SYNC_S = 8.0  # slow enough to watch: HubSpot itself answers in 200 to 350 ms a page
SLOWEST_MS, FASTEST_MS = 1_500, 20
WHAT_TO_DO = """
Callbook is running. In the browser window:

  1. Click the Callbook icon in the toolbar (behind the puzzle piece, if it is not pinned).
  2. Click Authorize, choose who is signed in, and click Allow.
  3. Watch the contacts sync; then open Callbook again, scroll, search, try the HubSpot filter.
  4. In the first tab, HubSpot's stand-in, choose yourself under Phone and press Ring beside a contact; then Answer and
     Hang up. There you also edit, merge and delete contacts, and see what Callbook asks for.
  5. More > Open the phone is a stand-in for RingCentral's; the Call button beside a contact dials there.

In this terminal:

  Enter    lets one of the contacts call you.
  Ctrl-C   ends the demo and everything it started.

HubSpot (a local sandbox): {sandbox}     Callbook's server: {callbook}     Files: {folder}
"""


@dataclass(frozen=True)
class Options:
    headless: bool
    contacts: int
    csv: Path | None
    out: Path


def main() -> int:
    options = _options()
    if options.csv is not None:
        try:
            found, skipped = read_contacts_csv(options.csv)
        except CsvRefused as refused:
            print(refused, file=sys.stderr)
            return 2
        options = Options(options.headless, len(found), options.csv, options.out)
        print(f"{options.csv}: {len(found):,} contacts, {len(skipped):,} rows skipped")
    if not options.headless and not _has_display():
        print("There is no display here. This form does the main job by itself: ./scripts/demo --headless")
        return 2
    try:
        return _demo(options)
    except KeyboardInterrupt:
        print("\nEnded.")
        return 0
    except (ProgramFailed, DriverTimeout, ProtocolError, TargetClosed, PlaywrightError) as failure:
        print(f"demo failed: {str(failure).splitlines()[0]}", file=sys.stderr)
        return 1


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="./scripts/demo", description=__doc__)
    parser.add_argument("--headless", action="store_true", help="do the main job by itself, without a display")
    parser.add_argument("--contacts", type=_count, default=CONTACTS, metavar="N", help=f"how many (default {CONTACTS})")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="contacts from an export of HubSpot's instead")
    parser.add_argument("--out", type=Path, default=ROOT / "out", metavar="DIR", help="where screenshots go (out/)")
    given = parser.parse_args()
    return Options(given.headless, given.contacts, given.csv, given.out)


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError("a whole number, 0 or more")
    return int(text)


def _has_display() -> bool:
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _demo(options: Options) -> int:
    with TemporaryDirectory(prefix="callbook-demo-", ignore_cleanup_errors=True) as folder:
        print("starting the HubSpot sandbox, Callbook's server and worker, and Chromium ...", flush=True)
        with _everything(options, Path(folder)) as setting:
            if options.headless:
                return do_main_job(setting, options.out)
            return _let_them_try(setting)


@contextlib.contextmanager
def _everything(options: Options, folder: Path) -> Iterator[Setting]:
    chromium = Path(os.environ["CALLBOOK_CHROMIUM"])
    with (
        running_stack(folder, sandbox=_sandbox_options(options)) as stack,
        neutral_pages() as page_url,
        widget_server() as widget_url,
        extension_browser(EXTENSION, chromium, headless=options.headless) as browser,
    ):
        yield Setting(stack, browser, page_url, options.contacts, f"{widget_url}app.html?signedIn=yes")


def _sandbox_options(options: Options) -> Sequence[str]:
    pages = max(1, options.contacts // LIST_PAGE)
    latency_ms = round(min(SLOWEST_MS, max(FASTEST_MS, FIRST_SYNC_S * 1000 / pages)))
    contacts = ["--csv", str(options.csv.resolve())] if options.csv else ["--contacts", str(options.contacts)]
    return [*contacts, "--latency-ms", str(latency_ms)]


def _let_them_try(setting: Setting) -> int:
    stack = setting.stack
    _know_server(setting.browser, stack.callbook_url)
    _know_phone(setting.browser, setting.widget_url)
    setting.browser.open(stack.sandbox_url)
    setting.browser.open(setting.page_url)
    print(WHAT_TO_DO.format(sandbox=stack.sandbox_url, callbook=stack.callbook_url, folder=stack.folder), flush=True)
    while True:
        if sys.stdin.readline():
            _ring_somebody(stack)
        else:  # no terminal to read from: stay until Ctrl-C
            time.sleep(3600)


def _know_server(browser: ExtensionBrowser, address: str) -> None:
    """Sets the extension's server address, as Settings > Server address does: this demo's port is its own."""
    browser.worker().evaluate("(address) => chrome.storage.local.set({ server: address })", address)


def _know_phone(browser: ExtensionBrowser, address: str) -> None:
    """Sets the phone's address, as Settings > Phone address does: a stand-in for RingCentral's."""
    phone = "(address) => chrome.storage.local.set({ phone: { address, clientId: '' } })"
    browser.worker().evaluate(phone, address)


def _ring_somebody(stack: Stack) -> None:
    caller = a_caller(stack.environment["CALLBOOK_DATABASE_URL"])
    if caller is None:
        print("Nobody can call yet: authorize Callbook first, and let it sync.")
        return
    rung = stack.callbook("ring", "--user", caller.rep_email, "--from", caller.number)
    print(rung.stdout.strip() or rung.stderr.strip(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
