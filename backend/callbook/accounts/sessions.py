"""Browser sessions, and the one-time tickets that open their event sockets. Only fingerprints are kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from callbook.errors import Refused
from callbook.models import Owner, Session, Ticket, User, now, transaction, tuples
from callbook.sealing import fingerprint, new_secret
from callbook.settings import Settings

TICKET_TIME = timedelta(seconds=30)
STALE = timedelta(hours=1)  # how often use prolongs a session: not a write per request


@dataclass(frozen=True)
class Signed:
    """Who a request speaks for."""

    owner: Owner
    session_id: int


def open_session(settings: Settings, owner: Owner) -> str:
    """A new session's token."""
    token = new_secret()
    Session.everyones().delete().where(Session.expires_at < now()).execute()
    Session.of(owner).insert(
        token_hash=fingerprint(token),
        created_at=now(),
        expires_at=now() + timedelta(days=settings.session_days),
    ).execute()
    return token


def who(settings: Settings, token: str) -> Signed:
    """Raises `Refused`: "signed_out" (no such session) or "session_expired"."""
    columns = (Session.id, Session.expires_at, User.id, User.cache_epoch)
    sessions = Session.everyones().select(*columns).join(User, on=User.id == Session.user_id)
    found = tuples(sessions.where(Session.token_hash == fingerprint(token)))
    if not found:
        raise Refused("signed_out")
    ((session_id, expires_at, user_id, epoch),) = found
    if expires_at <= now():
        raise Refused("session_expired")
    owner, prolonged = Owner(user_id, epoch), now() + timedelta(days=settings.session_days)
    if prolonged - expires_at > STALE:
        Session.of(owner).update(expires_at=prolonged).where(Session.id == session_id).execute()
    return Signed(owner, session_id)


def still_signed(signed: Signed) -> bool:
    session = Session.of(signed.owner).select().where(Session.id == signed.session_id).get_or_none()
    return session is not None and session.expires_at > now()


def new_ticket(signed: Signed) -> tuple[str, datetime]:
    """Opens the event socket once, within seconds: a WebSocket's address may be logged, a session's token may not."""
    ticket, expires_at = new_secret(), now() + TICKET_TIME
    with transaction():
        Ticket.everyones().delete().where(Ticket.expires_at < now()).execute()
        Ticket.of(signed.owner).insert(
            ticket_hash=fingerprint(ticket), session_id=signed.session_id, expires_at=expires_at
        ).execute()
    return ticket, expires_at


def redeem_ticket(ticket: str) -> Signed:
    """Raises `Refused("signed_out")` for a ticket that is unknown, used or expired."""
    mine = Ticket.ticket_hash == fingerprint(ticket)
    with transaction():
        row = Ticket.everyones().get_or_none(mine & (Ticket.expires_at > now()))
        used = Ticket.everyones().delete().where(mine).execute()
    user = User.get_or_none(User.id == row.user_id) if row is not None and used else None
    if row is None or user is None:
        raise Refused("signed_out")
    return Signed(user.owner, row.session_id)
