"""How a portal lies about its pages: by habit, as its options say, or for one request, as a fault says.

It stands between the server and the handler, asks the handler other questions than the client did, and changes what it
answers; so no handler knows of it.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from starlette.datastructures import QueryParams

from hubspot_sandbox import errors
from hubspot_sandbox.changes import Change
from hubspot_sandbox.exchange import Answer, Call, Refused, json_answer
from hubspot_sandbox.options import Options
from hubspot_sandbox.portal import Portal
from hubspot_sandbox.query import is_id, kind_of, next_page, wants_archived
from hubspot_sandbox.records import Record

Ask = Callable[[Call], Answer]
Json = dict[str, Any]
Place = tuple[int, int]  # in an order; the id comes last

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
NEXT = b'"paging":{"next":{"after":"'  # quotes are escaped inside JSON strings, so nothing else reads like this
MIXED = 2_654_435_761  # Knuth's multiplier: neighbours come out far apart

ORDERS: Mapping[str, Callable[[Record], Place]] = {
    "created": lambda each: (each.created_at_ms, each.id),
    "newest_first": lambda each: (-each.created_at_ms, each.id),
    "shuffled": lambda each: (each.id * MIXED % 2**32, each.id),
}


class Paging:
    """Remembers every `after` the portal gave out."""

    def __init__(self, portal: Portal, options: Callable[[], Options]) -> None:
        self._portal = portal
        self._options = options
        self._given_out: set[str] = set()
        self._orders: dict[tuple[str, str], list[Place]] = {}
        portal.watchers.append(self._forget_orders)

    def listed(self, ask: Ask, call: Call) -> Answer:
        """Answer a list as this portal's habits are."""
        options = self._options()
        if options.list_order in ORDERS and not wants_archived(call):
            answer = self._in_order(ask, call, options)
        elif options.unknown_after == "sought":
            answer = ask(call)
        else:
            answer = self.unsought(ask, call, refused=options.unknown_after == "refused")
        self._remember(answer)
        return answer

    def unsought(self, ask: Ask, call: Call, *, refused: bool) -> Answer:
        """Answer from the start, or 400, unless the `after` was given out."""
        after = call.query.get("after")
        if not after or after in self._given_out:
            return ask(call)
        if refused:
            raise _refusal(after)
        return ask(_asking(call, after=None))

    def repeated(self, ask: Ask, call: Call) -> Answer:
        """Answer with the page before the one asked for, whose link leads here again."""
        after, limit = _after(call), _limit(call)
        if call.body:
            return ask(_asking(call, after=max(0, after - limit)))
        ids, start = self._portal.table(kind_of(call)).ids_from(after, archived=wants_archived(call))
        return ask(_asking(call, after=ids[max(0, start - limit)] if ids else None))

    def _remember(self, answer: Answer) -> None:
        start = answer.content.rfind(NEXT)
        if start >= 0:
            start += len(NEXT)
            self._given_out.add(answer.content[start : answer.content.index(b'"', start)].decode())

    def _in_order(self, ask: Ask, call: Call, options: Options) -> Answer:
        limit = _limit(call)
        if not 1 <= limit <= MAX_LIMIT:
            return ask(call)  # which refuses it
        order, start = self._order_from(call, options)
        ids = [place[-1] for place in order[start : start + limit]]
        body: Json = {"results": [_results(ask(_asking(call, after=id_, limit=1)))[0] for id_ in ids]}
        if start + limit < len(order):
            body["paging"] = next_page(call, ids[-1] + 1)
        return json_answer(body, records=len(ids))

    def _order_from(self, call: Call, options: Options) -> tuple[list[Place], int]:
        """Give the order and where in it the page begins: behind the record that `after` names, one added as always."""
        table, place_of = self._portal.table(kind_of(call)), ORDERS[options.list_order]
        order = self._orders.setdefault((table.kind.id, options.list_order), [])
        if len(order) != len(table.live_ids):
            order[:] = sorted(map(place_of, table.live()))
        after = call.query.get("after")
        last = table.records.get(int(after) - 1) if after in self._given_out else None
        if after and last is None and options.unknown_after == "refused":
            raise _refusal(after)
        return order, 0 if last is None else bisect_right(order, place_of(last))

    def _forget_orders(self, _change: Change) -> None:
        self._orders.clear()


def emptied(ask: Ask, call: Call) -> Answer:
    """Answer without records, but with a link that leads to them."""

    def change(body: Json) -> Json:
        if not body["results"]:
            return body
        after = _after(call) if call.body else int(body["results"][0]["id"])
        return {**body, "results": [], "paging": next_page(call, after)}

    return changed(ask(call), change)


def backwards(ask: Ask, call: Call) -> Answer:
    return changed(ask(call), lambda body: {**body, "results": body["results"][::-1]})


def without_property(answer: Answer, name: str) -> Answer:
    """Take a property out of an answer: out of the records, or out of the list of properties."""

    def change(body: Json) -> Json:
        for each in body.get("results", [body]):
            each.get("properties", {}).pop(name, None)
        if "results" in body:
            body["results"] = [each for each in body["results"] if each.get("name") != name]
        return body

    return changed(answer, change)


def changed(answer: Answer, change: Callable[[Json], Json]) -> Answer:
    """Give a successful answer with its body changed; any other stays as it is."""
    if answer.status not in (HTTPStatus.OK, HTTPStatus.MULTI_STATUS):
        return answer
    body = change(json.loads(answer.content))
    return replace(json_answer(body, answer.status, records=len(body.get("results", [body]))), headers=answer.headers)


def _results(answer: Answer) -> list[Json]:
    results: list[Json] = json.loads(answer.content)["results"]
    return results


def _after(call: Call) -> int:
    """Give where the page begins, 0 for what cannot be read: the handler will refuse it."""
    text = str(json.loads(call.body).get("after") or 0) if call.body else call.query.get("after", "")
    return int(text) if is_id(text) else 0


def _limit(call: Call) -> int:
    text = str(json.loads(call.body).get("limit", DEFAULT_LIMIT)) if call.body else call.query.get("limit", "")
    return int(text) if is_id(text) else (0 if text else DEFAULT_LIMIT)


def _asking(call: Call, **changes: int | None) -> Call:
    """Give the call with some of what it asks for changed, None for not at all."""
    said = {name: value for name, value in changes.items() if value is not None}
    if call.body:
        return replace(call, body=json.dumps({**json.loads(call.body), **said}).encode())
    kept = [(name, value) for name, value in call.query.multi_items() if name not in changes]
    return replace(call, query=QueryParams([*kept, *((name, str(value)) for name, value in said.items())]))


def _refusal(after: str) -> Refused:
    return errors.validation(f"Invalid input: after was {after!r}, which no page has given out.")
