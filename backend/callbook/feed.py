"""The change feed's numbers. `seq` rises per user and is drawn in the transaction that writes the rows it numbers, so
that the order of commits is the order of the feed; deletions stay in it as tombstones.
"""

from callbook.models import Owner, User


def draw(owner: Owner, count: int) -> int:
    """Reserves `count` numbers and gives the first. Only within the transaction that uses them."""
    drawn = User.update(seq=User.seq + count).where(User.id == owner.id).returning(User.seq).execute()
    return int(next(iter(drawn)).seq) - count + 1
