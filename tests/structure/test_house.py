"""The house rules that no linter knows: sizes, names, who may import whom, nothing left open, reasons given."""

import ast
import re
from pathlib import Path

import pytest

from tests.structure.repository import ROOT, our_files

LONGEST = 400
GENERATED = {Path("extension/src/openapi.ts")}  # from the server's own description, by npm run contract
SAY_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc", "base", "manager"}
SOURCES = (".py", ".ts", ".tsx")
# Written in two parts, so that this file does not find itself.
LEFT_OPEN = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
SUPPRESSIONS = re.compile(
    r"# (?:noqa|ruff: noqa|type: ignore|mypy:)"
    r"|(?:oxlint|eslint)-disable|@ts-(?:expect-error|ignore)|prettier-ig" + r"nore"
)
WITH_REASON = re.compile(
    r"# (?:ruff: )?noqa: [A-Z]+\d+(?:, [A-Z]+\d+)*\s+\S"
    r"|# type: ignore\[[\w, -]+\] *(?:#|-) *\S"
    r"|(?:oxlint|eslint)-disable\S* .+ -- \S"
    r"|@ts-expect-error[ :-]+\S"
    r"|prettier-ignore[ :-]+\S"
)


def test_no_file_is_a_god() -> None:
    sizes = {
        str(path): len(list(filter(str.strip, _text(path).splitlines())))
        for path in our_files(*SOURCES)
        if path not in GENERATED
    }
    assert {path: size for path, size in sizes.items() if size > LONGEST} == {}


def test_every_name_says_something() -> None:
    parts = {part for path in our_files(*SOURCES) for part in (*path.parts[:-1], path.name.partition(".")[0])}
    assert parts & SAY_NOTHING == set()


@pytest.mark.parametrize(("package", "stranger"), [("callbook", "hubspot_sandbox"), ("hubspot_sandbox", "callbook")])
def test_the_service_and_the_sandbox_are_strangers(package: str, stranger: str) -> None:
    within = [path for path in our_files(".py") if path.is_relative_to(Path("backend") / package)]
    assert within
    assert [str(path) for path in within if stranger in _imported(path)] == []


def test_nothing_is_left_open() -> None:
    written = our_files(*SOURCES, ".md", ".toml", ".json", ".html", ".css", "")
    assert [f"{path}:{number}" for path in written for number, line in _lines(path) if LEFT_OPEN.search(line)] == []


def test_every_suppression_gives_its_reason() -> None:
    bare = [
        f"{path}:{number}: {line.strip()}"
        for path in our_files(*SOURCES)
        if path != Path(__file__).relative_to(ROOT)
        for number, line in _lines(path)
        if SUPPRESSIONS.search(line) and not WITH_REASON.search(line)
    ]
    assert bare == []


def _text(path: Path) -> str:
    return (ROOT / path).read_text("utf-8")


def _lines(path: Path) -> list[tuple[int, str]]:
    return list(enumerate(_text(path).splitlines(), 1))


def _imported(path: Path) -> set[str]:
    """The first parts of all modules imported anywhere in a file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(_text(path))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names
