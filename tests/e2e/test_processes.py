"""No process is left behind, however the block ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.processes import ProgramFailed, group_lives, running

ROOT = Path(__file__).resolve().parents[2]
SOON_S = 20.0
# Starts a child that does not mind being asked to stop.
STUBBORN = """
import os, signal, subprocess, sys
child = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
started = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE)
started.stdout.readline()
print("both up", flush=True)
signal.pause()
"""
HARNESS = f"""
import os, signal, sys
from pathlib import Path
from tests.e2e.processes import ending_on_sigterm, running
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts background programs deaf to it
command = [sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"]
with ending_on_sigterm(), running("quiet", command, os.environ, Path(sys.argv[1])) as program:
    program.wait_until(lambda: "up" in program.output(), "it was up", {SOON_S})
    print(program.process.pid, flush=True)
    signal.pause()
"""


def test_the_whole_group_is_gone_after_the_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.e2e.processes.STOP_WITHIN_S", 0.5)
    with running("stubborn", [sys.executable, "-c", STUBBORN], os.environ, tmp_path) as program:
        program.wait_until(lambda: "both up" in program.output(), "both were up", SOON_S)
        assert group_lives(program.process.pid)
    assert not group_lives(program.process.pid)


def test_it_is_gone_after_an_exception(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import signal; signal.pause()"]
    with pytest.raises(KeyError), running("quiet", command, os.environ, tmp_path) as program:
        raise KeyError
    assert not group_lives(program.process.pid)


def test_a_program_that_ends_early_is_told_with_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('no such table'); raise SystemExit(3)"]
    with (
        running("brief", command, os.environ, tmp_path) as program,
        pytest.raises(ProgramFailed, match=r"(?s)brief ended with status 3 before it was up.*no such table") as told,
    ):
        program.wait_until(lambda: None, "it was up", SOON_S)
    assert str(tmp_path / "brief.log") in str(told.value)


def test_a_program_that_does_not_come_up_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import signal; signal.pause()"]
    with (
        running("slow", command, os.environ, tmp_path) as program,
        pytest.raises(ProgramFailed, match="slow was given 0 s for an answer"),
    ):
        program.wait_until(lambda: None, "an answer", 0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_outlives_the_one_who_started_it(tmp_path: Path, number: signal.Signals) -> None:
    if number == signal.SIGKILL and sys.platform != "linux":
        pytest.skip("only Linux tells a child of its parent's death")
    harness = subprocess.Popen(
        [sys.executable, "-c", HARNESS, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert harness.stdout is not None
    with harness.stdout as told:
        child = int(told.readline())
    assert group_lives(child)
    harness.send_signal(number)
    harness.wait(SOON_S)
    _until_gone(child)


def _until_gone(group: int) -> None:
    deadline = time.monotonic() + SOON_S
    while group_lives(group):
        assert time.monotonic() < deadline, f"process group {group} is still there"
        os.sched_yield()
