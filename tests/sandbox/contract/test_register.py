"""The register: which sections of the fact sheet have tests, so that one without is noticed; and that every uncertain
fact that is an option of the sandbox has the test that will settle it.
"""

import re
from pathlib import Path

from hubspot_sandbox.options import choices

SECTIONS = (
    "1",
    *("2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7"),
    *("3", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8"),
    *("4.1", "4.2"),
    "5",
    *("8", "9", "10"),
    *("14.1", "14.2", "14.3"),
    "15",
)
FACT = re.compile(r"^def test_(\d+(?:_\d)?)_([a-z]\w*)\(", re.MULTILINE)
SETTLED = re.compile(r'settle\(\s*\w+,\s*"(\w+)"')


def sources() -> str:
    folder = Path(__file__).parent
    files = sorted(folder.glob("test_*.py"))
    return "\n".join(path.read_text("utf-8") for path in files if path != Path(__file__))


def facts() -> dict[str, list[str]]:
    """The facts that are tested, by section."""
    found: dict[str, list[str]] = {}
    for section, fact in FACT.findall(sources()):
        found.setdefault(section.replace("_", "."), []).append(fact.replace("_", " "))
    return found


def test_every_section_has_a_test_and_every_test_a_section() -> None:
    found = facts()
    for section in SECTIONS:
        print(f"{section:>5}  {len(found.get(section, [])):>3} facts")  # noqa: T201 - seen with -s, and on failure
    assert set(found) == set(SECTIONS)
    assert len(re.findall(r"^def test_", sources(), re.MULTILINE)) == sum(map(len, found.values()))


def test_every_uncertain_fact_has_the_test_that_will_settle_it() -> None:
    uncertain = {choice.name for choice in choices() if choice.uncertain is not None}
    assert set(SETTLED.findall(sources())) == uncertain
