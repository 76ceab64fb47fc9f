"""How long a run has still to go: by how fast it reads of late, and without leaps."""

from itertools import pairwise

import pytest

from callbook.models import Run
from callbook.sync import run_report
from callbook.sync.pace import Pace

TOTAL = 100_000


def run(**columns: object) -> Run:
    known = {"state": "running", "total": TOTAL, "read": 20_000, "pace": {"contacts": 1000.0, "seconds": 10.0}}
    return Run(kind="full", trigger="first", checkpoint={}, **{**known, **columns})


def read_evenly(pace: Pace, a_second: int, seconds: float) -> Pace:
    for _ in range(round(seconds * 10)):
        pace = pace.after(a_second // 10, 0.1)
    return pace


def left_s(pace: Pace) -> float:
    seconds = pace.seconds_for(TOTAL)
    assert seconds is not None
    return seconds


def test_an_even_pace_is_told_as_it_is() -> None:
    for seconds in (1, 10, 300):
        assert left_s(read_evenly(Pace(), 2_000, seconds)) == pytest.approx(TOTAL / 2_000, rel=0.01)


def test_a_burst_at_the_start_is_forgotten() -> None:
    pace = read_evenly(read_evenly(Pace(), 8_000, 3), 2_000, 60)
    assert left_s(pace) == pytest.approx(TOTAL / 2_000, rel=0.1)


def test_it_never_leaps() -> None:
    """The pace falls to a tenth, stalls for a minute, and comes back."""
    pace, told = read_evenly(Pace(), 2_000, 30), []
    for a_second in (200, 2_000):
        for _ in range(300):
            pace = pace.after(a_second // 10, 0.1)
            told.append(left_s(pace))
        pace = pace.after(100, 60.0)
        told.append(left_s(pace))
    assert all(later / earlier < 2 and earlier / later < 2 for earlier, later in pairwise(told))


def test_the_time_left_is_what_is_left_at_that_pace() -> None:
    assert run_report(run())["seconds_left"] == 800
    assert run_report(run(read=90_000))["seconds_left"] == 100


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "paused"},
        {"state": "waiting"},
        {"pace": None},
        {"total": None},
        {"read": TOTAL},
        {"read": TOTAL + 5},
        {"read": 4_999, "pace": {"contacts": 4_999.0, "seconds": 7.9}},
    ],
)
def test_what_cannot_be_known_is_not_told(columns: dict[str, object]) -> None:
    assert run_report(run(**columns))["seconds_left"] is None


@pytest.mark.parametrize("columns", [{"read": 5_000}, {"read": 4_999, "pace": {"contacts": 4_999.0, "seconds": 8.0}}])
def test_after_five_per_cent_or_ten_seconds_it_is(columns: dict[str, object]) -> None:
    assert run_report(run(**columns))["seconds_left"] is not None
