"""Programs run beside a test or the demo: each in a process group of its own, its output in a log, and none left behind
when the block ends, whether by itself, by an exception, by Ctrl-C or by SIGTERM.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TypeVar

STOP_WITHIN_S = 10.0
LOOK_EVERY_S = 0.02
LOG_TAIL_LINES = 20
# prctl(2): PR_SET_PDEATHSIG (1), SIGTERM (15). A program of its own does it: code between fork and exec may hang.
_TIE = "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 15); os.execvp(sys.argv[1], sys.argv[1:])"
_PROC = Path("/proc")
_HAS_PROC = Path("/proc/self/stat").exists()
Found = TypeVar("Found")


class ProgramFailed(Exception):
    """A program ended, or did not come up in time; the message has the end of its log."""


@dataclass(frozen=True)
class Program:
    """A running program; `name` is for people."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def wait_until(self, look: Callable[[], Found | None], what: str, within_s: float) -> Found:
        """What `look` finds, as soon as it does; the program must live until then."""
        deadline = time.monotonic() + within_s
        while not (found := look()):
            if self.process.poll() is not None:
                raise ProgramFailed(self._said(f"ended with status {self.process.returncode} before {what}"))
            if time.monotonic() > deadline:
                raise ProgramFailed(self._said(f"was given {within_s:.0f} s for {what}"))
            time.sleep(LOOK_EVERY_S)
        return found

    def output(self) -> str:
        return self.log.read_text("utf-8", errors="replace")

    def _said(self, happened: str) -> str:
        tail = "\n".join(self.output().splitlines()[-LOG_TAIL_LINES:])
        return f"{self.name} {happened}. The end of {self.log}:\n{tail}"


@contextmanager
def running(
    name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path, *, cwd: Path | None = None
) -> Iterator[Program]:
    """The program while the block runs, its log in `folder`; then its whole process group is asked to stop, and made to
    if it does not.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name.replace(' ', '-')}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*_tied(), *command],
            env=dict(environment),
            cwd=cwd or folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Program(name, process, log)
    finally:
        _stop(process)


@contextmanager
def ending_on_sigterm() -> Iterator[None]:
    """Within the block SIGTERM is an exception like Ctrl-C, so that what is running is stopped on the way out."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers, and only it gets signals
        return
    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        if _gone(process, STOP_WITHIN_S):
            return


def _gone(process: subprocess.Popen[bytes], within_s: float) -> bool:
    """Whether the program and all it started in its group have ended."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if process.poll() is not None and not group_lives(process.pid):
            return True
        time.sleep(LOOK_EVERY_S)
    return False


def group_lives(group: int) -> bool:
    """Whether any process of the group is left; a zombie that nobody reaps does not count."""
    if _HAS_PROC:
        return any(_is_of(group, stat) for stat in _PROC.glob("[0-9]*/stat"))
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):  # macOS answers "not permitted" for a group of zombies
        return False
    return True


def _is_of(group: int, stat: Path) -> bool:
    """proc_pid_stat(5): after the name in brackets stand the state, the parent and the process group."""
    try:
        state, _parent, its_group, *_ = stat.read_text("utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return int(its_group) == group and state not in "ZX"


def _tied() -> list[str]:
    """Linux sends SIGTERM to what starts so, should we be killed with no chance to clean up."""
    return [sys.executable, "-c", _TIE] if sys.platform == "linux" else []
