"""Reading past a record that HubSpot fails at. Every page that would hold it fails, however often it is asked for, so
that a reading of pages alone would rest before it for ever. Once resting has not helped, or at once where HubSpot says
that it cannot, search reads what the list fails at; where search fails, too, halving finds the one id, which is asked
for by itself. If that fails it is a problem, and the reading goes on behind it.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callbook import hubspot
from callbook.errors import CallbookError, Permanent, Transient
from callbook.hubspot import Client, Page
from callbook.models import Run, now
from callbook.sync.course import Proof
from callbook.sync.pool import Source
from callbook.sync.reader import Reader
from callbook.sync.rereading import category_of, reread, together
from callbook.sync.tiling import holds

RESTS = 3  # before a record is suspected, and not HubSpot
HIGHEST = 2**63


def pages(client: Client, run: Run, reader: Reader, since: datetime | None = None) -> list[Proof]:
    """The reader's, or the one that leads past what it has failed at too often. Raises what the reader raises."""
    try:
        return reader.pages()
    except (Permanent, Transient) as problem:
        failed = reader.failed
        if failed is None or not is_stuck(run, problem) or not _answers(client, failed.source):
            raise
        return [_past(_Narrowing(client, since, problem), reader, failed.low)]


def is_stuck(run: Run, problem: CallbookError) -> bool:
    """Whether it may be a record that the run fails at again and again."""
    category = category_of(problem)
    return category == "refused" or (category == "no_answer" and run.attempt >= RESTS)


def _answers(client: Client, source: Source) -> bool:
    """Whether HubSpot answers such a request where it holds none of the contacts in question."""
    elsewhere: dict[Source, list[Callable[[], Any]]] = {
        Source.SEARCH: [lambda: hubspot.total(client, 0, 1)],
        Source.LIST: [
            lambda: hubspot.archived_page(client, None, now()),  # which somebody else may spoil
            lambda: hubspot.list_page(client, str(HIGHEST - 1), now()),  # where the list can be entered anywhere
        ],
    }
    for ask in elsewhere[source]:
        client.rest()
        with suppress(CallbookError):
            ask()
            return True
    return False


@dataclass(frozen=True)
class _Narrowing:
    client: Client
    since: datetime | None
    problem: CallbookError

    def page(self, low: int, high: int | None) -> Page | None:
        """What search gives of [low, high); None where it fails."""
        try:
            return hubspot.search_page(self.client, low, high, self.since, now(), patient=False)
        except (Permanent, Transient) as problem:
            if category_of(problem) is None:
                raise
            self.client.rest()
            return None

    def around(self, low: int, high: int | None) -> tuple[Page, int]:
        """The first id at which search fails, asked for by itself, with what lies before it; and the id behind it."""
        before, good, bad, step = Page((), (), None), low, high, 1
        while bad is None or bad - good > 1:
            middle = good + step if bad is None else (good + bad) // 2
            found = self.page(low, middle)
            if found is None:
                bad = middle
            elif found.after is not None or middle > HIGHEST:  # not what it was a moment ago
                raise self.problem
            else:
                before, good, step = found, middle, 2 * step
        return together([before, reread(self.client, [good])]), bad


def _past(narrowing: _Narrowing, reader: Reader, low: int) -> Proof:
    high = next((span[1] for span in reader.course.tiling.left if holds(span, low)), low)
    page, upto = narrowing.page(low, high), high
    if page is None:
        page, upto = narrowing.around(low, high)
    elif page.after is not None:  # search may be a little out of order: the first half is whole
        upto = page.ids[len(page.ids) // 2] if page.ids else low
    proof = reader.prove(page, low, upto)
    if proof is None:
        raise narrowing.problem
    return proof
