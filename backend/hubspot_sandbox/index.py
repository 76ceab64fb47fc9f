"""The search index: a store of its own beside the portal's, as HubSpot's is, which learns of a change some time later.

Until then a record is found with its old values, an archived or merged-away one too, and a new one is missing.
What matches a query is worked out once, kept in its order as records change, and only cut by bisection for a page:
so a walk by `hs_object_id` or by a moment stays cheap in a portal that is being edited.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hubspot_sandbox.bodies import Filter
from hubspot_sandbox.changes import Change
from hubspot_sandbox.filters import ASSOCIATED, Predicate, Terms, matches_query, predicate
from hubspot_sandbox.kinds import COMPANY, CONTACT, Kind
from hubspot_sandbox.options import Options
from hubspot_sandbox.portal import Portal
from hubspot_sandbox.records import Record
from hubspot_sandbox.search import Group, Query

REMEMBERED = 16  # selections; each holds an id per match
AT_ONCE = 1_000  # more changes than this are taken by sorting everything anew
WAITING = 10_000  # changes kept back until somebody searches; from here on they are taken when they are due

ID = "hs_object_id"
STARTS = {"GT": bisect_right, "GTE": bisect_left, "EQ": bisect_left, "BETWEEN": bisect_left}
ENDS = {"LT": bisect_left, "LTE": bisect_right, "EQ": bisect_right, "BETWEEN": bisect_right}

SortValue = Any  # compares with the others of its order
SortKey = Callable[[Record], SortValue]
Place = tuple[SortValue, int]


@dataclass(frozen=True)
class Found:
    total: int
    records: list[Record]


class SearchIndex:
    def __init__(self, portal: Portal, options: Callable[[], Options]) -> None:
        self._clock = portal.clock
        self._options = options
        self._waiting: deque[tuple[int, Change]] = deque()
        self._stores = {
            CONTACT.id: _Store(CONTACT, portal.table(CONTACT).live(), portal.links.contacts_of),
            COMPANY.id: _Store(COMPANY, portal.table(COMPANY).live(), lambda each: _companies_of(portal, each)),
        }
        portal.watchers.append(self._hear)

    @property
    def waiting(self) -> int:
        """How many changes are not shown yet."""
        return len(self._waiting)

    def find(self, query: Query) -> Found:
        self._catch_up()
        return self._stores[query.terms.kind.id].find(query)

    def _hear(self, change: Change) -> None:
        self._waiting.append((self._clock.now_ms(), change))
        if len(self._waiting) > WAITING:
            self._catch_up()

    def _catch_up(self) -> None:
        shown_ms = self._clock.now_ms() - round(self._options().index_lag_s * 1000)
        due: dict[str, list[Change]] = {kind: [] for kind in self._stores}
        while self._waiting and self._waiting[0][0] <= shown_ms:
            change = self._waiting.popleft()[1]
            due[change.kind].append(change)
        for kind, changes in due.items():
            self._stores[kind].take(changes)


class _Selection:
    """The ids of the records that pass a test, ascending by a sort key and then by id."""

    def __init__(self, records: dict[int, Record], key: SortKey, test: Predicate | None = None) -> None:
        self.ids: list[int] = []
        self._records = records
        self._key = key
        self._test = test

    def fill(self, ascending: Iterable[int]) -> None:
        records, key, test = self._records, self._key, self._test
        self.ids = [each for each in ascending if test is None or test(records[each])]
        self.ids.sort(key=lambda each: key(records[each]))

    def place(self, record: Record | None) -> Place | None:
        """Give where a record stands; None where it does not belong."""
        if record is None or (self._test is not None and not self._test(record)):
            return None
        return self._key(record), record.id

    def add(self, place: Place) -> None:
        self.ids.insert(self._position(place), place[1])

    def remove(self, place: Place) -> None:
        del self.ids[self._position(place)]

    def _position(self, place: Place) -> int:
        return bisect_left(self.ids, place, key=lambda each: (self._key(self._records[each]), each))

    def cut(self, operator: str, low: SortValue, high: SortValue) -> tuple[int, int]:
        """Give where what a comparison of the sort key allows begins and ends."""
        records, key = self._records, self._key
        start = STARTS[operator](self.ids, low, key=lambda each: key(records[each])) if operator in STARTS else 0
        end = ENDS[operator](self.ids, high, key=lambda each: key(records[each])) if operator in ENDS else len(self.ids)
        return start, end


class _Store:
    """The records of one kind that can be found. `associated` gives those that belong to a record of the other kind."""

    def __init__(self, kind: Kind, records: Iterable[Record], associated: Callable[[int], Iterable[int]]) -> None:
        self._associated = associated
        self._records = {each.id: each for each in records}
        self._moment = kind.record.modified_property
        terms = Terms(kind, kind.properties)
        self._everything, self._by_moment = (
            _Selection(self._records, terms.sort_key(name, descending=False)) for name in (ID, self._moment)
        )
        self._remembered: dict[object, _Selection] = {}
        self._sort()

    def _sort(self) -> None:
        self._everything.fill(sorted(self._records))
        self._by_moment.fill(self._everything.ids)

    def take(self, changes: Sequence[Change]) -> None:
        outcomes = [outcome for change in changes for outcome in _outcomes(change)]
        if len(outcomes) > AT_ONCE:
            self._remembered.clear()
            for record_id, record in outcomes:
                self._hold(record_id, record)
            self._sort()
            return
        for record_id, record in outcomes:
            self._put(record_id, record)

    def _put(self, record_id: int, record: Record | None) -> None:
        before = self._records.get(record_id)
        moves = [
            (selection, was, will)
            for selection in (self._everything, self._by_moment, *self._remembered.values())
            if (was := selection.place(before)) != (will := selection.place(record))
        ]
        for selection, was, _ in moves:
            if was is not None:
                selection.remove(was)
        self._hold(record_id, record)
        for selection, _, will in moves:
            if will is not None:
                selection.add(will)

    def _hold(self, record_id: int, record: Record | None) -> None:
        if record is None:
            self._records.pop(record_id, None)
        else:
            self._records[record_id] = record

    def find(self, query: Query) -> Found:
        bounds, rest = self._split(query)
        selection = self._selected(query, rest)
        start, end = 0, len(selection.ids)
        for bound in bounds:
            first, last = selection.cut(*query.terms.bounds(bound))
            start, end = max(start, first), min(end, last)
        end = max(start, end)
        page = _page(selection.ids, start, end, query)
        return Found(end - start, [self._records[each] for each in page])

    def _split(self, query: Query) -> tuple[Group, tuple[Group, ...]]:
        """Part the bounds on what is sorted by, which a bisection answers, from the filters that every record meets."""
        name = query.sort.property_name
        if name not in query.terms.fields or len(query.groups) != 1:
            return (), query.groups
        bounds = tuple(each for each in query.groups[0] if each.property_name == name and _is_bound(each))
        rest = tuple(each for each in query.groups[0] if each not in bounds)
        return bounds, (rest,) if rest else ()

    def _selected(self, query: Query, groups: tuple[Group, ...]) -> _Selection:
        name, terms = query.sort.property_name, query.terms
        if not groups and not query.text and name == ID:
            return self._everything
        order = name if name in terms.fields else query.sort
        key = (groups, query.text, order, terms.slack_ms, frozenset(terms.properties))
        selection = self._remembered.pop(key, None)
        if selection is None:
            sort_key = terms.sort_key(name, descending=query.descending)
            selection = _Selection(self._records, sort_key, self._test(groups, query.text, terms))
            selection.fill(self._candidates(groups, terms))
        if not any(_is_associated(each) for group in groups for each in group):  # the portal's, not kept up here
            self._remember(key, selection)
        return selection

    def _remember(self, key: object, selection: _Selection) -> None:
        if len(self._remembered) == REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[key] = selection  # the last asked for stands last

    def _candidates(self, groups: tuple[Group, ...], terms: Terms) -> Iterable[int]:
        """Give ids, ascending, among which are all that match: no more than one filter of an only group leaves."""
        for each in groups[0] if len(groups) == 1 else ():
            if _is_associated(each):
                return sorted(self._members(each) & self._records.keys())
            if each.property_name == self._moment and _is_bound(each) and not terms.slack_ms:
                start, end = self._by_moment.cut(*terms.bounds(each))
                return sorted(self._by_moment.ids[start:end])
        return self._everything.ids

    def _test(self, groups: tuple[Group, ...], text: str, terms: Terms) -> Predicate | None:
        """Join groups by OR and the filters of a group by AND; None when nothing is asked."""
        tests = [[self._predicate(each, terms) for each in group] for group in groups]
        query = matches_query(text, terms) if text else None
        if query is None and len(tests) == 1 and len(tests[0]) == 1:
            return tests[0][0]
        if query is None and not tests:
            return None

        def test(record: Record) -> bool:
            in_a_group = not tests or any(all(each(record) for each in group) for group in tests)
            return in_a_group and (query is None or query(record))

        return test

    def _predicate(self, wanted: Filter, terms: Terms) -> Predicate:
        if _is_associated(wanted):
            members = self._members(wanted)
            return lambda record: record.id in members
        return predicate(wanted, terms) if terms.knows(wanted.property_name) else lambda _: False

    def _members(self, wanted: Filter) -> set[int]:
        others = wanted.values or (wanted.value or "",)
        return {each for other in others for each in self._associated(int(other))}


def _outcomes(change: Change) -> list[tuple[int, Record | None]]:
    """Give what a change makes of records: the ids with what is found of each from then on."""
    after = change.after
    if change.association is not None and after is None:
        return []
    shown = after if after is not None and after.archived_at_ms is None else None
    return [*((merged_id, None) for merged_id in change.merged_ids), (change.id, shown)]


def _is_bound(wanted: Filter) -> bool:
    return wanted.operator in STARTS or wanted.operator in ENDS


def _page(ids: Sequence[int], start: int, end: int, query: Query) -> Sequence[int]:
    if query.descending:
        stop = max(start, end - query.offset)
        return ids[max(start, stop - query.limit) : stop][::-1]
    return ids[start + query.offset : min(end, start + query.offset + query.limit)]


def _is_associated(wanted: Filter) -> bool:
    return wanted.property_name.startswith(ASSOCIATED)


def _companies_of(portal: Portal, contact_id: int) -> list[int]:
    contact = portal.find(contact_id)
    return [] if contact is None else portal.links.companies_of(contact)
