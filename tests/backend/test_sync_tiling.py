"""Tiling: whatever pages come in whatever order, every id is covered, each by exactly one of them."""

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbook.sync.tiling import EVERYTHING, SLOW_SHARE, WORTH_PAGES, Span, Spread, Tiling

END = 60  # stands for every id beyond
IDS = st.integers(0, END - 1)
PAGE = 10


@st.composite
def spans(draw: st.DrawFn) -> Span:
    low = draw(IDS)
    return low, draw(st.none() | st.integers(low + 1, END))


@st.composite
def spreads(draw: st.DrawFn) -> Spread:
    sample = tuple(sorted(draw(st.sets(st.integers(1, END), max_size=12))))
    return Spread(sample, draw(st.integers(len(sample), 5000)))


@st.composite
def partly_read(draw: st.DrawFn) -> tuple[Tiling, set[int]]:
    """A tiling from which some pages were cut, and where requests are under way."""
    tiling = Tiling(spread=draw(spreads()))
    for low, high in draw(st.lists(spans(), max_size=6)):
        tiling.prove(low, high)
    under_way = draw(st.sets(IDS, max_size=5))
    within = {start for start in under_way if start in covered(tiling.left)}
    starts = {low for low, _ in tiling.left}
    return tiling, within | draw(st.sets(st.sampled_from(sorted(starts)), max_size=4) if starts else st.just(set()))


def covered(cover: Sequence[Span]) -> list[int]:
    """Every id, as often as it is covered."""
    return [id_ for low, high in cover for id_ in range(low, END + 1 if high is None else high)]


# --- proving


@given(st.lists(spans(), max_size=12))
def test_whatever_is_proven_every_id_is_either_left_or_proven_once(pages: list[Span]) -> None:
    tiling, proven = Tiling(), list[Span]()
    for low, high in pages:
        wanted = set(covered(tiling.left)) & set(covered([(low, high)]))
        cut = tiling.prove(low, high)
        assert sorted(covered(cut)) == sorted(wanted)
        proven += cut
        assert sorted(covered([*proven, *tiling.left])) == list(range(END + 1))
    proven += tiling.prove(0, None)
    assert tiling.done
    assert sorted(covered(proven)) == list(range(END + 1))


@given(st.lists(spans(), max_size=8))
def test_what_is_left_stays_in_order_and_without_empty_spans(pages: list[Span]) -> None:
    tiling = Tiling()
    for low, high in pages:
        tiling.prove(low, high)
        assert all(low < (END + 1 if high is None else high) for low, high in tiling.left)
        assert all(high is not None and high <= low for (_, high), (low, _) in pairwise(tiling.left))


def test_a_page_that_proves_nothing_new_is_cut_to_nothing() -> None:
    tiling = Tiling()
    assert tiling.prove(10, 20) == [(10, 20)]
    assert tiling.prove(12, 18) == []
    assert tiling.prove(5, 30) == [(5, 10), (20, 30)]
    assert tiling.left == [(0, 5), (30, None)]


def test_a_checkpoint_of_lists_is_read_as_spans() -> None:
    assert Tiling([[0, 5], [30, None]]).left == [(0, 5), (30, None)]
    assert Tiling([[None, 5]]).left == [(0, 5)]


# --- segments and places


@given(partly_read())
def test_segments_are_what_is_left_cut_where_requests_are_under_way(read: tuple[Tiling, set[int]]) -> None:
    tiling, starts = read
    segments = tiling.segments(starts)
    assert covered(segments) == covered(tiling.left)
    assert {low for low, _ in segments} == {low for low, _ in tiling.left} | starts


@given(partly_read())
def test_a_place_is_the_rest_of_a_segment_and_nobody_reads_from_there(read: tuple[Tiling, set[int]]) -> None:
    tiling, starts = read
    segments = tiling.segments(starts)
    for place in (tiling.place(starts, PAGE), *(tiling.place_beside(low, starts, PAGE) for low, _ in segments)):
        if place is not None:
            assert place[0] not in starts
            assert any(low <= place[0] and high == place[1] for low, high in segments)
            assert covered([place])


@given(partly_read())
def test_as_long_as_something_is_left_somebody_can_begin(read: tuple[Tiling, set[int]]) -> None:
    tiling, _ = read
    if tiling.done:
        assert tiling.place((), PAGE) is None
    else:
        assert tiling.place((), PAGE) in tiling.left


@given(partly_read())
def test_idle_segments_come_before_cutting_into_anybodys(read: tuple[Tiling, set[int]]) -> None:
    tiling, starts = read
    idle = [each for each in tiling.segments(starts) if each[0] not in starts]
    if idle:
        assert tiling.place(starts, PAGE) in idle


def test_what_is_worth_less_than_its_pages_is_left_to_its_one_reader() -> None:
    spread = Spread(tuple(range(10, 1000, 10)), 100)  # one contact to every ten ids
    small, large = WORTH_PAGES * PAGE * 10 - 1, WORTH_PAGES * PAGE * 10 + 50
    found = 100 - WORTH_PAGES * PAGE + 1
    assert Tiling([(0, small)], spread, found).place({0}, PAGE) is None
    place = Tiling([(0, large)], spread, found).place({0}, PAGE)
    assert place is not None
    assert PAGE * 10 <= place[0] < large  # beyond the page that the one reader is about to get


def test_what_has_not_been_found_yet_is_where_nobody_has_read_whatever_the_sample_says() -> None:
    spread = Spread(tuple(range(10, 1000, 10)), 100)
    small = WORTH_PAGES * PAGE * 10 - 1
    assert Tiling([(0, small)], spread, 100 - WORTH_PAGES * PAGE + 1).place({0}, PAGE) is None
    assert Tiling([(0, small)], spread, 100 - 2 * WORTH_PAGES * PAGE).place({0}, PAGE) is not None


def test_a_slow_reader_is_left_its_share_of_everything() -> None:
    spread = Spread(tuple(range(10, 10_000, 10)), 1_000)
    place = Tiling(EVERYTHING, spread).place_beside(0, {0}, PAGE)
    assert place is not None
    assert spread.below(place[0]) == pytest.approx(SLOW_SHARE * 1_000, abs=2)


def test_the_others_enter_a_slow_readers_part_only_when_nothing_else_is_worth_it() -> None:
    spread = Spread(tuple(range(10, 10_000, 10)), 1_000)
    tiling = Tiling([(0, 4_000), (6_000, None)], spread, found=200)
    elsewhere = tiling.place_beside(0, {0}, PAGE)
    assert elsewhere is not None
    assert elsewhere[0] >= 6_000
    tiling.prove(6_000, None)
    tiling.found += 400
    within = tiling.place_beside(0, {0}, PAGE)
    assert within is not None
    assert spread.below(within[0]) == pytest.approx(SLOW_SHARE * 400, abs=2)


# --- spreads


@given(spreads(), st.lists(st.integers(0, 2 * END), min_size=2, max_size=8))
def test_the_guess_rises_with_the_ids_from_nothing_to_all(spread: Spread, ids: list[int]) -> None:
    guesses = [spread.below(id_) for id_ in sorted(ids)]
    assert guesses == sorted(guesses)
    assert spread.below(0) == 0
    assert all(0 <= guess <= spread.total for guess in guesses)
    assert spread.below(None) == spread.total


@given(spreads(), st.floats(0, 1))
def test_at_an_id_lie_about_as_many_contacts_as_were_asked_for(spread: Spread, share: float) -> None:
    id_ = spread.at(share * spread.total)
    if id_ is None:
        assert not spread.sample or share * spread.total >= spread.below(spread.sample[-1]) - 1e-6
    else:
        one_id_more = spread.below(id_ + 1) - spread.below(id_)
        assert abs(spread.below(id_) - share * spread.total) <= one_id_more + 1e-6


# --- whole readings


@st.composite
def readings(draw: st.DrawFn) -> tuple[list[int], Spread, int, random.Random]:
    ids = sorted(draw(st.sets(st.integers(0, 10**12) | st.integers(0, 300), max_size=120)))
    sampled = tuple(sorted(draw(st.sets(st.sampled_from(ids), max_size=20)))) if ids else ()
    return ids, Spread(sampled, len(ids)), draw(st.integers(1, 12)), draw(st.randoms(use_true_random=False))


@given(readings())
def test_read_by_several_at_once_in_any_order_every_id_comes_exactly_once(
    reading: tuple[list[int], Spread, int, random.Random],
) -> None:
    ids, spread, page, dice = reading
    tiling, under_way, come, asked = Tiling(spread=spread), dict[int, Span](), list[int](), 0
    while not tiling.done:
        while len(under_way) < 4 and (place := tiling.place(under_way, page)) is not None:
            under_way[place[0]] = place
            asked += 1
        low, high = under_way.pop(dice.choice(sorted(under_way)))
        found = [id_ for id_ in ids if low <= id_ and (high is None or id_ < high)][: page + 1]
        upto = high if len(found) <= page else found[page - 1] + 1
        for start, end in tiling.prove(low, upto):
            come += [id_ for id_ in found[:page] if start <= id_ and (end is None or id_ < end)]
    assert sorted(come) == ids
    assert asked <= len(ids) + 8
