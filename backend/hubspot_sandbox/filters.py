"""Search filters: each becomes a predicate over a contact.

Text is compared without regard to case, dates as epoch milliseconds, numbers as numbers. A contact without the
property matches no comparison, not even a negative one.
"""

import re
from collections.abc import Callable, Mapping

from hubspot_sandbox import errors
from hubspot_sandbox.bodies import Filter
from hubspot_sandbox.moments import parse_ms
from hubspot_sandbox.portal import Contact
from hubspot_sandbox.properties import CONTACT_PROPERTIES, SEARCHED_BY_QUERY

Predicate = Callable[[Contact], bool]
Comparable = str | float
NUMERIC = ("number", "datetime")

COMPARISONS: Mapping[str, Callable[[Comparable, Comparable], bool]] = {
    "EQ": lambda have, want: have == want,
    "NEQ": lambda have, want: have != want,
    "LT": lambda have, want: have < want,  # type: ignore[operator]  # both come from one `_reader`, so are of one type
    "LTE": lambda have, want: have <= want,  # type: ignore[operator]  # as above
    "GT": lambda have, want: have > want,  # type: ignore[operator]  # as above
    "GTE": lambda have, want: have >= want,  # type: ignore[operator]  # as above
}
MEMBERSHIPS = ("IN", "NOT_IN")
PRESENCES = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")
TOKENS = ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN")
OPERATORS = (*COMPARISONS, "BETWEEN", *MEMBERSHIPS, *PRESENCES, *TOKENS)


def check(wanted: Filter) -> None:
    """Raise `Refused` for a filter HubSpot would not take."""
    problem = _problem(wanted)
    if problem is not None:
        raise errors.validation(f"Invalid filter on {wanted.property_name}: {problem}")
    if wanted.value is not None and wanted.operator not in TOKENS:
        comparable(wanted.property_name, wanted.value)


def _problem(wanted: Filter) -> str | None:
    if wanted.property_name not in CONTACT_PROPERTIES:
        return f'property "{wanted.property_name}" does not exist'
    if wanted.operator not in OPERATORS:
        return f"operator {wanted.operator} is not one of {', '.join(OPERATORS)}"
    if wanted.operator in PRESENCES:
        return "operator must carry no value" if wanted.value is not None or wanted.values else None
    if wanted.operator in MEMBERSHIPS:
        return None if wanted.values else "operator needs values"
    if wanted.value is None:
        return "operator needs a value"
    return "operator needs a highValue" if wanted.operator == "BETWEEN" and wanted.high_value is None else None


def predicate(wanted: Filter) -> Predicate:
    if wanted.operator in PRESENCES:
        must_have = wanted.operator == "HAS_PROPERTY"
        return lambda contact: (contact.value(wanted.property_name) is not None) == must_have
    if wanted.operator in TOKENS:
        return _tokens(wanted)
    test = _comparison(wanted)
    have = _reader(wanted.property_name)
    return lambda contact: (value := have(contact)) is not None and test(value)


def matches_query(query: str) -> Predicate:
    words = query.lower().split()

    def found(contact: Contact) -> bool:
        text = "\n".join(contact.properties.get(name, "") for name in SEARCHED_BY_QUERY).lower()
        return all(word in text for word in words)

    return found


def sort_value(name: str, *, descending: bool) -> Callable[[Contact], tuple[bool, Comparable]]:
    """Give the key that orders by a property; contacts without it come last in either direction."""
    have = _reader(name)
    nothing: Comparable = "" if CONTACT_PROPERTIES[name].type not in NUMERIC else 0

    def key(contact: Contact) -> tuple[bool, Comparable]:
        value = have(contact)
        return (value is None) != descending, nothing if value is None else value

    return key


def numeric(name: str, text: str) -> float:
    """Read a number or a moment (as epoch milliseconds). Raises `Refused` for what is neither."""
    kind = CONTACT_PROPERTIES[name].type
    try:
        return parse_ms(text) if kind == "datetime" else _number(text)
    except ValueError as error:
        raise errors.validation(f"Invalid filter on {name}: {text!r} is not a {kind}") from error


def comparable(name: str, text: str) -> Comparable:
    kind = CONTACT_PROPERTIES[name].type
    if kind in NUMERIC:
        return numeric(name, text)
    return text if kind == "enumeration" else text.lower()


def _number(text: str) -> float:
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _reader(name: str) -> Callable[[Contact], Comparable | None]:
    if name == "hs_object_id":
        return lambda contact: contact.id
    if name == "lastmodifieddate":
        return lambda contact: contact.modified_at_ms
    if name == "createdate":
        return lambda contact: contact.created_at_ms

    def read(contact: Contact) -> Comparable | None:
        value = contact.properties.get(name)
        return None if value is None else comparable(name, value)

    return read


def _comparison(wanted: Filter) -> Callable[[Comparable], bool]:
    name = wanted.property_name
    if wanted.operator in MEMBERSHIPS:
        members = {comparable(name, value) for value in wanted.values}
        must_be_in = wanted.operator == "IN"
        return lambda value: (value in members) == must_be_in
    low = comparable(name, wanted.value or "")
    if wanted.operator == "BETWEEN":
        high = comparable(name, wanted.high_value or "")
        at_least, at_most = COMPARISONS["GTE"], COMPARISONS["LTE"]
        return lambda value: at_least(value, low) and at_most(value, high)
    compare = COMPARISONS[wanted.operator]
    return lambda value: compare(value, low)


def _tokens(wanted: Filter) -> Predicate:
    patterns = [
        re.compile(".*".join(map(re.escape, word.split("*"))), re.IGNORECASE) for word in (wanted.value or "").split()
    ]
    must_contain = wanted.operator == "CONTAINS_TOKEN"

    def contains(contact: Contact) -> bool:
        value = contact.value(wanted.property_name)
        if value is None:
            return False
        words = [value, *value.split(), *re.split(r"\W+", value)]
        found = all(any(pattern.fullmatch(word) for word in words) for pattern in patterns)
        return found == must_contain

    return contains
