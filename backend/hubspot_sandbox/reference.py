"""The tables of the README, made from the code: `python -m hubspot_sandbox.reference` writes them anew."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from hubspot_sandbox.control import CONTROLS, PREFIX, change_options
from hubspot_sandbox.faults import KINDS
from hubspot_sandbox.options import Choice, choices

README = Path(__file__).with_name("README.md")


def tables() -> dict[str, str]:
    """Give the Markdown of each table by the name it has in the README's comments."""
    return {
        "controls": _controls(),
        "faults": _table(("kind", "what goes wrong"), [(f"`{kind}`", says) for kind, says in KINDS.items()]),
        "options": _options([each for each in choices() if each.uncertain is None]),
        "uncertain": _options([each for each in choices() if each.uncertain is not None]),
    }


def renewed(text: str) -> str:
    """Put the tables of today into the README's text."""
    for name, table in tables().items():
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        _old, end, after = rest.partition("<!-- / -->")
        text = f"{before}{begin}{table}{end}{after}"
    return text


def _controls() -> str:
    rows = []
    for control in CONTROLS:
        fields = ", ".join(f"`{name}`" for name in control.fields())
        fields = "any of the options" if control.handler is change_options else fields
        rows.append((f"`{control.method} {PREFIX}{control.path}`", control.says, fields, f"`{control.name}`"))
    return _table(("request", "what it does", "fields of the body", "method of the fixture"), rows)


def _options(listed: Sequence[Choice]) -> str:
    rows = [(f"`{each.name}`", _value(each.default), _value(each.shell_default), each.help) for each in listed]
    return _table(("option", "default in the fixture", "from a shell", "what it is"), rows)


def _value(value: object) -> str:
    words = {"True": "yes", "False": "no", "": "none", "()": "none"}
    return words.get(str(value), f"`{value}`")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in (heads, ["---"] * len(heads), *rows))


if __name__ == "__main__":
    README.write_text(renewed(README.read_text("utf-8")), "utf-8")
