"""Runs programs three at a time, tells each in a line as it ends, and counts the tests in the reports they leave.
A step that ran no test where it should have is a failure; so is one that fails without a failing test.
"""

import json
import os
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.e2e.processes import Program, ending_on_sigterm, running

LANES = 3  # on two cores: a browser test mostly waits
LOOK_EVERY_S = 0.02
SHOWN_LINES = 120
SHOWN_CHARACTERS = 300
SHOWN_TESTS = 20  # where more fail, they fail alike


@dataclass(frozen=True)
class Step:
    """`report` is where the program writes its results: JUnit's XML or Vitest's JSON; a mere check has none."""

    name: str
    command: tuple[str, ...]
    folder: Path
    report: Path | None = None
    within_s: float = 1800.0


@dataclass(frozen=True)
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


@dataclass(frozen=True)
class Outcome:
    step: Step
    count: Count
    why: str  # empty: all is well
    took_s: float
    log: Path


@dataclass(frozen=True)
class _Underway:
    step: Step
    program: Program
    began_s: float
    stack: ExitStack


def run(steps: Sequence[Step], logs: Path, environment: Mapping[str, str] = os.environ) -> list[Outcome]:
    """All steps, those named first started first; none is left running, whatever happens."""
    waiting, underway, outcomes = deque(steps), list[_Underway](), list[Outcome]()
    with ending_on_sigterm(), ExitStack() as everything:
        while waiting or underway:
            while waiting and len(underway) < LANES:
                underway.append(_start(waiting.popleft(), logs, environment, everything))
            for one in [one for one in underway if _over(one)]:
                underway.remove(one)
                outcomes.append(_end(one))
                _tell(outcomes)
            time.sleep(LOOK_EVERY_S)
    return outcomes


def summary(outcomes: Sequence[Outcome]) -> str:
    """The last line is the total of all tests; a step that failed without a failing test counts as one."""
    failed = [line for one in outcomes if one.why for line in _told(one)]
    head = ["Failed:", *failed] if failed else []
    return "\n".join([*head, str(sum((one.count for one in outcomes), Count()))])


def counted(report: Path) -> Count:
    """The tests of a report; none where there is no report that can be read."""
    try:
        return _vitest(report) if report.suffix == ".json" else _junit(report)
    except (OSError, ValueError, KeyError, ET.ParseError):
        return Count()


def failing(report: Path) -> list[str]:
    """The tests of a report that failed, each with the first line of why."""
    try:
        told = _vitest_failing(report) if report.suffix == ".json" else _junit_failing(report)
        return [f"{test}: {why.strip().splitlines()[0]}"[:SHOWN_CHARACTERS] for test, why in told]
    except (OSError, ValueError, KeyError, ET.ParseError):
        return []


def _start(step: Step, logs: Path, environment: Mapping[str, str], everything: ExitStack) -> _Underway:
    if step.report is not None:
        step.report.unlink(missing_ok=True)
    stack = everything.enter_context(ExitStack())
    program = stack.enter_context(running(step.name, step.command, environment, logs, cwd=step.folder))
    return _Underway(step, program, time.monotonic(), stack)


def _over(one: _Underway) -> bool:
    return one.program.process.poll() is not None or time.monotonic() - one.began_s > one.step.within_s


def _end(one: _Underway) -> Outcome:
    status = one.program.process.poll()
    one.stack.close()
    count = counted(one.step.report) if one.step.report else Count()
    why = _why(one.step, status, count)
    if why and not count.failed:
        count += Count(failed=1)
    return Outcome(one.step, count, why, time.monotonic() - one.began_s, one.program.log)


def _why(step: Step, status: int | None, count: Count) -> str:
    if status is None:
        return f"was stopped after {step.within_s:.0f} s"
    if count.failed:
        return f"{count.failed} failed"
    if status != 0:
        return f"status {status}"
    return "ran no test" if step.report and not count.passed else ""


def _tell(outcomes: Sequence[Outcome]) -> None:
    """A line; and for the first failure all its output, since the others often follow from it."""
    last = outcomes[-1]
    what = last.why or (str(last.count) if last.step.report else "")
    print(f"{'FAILED' if last.why else 'ok':<7} {last.step.name:<22} {what:<32} {last.took_s:7.1f} s", flush=True)
    if last.why and not any(one.why for one in outcomes[:-1]):
        lines = last.log.read_text("utf-8", errors="replace").splitlines()
        left_out = [f"... {len(lines) - SHOWN_LINES} lines more in {last.log}"] if len(lines) > SHOWN_LINES else []
        print("\n".join(f"    {line}" for line in [*left_out, *lines[-SHOWN_LINES:]]), flush=True)


def _told(one: Outcome) -> list[str]:
    tests = failing(one.step.report) if one.step.report else []
    more = [f"and {len(tests) - SHOWN_TESTS} more"] if len(tests) > SHOWN_TESTS else []
    return [f"  {one.step.name}: {one.why} ({one.log})", *(f"    {test}" for test in [*tests[:SHOWN_TESTS], *more])]


def _junit(report: Path) -> Count:
    total = Count()
    for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 - pytest's, written just now
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        total += Count(int(suite.get("tests", 0)) - failed - skipped, failed, skipped)
    return total


def _junit_failing(report: Path) -> Iterator[tuple[str, str]]:
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314 - pytest's, written just now
        for why in (*case.iter("failure"), *case.iter("error")):
            yield f"{case.get('classname')}::{case.get('name')}", why.get("message") or "no reason told"


def _vitest(report: Path) -> Count:
    told = json.loads(report.read_text("utf-8"))
    return Count(told["numPassedTests"], told["numFailedTests"], told["numPendingTests"] + told["numTodoTests"])


def _vitest_failing(report: Path) -> Iterator[tuple[str, str]]:
    for file in json.loads(report.read_text("utf-8"))["testResults"]:
        for case in file["assertionResults"]:
            if case["status"] == "failed":
                yield f"{file['name']}: {case['fullName']}", "".join(case["failureMessages"]) or "no reason told"
