"""The scripts' own parts: what a step counts as, what is found as Chromium, what a measurement tells."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

import bench
import prepare
from chromium_on_machine import NoChromium, find_chromium
from steps import Count, Step, counted, failing, run, summary
from tests.structure.repository import ROOT

JUNIT = '<testsuites><testsuite tests="5" failures="1" errors="1" skipped="1"/></testsuites>'
VITEST = '{"numPassedTests": 7, "numFailedTests": 0, "numPendingTests": 2, "numTodoTests": 0}'
FAILING_JUNIT = """<testsuites><testsuite tests="3" failures="1" errors="1">
<testcase classname="tests.a.test_b" name="test_well"/>
<testcase classname="tests.a.test_b" name="test_ill"><failure message="assert 1 == 2&#10;more">long</failure></testcase>
<testcase classname="tests.a.test_b" name="test_none"><error/></testcase>
</testsuite></testsuites>"""
FAILING_VITEST = """{"testResults": [{"name": "a.test.ts", "assertionResults": [
{"status": "passed", "fullName": "is well", "failureMessages": []},
{"status": "failed", "fullName": "is ill", "failureMessages": ["expected 1\\nmore"]}]}]}"""
VERBS = ("bench", "check", "test")


def _step(name: str, program: str, folder: Path, report: Path | None = None, within_s: float = 60.0) -> Step:
    return Step(name, (sys.executable, "-c", program), folder, report, within_s)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What set-up has run, in a folder of its own with a build of the extension that takes no time."""
    ran: list[str] = []
    manifest = tmp_path / "extension" / ".output" / "chrome-mv3" / "manifest.json"

    def build(what: str, _command: Sequence[str], _folder: Path) -> bool:
        ran.append(what)
        manifest.parent.mkdir(parents=True, exist_ok=True)
        manifest.write_text("{}")
        return True

    for name, path in (("ROOT", tmp_path), ("CACHE", tmp_path / ".cache"), ("EXTENSION", tmp_path / "extension")):
        monkeypatch.setattr(prepare, name, path)
    monkeypatch.setattr(prepare, "node_packages", lambda: None)
    monkeypatch.setattr(prepare, "_run", build)
    for name in prepare.BUILT_IN:
        monkeypatch.delenv(name, raising=False)
    prepare.extension_build()
    return ran


def test_what_stands_is_not_built_again(built: list[str]) -> None:
    prepare.extension_build()
    assert len(built) == 1


def test_a_build_for_another_server_is_another_build(built: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLBOOK_DEFAULT_SERVER", "https://callbook.example.com")
    prepare.extension_build()
    assert len(built) == 2


def test_a_build_made_by_hand_is_not_taken_for_set_ups_own(built: list[str]) -> None:
    manifest = prepare.EXTENSION / ".output" / "chrome-mv3" / "manifest.json"
    os.utime(manifest, ns=(0, 0))
    prepare.extension_build()
    assert len(built) == 2


def test_reports_of_both_kinds_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(JUNIT)
    (tmp_path / "b.json").write_text(VITEST)
    assert counted(tmp_path / "a.xml") == Count(passed=2, failed=2, skipped=1)
    assert counted(tmp_path / "b.json") == Count(passed=7, skipped=2)
    assert counted(tmp_path / "none.xml") == Count()


def test_failing_tests_of_both_kinds_are_named_with_why(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(FAILING_JUNIT)
    (tmp_path / "b.json").write_text(FAILING_VITEST)
    assert failing(tmp_path / "a.xml") == [
        "tests.a.test_b::test_ill: assert 1 == 2",
        "tests.a.test_b::test_none: no reason told",
    ]
    assert failing(tmp_path / "b.json") == ["a.test.ts: is ill: expected 1"]
    assert failing(tmp_path / "none.xml") == []


def test_every_failure_is_named_at_the_end_where_only_the_first_is_shown_whole(tmp_path: Path) -> None:
    report = tmp_path / "ill.xml"
    ill = f"open({str(report)!r}, 'w').write({FAILING_JUNIT!r})"
    outcomes = run([_step("check", "raise SystemExit(3)", tmp_path), _step("ill", ill, tmp_path, report)], tmp_path)
    assert "    tests.a.test_b::test_ill: assert 1 == 2" in summary(outcomes).splitlines()


def test_all_steps_run_and_the_last_line_is_the_total(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "good.xml"
    good = f"open({str(report)!r}, 'w').write({JUNIT.replace('1', '0')!r})"
    steps = [
        _step("good", good, tmp_path, report),
        _step("broken", "print('what went wrong'); raise SystemExit(3)", tmp_path),
        _step("check", "", tmp_path),
    ]
    outcomes = run(steps, tmp_path / "logs", os.environ)
    assert {one.step.name: one.why for one in outcomes} == {"good": "", "broken": "status 3", "check": ""}
    assert "what went wrong" in capsys.readouterr().out
    assert summary(outcomes).splitlines()[-1] == "5 passed, 1 failed"


def test_a_step_that_ran_no_test_is_a_failure(tmp_path: Path) -> None:
    report = tmp_path / "old.xml"
    report.write_text(JUNIT)  # of a run before this one
    outcomes = run([_step("empty", "", tmp_path, report)], tmp_path / "logs")
    assert [one.why for one in outcomes] == ["ran no test"]
    assert summary(outcomes).endswith("0 passed, 1 failed")


def test_a_step_that_hangs_is_stopped(tmp_path: Path) -> None:
    hangs = _step("hangs", "import signal; signal.pause()", tmp_path, within_s=0.2)
    assert [one.why for one in run([hangs], tmp_path / "logs")] == ["was stopped after 0 s"]


@pytest.mark.parametrize("says", ["Chromium 156.0.1", "Google Chrome for Testing 156.0.1"])
def test_a_chromium_is_known_by_what_it_says(tmp_path: Path, says: str) -> None:
    browser = _program(tmp_path / "chromium", says)
    assert find_chromium({"PATH": str(tmp_path)}) == browser
    assert find_chromium({"PATH": "", "CALLBOOK_CHROMIUM": str(browser)}) == browser


def test_branded_chrome_and_empty_shells_are_not_taken(tmp_path: Path) -> None:
    _program(tmp_path / "chromium", "Google Chrome 156.0.1")
    _program(tmp_path / "chromium-browser", "Please install the snap")
    assert find_chromium({"PATH": str(tmp_path), "HOME": str(tmp_path)}) is None
    with pytest.raises(NoChromium, match="CALLBOOK_CHROMIUM"):
        find_chromium({"CALLBOOK_CHROMIUM": str(tmp_path / "chromium")})


def test_playwrights_newest_build_is_found(tmp_path: Path) -> None:
    for build in ("chromium-999", "chromium-1200"):
        _program(tmp_path / build / "chrome-linux64" / "chrome", "Chromium 156.0.1")
    found = find_chromium({"PATH": "", "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)})
    assert found == tmp_path / "chromium-1200" / "chrome-linux64" / "chrome"


class _Sums:
    """Adds numbers up."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--to", type=int, default=1)

    def measure(self, options: argparse.Namespace) -> list[bench.Row]:
        return [{"what": "sum", "result": sum(range(options.to)), "took_s": 0.25}]


def test_a_measurement_is_told_as_a_table_and_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "figures.json"
    benches: Mapping[str, bench.Bench] = {"sums": _Sums()}
    assert bench.main(["sums", "--to", "100", "--json", str(path)], benches) == 0
    shown = capsys.readouterr().out
    written = json.loads(path.read_text("utf-8"))
    assert written["rows"] == [{"what": "sum", "result": 4950, "took_s": 0.25}]
    assert "sum    4,950   0.250" in shown
    assert written["machine"] in shown
    assert f"Python {written['versions']['Python']}" in shown


def test_without_a_known_name_the_measurements_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([], {"sums": _Sums()}) == 2
    assert bench.main(["other"], {"sums": _Sums()}) == 2
    assert "sums                 Adds numbers up." in capsys.readouterr().err


@pytest.mark.parametrize("verb", VERBS)
def test_a_python_that_is_too_old_is_told(tmp_path: Path, verb: str) -> None:
    """With nothing but an old `python3` in reach, none of the fixed places either."""
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.1" && exit 0\nexit 1\n')
    old.chmod(0o755)
    launcher = (ROOT / "scripts" / "prepared").read_text("utf-8").replace("/usr/local/bin/", "/nowhere/")
    for name, text in (("prepared", launcher.replace("/usr/bin/", "/nowhere/")), (verb, _verb(verb))):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    tools = {"dirname": "/usr/bin/dirname"}
    for name, place in tools.items():
        (tmp_path / name).symlink_to(place)
    ended = subprocess.run(
        ["/bin/sh", str(tmp_path / verb)], check=False, capture_output=True, text=True, env={"PATH": str(tmp_path)}
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("Callbook needs Python 3.11 or newer, and found Python 3.9.1.")


def _verb(name: str) -> str:
    return (ROOT / "scripts" / name).read_text("utf-8")


def _program(path: Path, says: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "{says}"\n')
    path.chmod(0o755)
    return path
