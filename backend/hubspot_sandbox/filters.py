"""Search filters: what each may carry, and the predicate over a record that it becomes.

Text is compared without regard to case, moments as epoch milliseconds, numbers as numbers. A record without the
property matches no comparison, not even a negative one.
Guide: https://developers.hubspot.com/docs/api-reference/search/guide
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hubspot_sandbox import errors
from hubspot_sandbox.bodies import Filter
from hubspot_sandbox.kinds import Kind, kind_named
from hubspot_sandbox.moments import parse_ms
from hubspot_sandbox.properties import Property
from hubspot_sandbox.records import Record

Predicate = Callable[[Record], bool]
Comparable = str | float
MOMENTS = ("datetime", "date")
NUMERIC = ("number", *MOMENTS)

COMPARISONS: Mapping[str, Callable[[Comparable, Comparable], bool]] = {
    "EQ": lambda have, want: have == want,
    "NEQ": lambda have, want: have != want,
    "LT": lambda have, want: have < want,  # type: ignore[operator]  # both are of one property, so of one type
    "LTE": lambda have, want: have <= want,  # type: ignore[operator]  # as above
    "GT": lambda have, want: have > want,  # type: ignore[operator]  # as above
    "GTE": lambda have, want: have >= want,  # type: ignore[operator]  # as above
}
MEMBERSHIPS = ("IN", "NOT_IN")
PRESENCES = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")
TOKENS = ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN")
OPERATORS = (*COMPARISONS, "BETWEEN", *MEMBERSHIPS, *PRESENCES, *TOKENS)
FROM_BELOW = ("GT", "GTE", "BETWEEN")
UNSHARP = {"GT": "GTE", "LT": "LTE"}
ASSOCIATED = "associations."  # what a pseudo property's name begins with


@dataclass(frozen=True)
class Terms:
    """How the properties of one kind of record are read and compared; moments no finer than `slack_ms` allows."""

    kind: Kind
    properties: Mapping[str, Property]  # never changes, whatever becomes of the portal's
    slack_ms: int = 0

    @property
    def fields(self) -> tuple[str, ...]:
        """The properties that no record is without."""
        return ("hs_object_id", "createdate", self.kind.record.modified_property)

    def knows(self, name: str) -> bool:
        return name in self.properties

    def value_of(self, name: str) -> Callable[[Record], Comparable | None]:
        grain = self.slack_ms + 1
        if name == "hs_object_id":
            return lambda record: record.id
        if name == self.kind.record.modified_property:
            return lambda record: record.modified_at_ms // grain
        if name == "createdate":
            return lambda record: record.created_at_ms // grain

        def read(record: Record) -> Comparable | None:
            value = record.properties.get(name)
            try:
                return None if value is None else self.comparable(name, value)
            except ValueError:  # a number property holds whatever it was given
                return None

        return read

    def comparable(self, name: str, text: str) -> Comparable:
        """Raises ValueError for what the property cannot hold."""
        kind = self.properties[name].type
        if kind in MOMENTS:
            return parse_ms(text) // (self.slack_ms + 1)
        if kind == "number":
            return int(text) if text.lstrip("-").isdigit() else float(text)
        return text if kind == "enumeration" else text.lower()

    def bounds(self, wanted: Filter) -> tuple[str, Comparable, Comparable]:
        """Give a comparison's operator and its value or, of BETWEEN, two."""
        low = self.comparable(wanted.property_name, wanted.value or "")
        high = low if wanted.operator != "BETWEEN" else self.comparable(wanted.property_name, wanted.high_value or "")
        unsharp = self.slack_ms > 0 and self.properties[wanted.property_name].type in MOMENTS
        return UNSHARP.get(wanted.operator, wanted.operator) if unsharp else wanted.operator, low, high

    def member(self, name: str, text: str) -> Comparable:
        """Give one of IN's values; of text it must be lower case already, or nothing is equal to it."""
        return self.comparable(name, text) if self.properties[name].type in NUMERIC else text

    def sort_key(self, name: str, *, descending: bool) -> Callable[[Record], Any]:
        """Give the key that orders by a property; read in its direction, records without it come last."""
        value_of = self.value_of(name)
        if name in self.fields:
            return value_of
        nothing: Comparable = 0 if self.properties[name].type in NUMERIC else ""

        def key(record: Record) -> tuple[bool, Comparable]:
            value = value_of(record)
            return (value is None) != descending, nothing if value is None else value

        return key


def check(wanted: Filter, terms: Terms) -> None:
    """Raise `Refused` for a filter HubSpot would not take. Its property is one the kind has."""
    problem = _problem(wanted)
    if problem is not None:
        raise errors.validation(f"Invalid filter on {wanted.property_name}: {problem}")
    if wanted.operator in TOKENS:
        return
    for text in (wanted.value, wanted.high_value, *wanted.values):
        if text is not None:
            _check_value(wanted.property_name, text, terms)


def starts_at_epoch(wanted: Filter, terms: Terms) -> bool:
    """Tell whether a filter asks for everything since 1970, at which HubSpot breaks."""
    moment = terms.properties[wanted.property_name].type in MOMENTS
    return moment and wanted.operator in FROM_BELOW and wanted.value is not None and parse_ms(wanted.value) == 0


def check_associated(wanted: Filter, terms: Terms) -> None:
    """Raise `Refused` unless a filter on `associations.companies` (of companies: `.contacts`) names ids."""
    if kind_named(wanted.property_name.removeprefix(ASSOCIATED)) is terms.kind:
        raise errors.validation(f"Invalid filter on {wanted.property_name}: no such association")
    values = wanted.values if wanted.operator == "IN" else (wanted.value or "",)
    if wanted.operator not in ("EQ", "IN") or not all(value.isdigit() for value in values):
        raise errors.validation(f"Invalid filter on {wanted.property_name}: it takes EQ or IN, and ids")


def _problem(wanted: Filter) -> str | None:
    if wanted.operator not in OPERATORS:
        return f"operator {wanted.operator} is not one of {', '.join(OPERATORS)}"
    if wanted.operator in PRESENCES:
        return "operator must carry no value" if wanted.value is not None or wanted.values else None
    if wanted.operator in MEMBERSHIPS:
        return None if wanted.values else "operator needs values"
    if wanted.value is None:
        return "operator needs a value"
    return "operator needs a highValue" if wanted.operator == "BETWEEN" and wanted.high_value is None else None


def _check_value(name: str, text: str, terms: Terms) -> None:
    try:
        terms.comparable(name, text)
    except ValueError as error:
        kind = terms.properties[name].type
        raise errors.validation(f"Invalid filter on {name}: {text!r} is not a {kind}") from error


def predicate(wanted: Filter, terms: Terms) -> Predicate:
    if wanted.operator in PRESENCES:
        must_have = wanted.operator == "HAS_PROPERTY"
        return lambda record: (record.value(wanted.property_name) is not None) == must_have
    if wanted.operator in TOKENS:
        return _tokens(wanted)
    test = _membership(wanted, terms) if wanted.operator in MEMBERSHIPS else _comparison(wanted, terms)
    value_of = terms.value_of(wanted.property_name)
    return lambda record: (value := value_of(record)) is not None and test(value)


def matches_query(query: str, terms: Terms) -> Predicate:
    words = query.lower().split()

    def found(record: Record) -> bool:
        properties = record.properties
        text = "\n".join(properties.get(name, "") for name in terms.kind.searched_by_query).lower()
        return all(word in text for word in words)

    return found


def _membership(wanted: Filter, terms: Terms) -> Callable[[Comparable], bool]:
    members = {terms.member(wanted.property_name, value) for value in wanted.values}
    must_be_in = wanted.operator == "IN"
    return lambda value: (value in members) == must_be_in


def _comparison(wanted: Filter, terms: Terms) -> Callable[[Comparable], bool]:
    operator, low, high = terms.bounds(wanted)
    if operator == "BETWEEN":
        at_least, at_most = COMPARISONS["GTE"], COMPARISONS["LTE"]
        return lambda value: at_least(value, low) and at_most(value, high)
    compare = COMPARISONS[operator]
    return lambda value: compare(value, low)


def _tokens(wanted: Filter) -> Predicate:
    patterns = [
        re.compile(".*".join(map(re.escape, word.split("*"))), re.IGNORECASE) for word in (wanted.value or "").split()
    ]
    must_contain = wanted.operator == "CONTAINS_TOKEN"

    def contains(record: Record) -> bool:
        value = record.value(wanted.property_name)
        if value is None:
            return False
        words = [value, *value.split(), *re.split(r"\W+", value)]
        found = all(any(pattern.fullmatch(word) for word in words) for pattern in patterns)
        return found == must_contain

    return contains
