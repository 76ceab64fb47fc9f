"""Finds a Chromium that loads unpacked extensions: the one named by CALLBOOK_CHROMIUM, the system's, Playwright's own.
Branded Chrome has ignored --load-extension since version 137 and is never taken.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ANSWER_WITHIN_S = 30
NAMES = ("chromium", "chromium-browser")
PLAYWRIGHT_BUILDS = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)


class NoChromium(Exception):
    """What CALLBOOK_CHROMIUM names cannot be used; the message says why."""


def find_chromium(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("CALLBOOK_CHROMIUM")
    if named:
        if not _is_chromium(Path(named)):
            raise NoChromium(f"CALLBOOK_CHROMIUM is {named}, which is not a Chromium that runs here")
        return Path(named)
    return next(filter(_is_chromium, _candidates(environ)), None)


def _candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    yield from (Path(place) for name in NAMES if (place := shutil.which(name, path=environ.get("PATH"))))
    for folder in _playwright_folders(environ):
        for pattern in PLAYWRIGHT_BUILDS:
            yield from sorted(folder.glob(pattern), key=_build_number, reverse=True)


def _playwright_folders(environ: Mapping[str, str]) -> Iterator[Path]:
    """https://playwright.dev/python/docs/browsers#managing-browser-binaries"""
    if named := environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        yield Path(named)
    home = Path(environ.get("HOME", "/"))
    yield home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "ms-playwright"


def _build_number(path: Path) -> int:
    number = re.search(r"chromium-(\d+)", str(path))
    return int(number[1]) if number else 0


def _is_chromium(path: Path) -> bool:
    """By what it says of itself: Ubuntu's chromium-browser may be a script that only asks for a snap."""
    try:
        said = subprocess.run(
            [path, "--version"],
            check=False,
            capture_output=True,
            text=True,
            timeout=ANSWER_WITHIN_S,
            stdin=subprocess.DEVNULL,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.startswith(("Chromium ", "Google Chrome for Testing "))
