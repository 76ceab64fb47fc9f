"""POST /{kind}/search: what a request may ask, held against the documented limits.

Guide: https://developers.hubspot.com/docs/api-reference/search/guide
"""

from dataclasses import dataclass

from hubspot_sandbox import errors
from hubspot_sandbox.bodies import Filter, SearchBody, Sort
from hubspot_sandbox.filters import ASSOCIATED, Terms, check, check_associated, starts_at_epoch
from hubspot_sandbox.options import Options

MAX_PAGE = 200
MAX_RESULTS = 10_000
MAX_GROUPS = 5
MAX_FILTERS_IN_GROUP = 6
MAX_FILTERS = 18
MAX_BODY_CHARACTERS = 3_000

DIRECTIONS = ("ASCENDING", "DESCENDING")
OLDEST_FIRST = Sort(propertyName="createdate", direction="ASCENDING")

Group = tuple[Filter, ...]


@dataclass(frozen=True)
class Query:
    terms: Terms
    groups: tuple[Group, ...]
    text: str
    sort: Sort
    limit: int
    offset: int

    @property
    def descending(self) -> bool:
        return self.sort.direction == "DESCENDING"


def checked(body: SearchBody, size: int, terms: Terms, options: Options) -> Query:
    """Hold a request of `size` characters against what HubSpot takes. Raises `Refused`."""
    groups = tuple(group.filters for group in body.filter_groups)
    sort = body.sorts[0] if body.sorts else OLDEST_FIRST
    limit = body.limit if options.oversized_pages_are_refused else min(body.limit, MAX_PAGE)
    filters = [each for group in groups for each in group]
    limit = body.limit if options.oversized_pages_are_refused else min(body.limit, MAX_PAGE)
    for each in filters:
        _check_filter(each, terms, options)
    problem = _first(
        (size > MAX_BODY_CHARACTERS, f"The request body must not exceed {MAX_BODY_CHARACTERS} characters."),
        (len(groups) > MAX_GROUPS, f"At most {MAX_GROUPS} filterGroups are allowed."),
        (max(map(len, groups), default=0) > MAX_FILTERS_IN_GROUP, "At most 6 filters per group are allowed."),
        (len(filters) > MAX_FILTERS, f"At most {MAX_FILTERS} filters are allowed."),
        (not 1 <= limit <= MAX_PAGE, f"limit must be between 1 and {MAX_PAGE}."),
        (body.after < 0, "after must not be negative."),
        (body.after + limit > MAX_RESULTS, f"Paging goes no further than {MAX_RESULTS} results."),
        (len(body.sorts) > 1, "Only one sort is allowed."),
        (not terms.knows(sort.property_name), f'Sort property "{sort.property_name}" does not exist.'),
        (sort.direction not in DIRECTIONS, f"Sort direction must be one of {', '.join(DIRECTIONS)}."),
    )
    if problem is not None:
        raise errors.validation(problem)
    return Query(terms, groups, body.query.strip(), sort, limit, body.after)


def _check_filter(wanted: Filter, terms: Terms, options: Options) -> None:
    name = wanted.property_name
    if name.startswith(ASSOCIATED):
        check_associated(wanted, terms)
    elif terms.knows(name):
        check(wanted, terms)
        if options.search_from_epoch_fails and starts_at_epoch(wanted, terms):
            raise errors.envelope(500, "internal error")
    elif options.unknown_filter_property == "refuse":
        raise errors.validation(f'Invalid filter on {name}: property "{name}" does not exist')


def _first(*checks: tuple[bool, str]) -> str | None:
    return next((sentence for wrong, sentence in checks if wrong), None)
