"""What may happen in the state machine: names and numbers, changes at HubSpot, faults, deaths; and requests "at once",
answered one after the other in an order that a seed picks.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st

from callbook import models
from callbook.errors import CallbookError
from callbook.hubspot import Client, Page
from callbook.sync.pool import Answer, Request

NUMBERS = st.sampled_from(
    ["", "+1 212 555 0100", "+49 30 901820", "020 7946 0018 ext 5", "no number", "+1 212 555 0199"]
)
NAMES = st.sampled_from(["Ada", "Žofia", "李", "", "O'Neil"])
PLACES = st.integers(0, 40)
BEGINNING = datetime(2026, 6, 1, 8, tzinfo=UTC)
INDEX_LAG_S = 30
MOMENT = timedelta(milliseconds=1)
MANY_RESTS = 40  # a contact that spoils its pages costs three at each stage
TOLD_OF_CONTACTS = ("list", "search", "batch_read", "contacts")
STATUSES = (400, 401, 403, 404, 414, 423, 429, 477, 500, 502, 503, 504, 521)
LIES = ("repeated_page", "empty_page", "unordered", "after_ignored", "after_refused")
BROKEN = ("dropped", "cut", "truncated", "slow_body", "delay", "hang")

Changing = tuple[str, int, str, str]
EDITS = st.tuples(st.sampled_from(["edit", "edit_many"]), PLACES, NAMES, NUMBERS)
COMINGS = ("create", "archive", "edit_and_archive", "edit_and_archive", "restore", "merge", "gdpr_delete")
CHANGES = EDITS | st.tuples(st.sampled_from(COMINGS), PLACES, NAMES, NUMBERS)
OFTEN, SKIPPED = st.integers(1, 4), st.integers(0, 3)
FAULTS = st.one_of(
    st.fixed_dictionaries(
        {
            "endpoint": st.sampled_from(TOLD_OF_CONTACTS),
            "status": st.sampled_from(STATUSES),
            "times": OFTEN,
            "skip": SKIPPED,
        }
    ),
    st.fixed_dictionaries(
        {"endpoint": st.just("contacts"), "status": st.just(429), "retry_after_s": st.integers(1, 20)}
    ),
    st.fixed_dictionaries(
        {"endpoint": st.sampled_from(["owners", "token"]), "status": st.sampled_from([429, 500, 503])}
    ),
    st.fixed_dictionaries(
        {"endpoint": st.sampled_from(["list", "search"]), "kind": st.sampled_from(LIES), "skip": SKIPPED}
    ),
    st.fixed_dictionaries(
        {
            "endpoint": st.sampled_from(TOLD_OF_CONTACTS),
            "kind": st.sampled_from(BROKEN),
            "skip": SKIPPED,
            "delay_ms": st.just(1),
        }
    ),
    st.fixed_dictionaries(
        {
            "endpoint": st.sampled_from(TOLD_OF_CONTACTS),
            "property": st.sampled_from(["phone", "jobtitle", "createdate"]),
            "times": OFTEN,
        }
    ),
)


class Died(BaseException):
    """Not an `Exception`: nothing in the worker catches it, as nothing catches a kill."""


@dataclass
class Inline:
    """In the place of a reader's threads. A request is answered when it is sent, or as late as it is asked for."""

    dice: random.Random
    client: Client
    read: Callable[[Client, Request], Page]
    brought: Callable[[], None]  # never called: no thread but the run's brings an answer
    under_way: list[tuple[Request, Page | BaseException | None]] = field(default_factory=list)

    def send(self, request: Request) -> None:
        self.under_way.append((request, self._answer(request) if self.dice.random() < 0.5 else None))

    def answers(self, _within_s: float | None = None) -> list[Answer]:
        request, answer = self.under_way.pop(self.dice.randrange(len(self.under_way)))
        return [(request, answer or self._answer(request))]

    def close(self) -> None:
        self.under_way.clear()

    def _answer(self, request: Request) -> Page | BaseException:
        try:
            return self.read(self.client, request)
        except CallbookError as problem:
            return problem


@contextmanager
def dying_at(statement: int) -> Iterator[None]:
    """The worker dies before its `statement`th statement from here."""
    database, left = type(models.database.obj), [statement]
    execute = database.execute_sql

    def execute_sql(self: Any, *args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise Died
        return execute(self, *args, **kwargs)

    with patch.object(database, "execute_sql", execute_sql):
        yield
