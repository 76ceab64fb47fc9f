"""Every state of every screen, drawn by the extension as it is shipped. Without options it says what no longer looks as
it was stored; `--rewrite` stores what has changed; `--out FOLDER` keeps what was drawn; names choose states.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from chromium_on_machine import find_chromium
from tests.screens import baselines
from tests.screens.every_state import STATES
from tests.screens.looking import THEMES, pictures
from tests.screens.stage import EXTENSION, Stage, running_stage
from tests.screens.states import State


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./scripts/screens", description=__doc__)
    parser.add_argument("state", nargs="*", help="only states whose name has this in it")
    parser.add_argument("--rewrite", action="store_true", help="store what looks different now")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="keep what was drawn there")
    options = parser.parse_args(arguments)
    chosen = [state for state in STATES if not options.state or any(part in state.name for part in options.state)]
    if not chosen:
        parser.error("no state has such a name")
    chromium = find_chromium(os.environ)
    assert chromium, "there is no Chromium here"  # prepare.py has seen to it
    with (
        TemporaryDirectory(prefix="callbook-screens-", ignore_cleanup_errors=True) as profile,
        running_stage(EXTENSION, chromium, Path(profile)) as stage,
    ):
        changed = list(_changed(stage, chosen, options.out, rewrite=options.rewrite))
        if options.rewrite:
            everything = {f"{state.name}-{theme}" for state in STATES for theme in THEMES}
            baselines.keep_only(everything, stage.version())
    verb = "stored anew" if options.rewrite else "different"
    print(f"{len(chosen) * len(THEMES)} pictures, {len(changed)} {verb}")
    return 1 if changed and not options.rewrite else 0


def _changed(stage: Stage, states: Sequence[State], out: Path | None, *, rewrite: bool) -> Iterator[str]:
    for state in states:
        for theme, png in pictures(stage, state).items():
            name = f"{state.name}-{theme}"
            if out is not None:
                out.mkdir(parents=True, exist_ok=True)
                (out / f"{name}.png").write_bytes(png)
            difference = baselines.compare(name, png)
            if difference.words:
                print(difference.words, flush=True)
                yield name
            if rewrite and difference.words:
                baselines.store(name, png)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
