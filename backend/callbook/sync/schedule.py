"""The automatic sync. The server owns the timetable; a due run is made by one conditional UPDATE, so that however many
browsers, processes and missed hours there are, one run comes of it.
"""

from datetime import timedelta
from typing import Any

from callbook.models import Connection, Owner, User, now, transaction
from callbook.settings import Settings
from callbook.sync.runs import current, full_since, last_ended, request

A_DAY = timedelta(days=1)
ABANDONED = timedelta(days=7)  # a user whom no browser has asked for is not synced until one does


def due() -> list[Owner]:
    """Users whose next run's time has come."""
    seen = User.last_seen_at > now() - ABANDONED
    return [user.owner for user in User.select().where(_is_due() & seen)]


def start_if_due(owner: Owner, settings: Settings) -> int | None:
    """Makes the run that is due; its id."""
    with transaction():
        user = User.get_by_id(owner.id)
        taken = User.update(next_sync_at=now() + timedelta(minutes=user.interval_minutes))
        if not taken.where((User.id == owner.id) & _is_due()).execute():
            return None
        return request(owner, _kind(owner, settings.full_sync_days), "automatic").id


def _kind(owner: Owner, full_days: int) -> str:
    """A full one once in so many days, tried once a day, finds what a recent one cannot: one archived and another
    restored leave the total as it was. Neither in the place of a run in progress nor of the first after an absence:
    what is new comes first.
    """
    ended = last_ended(owner)
    absent = ended is None or ended.finished_at is None or ended.finished_at < now() - A_DAY
    if not full_days or absent or current(owner) is not None:
        return "recent"
    return "recent" if full_since(owner, now() - timedelta(days=full_days), tried_at=now() - A_DAY) else "full"


def set_interval(owner: Owner, minutes: int) -> None:
    """The next run comes `minutes` after the last one ended."""
    ended = last_ended(owner)
    since = ended.finished_at if ended is not None and ended.finished_at is not None else now()
    with transaction():
        User.update(interval_minutes=minutes).where(User.id == owner.id).execute()
        planned = (User.id == owner.id) & User.next_sync_at.is_null(is_null=False)
        User.update(next_sync_at=since + timedelta(minutes=minutes)).where(planned).execute()


def _is_due() -> Any:  # noqa: ANN401 - a peewee expression
    connected = Connection.everyones().select(Connection.user_id).where(Connection.state == "connected")
    return (User.next_sync_at <= now()) & User.id.in_(connected)
