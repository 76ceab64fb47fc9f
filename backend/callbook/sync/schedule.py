"""The automatic sync. The server owns the timetable; a due run is made by one conditional UPDATE, so that however many
browsers, processes and missed hours there are, one run comes of it.
"""

from datetime import timedelta
from typing import Any

from callbook.models import Connection, Owner, User, now, transaction
from callbook.sync.runs import last_ended, request

ABANDONED = timedelta(days=7)  # a user whom no browser has asked for is not synced until one does


def due() -> list[Owner]:
    """Users whose next run's time has come."""
    seen = User.last_seen_at > now() - ABANDONED
    return [user.owner for user in User.select().where(_is_due() & seen)]


def start_if_due(owner: Owner) -> int | None:
    """Makes the run that is due; its id."""
    with transaction():
        user = User.get_by_id(owner.id)
        taken = User.update(next_sync_at=now() + timedelta(minutes=user.interval_minutes))
        if not taken.where((User.id == owner.id) & _is_due()).execute():
            return None
        return request(owner, "recent", "automatic").id


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
