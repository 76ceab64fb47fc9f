"""Every screen in every state, light and dark: it looks as it did, nothing is cut off or sticks out, not even in longer
words, the measures are the specification's, nothing moves for who wants it still, and axe finds nothing that would keep
anybody from using it.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Error

from tests.screens import baselines, measures
from tests.screens.every_state import STATES
from tests.screens.looking import THEMES, Seen, Theme, look
from tests.screens.stage import Stage

NAMES = [state.name for state in STATES]
Look = Callable[[str], Seen]


@pytest.fixture(scope="session")
def seen_in(stage: Stage) -> Look:
    """Each state is looked at once, for all that is asserted of it; also if it could not be reached."""
    by_name = {state.name: state for state in STATES}
    known: dict[str, Seen | Exception] = {}

    def seen(name: str) -> Seen:
        def as_it_was(theme: Theme, picture: bytes) -> bool:
            return not baselines.compare(f"{name}-{theme}", picture).words

        if name not in known:
            try:
                known[name] = look(stage, by_name[name], as_it_was)
            except (Error, AssertionError) as problem:
                known[name] = problem
        found = known[name]
        if isinstance(found, Exception):
            raise found
        return found

    return seen


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", NAMES)
def test_it_looks_as_it_did(stage: Stage, seen_in: Look, name: str, theme: Theme, tmp_path: Path) -> None:
    """With another Chromium than the baseline's, what differs is told and not a failure."""
    difference = baselines.compare(f"{name}-{theme}", seen_in(name).pictures[theme])
    if difference.picture is not None:
        difference.picture.save(tmp_path / "now.png")
    then, here = baselines.major(baselines.made_with()), baselines.major(stage.version())
    if difference.words and then != here:
        pytest.skip(f"drawn by Chromium {here}, the baseline by {then}: {difference.words}")
    assert not difference.words, f"{difference.words}; it is now {tmp_path / 'now.png'}"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_off_and_all_is_as_large_as_specified(seen_in: Look, name: str) -> None:
    seen = seen_in(name)
    assert seen.layout == []
    assert seen.wrong_measures == []


@pytest.mark.parametrize("name", NAMES)
def test_a_longer_language_fits_too(seen_in: Look, name: str) -> None:
    assert seen_in(name).longer == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_moves_for_who_wants_less_motion(seen_in: Look, name: str) -> None:
    assert seen_in(name).moving == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(seen_in: Look, name: str, theme: Theme) -> None:
    assert seen_in(name).violations[theme] == []


def test_every_measure_was_taken_somewhere(seen_in: Look) -> None:
    taken = set().union(*(seen_in(name).measured for name in NAMES))
    assert [one.selector for one in measures.MEASURES if one not in taken] == []


def test_there_is_a_baseline_of_every_state_and_of_no_other() -> None:
    stored = {path.stem for path in baselines.FOLDER.glob("*.png")}
    assert stored == {f"{name}-{theme}" for name in NAMES for theme in THEMES}
