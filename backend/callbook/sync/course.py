"""How far a reading has come, and what a page proves of it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from callbook.hubspot import Page
from callbook.sync.tiling import EVERYTHING, Span, Spread, Tiling, holds


@dataclass(frozen=True)
class Proof:
    """A page, cut to what was news: `spans` hold those contacts and no others."""

    page: Page
    spans: tuple[Span, ...]


@dataclass
class Course:
    """How far a reading has come: what the run's checkpoint keeps of it. `cursor` is where the list goes on by
    HubSpot's own word, and from which id; `seeks`: whether it can be entered elsewhere, None until that was tried.
    """

    tiling: Tiling
    cursor: tuple[int, str | None] | None = (0, None)
    seeks: bool | None = None

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Course":
        tiling = Tiling(kept["left"], Spread(tuple(kept["sample"]), kept["total"]), kept["found"])
        cursor = kept.get("cursor")
        return cls(tiling, None if cursor is None else (cursor[0], cursor[1]), kept.get("seeks"))

    def copy(self) -> "Course":
        tiling = self.tiling
        return replace(self, tiling=Tiling(tiling.left, tiling.spread, tiling.found))

    def kept(self) -> dict[str, Any]:
        left, spread, found = self.tiling.left, self.tiling.spread, self.tiling.found
        reading = {"left": left, "sample": spread.sample, "total": spread.total, "found": found}
        return {**reading, "cursor": self.cursor, "seeks": self.seeks}


def course(spread: Spread, left: Sequence[Span] = EVERYTHING, *, seeks: bool | None = None) -> Course:
    """A reading of `left` from its start."""
    return Course(Tiling(left, spread), (0, None) if left[0][0] == 0 else None, seeks)


def proven(tiling: Tiling, page: Page, low: int, high: int | None) -> Proof | None:
    """Cuts what the page proves out of what is left; None if that was proven before."""
    spans = tiling.prove(low, high)
    if not spans:
        return None
    contacts = tuple(each for each in page.contacts if _among(spans, each.id))
    unreadable = tuple(each for each in page.unreadable if each.number is None or _among(spans, each.number))
    proof = Proof(replace(page, contacts=contacts, unreadable=unreadable), tuple(spans))
    tiling.found += len(proof.page.ids)
    return proof


def _among(spans: Iterable[Span], id_: int) -> bool:
    return any(holds(span, id_) for span in spans)
