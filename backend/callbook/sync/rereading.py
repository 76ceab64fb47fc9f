"""Reading records again by their ids. Where HubSpot fails at a batch, and not at everything, it is asked for halves of
it until it is known which records it fails at: those are problems, and the others are read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callbook import hubspot
from callbook.errors import CallbookError, Permanent, Transient
from callbook.hubspot import Client, Page, Unreadable
from callbook.models import now

ANY_ID, ANOTHER = 1, 2  # whether there is such a contact or not, HubSpot answers


def reread(client: Client, ids: Iterable[int]) -> Page:
    """Those of `ids` that exist, from the primary store. Raises what HubSpot fails with at whatever it is asked."""
    wanted, rereading = sorted(ids), _Rereading(client)
    chunks = (wanted[start : start + hubspot.BATCH_LIMIT] for start in range(0, len(wanted), hubspot.BATCH_LIMIT))
    return together([rereading.batch(chunk) for chunk in chunks])


@dataclass
class _Rereading:
    client: Client
    answers: bool = False

    def batch(self, ids: Sequence[int], *, patient: bool = True) -> Page:
        try:
            return hubspot.batch_read(self.client, ids, now(), patient=patient)
        except (Permanent, Transient) as problem:
            category = category_of(problem)
            self.client.rest()
            if category is None or not self._answers(ids):
                raise
        if len(ids) == 1:
            return Page((), (Unreadable(str(ids[0]), category),), None)
        middle = len(ids) // 2
        return together([self.batch(half, patient=False) for half in (ids[:middle], ids[middle:])])

    def _answers(self, ids: Sequence[int]) -> bool:
        """Whether HubSpot answers this kind of request at all, for an id other than `ids`."""
        if not self.answers:
            try:
                other = ANOTHER if ids[0] == ANY_ID else ANY_ID
                hubspot.batch_read(self.client, [other], now(), patient=False)
            except CallbookError:
                return False
            self.answers = True
        return True


def category_of(problem: CallbookError) -> str | None:
    """What a record is that HubSpot fails at alone; None if the failure is not a record's."""
    if isinstance(problem, Transient):
        named = problem.retry_after_s is not None or problem.kind not in ("hubspot_error", "hubspot_unreachable")
        return None if named else "no_answer"
    return "refused" if problem.kind == "hubspot_error" else None


def together(pages: Sequence[Page]) -> Page:
    contacts = tuple(each for page in pages for each in page.contacts)
    return Page(contacts, tuple(each for page in pages for each in page.unreadable), None)
