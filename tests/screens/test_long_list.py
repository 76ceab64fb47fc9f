"""A list that is longer than a browser can lay out: its scrollbar is scaled, and every place of it has its rows."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.screens import prepared as p
from tests.screens.prepared import Answers
from tests.screens.stage import Situation, Stage

HUBSPOT = 1_000_000
ALL = HUBSPOT + 19
# A drag of the scrollbar to this share of its way, if there is one, and what is in view afterwards.
_DRAG = """async (share) => {
  const grid = document.querySelector('[role=grid]');
  if (share !== null) grid.scrollTop = share * (grid.scrollHeight - grid.clientHeight);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const view = grid.getBoundingClientRect();
  const boxes = [...grid.querySelectorAll('[role=row], .letter')].map((one) => one.getBoundingClientRect());
  const covered = boxes.map(({ top, bottom }) => [Math.max(top, view.top), Math.min(bottom, view.bottom)]);
  const rows = [...grid.querySelectorAll('[role=row]')].filter((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return bottom > view.top && top < view.bottom;
  });
  let reached = view.top;
  for (const [top, bottom] of covered.toSorted(([a], [b]) => a - b)) {
    if (top <= reached + 1) reached = Math.max(reached, bottom);
  }
  const places = rows.map((row) => Number(row.ariaRowIndex));
  return { first: Math.min(...places), last: Math.max(...places), blank: view.bottom - reached };
}"""


def in_view(page: Page, *, after_drag_to: float | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = page.evaluate(_DRAG, after_drag_to)
    return shown


@pytest.mark.parametrize(("share", "first", "last"), [(0.0, 1, 10), (0.5, 499_000, 501_000), (1.0, ALL - 10, ALL)])
def test_the_scrollbar_leads_anywhere_in_a_million_rows(stage: Stage, share: float, first: int, last: int) -> None:
    with stage.opened(Situation(Answers(sync=p.sync(hubspot=HUBSPOT)))) as page:
        expect(page.get_by_text("Ben Carver")).to_be_visible()
        shown = in_view(page, after_drag_to=share)
        assert first <= shown["first"] < shown["last"] <= last
        assert shown["blank"] < 1


def test_the_keys_lead_to_the_last_of_a_million_rows_and_back(stage: Stage) -> None:
    with stage.opened(Situation(Answers(sync=p.sync(hubspot=HUBSPOT)))) as page:
        expect(page.get_by_text("Ben Carver")).to_be_visible()
        page.get_by_role("grid").focus()
        page.keyboard.press("End")
        assert in_view(page)["last"] == ALL
        page.keyboard.press("Home")
        expect(page.get_by_text("Ben Carver")).to_be_in_viewport()
