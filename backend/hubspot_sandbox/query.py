"""What a request asks for in its URL, and the link to the next page."""

import re

from hubspot_sandbox import errors
from hubspot_sandbox.exchange import Call
from hubspot_sandbox.kinds import Kind, kind_named

MAX_ID_DIGITS = 19


def kind_of(call: Call, name: str = "object_type") -> Kind:
    return kind_named(call.path[name])


def is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MAX_ID_DIGITS


def names_in(call: Call, parameter: str) -> list[str]:
    """Give what a parameter names, repeated or separated by commas."""
    return [name for given in call.query.getlist(parameter) for name in given.split(",") if name]


def wants_archived(call: Call) -> bool:
    return call.query.get("archived", "false").lower() == "true"


def whole_number(call: Call, name: str, *, default: int) -> int:
    text = call.query.get(name, "") or str(default)
    if not re.fullmatch(r"-?[0-9]{1,19}", text):
        raise errors.validation(f"Invalid input: {name} must be a whole number, it was {text!r}.")
    return int(text)


def page_limit(call: Call, *, default: int, most: int, oversized_are_refused: bool = True) -> int:
    limit = whole_number(call, "limit", default=default)
    if limit > most and not oversized_are_refused:
        return most
    if not 1 <= limit <= most:
        raise errors.validation(f"Invalid input: limit must be between 1 and {most}, it was {limit}.")
    return limit


def next_page(call: Call, after: int) -> dict[str, object]:
    query = call.query_with("after", str(after))
    return {"next": {"after": str(after), "link": f"{call.url}?{query}"}}
