"""Looking at one state: how it is drawn in both themes, how it is laid out and measures, also in longer words, what
moves, and what axe finds.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Locator, Page

from tests.screens import measures
from tests.screens.stage import PACKAGES, Stage, drawn
from tests.screens.states import State

AXE = PACKAGES / "axe-core" / "axe.min.js"
LAYOUT = Path(__file__).with_name("layout.js")
TRIES = 20
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

_RUN_AXE = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${help}): ${target.join(' ')}: ${failureSummary}`));
}"""


# Vowels twice make English a third longer, as other languages are; names are long as well, and figures as they were.
_LENGTHEN = """() => {
  const texts = (root) => [...root.childNodes].flatMap((one) => [
    ...(one.shadowRoot ? texts(one.shadowRoot) : []),
    ...(one.nodeType === Node.TEXT_NODE ? [one] : one.matches?.('style, textarea') ? [] : texts(one)),
  ]);
  for (const text of texts(document.body.parentNode)) {
    text.data = text.data.replaceAll(/[aeiou]/gu, (vowel) => vowel + vowel);
  }
}"""

# What would move: by animation or transition, the parts that only styles draw included.
_MOVING = """() => {
  const everything = (root) =>
    [...root.querySelectorAll('*')].flatMap((one) => [one, ...(one.shadowRoot ? everything(one.shadowRoot) : [])]);
  const lasts = (durations) => durations.split(', ').some((one) => parseFloat(one) > 0);
  const moves = (style) =>
    (style.animationName !== 'none' && lasts(style.animationDuration)) || lasts(style.transitionDuration);
  return everything(document).flatMap((one) =>
    ['', '::before', '::after', '::backdrop']
      .filter((part) => moves(getComputedStyle(one, part)))
      .map((part) => `<${one.localName} class="${one.getAttribute('class') ?? ''}">${part}`));
}"""


@dataclass(frozen=True)
class Seen:
    """`layout`, `longer`, `moving`, `wrong_measures` and `violations` are empty where all is well: `longer` is what is
    wrong with the layout in longer words, `moving` what moves for somebody who wants less of that.
    """

    pictures: dict[Theme, bytes]
    layout: list[str]
    longer: list[str]
    moving: list[str]
    measured: set[measures.Measure]
    wrong_measures: list[str]
    violations: dict[Theme, list[str]]


def look(stage: Stage, state: State, as_it_was: Callable[[Theme, bytes], bool]) -> Seen:
    """Pictures are taken again until they are `as_it_was`, or long enough: the last answer may be still to come."""
    with reached(stage, state) as page:
        drawn_in: dict[Theme, bytes] = {}
        found: dict[Theme, list[str]] = {}
        for theme in THEMES:
            for _ in range(TRIES):
                drawn_in[theme] = _picture(page, theme)
                if as_it_was(theme, drawn_in[theme]):
                    break
            found[theme] = violations(page)
        measured, wrong = measures.taken(page)
        layout, moves = laid_out(page), moving(page)
        return Seen(drawn_in, layout, longer(page), moves, measured, wrong, found)


def laid_out(page: Page) -> list[str]:
    """What is wrong with it."""
    found: list[str] = page.evaluate(LAYOUT.read_text("utf-8"))
    return found


def longer(page: Page) -> list[str]:
    """What is wrong with its layout in longer words, which stay."""
    page.evaluate(_LENGTHEN)
    return laid_out(page)


def moving(page: Page) -> list[str]:
    found: list[str] = page.evaluate(_MOVING)
    return found


def violations(page: Page) -> list[str]:
    """What axe finds, each by the name of its rule, and where."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(_RUN_AXE)
    return found


def pictures(stage: Stage, state: State) -> dict[Theme, bytes]:
    with reached(stage, state) as page:
        return {theme: _picture(page, theme) for theme in THEMES}


@contextmanager
def reached(stage: Stage, state: State) -> Iterator[Page]:
    """The page in this state."""
    with stage.opened(state.situation, state.view) as page:
        state.steps(page)
        shown(page, state).wait_for()
        yield page


def shown(page: Page, state: State) -> Locator:
    """The words by which it is known, in the page or written by a style sheet."""
    return page.get_by_text(state.shows).or_(page.locator(f'[data-words*="{state.shows}"]')).first


def _picture(page: Page, theme: Theme) -> bytes:
    page.emulate_media(color_scheme=theme)
    return drawn(page).screenshot(caret="hide", animations="disabled", scale="css")
