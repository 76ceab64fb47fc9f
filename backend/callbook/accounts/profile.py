"""What is known of a user apart from their contacts: who they are at HubSpot, their connection, their preferences."""

from datetime import timedelta
from typing import Any

from callbook.models import Connection, Owner, User, now, transaction
from callbook.settings import Settings

SEEN_EVERY = timedelta(minutes=5)  # not a write per request


def profile(user: User, settings: Settings) -> dict[str, Any]:
    return {
        "portal_id": user.portal_id,
        "portal_name": user.portal_name,
        "ui_domain": user.ui_domain,
        "user_email": user.email,
        "demo": settings.demo,
    }


def connection(owner: Owner) -> Connection | None:
    return Connection.of(owner).select().get_or_none()


def is_connected(owner: Owner) -> bool:
    found = connection(owner)
    return found is not None and found.state == "connected"


def note_seen(owner: Owner) -> None:
    """A browser asked: the user is worth syncing for another week."""
    stale = (User.id == owner.id) & (User.last_seen_at < now() - SEEN_EVERY)
    User.update(last_seen_at=now()).where(stale).execute()


def set_default_country(owner: Owner, country: str | None) -> None:
    """Numbers of contacts without a country are read again, by the worker."""
    changed = (User.id == owner.id) & (User.default_country.is_null() | (User.default_country != country))
    if country is None:
        changed = (User.id == owner.id) & User.default_country.is_null(is_null=False)
    with transaction():
        User.update(default_country=country, phones_stale=True).where(changed).execute()
