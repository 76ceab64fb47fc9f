"""What a user's browsers should hear: rows with a per-user rising number, read after a cursor.

Progress of a run is told by its newest row only; older events are pruned, and a reader from before the pruned ones is
told to start again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from peewee import fn

from callbook.models import Event, Owner, User, announce, now, transaction

KEPT = timedelta(days=2)
PAGE_LIMIT = 200


@dataclass(frozen=True)
class Heard:
    """`events` follow the reader's cursor; `start_again` says that some it has not read are gone."""

    events: Sequence[Event]
    newest: int
    start_again: bool


def take_turn(owner: Owner) -> None:
    """Makes the user's other tellers wait until this transaction ends: two that read one state would both write it."""
    User.update(event_number=User.event_number).where(User.id == owner.id).execute()


def append(owner: Owner, kind: str, data: dict[str, Any]) -> int:
    """Within the transaction of what it tells about. `progress` replaces the user's earlier progress."""
    drawn = User.update(event_number=User.event_number + 1).where(User.id == owner.id).returning(User.event_number)
    number = int(next(iter(drawn.execute())).event_number)
    if kind == "progress":
        Event.of(owner).delete().where(Event.kind == kind).execute()
    Event.of(owner).insert(number=number, kind=kind, at=now(), data=data).execute()
    announce(owner.id)
    return number


def after(owner: Owner, cursor: int) -> Heard:
    user = User.get_by_id(owner.id)
    events = list(Event.of(owner).select().where(Event.number > cursor).order_by(Event.number).limit(PAGE_LIMIT))
    return Heard(events, user.event_number, cursor < user.events_pruned or cursor > user.event_number)


def forget(owner: Owner) -> None:
    """Removes all of a user's events; every browser starts again, even one that had read them all."""
    Event.of(owner).delete().execute()
    gone = User.event_number + 1
    User.update(event_number=gone, events_pruned=gone).where(User.id == owner.id).execute()
    announce(owner.id)


def prune() -> None:
    """Removes what is older than a browser may reasonably have missed."""
    with transaction():
        old = Event.everyones().at < now() - KEPT
        newest = Event.everyones().select(Event.user_id, fn.MAX(Event.number).alias("number")).where(old)
        for row in newest.group_by(Event.user_id):
            User.update(events_pruned=row.number).where(User.id == row.user_id).execute()
        Event.everyones().delete().where(old).execute()
