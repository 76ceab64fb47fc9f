"""The change feed: a user's HubSpot contacts in the order of their latest change, read after a cursor.

`seq` rises per user and is drawn in the transaction that writes the rows it numbers, so that the order of commits is
the order of the feed; deletions stay in it as tombstones. A row that changes moves to the feed's end, so whoever reads
on to the end, however long that takes, has missed nothing. A cursor is the `seq` of what was read last; in a first
reading, which has no use for tombstones that are pruned, it is negative. Nobody else knows that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from callbook.models import Contact, Owner, User

# What a reader is told of; the rest of a row takes twice as long to read.
TOLD = tuple(
    getattr(Contact, name)
    for name in ("id", "hubspot_id", "name", "company", "company_id", "job_title", "properties", "seq", "deleted_at")
)


@dataclass(frozen=True)
class Changes:
    """`contacts` follow the reader's cursor, those that are gone as tombstones; `cursor` is for the next page.

    `newest` is where another reading may begin once this one has come to its end. `start_again` says that the cursor
    is of another cache, or from before tombstones that are gone: then the reader begins without one.
    """

    contacts: Sequence[Contact]
    cursor: int
    newest: int
    more: bool
    start_again: bool


def draw(owner: Owner, count: int) -> int:
    """Reserves `count` numbers and gives the first. Only within the transaction that uses them."""
    drawn = User.update(seq=User.seq + count).where(User.id == owner.id).returning(User.seq).execute()
    return int(next(iter(drawn)).seq) - count + 1


def read(owner: Owner, cursor: int | None, epoch: int | None, limit: int) -> Changes:
    """Up to `limit` changes. Without a cursor from the beginning; `epoch` is of the cache that the cursor is from."""
    newest = int(User.get_by_id(owner.id).seq)  # before the rows: what changes meanwhile is above it
    first = cursor is None or cursor < 0
    place = abs(cursor or 0)
    following = (Contact.source == "hubspot") & (Contact.seq > place)
    rows = list(Contact.of(owner).select(*TOLD).where(following).order_by(Contact.seq).limit(limit + 1))
    if cursor is not None and (epoch != owner.epoch or place > newest or _lacks_tombstones(owner, cursor)):
        return Changes((), 0, newest, more=False, start_again=True)
    if len(rows) <= limit:
        return Changes(rows, max([newest, *(row.seq for row in rows[-1:])]), newest, more=False, start_again=False)
    reached = rows[limit - 1].seq
    return Changes(rows[:limit], -reached if first else reached, newest, more=True, start_again=False)


def note_pruned(user_id: int, seq: int) -> None:
    """Tombstones of the user up to this one are gone."""
    User.update(seq_pruned=seq).where((User.id == user_id) & (User.seq_pruned < seq)).execute()


def _lacks_tombstones(owner: Owner, cursor: int) -> bool:
    """Asked after the rows were read: what is pruned meanwhile is not among them."""
    return 0 <= cursor < int(User.get_by_id(owner.id).seq_pruned)
