"""What `./scripts/check` and `./scripts/test` run: one list, in the order of starting. What takes longest begins first,
so that nothing long is left to run alone at the end, and browsers seldom stand in one another's way.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from postgres import silence
from steps import Step, run, summary

ROOT = Path(__file__).resolve().parents[1]
EXTENSION = ROOT / "extension"
REPORTS = ROOT / ".cache" / "reports"
LONG_S = 4 * 3600.0
ON_POSTGRES = "backend on PostgreSQL"
LONG_E2E = [f"tests/e2e/test_{name}.py" for name in ("demo", "schedule", "troubles", "worker_death")]  # half the time


def quick() -> list[Step]:
    return [
        _python("format", "ruff", "format", "--check", "."),
        _python("lint", "ruff", "check", "."),
        Step("floors", ("lint-imports", "--no-logo", "--cache-dir", str(ROOT / ".cache" / "floors")), ROOT),
        _python("types", "mypy"),
        _npm("extension format", "format:check"),
        _npm("extension lint", "lint"),
        _npm("extension types", "typecheck"),
    ]


def all_steps(*, long: bool, postgres: bool = False) -> list[Step]:
    extension_report = REPORTS / "extension.json"
    return [
        *([_pytest(ON_POSTGRES, "tests/backend", long=long, CALLBOOK_TEST_DATABASE="postgresql")] if postgres else []),
        _pytest("backend", "tests/backend", long=long),
        _pytest("end to end", "tests/e2e", *(f"--ignore={each}" for each in LONG_E2E), long=long),
        _pytest("screens", "tests/screens", long=long),
        _pytest("long end to end", *LONG_E2E, long=long),
        _pytest("sandbox", "tests/sandbox", long=long),
        _pytest("structure", "tests/structure", long=long),
        *quick(),
        _npm("extension", "test", "--reporter=default", "--reporter=json", f"--outputFile.json={extension_report}"),
    ]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./scripts/test or ./scripts/check", description=__doc__)
    parser.add_argument("which", choices=("test", "check"), help=argparse.SUPPRESS)
    parser.add_argument("--long", action="store_true", help="the long profiles too")
    parser.add_argument("--only", action="append", metavar="STEP", help="this step alone; may be given again")
    parser.add_argument("--need-postgres", action="store_true", help="fail where PostgreSQL does not answer")
    options = parser.parse_args(arguments)
    silent = silence(os.environ) if options.which == "test" else ""
    if silent and options.need_postgres:
        print(silent)
        return 1
    steps = all_steps(long=options.long, postgres=not silent) if options.which == "test" else quick()
    if silent:
        print(f"skipped: {ON_POSTGRES} ({silent})")
    names = [step.name for step in steps]
    if unknown := set(options.only or []) - set(names):
        parser.error(f"no such step: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    chosen = [step for step in steps if not options.only or step.name in options.only]
    print(f"{len(chosen)} steps, three at a time; what they say is in {REPORTS}", flush=True)
    try:
        outcomes = run(chosen, REPORTS, _plain(os.environ))
    except KeyboardInterrupt:
        print("\nInterrupted; nothing is left running.")
        return 130
    print(summary(outcomes) if options.which == "test" else _verdict([one.step.name for one in outcomes if one.why]))
    return 1 if any(one.why for one in outcomes) else 0


def _plain(environ: Mapping[str, str]) -> dict[str, str]:
    """What the programs say goes into logs: no colours."""
    return {**{name: value for name, value in environ.items() if name != "FORCE_COLOR"}, "NO_COLOR": "1"}


def _verdict(failed: Sequence[str]) -> str:
    return f"failed: {', '.join(failed)}" if failed else "all is well"


def _python(name: str, module: str, *arguments: str) -> Step:
    return Step(name, (sys.executable, "-m", module, *arguments), ROOT)


def _npm(name: str, script: str, *arguments: str) -> Step:
    reports = [Path(each.partition("=")[2]) for each in arguments if each.startswith("--outputFile.json=")]
    extra = ("--", *arguments) if arguments else ()
    return Step(name, ("npm", "run", "--silent", script, *extra), EXTENSION, next(iter(reports), None))


def _pytest(name: str, *what: str, long: bool, **settings: str) -> Step:
    report = REPORTS / f"{name.replace(' ', '-')}.xml"
    cache = ROOT / ".cache" / "pytest" / report.stem
    command = [
        "env",
        *(f"{name}={value}" for name, value in settings.items()),
        sys.executable,
        "-m",
        "pytest",
        *what,
        "-q",
        f"--junitxml={report}",
        "-o",
        f"cache_dir={cache}",
    ]
    if long:
        return Step(name, (*command, "-m", "long or not long"), ROOT, report, LONG_S)
    return Step(name, tuple(command), ROOT, report)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
