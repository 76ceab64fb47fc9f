"""POST /contacts/search: what it accepts, and the index it is answered from.

The index is a store of its own beside the portal's, as HubSpot's is: it takes contacts as they change and never holds
an archived one. A walk by `hs_object_id` (keyset) stays cheap because everything but the id bounds is worked out once,
remembered until the next change, and then only cut by bisection.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hubspot_sandbox import errors
from hubspot_sandbox.bodies import Filter, SearchBody, Sort
from hubspot_sandbox.filters import Predicate, check, matches_query, numeric, predicate, sort_value
from hubspot_sandbox.portal import Contact, Portal
from hubspot_sandbox.properties import CONTACT_PROPERTIES

# https://developers.hubspot.com/docs/api-reference/search/guide
MAX_PAGE = 200
MAX_RESULTS = 10_000
MAX_GROUPS = 5
MAX_FILTERS_IN_GROUP = 6
MAX_FILTERS = 18
MAX_BODY_CHARACTERS = 3_000

REMEMBERED = 16  # orderings; each holds an id per match
ID = "hs_object_id"
DIRECTIONS = ("ASCENDING", "DESCENDING")
OLDEST_FIRST = Sort(propertyName="createdate", direction="ASCENDING")

Group = tuple[Filter, ...]

ID_CUTS: dict[str, Callable[[Sequence[int], float, float], tuple[int, int]]] = {
    "GT": lambda ids, low, _: (bisect_right(ids, low), len(ids)),
    "GTE": lambda ids, low, _: (bisect_left(ids, low), len(ids)),
    "LT": lambda ids, low, _: (0, bisect_left(ids, low)),
    "LTE": lambda ids, low, _: (0, bisect_right(ids, low)),
    "EQ": lambda ids, low, _: (bisect_left(ids, low), bisect_right(ids, low)),
    "BETWEEN": lambda ids, low, high: (bisect_left(ids, low), bisect_right(ids, high)),
}


@dataclass(frozen=True)
class Query:
    groups: tuple[Group, ...]
    text: str
    sort: Sort
    limit: int
    offset: int

    @property
    def by_id(self) -> bool:
        return self.sort.property_name == ID

    @property
    def descending(self) -> bool:
        return self.sort.direction == "DESCENDING"


@dataclass(frozen=True)
class Found:
    total: int
    contacts: list[Contact]


def checked(body: SearchBody, size: int) -> Query:
    """Hold a request of `size` characters against the documented limits. Raises `Refused`."""
    groups = tuple(group.filters for group in body.filter_groups)
    filters = [each for group in groups for each in group]
    sort = body.sorts[0] if body.sorts else OLDEST_FIRST
    for each in filters:
        check(each)
    problem = _first(
        (size > MAX_BODY_CHARACTERS, f"The request body must not exceed {MAX_BODY_CHARACTERS} characters."),
        (len(groups) > MAX_GROUPS, f"At most {MAX_GROUPS} filterGroups are allowed."),
        (max(map(len, groups), default=0) > MAX_FILTERS_IN_GROUP, "At most 6 filters per group are allowed."),
        (len(filters) > MAX_FILTERS, f"At most {MAX_FILTERS} filters are allowed."),
        (not 1 <= body.limit <= MAX_PAGE, f"limit must be between 1 and {MAX_PAGE}."),
        (body.after < 0, "after must not be negative."),
        (body.after + body.limit > MAX_RESULTS, f"Paging goes no further than {MAX_RESULTS} results."),
        (len(body.sorts) > 1, "Only one sort is allowed."),
        (sort.property_name not in CONTACT_PROPERTIES, f'Sort property "{sort.property_name}" does not exist.'),
        (sort.direction not in DIRECTIONS, f"Sort direction must be one of {', '.join(DIRECTIONS)}."),
    )
    if problem is not None:
        raise errors.validation(problem)
    return Query(groups, body.query, sort, body.limit, body.after)


def _first(*checks: tuple[bool, str]) -> str | None:
    return next((sentence for wrong, sentence in checks if wrong), None)


class SearchIndex:
    def __init__(self, portal: Portal) -> None:
        self._contacts = {contact.id: contact for contact in portal.live()}
        self._ids = list(self._contacts)
        self._remembered: dict[object, list[int]] = {}
        portal.watchers.append(self.take)

    def take(self, contact: Contact) -> None:
        self._remembered.clear()
        known = contact.id in self._contacts
        if contact.archived_at_ms is None:
            self._contacts[contact.id] = contact
            if not known:
                insort(self._ids, contact.id)
        elif known:
            del self._contacts[contact.id]
            del self._ids[bisect_left(self._ids, contact.id)]

    def find(self, query: Query) -> Found:
        bounds, rest = _split(query)
        ids = self._ordered(rest, query)
        start, end = 0, len(ids)
        for bound in bounds:
            low, high = (numeric(ID, text or "0") for text in (bound.value, bound.high_value))
            cut_start, cut_end = ID_CUTS[bound.operator](ids, low, high)
            start, end = max(start, cut_start), min(end, cut_end)
        total = max(0, end - start)
        page = _page(ids, start, start + total, query)
        return Found(total, [self._contacts[contact_id] for contact_id in page])

    def _ordered(self, groups: tuple[Group, ...], query: Query) -> list[int]:
        """Give the ids of what matches, in the order asked for; by id always ascending."""
        key = (groups, query.text, "id" if query.by_id else query.sort)
        if key not in self._remembered:
            if len(self._remembered) == REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = self._work_out(groups, query)
        return self._remembered[key]

    def _work_out(self, groups: tuple[Group, ...], query: Query) -> list[int]:
        test = _any_of(groups, query.text)
        contacts = self._contacts
        ids = self._ids if test is None else [each for each in self._ids if test(contacts[each])]
        if query.by_id:
            return ids
        value = sort_value(query.sort.property_name, descending=query.descending)
        return sorted(ids, key=lambda each: value(contacts[each]), reverse=query.descending)


def _split(query: Query) -> tuple[Group, tuple[Group, ...]]:
    """Part the id bounds, which a bisection answers, from the filters that need every contact looked at."""
    if not query.by_id or len(query.groups) != 1:
        return (), query.groups
    bounds = tuple(each for each in query.groups[0] if each.property_name == ID and each.operator in ID_CUTS)
    rest = tuple(each for each in query.groups[0] if each not in bounds)
    return bounds, (rest,) if rest else ()


def _page(ids: Sequence[int], start: int, end: int, query: Query) -> Sequence[int]:
    if query.by_id and query.descending:
        stop = max(start, end - query.offset)
        return ids[max(start, stop - query.limit) : stop][::-1]
    return ids[start + query.offset : min(end, start + query.offset + query.limit)]


def _any_of(groups: tuple[Group, ...], text: str) -> Predicate | None:
    """Join groups by OR and the filters of a group by AND; None when nothing is asked."""
    tests = [[predicate(each) for each in group] for group in groups]
    query = matches_query(text) if text.strip() else None
    if query is None and len(tests) == 1 and len(tests[0]) == 1:
        return tests[0][0]
    if query is None and not tests:
        return None

    def test(contact: Contact) -> bool:
        in_a_group = not tests or any(all(each(contact) for each in group) for group in tests)
        return in_a_group and (query is None or query(contact))

    return test
