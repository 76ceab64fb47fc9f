"""What is ours in this repository: the files a person wrote, and the README's tables."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"node_modules", "__pycache__", "out", "dist", "package-lock.json", "uv.lock"}


@dataclass(frozen=True)
class Table:
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@cache
def our_files(*suffixes: str) -> tuple[Path, ...]:
    """Paths below the root; what tools make (dot folders, packages, builds) is not ours."""
    return tuple(path for path in _walk() if path.suffix in suffixes)


def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


def table(text: str, first_head: str) -> Table:
    """The first table in a Markdown text whose first column is called so."""
    found = next((one for one in _tables(text) if one.heads[0].lower() == first_head.lower()), None)
    assert found is not None, f"the README has no table whose first column is called {first_head!r}"
    return found


def code_spans(markdown: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", markdown)


def _walk() -> Iterator[Path]:
    for place, folders, files in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS and (name[0] != "." or name == ".ci"))
        yield from ((Path(place) / name).relative_to(ROOT) for name in sorted(files) if name not in NOT_OURS)


def _tables(text: str) -> Iterator[Table]:
    for block in re.findall(r"(?:^\|.*\|[ \t]*\n)+", f"{text}\n", re.MULTILINE):
        lines = [_cells(line) for line in block.splitlines()]
        if len(lines) > 1 and all(re.fullmatch(r":?-+:?", cell) for cell in lines[1]):
            yield Table(lines[0], tuple(lines[2:]))


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1])
