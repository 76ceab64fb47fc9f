"""Reading all contacts with several requests at once, in memory and virtual time, where everything can go wrong at any
moment.
"""

import random
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbook import hubspot as hubspot_
from callbook.errors import Permanent, Transient
from callbook.hubspot import Page
from callbook.sync.course import Course, Proof, course
from callbook.sync.pool import Request, Source
from callbook.sync.reader import LIST_HEADS, SEARCH_HEADS, Reader
from callbook.sync.tiling import Spread, Tiling
from tests.backend.pretended import Pretended, ids_in, page_of, read, resumed, shuffled


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubspot_, "LIST_LIMIT", 5)
    monkeypatch.setattr(hubspot_, "SEARCH_LIMIT", 8)


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reader]:
    """A reader of a pretended HubSpot."""

    def start(there: Pretended, **known: Any) -> Reader:
        monkeypatch.setattr("callbook.sync.reader.Pool", lambda *_: there)
        for module in ("reader", "pool"):
            monkeypatch.setattr(f"callbook.sync.{module}.time", there)
        client: Any = there
        return Reader(client, known.pop("course", None) or course(sampled(there.ids)), **known)

    return start


def sampled(ids: list[int], seed: int = 1) -> Spread:
    """As a run's first step samples them."""
    dice = random.Random(seed)  # noqa: S311 - a sample
    return Spread(tuple(sorted({*dice.sample(ids, min(len(ids), 200)), *ids[-1:]})), len(ids))


def busiest_second(there: Pretended) -> int:
    moments = sorted(each.departed_s for each in there.asked)
    return max(bisect_left(moments, moment + 1) - place for place, moment in enumerate(moments))


def requests_by(there: Pretended) -> Counter[Source]:
    return Counter(each.request.source for each in there.asked)


def spread_as(kind: str, count: int) -> list[int]:
    dice = random.Random(7)  # noqa: S311 - ids
    return {
        "dense": list(range(1, count + 1)),
        "an old account's": sorted({*range(1, 50 * count // 2, 50), *(10**11 + 3 * n for n in range(count // 2))}),
        "far apart": sorted(dice.sample(range(10**15), count)),
        "ever wider": sorted({round(1.003**n * 1000) + n for n in range(count)}),
        "two clumps": [*range(5, 5 + count // 2), *range(10**12, 10**12 + count // 2)],
        "beyond a thousand million": [10**12 + n for n in range(count)],
    }[kind]


SPREADS = ("dense", "an old account's", "far apart", "ever wider", "two clumps", "beyond a thousand million")


# --- exact coverage, and how quickly


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("seeks", ["sought", "refused", "ignored"])
def test_every_contact_comes_exactly_once_however_the_ids_are_spread(
    start: Callable[..., Reader], spread: str, seeks: str
) -> None:
    there = Pretended(spread_as(spread, 3000), seeks=seeks)
    reader = start(there)
    assert ids_in(read(reader)) == there.ids
    assert reader.course.tiling.done
    assert busiest_second(there) <= 30


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 201, 500])
@pytest.mark.parametrize("seeks", ["sought", "refused", "ignored"])
def test_every_contact_comes_exactly_once_however_many_there_are(
    start: Callable[..., Reader], count: int, seeks: str
) -> None:
    there = Pretended(spread_as("dense", count), seeks=seeks)
    assert ids_in(read(start(there))) == there.ids


@pytest.mark.parametrize("order", [shuffled, lambda id_: -id_], ids=["shuffled", "newest first"])
@pytest.mark.parametrize("seeks", ["refused", "ignored"])
def test_where_the_list_has_no_order_search_reads_everything(
    start: Callable[..., Reader], order: Callable[[int], int], seeks: str
) -> None:
    there = Pretended(spread_as("far apart", 1500), seeks=seeks, order=order)
    searched = [each for each in read(start(there)) if not each.page.contacts[0].primary]
    assert set(ids_in(searched)) == set(there.ids)
    assert len(ids_in(searched)) < 1.4 * len(there.ids), "what was read before it was clear is read again"
    assert requests_by(there)[Source.LIST] <= LIST_HEADS + 2, "and the list is left alone"


@pytest.mark.parametrize("spread", SPREADS)
def test_at_ten_thousand_hardly_a_page_is_asked_for_in_vain(start: Callable[..., Reader], spread: str) -> None:
    there = Pretended(spread_as(spread, 10_000))
    assert ids_in(read(start(there))) == there.ids
    by = requests_by(there)
    carried = by[Source.LIST] * hubspot_.LIST_LIMIT + by[Source.SEARCH] * hubspot_.SEARCH_LIMIT
    assert len(there.ids) / carried >= 0.85
    assert busiest_second(there) <= 30
    assert there.now_s < 6


@pytest.mark.parametrize("seeks", ["refused", "ignored"])
def test_beside_a_list_that_cannot_be_entered_search_does_its_share(start: Callable[..., Reader], seeks: str) -> None:
    there = Pretended(spread_as("an old account's", 10_000), seeks=seeks)
    assert ids_in(read(start(there))) == there.ids
    by = requests_by(there)
    assert by[Source.SEARCH] * hubspot_.SEARCH_LIMIT > 0.6 * len(there.ids)
    assert there.now_s < 9


@pytest.mark.parametrize(("latency_s", "most"), [(0.16, SEARCH_HEADS), (0.6, SEARCH_HEADS + 1)])
def test_as_many_searches_are_under_way_as_the_budget_is_worth(
    start: Callable[..., Reader], monkeypatch: pytest.MonkeyPatch, latency_s: float, most: int
) -> None:
    monkeypatch.setattr("tests.backend.pretended.LATENCY_S", latency_s)
    there = Pretended(spread_as("dense", 10_000), seeks="refused")
    assert ids_in(read(start(there))) == there.ids
    assert there.most_at_once[Source.SEARCH] == most


def test_no_page_is_asked_for_twice(start: Callable[..., Reader]) -> None:
    for seeks in ("sought", "refused", "ignored"):
        there = Pretended(spread_as("an old account's", 4000), seeks=seeks)
        read(start(there))
        begun = Counter((each.request.source, each.request.low) for each in there.asked)
        assert max(begun.values()) == 1


# --- whatever happens meanwhile


@st.composite
def readings(draw: st.DrawFn) -> tuple[Pretended, Spread]:
    ids = sorted(draw(st.sets(st.integers(1, 200) | st.integers(1, 10**12), max_size=90)))
    there = Pretended(
        list(ids),
        seeks=draw(st.sampled_from(["sought", "refused", "ignored"])),
        slips=draw(st.sampled_from([0, 0, 5])),
        dice=draw(st.randoms(use_true_random=False)),
    )
    sample = tuple(sorted(draw(st.sets(st.sampled_from(ids), max_size=9)))) if ids else ()
    return there, Spread(sample, draw(st.integers(len(sample), 120)))


EXAMPLES = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@EXAMPLES
@given(readings(), st.lists(st.integers(0, 6), max_size=12))
@pytest.mark.usefixtures("small")
def test_taken_up_again_anywhere_everything_still_comes_exactly_once(
    start: Callable[..., Reader], reading: tuple[Pretended, Spread], pages: list[int]
) -> None:
    """A checkpoint is what `kept` gave when the pages were stored; requests under way are lost with their worker."""
    there, spread = reading
    reader, come = start(there, course=course(spread)), list[Proof]()
    for most in pages:
        come += read(reader, most)
        reader.close()
        reader = start(there, course=resumed(reader.course), cautious=most % 2 == 1)
    come += read(reader)
    assert ids_in(come) == there.ids


def leave(there: Pretended, id_: int) -> None:
    if id_ in there.ids:
        there.ids.remove(id_)


@EXAMPLES
@given(readings(), st.data())
@pytest.mark.usefixtures("small")
def test_who_stays_while_others_come_and_go_is_read_exactly_once(
    start: Callable[..., Reader], reading: tuple[Pretended, Spread], data: st.DataObject
) -> None:
    there, spread = reading
    stay, gone, born = set(there.ids), set[int](), set[int]()
    for moment in data.draw(st.lists(st.floats(0, 3), max_size=8)):
        target = data.draw(st.integers(1, 300) | st.just(10**13))
        if target in stay or target in born:
            gone.add(target)
            stay.discard(target)
            there.changes.append((moment, partial(leave, there, target)))
        else:
            born.add(target)
            there.changes.append((moment, partial(insort, there.ids, target)))
    there.changes.sort(key=lambda each: each[0])
    come = Counter(ids_in(read(start(there, course=course(spread)))))
    assert max(come.values(), default=1) == 1
    assert stay <= come.keys() <= stay | gone | born


def test_what_is_created_at_the_end_while_reading_is_read(start: Callable[..., Reader]) -> None:
    there = Pretended(spread_as("dense", 3000))
    new = list(range(5001, 5400))
    there.changes.append((0.3, lambda: there.ids.extend(new)))
    assert ids_in(read(start(there))) == [*range(1, 3001), *new]


def test_spans_are_proven_without_gap_or_overlap_whatever_search_leaves_out(start: Callable[..., Reader]) -> None:
    """What a lagging index leaves out is marked, and kept when it is asked for by id: the run's next step."""
    there = Pretended(spread_as("dense", 3000), unindexed=set(range(1, 3001, 7)))
    proofs = read(start(there))
    spans = sorted(span for proof in proofs for span in proof.spans)
    assert spans[0][0] == 0
    assert spans[-1][1] is None
    assert all(high == low for (_, high), (low, _) in pairwise(spans)), "no gap, no overlap"


PASSING = [
    Transient("hubspot_error", "HTTP 502"),
    Transient("hubspot_unreachable"),
    Transient("throttled", retry_after_s=1.0),
]


@EXAMPLES
@given(readings(), st.data())
@pytest.mark.usefixtures("small")
def test_whatever_requests_fail_or_lie_everything_comes_in_the_end(
    start: Callable[..., Reader], reading: tuple[Pretended, Spread], data: st.DataObject
) -> None:
    there, spread = reading
    there.slips = 0
    script = data.draw(st.lists(st.sampled_from(["", "", "", "fail", "empty", "backwards", "again"]), max_size=25))

    def trouble(request: Request, page: Page) -> Page:
        what = script.pop(0) if script else ""
        if what == "fail":
            raise data.draw(st.sampled_from(PASSING))
        if what == "empty" and page.contacts:
            return page_of((), after=request.after or "1", total=page.total)
        if what == "backwards":
            return page_of(reversed(page.ids), after=page.after, total=page.total)
        if what == "again" and request.source is Source.LIST:
            return page_of([each for each in there.ids if each < request.low][-5:] or page.ids, after=page.after)
        return page

    there.troubles.append(trouble)
    reader, come = start(there, course=course(spread)), list[Proof]()
    for _ in range(len(script) + len(there.ids) + 10):
        try:
            come += reader.pages()
        except (Transient, Permanent):
            reader.close()
            reader = start(there, course=resumed(reader.course), cautious=True)
    assert reader.course.tiling.done
    assert set(ids_in(come)) == set(there.ids)


# --- trouble


def test_a_refusal_of_one_source_leaves_the_other_reading(start: Callable[..., Reader]) -> None:
    there = Pretended(spread_as("dense", 6000))
    refused_at: list[float] = []

    def refuse_once(request: Request, page: Page) -> Page:
        if request.source is Source.LIST and not refused_at and there.now_s > 0.5:
            refused_at.append(there.now_s)
            raise Transient("throttled", retry_after_s=2.0)
        return page

    there.troubles.append(refuse_once)
    assert ids_in(read(start(there))) == there.ids
    closed = (refused_at[0] + 0.1, refused_at[0] + 2.0)
    meanwhile = Counter(each.request.source for each in there.asked if closed[0] < each.departed_s < closed[1])
    assert meanwhile[Source.LIST] == 0
    assert meanwhile[Source.SEARCH] >= 5
    assert there.slept_s == []


def test_when_every_source_is_refused_the_run_is_told_to_wait(start: Callable[..., Reader]) -> None:
    there = Pretended(spread_as("dense", 3000), troubles=[_refuse])
    with pytest.raises(Transient) as problem:
        read(start(there))
    assert problem.value.kind == "throttled"
    assert problem.value.retry_after_s == pytest.approx(7.0, abs=1.0)
    assert len(there.asked) <= sum(requests_by(there).values()) <= 9


def _refuse(_request: Request, _page: Page) -> Page:
    raise Transient("throttled", retry_after_s=7.0)


def test_one_head_that_fails_is_tried_again_alone_and_nothing_is_lost(start: Callable[..., Reader]) -> None:
    there = Pretended(spread_as("dense", 3000))
    failures = iter([True])

    def fail_once(request: Request, page: Page) -> Page:
        if request.seeking and there.now_s > 0.4 and next(failures, False):
            raise Transient("hubspot_error", "HTTP 500")
        return page

    there.troubles.append(fail_once)
    assert ids_in(read(start(there))) == there.ids
    assert there.slept_s == [hubspot_.RETRY_WAITS_S[0]]


def test_what_goes_on_failing_is_raised_after_the_short_waits(start: Callable[..., Reader]) -> None:
    there = Pretended(spread_as("dense", 3000))

    def fail(_request: Request, _page: Page) -> Page:
        raise Transient("hubspot_unreachable")

    there.troubles.append(fail)
    with pytest.raises(Transient):
        read(start(there))
    assert there.slept_s == list(hubspot_.RETRY_WAITS_S)
    first, *later = [each.departed_s for each in there.asked if each.departed_s > hubspot_.RETRY_WAITS_S[0]]
    assert len(later) == 1, "one request at a time while it fails"
    assert later[0] - first >= 1.0


def test_the_lists_next_page_is_asked_for_before_the_last_one_is_stored(start: Callable[..., Reader]) -> None:
    there = Pretended(spread_as("dense", 3000), seeks="refused")
    reader, listed = start(there), 0
    while proofs := reader.pages():
        for page in (each.page for each in proofs if each.page.contacts[0].primary and each.page.after):
            listed += 1
            met = reader.course.cursor is None  # it has come to where search has been
            assert met or page.after in {each.request.after for each in there.asked}
    assert listed > 3


def test_after_trouble_one_request_goes_first_and_more_follow_as_it_goes_well(start: Callable[..., Reader]) -> None:
    there = Pretended(spread_as("dense", 6000))
    reader = start(there, cautious=True)
    widths = []
    for _ in range(5):
        before = len(there.asked)
        reader.pages()
        widths.append(len(there.asked) - before)
    assert widths[0] == 1
    assert widths[1] == 2
    assert ids_in(read(reader)), "and it reads on"


def test_a_repeated_page_is_a_slip_once_and_taken_for_disorder_twice(start: Callable[..., Reader]) -> None:
    there = Pretended(spread_as("dense", 1000), seeks="refused")
    slips = iter([False, False, True])

    def repeat(request: Request, page: Page) -> Page:
        before = [each for each in there.ids if each < request.low][-100:]
        return page_of(before, after=page.after) if request.source is Source.LIST and next(slips, False) else page

    there.troubles.append(repeat)
    reader = start(there)
    assert ids_in(read(reader)) == there.ids
    assert requests_by(there)[Source.LIST] > 4, "the list reads on"


@pytest.mark.parametrize("endless", [True, False])
def test_an_empty_page_with_a_next_link_proves_nothing(start: Callable[..., Reader], *, endless: bool) -> None:
    there = Pretended(spread_as("dense", 1000))
    empties = iter([True])

    def empty(request: Request, page: Page) -> Page:
        if request.source is Source.LIST and (endless or next(empties, False)):
            return page_of((), after=request.after or "1")
        return page

    there.troubles.append(empty)
    assert set(ids_in(read(start(there)))) == set(there.ids)
    assert len(there.asked) < 40


def test_search_that_gives_nothing_to_go_on_from_ends_in_a_failure(
    start: Callable[..., Reader],
) -> None:
    there = Pretended(spread_as("dense", 1000), seeks="refused")
    there.troubles.append(lambda _request, page: page_of((), after="1", total=page.total))
    with pytest.raises(Permanent):
        read(start(there))
    assert len(there.asked) < 20


def test_what_no_request_may_raise_comes_through(start: Callable[..., Reader]) -> None:
    there = Pretended(spread_as("dense", 500))

    def break_(_request: Request, _page: Page) -> Page:
        raise ZeroDivisionError

    there.troubles.append(break_)
    with pytest.raises(ZeroDivisionError):
        read(start(there))


def test_the_recent_ones_are_read_by_search_alone(start: Callable[..., Reader]) -> None:
    there = Pretended(spread_as("dense", 900))
    reader = start(there, course=Course(Tiling(), None), since=page_of([1]).contacts[0].modified_at)
    first = reader.pages()
    reader.learn(sampled(there.ids))
    assert ids_in([*first, *read(reader)]) == there.ids
    assert there.most_at_once == {Source.SEARCH: SEARCH_HEADS + 1}
