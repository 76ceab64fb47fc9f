"""Runs one measurement from `benches/` and tells it twice, as a table for a person and as JSON, both with the machine
and the versions they were measured with: a figure without those is not one.
"""

import argparse
import json
import os
import pkgutil
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import import_module, metadata
from pathlib import Path
from typing import Protocol, runtime_checkable

import postgres

ROOT = Path(__file__).resolve().parents[1]
BENCHES = Path(__file__).with_name("benches")
Figure = str | int | float
Row = Mapping[str, Figure]


class Bench(Protocol):
    """What a module of `benches/` offers."""

    __doc__: str | None

    def add_options(self, parser: argparse.ArgumentParser) -> None: ...

    def measure(self, options: argparse.Namespace) -> list[Row]: ...


@runtime_checkable
class Drawn(Protocol):
    """What some of them offer besides."""

    def plot(self, rows: Sequence[Row], circumstances: "Circumstances") -> str:
        """The figures as SVG."""


@dataclass(frozen=True)
class Circumstances:
    machine: str
    versions: Mapping[str, str]
    measured_at: str


def main(arguments: Sequence[str], benches: Mapping[str, Bench] | None = None) -> int:
    known = _benches() if benches is None else benches
    name = arguments[0] if arguments else ""
    if name not in known:
        print(_listing(known), file=sys.stderr)
        return 2
    parser = argparse.ArgumentParser(prog=f"bench {name}", description=known[name].__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the same figures to FILE")
    parser.add_argument("--again", type=Path, metavar="FILE", help="measure nothing, show the figures of FILE")
    if isinstance(known[name], Drawn):
        parser.add_argument("--plot", type=Path, metavar="FILE", help="draw them as SVG")
    known[name].add_options(parser)
    options = parser.parse_args(arguments[1:])
    try:
        told = _read(options.again) if options.again else None
    except (OSError, ValueError, KeyError) as problem:
        parser.error(f"{options.again} holds no figures of this command's: {problem}")
    circumstances, rows = told or (_circumstances(getattr(options, "postgres", "")), known[name].measure(options))
    print(f"{name} on {circumstances.machine}, {circumstances.measured_at}")
    print(", ".join(f"{what} {version}" for what, version in circumstances.versions.items()))
    print(table(rows))
    if options.json:
        content = {"bench": name, **asdict(circumstances), "rows": [dict(row) for row in rows]}
        options.json.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    if isinstance(bench := known[name], Drawn) and options.plot:
        options.plot.write_text(bench.plot(rows, circumstances), "utf-8")
    return 0


def say(text: str) -> None:
    """What is being measured, on a line that the next one replaces."""
    sys.stderr.write(f"\r\033[K{text}" if sys.stderr.isatty() else f"{text}\n" if text else "")
    sys.stderr.flush()


def table(rows: Sequence[Row]) -> str:
    """Columns in the order of the first row; figures to the right, words to the left."""
    heads = list(rows[0]) if rows else []
    cells = [[_written(row.get(head, "")) for head in heads] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    right = [isinstance(rows[0][head], int | float) for head in heads]

    def line(texts: Sequence[str]) -> str:
        padded = (
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(texts, widths, right, strict=True)
        )
        return "  ".join(padded).rstrip()

    return "\n".join([line(heads), line(["-" * width for width in widths]), *map(line, cells)])


def _written(figure: Figure) -> str:
    return f"{figure:,.3f}" if isinstance(figure, float) else f"{figure:,}" if isinstance(figure, int) else figure


def _benches() -> dict[str, Bench]:
    names = [each.name for each in pkgutil.iter_modules([str(BENCHES)]) if not each.name.startswith("_")]
    return {name: import_module(f"benches.{name}") for name in names}


def _read(path: Path) -> tuple[Circumstances, list[Row]]:
    content = json.loads(path.read_text("utf-8"))
    return Circumstances(content["machine"], content["versions"], content["measured_at"]), content["rows"]


def _listing(known: Mapping[str, Bench]) -> str:
    lines = [f"  {name:<20} {(bench.__doc__ or '').splitlines()[0]}" for name, bench in sorted(known.items())]
    usage = "usage: ./scripts/bench NAME [--json FILE] [options]"
    return "\n".join([usage, *(lines or ["There is no measurement yet."])])


def _circumstances(server: str) -> Circumstances:
    """`server`: of PostgreSQL; empty where SQLite is measured."""
    versions = {
        "callbook": f"{metadata.version('callbook')} ({_commit()})",
        "Python": platform.python_version(),
        **({"PostgreSQL": postgres.version(server)} if server else {"SQLite": sqlite3.sqlite_version}),
    }
    cores = os.cpu_count() or 1
    machine = f"{_processor()}, {cores} cores, {_memory_gib():.0f} GiB, {platform.platform()}"
    return Circumstances(machine, versions, datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    try:
        answer = subprocess.run(command, check=False, capture_output=True, text=True)
    except OSError:
        return "no git"
    return answer.stdout.strip() or "no commit"


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _memory_gib() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
