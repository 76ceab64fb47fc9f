"""The package's README is held to the code."""

import re

from hubspot_sandbox.control import CONTROLS, PREFIX
from hubspot_sandbox.options import choices
from hubspot_sandbox.reference import README, renewed, tables

TEXT = README.read_text("utf-8")


def test_tables_are_those_of_the_code() -> None:
    assert renewed(TEXT) == TEXT, "python -m hubspot_sandbox.reference writes them anew"


def test_tables_are_there_and_whole() -> None:
    told = tables()
    assert all(table in TEXT for table in told.values())
    assert [each.path for each in CONTROLS if f"| `{each.method} {PREFIX}{each.path}` |" not in told["controls"]] == []
    assert [each.name for each in choices() if f"| `{each.name}` |" not in told["options"] + told["uncertain"]] == []


def test_a_stale_table_is_replaced_and_the_rest_is_kept() -> None:
    stale = TEXT.replace("| `POST /__sandbox/clock` |", "| `POST /__sandbox/watch` |")
    assert stale != TEXT
    assert renewed(stale) == TEXT


def test_its_methods_and_options_exist() -> None:
    example = TEXT[TEXT.index("```python") : TEXT.index("```\n", TEXT.index("```python") + 9)]
    compile(example.removeprefix("```python"), "README", "exec")
    named = set(re.findall(r"`--([a-z-]+)", TEXT)) - {"port", "host", "contacts", "seed", "csv", "no-limits"}
    assert named - {each.flag.removeprefix("--") for each in choices()} == {"no-rotate-refresh-tokens"}
