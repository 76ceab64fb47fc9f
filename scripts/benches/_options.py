"""Options that several measurements have."""

import argparse
import os
from typing import Any

from postgres import POSTGRES, silence


def add_postgres(parser: argparse.ArgumentParser) -> None:
    """`options.postgres`: the server's address; empty: SQLite."""
    parser.add_argument("--postgres", action=_OnPostgres, nargs=0, default="", help=f"on the server of {POSTGRES}")


def count(text: str) -> int:
    """One or more."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of one or more")
    return int(text)


class _OnPostgres(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, *_: Any) -> None:
        if why := silence(os.environ):
            parser.error(why)
        setattr(namespace, self.dest, os.environ[POSTGRES])
