"""The README is held to the code: settings, dependencies, commands, links."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from callbook.settings import SETTINGS
from tests.structure.repository import ROOT, code_spans, readme, table

# Read by the scripts and the build, not by the service.
SCRIPT_SETTINGS = {
    "CALLBOOK_CHROMIUM",
    "CALLBOOK_DEFAULT_SERVER",
    "CALLBOOK_DEMO_SERVER",
    "CALLBOOK_TEST_HUBSPOT_CLIENT_ID",
    "CALLBOOK_TEST_HUBSPOT_CLIENT_SECRET",
    "CALLBOOK_TEST_HUBSPOT_REFRESH_TOKEN",
    "CALLBOOK_TEST_HUBSPOT_TOKEN",
    "CALLBOOK_TEST_POSTGRES_URL",
}


def test_every_setting_has_a_row_and_every_row_is_a_setting() -> None:
    named = {name for row in table(readme(), "Setting").rows for name in code_spans(row[0])}
    known = {setting.name for setting in SETTINGS}
    assert named - SCRIPT_SETTINGS == known


def test_the_defaults_are_the_real_ones() -> None:
    rows = {name: row for row in table(readme(), "Setting").rows for name in code_spans(row[0])}
    told = {setting.name: code_spans(rows[setting.name][1]) for setting in SETTINGS if setting.name in rows}
    assert told == {setting.name: [setting.default] if setting.default else [] for setting in SETTINGS}


def test_no_other_setting_is_mentioned() -> None:
    mentioned = set(re.findall(r"\b(?:CALLBOOK|HUBSPOT)_[A-Z][A-Z_]*[A-Z]\b", readme()))
    known = {setting.name for setting in SETTINGS} | SCRIPT_SETTINGS
    files = {f"{setting.name}_FILE" for setting in SETTINGS if setting.secret}
    assert mentioned <= known | files


def test_every_direct_dependency_is_listed_with_a_reason_and_no_other() -> None:
    rows = table(readme(), "Dependency").rows
    listed = {name.lower() for row in rows for name in code_spans(row[0])}
    assert listed == _python_dependencies() | _node_dependencies()
    assert [row for row in rows if len(row) < 2 or not row[-1]] == []


def test_the_scripts_it_shows_exist() -> None:
    shown = set(re.findall(r"\./(scripts/[\w-]+)", readme()))
    assert "scripts/demo" in shown
    assert "scripts/test" in shown
    assert [path for path in sorted(shown) if not os.access(ROOT / path, os.X_OK)] == []


def test_the_callbook_commands_it_shows_exist() -> None:
    shown = set(re.findall(r"(?:^|`|\$ |run (?:--\S+ (?:~\S+ )?)*)callbook ([a-z][a-z-]*)", readme(), re.MULTILINE))
    helped = subprocess.run(
        [sys.executable, "-m", "callbook.cli", "--help"], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert helped.returncode == 0, helped.stderr
    offered = set(re.findall(r"[a-z][a-z-]*", helped.stdout))
    assert {"serve", "ring", "secret-key"} <= shown <= offered


def test_the_modules_it_runs_exist() -> None:
    shown = set(re.findall(r"python -m (\w+)", readme()))
    missing = [name for name in sorted(shown) if not (ROOT / "backend" / name / "__main__.py").exists()]
    assert missing == []


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", readme()))) or [None])
def test_what_it_links_to_exists(target: str | None) -> None:
    assert target is not None, "the README shows at least a picture"
    assert (ROOT / target).exists()


def _python_dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = [entry for group in project.get("dependency-groups", {}).values() for entry in group]
    wanted = project["project"]["dependencies"] + [entry for entry in groups if isinstance(entry, str)]
    return {_name(entry) for entry in wanted}


def _node_dependencies() -> set[str]:
    package = json.loads((ROOT / Path("extension/package.json")).read_text("utf-8"))
    return {name.lower() for kind in ("dependencies", "devDependencies") for name in package.get(kind, {})}


def _name(requirement: str) -> str:
    """`psycopg[binary]>=3` names psycopg: https://peps.python.org/pep-0508/#names"""
    return re.split(r"[^\w.-]", requirement.strip(), maxsplit=1)[0].lower()
