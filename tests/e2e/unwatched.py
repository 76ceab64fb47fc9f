"""A rep's browser that nothing is attached to. DevTools keep a worker alive; without them Chromium stops one in which
nothing has happened for 30 s, and what it does can be seen from the server alone.
"""

import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.chromium import chromium_flags, extension_browser
from tests.e2e.neutral_page import neutral_pages
from tests.e2e.portal import Portal
from tests.e2e.processes import Program, running
from tests.e2e.rep import QUICK, Rep, know_server
from tests.e2e.stack import running_stack

UP_WITHIN_S = 30.0


@dataclass(frozen=True)
class Unwatched:
    """A signed-in rep's browser that nothing is attached to: what it does is seen from the server alone. `lines` is how
    many event sockets there had been when it had its own.
    """

    rep: Rep
    profile: Path
    program: Program
    started_s: float
    lines: int

    def asked(self, route: str) -> int:
        """How often the browser has asked the server for this."""
        return self.rep.stack.service.program.output().count(f'"{route} ')

    def wait_until_asked(self, route: str, times: int) -> None:
        self.program.wait_until(lambda: self.asked(route) >= times, f"{route} to be asked", UP_WITHIN_S)


@contextmanager
def left_alone(folder: Path, extension: Path, chromium: Path) -> Iterator[Unwatched]:
    """A rep authorizes, closes the browser, and opens it again without anybody watching."""
    profile = folder / "profile"
    settings = {**QUICK, "GUNICORN_CMD_ARGS": "--access-logfile -"}
    with (
        running_stack(folder, sandbox=["--contacts", "5"], settings=settings) as stack,
        closing(Portal(stack.sandbox_url)) as portal,
        neutral_pages() as page_url,
    ):
        with (
            extension_browser(extension, chromium, profile=profile) as browser,
            closing(Rep(stack, portal, browser, page_url)) as rep,
        ):
            know_server(rep, stack.callbook_url)
            rep.authorize(browser.open(page_url))
        before = stack.service.program.output().count('"POST /api/tickets ')
        with _unwatched_browser(extension, chromium, profile, folder) as program:
            alone = Unwatched(rep, profile, program, time.monotonic(), before + 1)
            alone.wait_until_asked("POST /api/tickets", alone.lines)
            yield alone


@contextmanager
def _unwatched_browser(extension: Path, chromium: Path, profile: Path, folder: Path) -> Iterator[Program]:
    """Chromium as a rep starts it: nothing is attached to it, so that its worker dies when Chromium finds it idle."""
    command = [str(chromium), f"--user-data-dir={profile}", *chromium_flags(extension, headless=True), "about:blank"]
    with running("chromium", command, os.environ, folder) as program:
        yield program
