"""The measures of the visual specification, section 2: what each thing must measure wherever it is drawn."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from tests.screens.stage import POPUP


@dataclass(frozen=True)
class Measure:
    """In CSS pixels; `not_in` are the variants that have a measure of their own."""

    selector: str
    width: float | None = None
    height: float | None = None
    top: float | None = None


MEASURES: tuple[Measure, ...] = (
    Measure("html:not(.in-panel) > body > #app > .popup", width=380, height=600),
    Measure(".hdr", height=52),
    Measure(".search", height=32),
    Measure(".tabs", height=36),
    Measure(".tabs .count", height=16),
    Measure(".chips", height=44),
    Measure(".chip", height=28),
    Measure(".letter", height=24),
    Measure(".grid .row", height=56),
    Measure(".av:not(.av-xl, .av-sm, .av-lg)", width=36, height=36),
    Measure(".av-xl", width=56, height=56),
    Measure(".av:not(.av-xl, .av-lg) > .hub", width=16, height=16),
    Measure(".av-xl > .hub", width=20, height=20),
    Measure(".hub:not(.hub-lg, .av-xl > .hub, .av-lg > .hub)", width=16, height=16),
    Measure(".hub-lg", width=36, height=36),
    Measure(".ftr:not(.ftr-tall)", height=36),
    Measure(".ftr-tall", height=52),
    Measure(".btn:not(.btn-sm, .btn-lg, .btn-tap)", height=32),
    Measure(".btn-sm", height=28),
    Measure(".btn-lg", height=40),
    Measure(".btn-tap", height=44),
    Measure(".icon-btn:not(.icon-btn-tap, .toast .icon-btn)", width=32, height=32),
    Measure(".icon-btn-tap", width=44, height=44),
    Measure(".seg", height=32),
    Measure(".switch", width=32, height=20),
    Measure(".field", height=32),
    Measure(".radio", height=60),
    Measure(".prog:not(.modal .prog)", height=4),
    Measure(".modal .prog", height=6),
    Measure(".dialog", width=348),
    Measure(".dialog:not(.dialog-low)", top=56),
    Measure(".modal", width=440),
    Measure(".toast", width=320),
    Measure(".cards", width=320),
)

_BOXES = """(selector) => {
  const everywhere = (root) => [
    ...root.querySelectorAll(selector),
    ...[...root.querySelectorAll('*')].flatMap((one) => (one.shadowRoot ? everywhere(one.shadowRoot) : [])),
  ];
  return everywhere(document).filter((one) => one.checkVisibility()).map((one) => {
    const { width, height, top } = one.getBoundingClientRect();
    return { width, height, top };
  });
}"""


def taken(page: Page) -> tuple[set[Measure], list[str]]:
    """The measures there was something to take of, and what was not as it should be."""
    seen: set[Measure] = set()
    wrong: list[str] = []
    room: dict[str, int] = page.evaluate("({ width: innerWidth, height: innerHeight })")
    for measure in MEASURES:
        for box in page.evaluate(_BOXES, measure.selector):
            seen.add(measure)
            wrong += _differences(measure, box, room)
    return seen, wrong


def _differences(measure: Measure, box: dict[str, Any], room: dict[str, int]) -> list[str]:
    """With less room than a popup has, widths and places are what it leaves, and what is wrapped is higher."""
    narrow, low = room["width"] < POPUP[0], room["height"] < POPUP[1]
    wanted = {
        "width": None if narrow else measure.width,
        "height": measure.height,
        "top": None if low else measure.top,
    }
    return [
        f"{measure.selector}: {name} is {box[name]:g}, not {value:g}"
        for name, value in wanted.items()
        if value is not None and abs(box[name] - value) > 0.5 and not (narrow and box[name] > value)
    ]
