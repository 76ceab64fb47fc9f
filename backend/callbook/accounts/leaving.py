"""Unauthorize. From its first moment nothing of the old cache can be read (a new epoch) and no session lives; the rows
are then deleted in chunks and the grant revoked at HubSpot, both until they have succeeded.
"""

from datetime import timedelta

from callbook import events
from callbook.errors import CallbookError, Misconfigured, Transient
from callbook.hubspot import OAuth
from callbook.models import (
    Cached,
    Call,
    Connection,
    Contact,
    Login,
    Owner,
    Phone,
    Problem,
    Revocation,
    Run,
    Session,
    Ticket,
    User,
    now,
    transaction,
)
from callbook.sealing import Keyring

CHUNK = 500
PURGED: tuple[type[Cached], ...] = (Phone, Contact, Problem, Run)
MAX_WAIT_S = 3600


def unauthorize(owner: Owner) -> None:
    """Personal contacts and settings stay for the next Authorize of the same HubSpot user."""
    with transaction():
        user = User.get_by_id(owner.id)
        old, new = user.owner, Owner(user.id, user.cache_epoch + 1)
        _end_runs(old)
        _keep_for_revocation(old)
        for table in (Connection, Session, Ticket):
            table.of(old).delete().execute()
        Login.delete().where(Login.user_id == owner.id).execute()  # a code not yet redeemed would open a session
        _move_personal(old, new)
        Call.of(old).update(caller=None).execute()
        events.forget(old)
        User.update(cache_epoch=new.epoch, next_sync_at=None).where(User.id == owner.id).execute()


def _end_runs(owner: Owner) -> None:
    live = Run.state.in_(["queued", "running", "waiting"])
    Run.of(owner).update(state="cancelled", finished_at=now(), fence=Run.fence + 1).where(live).execute()


def _keep_for_revocation(owner: Owner) -> None:
    for connection in Connection.of(owner).select():
        Revocation.of(owner).insert(refresh_token=connection.refresh_token, retry_at=now()).execute()


def _move_personal(old: Owner, new: Owner) -> None:
    personal = Contact.of(old).select(Contact.id).where(Contact.source == "personal")
    Phone.of(old).update(epoch=new.epoch).where(Phone.contact_id.in_(personal)).execute()
    Contact.of(old).update(epoch=new.epoch).where(Contact.source == "personal").execute()


def purges_due() -> list[int]:
    """Users with rows of an earlier epoch still to delete."""
    behind = User.purged_epoch < User.cache_epoch - 1
    return [user.id for user in User.select(User.id).where(behind)]


def purge_one(user_id: int) -> None:
    """Deletes a user's rows of earlier epochs, in chunks that do not hold the database for long."""
    epoch = User.get_by_id(user_id).cache_epoch
    for table in PURGED:
        old = (table.everyones().user_id == user_id) & (table.epoch < epoch)
        while True:
            with transaction():
                chunk = table.everyones().select(table.id).where(old).limit(CHUNK)
                if not table.everyones().delete().where(table.id.in_(chunk)).execute():
                    break
    with transaction():
        User.update(purged_epoch=epoch - 1).where(User.id == user_id).execute()


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
