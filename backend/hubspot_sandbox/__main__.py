"""`python -m hubspot_sandbox`: run the sandbox from a shell until it is interrupted."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from hubspot_sandbox.csv_import import CsvRefused, Skipped
from hubspot_sandbox.door import Server, build, listen, url_of
from hubspot_sandbox.options import Choice, Options, choices
from hubspot_sandbox.sandbox import Sandbox

LIMITS = tuple(each.name for each in choices() if each.name.endswith("_limit"))


def main(argv: Sequence[str] | None = None) -> int:
    parser = _parser()
    arguments = parser.parse_args(argv)
    try:
        options = _options(arguments)
        sandbox, skipped = build(options, contacts=arguments.contacts, seed=arguments.seed, csv=arguments.csv)
        listener = listen(arguments.port, arguments.host)
    except ValidationError as bad:
        parser.error(_first_of(bad))
    except CsvRefused as refused:
        return _refuse(2, str(refused))
    except OSError as error:
        return _refuse(1, f"Port {arguments.port} cannot be used: {os.strerror(error.errno or 0).lower()}.")
    server = Server(sandbox, lambda: _announce(url_of(listener), sandbox, skipped))
    try:
        server.run([listener])
    except KeyboardInterrupt:  # uvicorn has closed down by then, and passes the signal on
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    usage = "%(prog)s --port PORT [option ...]"
    about = "A local HubSpot to test against."
    parser = argparse.ArgumentParser("python -m hubspot_sandbox", usage, about, allow_abbrev=False)
    parser.add_argument("--port", type=int, required=True, help="the port to listen on; 0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--contacts", type=_count, default=1000, help="how many contacts to invent (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same contacts (%(default)s)")
    parser.add_argument("--csv", type=Path, help="take the contacts from a HubSpot export instead")
    parser.add_argument("--no-limits", action="store_true", help=f"no {', '.join(LIMITS)}")
    group = parser.add_argument_group("how it behaves (most of it can be changed while it runs)")
    for choice in choices():
        group.add_argument(choice.flag, dest=choice.name, help=_help(choice), **_as(choice))
    return parser


def _as(choice: Choice) -> dict[str, Any]:
    """Give how argparse reads an option; one that is not given keeps `Options`' own default, or the shell's."""
    if isinstance(choice.default, bool):
        return {"action": argparse.BooleanOptionalAction}
    if isinstance(choice.default, tuple):
        return {"action": "extend", "nargs": 1, "metavar": "TEXT"}
    if choice.type in (int, float, str):
        return {"type": choice.type, "metavar": {int: "N", float: "N", str: "TEXT"}[choice.type]}
    return {"type": type(choice.default), "choices": get_args(choice.type)}


def _help(choice: Choice) -> str:
    default = choice.shell_default
    if isinstance(default, tuple):
        return f"{choice.help}; may be repeated"
    words = {"True": "yes", "False": "no", "": "none"}
    return f"{choice.help} ({words.get(str(default), default)})".replace("%", "%%")


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return count


def _options(arguments: argparse.Namespace) -> Options:
    """Raises pydantic's `ValidationError`."""
    chosen = {each.name: each.shell_default for each in choices()}
    chosen |= dict.fromkeys(LIMITS, 0) if arguments.no_limits else {}
    given = {name: getattr(arguments, name) for name in chosen}
    return Options.model_validate(chosen | {name: value for name, value in given.items() if value is not None})


def _first_of(bad: ValidationError) -> str:
    first = bad.errors()[0]
    flag = next((each.flag for each in choices() if each.name == first["loc"][0]), "")
    return f"{flag}: {first['msg']}"


def _announce(url: str, sandbox: Sandbox, skipped: Sequence[Skipped]) -> None:
    count = len(sandbox.portal.live_ids)
    lines = [f"hubspot sandbox listening on {url}", f"{count} contact{'' if count == 1 else 's'}"]
    lines += [f"skipped row {each.row}: {each.reason}" for each in skipped]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _refuse(status: int, sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
