"""Unauthorize, and "Delete my data". From the first moment nothing of the old cache can be read (a new epoch) and no
session lives; the rows are then deleted in chunks and the grant revoked at HubSpot, both until they have succeeded.
"""

from datetime import timedelta
from typing import Any

from callbook import events
from callbook.errors import CallbookError, Misconfigured, Refused, Transient
from callbook.hubspot import OAuth
from callbook.models import (
    LIVE,
    Cached,
    Call,
    Choice,
    Company,
    Connection,
    Contact,
    Event,
    HubSpotOwner,
    Line,
    Login,
    Owned,
    Owner,
    Phone,
    Problem,
    Revocation,
    Run,
    Search,
    Session,
    Ticket,
    User,
    now,
    persistently,
    transaction,
)
from callbook.sealing import Keyring

CHUNK = 500
CACHED: tuple[type[Cached], ...] = (Phone, Contact, Choice, Company, HubSpotOwner, Problem, Run, Search)
BESIDE_THE_CACHE: tuple[type[Owned], ...] = (Connection, Session, Ticket, Call, Event, Line)
MAX_WAIT_S = 3600
NOBODY: dict[str, Any] = {
    "portal_id": 0,
    "email": None,
    "portal_name": "",
    "ui_domain": "",
    "portal_region": None,
    "default_country": None,
    "interval_minutes": 20,
    "phones_stale": False,
    "forgotten": True,
}


def unauthorize(owner: Owner) -> None:
    """Personal contacts and settings stay for the next Authorize of the same HubSpot user."""

    def leave() -> None:
        old, new = _new_epoch(owner)
        _end(old)
        _move_personal(old, new)
        Call.of(old).update(caller=None, carrier_name=None, names=None).execute()

    persistently(leave)


def delete_data(owner: Owner) -> None:
    """Nothing stays: the user is nobody from this moment on, and deleted by the next sweep. Whoever authorizes again
    is a new user.
    """

    def leave() -> None:
        old, _ = _new_epoch(owner)
        User.update(hubspot_user_id=-owner.id, **NOBODY).where(User.id == owner.id).execute()
        _end(old)

    persistently(leave)


def _new_epoch(owner: Owner) -> tuple[Owner, Owner]:
    """The user's last cache and the next. First of all: it makes the user's other writers wait."""
    raised = User.update(cache_epoch=User.cache_epoch + 1, next_sync_at=None).where(User.id == owner.id)
    for row in raised.returning(User.cache_epoch).execute():
        return Owner(owner.id, row.cache_epoch - 1), Owner(owner.id, row.cache_epoch)
    raise Refused("signed_out")  # deleted in this moment


def _end(owner: Owner) -> None:
    """Ends runs, sessions, the grant and whatever may lead to a new session; removes the events."""
    _end_runs(owner)
    _keep_for_revocation(owner)
    for table in (Connection, Session, Ticket):
        table.of(owner).delete().execute()
    Login.delete().where(Login.user_id == owner.id).execute()  # a code not yet redeemed would open a session
    events.forget(owner)


def _end_runs(owner: Owner) -> None:
    ended = Run.of(owner).update(state="cancelled", finished_at=now(), fence=Run.fence + 1)
    ended.where(Run.state.in_(LIVE)).execute()


def _keep_for_revocation(owner: Owner) -> None:
    for connection in Connection.of(owner).select():
        Revocation.of(owner).insert(refresh_token=connection.refresh_token, retry_at=now()).execute()


def _move_personal(old: Owner, new: Owner) -> None:
    personal = Contact.of(old).select(Contact.id).where(Contact.source == "personal")
    Phone.of(old).update(epoch=new.epoch).where(Phone.contact_id.in_(personal)).execute()
    Contact.of(old).update(epoch=new.epoch).where(Contact.source == "personal").execute()


def purges_due() -> list[int]:
    """Users with rows of an earlier epoch still to delete, and those who are to be deleted themselves."""
    behind = User.purged_epoch < User.cache_epoch - 1
    return [user.id for user in User.select(User.id).where(behind | User.forgotten)]


def purge_one(user_id: int) -> None:
    """Deletes a user's rows of earlier epochs; of a user who is forgotten all, and last the user."""
    user = User.get_or_none(User.id == user_id)
    if user is None:  # another worker was quicker
        return
    for table in CACHED:
        _purge(table, (table.user_id == user_id) & (table.epoch < user.cache_epoch))
    for each in BESIDE_THE_CACHE if user.forgotten else ():
        _purge(each, each.user_id == user_id)
    this = User.id == user_id
    with transaction():
        if user.forgotten:
            User.delete().where(this).execute()
        else:
            User.update(purged_epoch=user.cache_epoch - 1).where(this).execute()


def _purge(table: type[Owned], gone: Any) -> None:  # noqa: ANN401 - a peewee expression
    """In chunks, which do not hold the database for long."""
    while True:
        with transaction():
            chunk = table.everyones().select(table.id).where(gone).limit(CHUNK)
            if not table.everyones().delete().where(table.id.in_(chunk)).execute():
                return


def revoke_due(keyring: Keyring, oauth: OAuth) -> None:
    """Revokes at HubSpot what is due; a failure is tried again later, ever more slowly."""
    for row in list(Revocation.everyones().select().where(Revocation.retry_at <= now())):
        over = _revoke(row, keyring, oauth)
        this = Revocation.id == row.id
        wait = timedelta(seconds=min(2**row.attempts, MAX_WAIT_S))
        with transaction():
            if over:
                Revocation.everyones().delete().where(this).execute()
            else:
                Revocation.everyones().update(attempts=row.attempts + 1, retry_at=now() + wait).where(this).execute()


def _revoke(row: Revocation, keyring: Keyring, oauth: OAuth) -> bool:
    """Whether there is nothing more to do."""
    try:
        token = keyring.open(row.refresh_token, str(row.user_id), "refresh_token")
    except Misconfigured:  # its key is gone: nothing is left to revoke with
        return True
    try:
        oauth.revoke(token)
    except (Transient, Misconfigured):
        return False
    except CallbookError:  # HubSpot no longer knows it
        return True
    return True
