"""Which ids no page has proven yet, and where it pays to read next. Pages come from anywhere, in any order, and may
overlap; what they prove is cut out of what is left, so that in the end all ids are covered, each by the first page that
told of it. Pure.

Ids are spread very unevenly (an old account's begin 1, 51, ... and go on at 10^11), so that a sample of them, not their
size, says where the middle of a span is.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

Span = tuple[int, int | None]  # from the first id up to the second, which is not in it; None: without end
EVERYTHING: tuple[Span, ...] = ((0, None),)
WORTH_PAGES = 2  # what is expected to be smaller is left to its one reader
MOST_MISJUDGED = 4.0  # times what a sample says may be there; HubSpot's total may be wrong as well
SLOW_SHARE = 0.36  # of what is left: some 400 a second, one page of the list after the other, beside 1,000; and some


def holds(span: Span, id_: int) -> bool:
    low, high = span
    return low <= id_ and (high is None or id_ < high)


@dataclass(frozen=True)
class Spread:
    """About how many of `total` contacts lie below an id, guessed from the ids of some: `sample`, ascending."""

    sample: tuple[int, ...] = ()
    total: int = 0

    def below(self, id_: int | None) -> float:
        if id_ is None:
            return self.total
        number = bisect_right(self.sample, id_)
        low, high = self._around(number)
        return (number + (0.0 if high is None else (id_ - low) / (high - low))) * self._each

    def at(self, count: float) -> int | None:
        """The id below which `count` contacts lie; None beyond the last of the sample."""
        number = min(int(count / self._each), len(self.sample)) if self.total else 0
        low, high = self._around(number)
        return None if high is None else low + int((count / self._each - number) * (high - low))

    @property
    def _each(self) -> float:
        """Contacts between two of the sample."""
        return self.total / (len(self.sample) + 1)

    def _around(self, number: int) -> Span:
        low = self.sample[number - 1] if number else 0
        return low, self.sample[number] if number < len(self.sample) else None


class Tiling:
    """`found`: how many contacts there were in what is not left any more."""

    def __init__(
        self, left: Iterable[Sequence[int | None]] = EVERYTHING, spread: Spread | None = None, found: int = 0
    ) -> None:
        self.left: list[Span] = [(low or 0, high) for low, high in left]
        self.spread = spread or Spread()
        self.found = found

    @property
    def done(self) -> bool:
        return not self.left

    @property
    def expected(self) -> float:
        """How many contacts are left to read, as far as can be guessed."""
        return sum(map(self._expected, self.left))

    def prove(self, low: int, high: int | None) -> list[Span]:
        """Cuts [low, high) out of what is left; the parts of it that were."""
        proven, left = [], []
        for start, end in self.left:
            from_, to = max(start, low), _lower(end, high)
            if to is not None and from_ >= to:
                left.append((start, end))
                continue
            proven.append((from_, to))
            left += [(start, from_)] if start < from_ else []
            left += [(to, end)] if to is not None and (end is None or to < end) else []
        self.left = left
        return proven

    def segments(self, starts: Collection[int]) -> list[Span]:
        """What is left, cut where a request is under way."""
        return [piece for start, end in self.left for piece in _cut(start, end, starts)]

    def place(self, starts: Collection[int], page: int) -> Span | None:
        """Where one more request should begin: at the largest segment nobody reads, else in the middle of the largest,
        beyond the page that its reader is about to get. None: what is left is not worth another reader.
        """
        return self._place(self.segments(starts), starts, page)

    def place_beside(self, slow: int, starts: Collection[int], page: int) -> Span | None:
        """The same beside a reader that comes from `slow`, one page at a time: the others read elsewhere first, and
        only then what is above its share of what is left. However wrong a guess was, most of it is made up for.
        """
        segments = self.segments(starts)
        its_own = next((each for each in segments if each[0] == slow), None)
        place = self._place([each for each in segments if each is not its_own], starts, page)
        if place is not None or its_own is None:
            return place
        keep = max(SLOW_SHARE * self._expected(its_own), page)
        return self._beyond(its_own, keep) if self._expected(its_own) - keep > page else None

    def _place(self, segments: Sequence[Span], starts: Collection[int], page: int) -> Span | None:
        idle = [each for each in segments if each[0] not in starts]
        if idle:
            return max(idle, key=self._expected)
        largest = max(segments, key=self._expected, default=(0, 0))
        expected = self._expected(largest)
        return None if expected < WORTH_PAGES * page else self._beyond(largest, (expected + page) / 2)

    def _beyond(self, span: Span, count: float) -> Span | None:
        """The rest of a span after about `count` contacts."""
        start, high = self.spread.at(self.spread.below(span[0]) + count / self._misjudged), span[1]
        return None if start is None or start <= span[0] or (high is not None and start >= high) else (start, high)

    def _expected(self, span: Span) -> float:
        return self._guessed(span) * self._misjudged

    @property
    def _misjudged(self) -> float:
        """What has not been found yet must be in what is left, whatever the sample says of it."""
        guessed = sum(map(self._guessed, self.left))
        return min(max(1.0, (self.spread.total - self.found) / guessed), MOST_MISJUDGED) if guessed else 1.0

    def _guessed(self, span: Span) -> float:
        return self.spread.below(span[1]) - self.spread.below(span[0])


def _lower(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else min(one, other)


def _cut(start: int, end: int | None, borders: Iterable[int]) -> list[Span]:
    inner = sorted(each for each in borders if each > start and (end is None or each < end))
    lows: list[int] = [start, *inner]
    highs: list[int | None] = [*inner, end]
    return list(zip(lows, highs, strict=True))
