"""The portal's request budgets: whatever the times, no window holds more departures than it may; what HubSpot says of
others makes room for them; and however many processes ask, they share one row.
"""

import itertools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from time_machine import Traveller

from callbook import models
from callbook.accounts import Budget
from callbook.accounts.budget import FORGIVEN_AFTER_S, LEAST_SHARE, LONGEST_WAIT_S, NOISE, TERMS, Ledger
from callbook.errors import Transient
from callbook.hubspot import Family
from callbook.models import connected, now, to_ms

PORTAL = 62515
START_MS = 1_000_000
FAMILIES = st.sampled_from(list(Family))
GENERAL, SEARCH = TERMS[Family.GENERAL], TERMS[Family.SEARCH]


def ledger(family: Family, **changed: float) -> Ledger:
    return Ledger(TERMS[family].limit, changed_at=START_MS, **changed)  # type: ignore[arg-type]  # fields by name


def busiest(departures: list[int], window_ms: int) -> int:
    """How many leave within some window, at most."""
    ordered = sorted(departures)
    return max((sum(1 for each in ordered if start <= each < start + window_ms) for start in ordered), default=0)


def asked(family: Family, gaps_ms: list[int], **changed: float) -> tuple[Ledger, list[int]]:
    """A ledger that was asked for a departure after each gap, and the departures."""
    book, at_ms, departures = ledger(family, **changed), START_MS, list[int]()
    for gap_ms in gaps_ms:
        at_ms += gap_ms
        departures.append(book.next_departure(TERMS[family], at_ms))
        book = book.departing(departures[-1])
    return book, departures


# --- the ledger


@given(
    FAMILIES,
    st.lists(st.integers(-50, 400), max_size=250),  # clocks of two machines differ by a little
    st.integers(0, 120),
    st.sampled_from([0.05, 0.3, 0.5, 1.0]),
)
def test_no_window_ever_holds_more_departures_than_there_is_room(
    family: Family, gaps_ms: list[int], others: int, share: float
) -> None:
    terms = TERMS[family]
    book, departures = asked(family, gaps_ms, others=others, share=share)
    assert busiest(departures, terms.window_ms + terms.margin_ms) <= book.room(terms)
    assert all(later - earlier >= terms.apart_ms for earlier, later in pairwise(departures))


@given(FAMILIES, st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 110)), max_size=120))
def test_however_the_room_changes_no_departure_overfills_its_window(
    family: Family, asks: list[tuple[int, int]]
) -> None:
    terms, book, at_ms = TERMS[family], ledger(family), START_MS
    for gap_ms, remaining in asks:
        at_ms += gap_ms
        book = book.told(terms, terms.limit, min(remaining, terms.limit), at_ms)
        departure = book.next_departure(terms, at_ms)
        within = sum(1 for each in book.departures if each > departure - terms.window_ms)
        assert within < book.room(terms)
        assert departure >= at_ms
        book = book.departing(departure)
        assert len(book.departures) <= terms.limit


def test_a_window_begins_with_a_burst_then_slows_down_and_all_of_the_budget_is_used() -> None:
    _, departures = asked(Family.GENERAL, [0] * 1000)
    gaps = [later - earlier for earlier, later in pairwise(departures)]
    assert gaps[0] == GENERAL.apart_ms
    assert gaps[: GENERAL.limit - 5] == sorted(gaps[: GENERAL.limit - 5])
    assert departures[-1] - departures[0] < 1.05 * GENERAL.window_ms * 1000 / GENERAL.limit


def test_list_and_search_together_stay_below_thirty_a_second() -> None:
    _, general = asked(Family.GENERAL, [0] * 300)
    _, search = asked(Family.SEARCH, [0] * 150)
    assert busiest([*general, *search], 1000) < 30


# --- learning


def test_others_are_what_has_been_used_beside_ours_and_room_is_made_at_once() -> None:
    book, departures = asked(Family.GENERAL, [50] * 20)
    at_ms = departures[-1] + 10
    told = book.told(GENERAL, 110, 110 - 20 - 60, at_ms)
    assert told.others == 60
    assert told.room(GENERAL) == 110 - GENERAL.spared - 60
    assert told.told(GENERAL, 110, 110 - 20, at_ms).room(GENERAL) == 110 - GENERAL.spared, "and taken back as soon"


def test_requests_under_way_are_not_taken_for_others() -> None:
    book, departures = asked(Family.GENERAL, [50] * 20)
    assert book.told(GENERAL, 110, 110 - 20 - NOISE, departures[-1]).others == 0
    assert book.told(GENERAL, 110, 110 - 20 + NOISE, departures[-1]).others == 0


def test_a_limit_of_another_size_is_believed() -> None:
    assert ledger(Family.GENERAL).told(GENERAL, 190, 190, START_MS).room(GENERAL) == 190 - GENERAL.spared
    assert ledger(Family.GENERAL).told(GENERAL, 100, 0, START_MS).room(GENERAL) == 1, "never quite nothing"


def test_a_refusal_halves_the_share_and_closes_until_the_time_that_was_named() -> None:
    book, _ = asked(Family.SEARCH, [300] * 3)
    refused = book.refused(START_MS + 9000)
    assert refused.share == 0.5
    assert refused.next_departure(SEARCH, START_MS + 1000) == START_MS + 9000
    assert refused.refused(START_MS).closed_until == START_MS + 9000, "an earlier moment opens nothing"
    for _ in range(10):
        refused = refused.refused(START_MS + 9000)
    assert refused.share == LEAST_SHARE
    assert refused.room(SEARCH) == 1


def test_time_forgives_a_refusal() -> None:
    refused = ledger(Family.GENERAL).refused(START_MS)
    half = refused.recovering(START_MS + round(FORGIVEN_AFTER_S * 250))
    assert half.share == pytest.approx(0.75)
    assert half.recovering(START_MS + round(FORGIVEN_AFTER_S * 1000)).share == 1.0
    assert half.recovering(START_MS).share == half.share, "a clock put back forgives nothing"


# --- the row that all share


@pytest.fixture
def clock(database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Traveller]:  # noqa: ARG001 - asked for its effect
    """Stands still; whoever waits for a departure moves it."""
    with time_machine.travel(now(), tick=False) as clock:
        waiting = "callbook.accounts.budget.time.sleep"
        monkeypatch.setattr(waiting, lambda wait_s: clock.shift(timedelta(seconds=wait_s)))
        yield clock


def kept(family: Family) -> Ledger:
    with connected():
        return Ledger(**models.Budget.get(portal_id=PORTAL, family=family.value).ledger)


@pytest.mark.usefixtures("clock")
def test_two_budgets_of_one_portal_share_one_row_and_together_stay_below_the_limit() -> None:
    one, other, left_at = Budget(PORTAL), Budget(PORTAL), list[int]()
    for number in range(40):
        (one if number % 3 else other).leave(Family.SEARCH)
        left_at.append(to_ms(now()))
    assert models.Budget.select().count() == 1
    assert busiest(left_at, SEARCH.window_ms) <= SEARCH.limit
    assert left_at[-1] - left_at[0] < 1.2 * 1000 * 40 / SEARCH.limit, "and use it"


@pytest.mark.usefixtures("clock")
def test_families_and_portals_have_budgets_of_their_own() -> None:
    for family in Family:
        Budget(PORTAL).leave(family)
        Budget(PORTAL + 1).leave(family)
    assert models.Budget.select().count() == 2 * len(Family)
    assert all(len(kept(family).departures) == 1 for family in Family)


@pytest.mark.usefixtures("clock")
def test_what_one_process_hears_makes_all_of_them_give_way() -> None:
    one, other = Budget(PORTAL), Budget(PORTAL)
    one.leave(Family.GENERAL)
    one.heard(Family.GENERAL, 110, 110 - 1 - 80)
    one.leave(Family.GENERAL)
    other.leave(Family.GENERAL)
    assert kept(Family.GENERAL).others == 80


def test_who_leaves_late_is_not_followed_too_soon(clock: Traveller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine wakes one in three 300 ms after its departure."""
    budget, left_at, sleeps = Budget(PORTAL), list[int](), itertools.count(1)

    def sleep(wait_s: float) -> None:
        clock.shift(timedelta(seconds=wait_s + (0 if next(sleeps) % 3 else 0.3)))

    monkeypatch.setattr("callbook.accounts.budget.time.sleep", sleep)
    for _ in range(40):
        budget.leave(Family.SEARCH)
        left_at.append(to_ms(now()))
    assert busiest(left_at, SEARCH.window_ms) <= SEARCH.limit


@pytest.mark.usefixtures("clock")
def test_what_left_without_asking_counts() -> None:
    Budget(PORTAL).has_left(Family.GENERAL, 3)
    Budget(PORTAL).leave(Family.GENERAL)
    assert len(kept(Family.GENERAL).departures) == 4


def test_what_was_heard_is_held_against_what_had_left_by_then(clock: Traveller) -> None:
    """A reply that is long past by the next request does not make strangers of our own requests."""
    budget = Budget(PORTAL)
    for _ in range(30):
        budget.leave(Family.GENERAL)
    budget.heard(Family.GENERAL, 110, 110 - 30)
    clock.shift(timedelta(seconds=30))
    budget.leave(Family.GENERAL)
    assert kept(Family.GENERAL).others == 0


def test_a_refusal_closes_the_family_for_everybody_and_is_forgiven_from_its_moment_on(clock: Traveller) -> None:
    Budget(PORTAL).leave(Family.GENERAL)
    clock.shift(timedelta(seconds=45))  # it took its time
    Budget(PORTAL).refused(Family.GENERAL, 5)
    closed_ms = to_ms(now()) + 5000
    Budget(PORTAL).leave(Family.GENERAL)
    assert to_ms(now()) >= closed_ms
    assert kept(Family.GENERAL).share < 0.6
    Budget(PORTAL).leave(Family.SEARCH)
    assert kept(Family.SEARCH).share == 1.0


@pytest.mark.usefixtures("clock")
def test_who_would_wait_too_long_is_told_how_long() -> None:
    Budget(PORTAL).refused(Family.GENERAL, 3600)
    with pytest.raises(Transient) as problem:
        Budget(PORTAL).leave(Family.GENERAL)
    assert problem.value.kind == "throttled"
    assert problem.value.retry_after_s == pytest.approx(3600, abs=LONGEST_WAIT_S)
    assert kept(Family.GENERAL).departures == [], "and takes nothing"


def test_refusals_among_threads_that_leave_harm_none_of_them(
    database: None,  # noqa: ARG001 - asked for its effect
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("callbook.accounts.budget.time.sleep", lambda _: None)
    budget, problems = Budget(PORTAL, longest_wait_s=1e9), list[BaseException]()

    def ask() -> None:
        try:
            for _ in range(15):
                budget.leave(Family.GENERAL)
                budget.refused(Family.GENERAL, 0)
        except BaseException as problem:  # noqa: BLE001 - whatever it is, the test wants to know
            problems.append(problem)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


LEAVING = """
import sys
from callbook import models
from callbook.accounts import Budget
from callbook.hubspot import Family
from callbook.models import now, to_ms
models.connect(sys.argv[1])
budget = Budget(int(sys.argv[2]))
for _ in range(int(sys.argv[3])):
    budget.leave(Family.SEARCH)
    print(to_ms(now()), flush=True)
"""


def test_two_processes_at_once_together_stay_below_the_limit(
    environ: dict[str, str],
    database: None,  # noqa: ARG001 - asked for its effect
) -> None:
    """The row tells every departure that was given out; nobody left before theirs."""
    command = [sys.executable, "-c", LEAVING, environ["CALLBOOK_DATABASE_URL"], str(PORTAL), "5"]
    both = [subprocess.Popen(command, env={**os.environ, **environ}, stdout=subprocess.PIPE, text=True) for _ in "ab"]
    told = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    left_at = sorted(int(line) for each in told for line in each.split())
    departures = kept_in_version_order(Family.SEARCH)
    assert len(left_at) == 10
    assert all(left >= given for left, given in zip(left_at[-len(departures) :], departures, strict=True))
    assert busiest(departures, SEARCH.window_ms) <= SEARCH.limit


def kept_in_version_order(family: Family) -> list[int]:
    """The row keeps as many departures as the limit is, the last ones."""
    departures = kept(family).departures
    assert departures == sorted(departures)
    return departures
