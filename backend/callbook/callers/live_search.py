"""HubSpot itself is asked for somebody who is not in the cache: once on a call whose caller is nobody's, by a worker,
and when the user asks. What it finds is read by id from the primary store and put into the cache.

Every search is a row: of one user no more than `A_MINUTE` in a minute, of a portal no more than `PORTAL_A_MINUTE`, and
none that would have to wait for the portal's budget longer than `PATIENCE_S`, so that runs are not held up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import ModelSelect

from callbook import accounts, contacts, events, hubspot, phone
from callbook.errors import CallbookError, NeedsReconnect, Refused
from callbook.models import Contact, Owner, Search, User, now, transaction
from callbook.settings import Settings

A_MINUTE, PORTAL_A_MINUTE = 10, 60
MINUTE = timedelta(minutes=1)
NOT_AGAIN = timedelta(minutes=10)  # nobody had the number: it is not searched again so soon, unless the user asks
PATIENCE_S = 3.0


@dataclass(frozen=True)
class Sought:
    """A search that a worker has taken: for whose calls, and which number."""

    id: int
    owner: Owner
    e164: str


@dataclass(frozen=True)
class Found:
    """`searched` is what was asked for, a number in international form; `e164` is it, if it is one. `retry_at` is when
    the next may be asked, None for at once.
    """

    contacts: Sequence[Contact]
    searched: str
    e164: str | None
    retry_at: datetime | None


def note_miss(owner: Owner, e164: str) -> None:
    """Within the transaction of a call from a number that is nobody's in the cache: has a worker search for it."""
    Search.of(owner).delete().where(Search.asked_at < now() - NOT_AGAIN).execute()
    again = Search.of(owner).select().where(Search.e164 == e164).exists()
    if not again and accounts.is_connected(owner) and _retry_at(owner) is None:
        Search.of(owner).insert(e164=e164, asked_at=now()).execute()


def take_due() -> list[Sought]:
    """The searches that calls wait for, each given out once. Who calls a minute later has hung up."""
    waiting = Search.taken_at.is_null() & (Search.asked_at > now() - MINUTE)
    rows = list(Search.everyones().select().where(waiting).order_by(Search.id))
    return [sought for row in rows if (sought := _taken(row)) is not None]


def find_missed(settings: Settings, sought: Sought) -> bool:
    """Whether somebody with the number is in the cache now. Raises what HubSpot fails with; then it may be searched
    again.
    """
    try:
        return bool(_find(settings, sought.owner, sought.e164, None))
    except CallbookError:
        with transaction():
            Search.of(sought.owner).update(e164=None).where(Search.id == sought.id).execute()
        raise


def search(settings: Settings, owner: Owner, text: str) -> Found:
    """What the user asks for: a number, or words. Raises `Refused`: "not_connected", "reconnect_needed", "busy" (too
    many at a time), and the kinds of HubSpot's failures.
    """
    _check_connected(owner)
    number = phone.parse(text, contacts.home_region(owner))
    e164 = None if isinstance(number, phone.Unreadable) else number.e164
    with transaction():
        events.take_turn(owner)
        retry_at = _retry_at(owner)
        if retry_at is not None:
            wait_s = max(1.0, (retry_at - now()).total_seconds())
            raise Refused("busy", "too many searches at a time", retry_after_s=wait_s)
        Search.of(owner).insert(asked_at=now(), taken_at=now()).execute()
    try:
        found = _find(settings, owner, e164, text)
    except CallbookError as problem:
        raise Refused("busy" if problem.kind == "throttled" else problem.kind, "HubSpot was not searched") from problem
    searched = text.strip() if e164 is None else phone.display(e164, None)
    return Found(found, searched, e164, _retry_at(owner))


def _check_connected(owner: Owner) -> None:
    connection = accounts.connection(owner)
    if connection is None or connection.state != "connected":
        kind = "not_connected" if connection is None else "reconnect_needed"
        raise Refused(kind, "HubSpot has to be authorized again first")


def _taken(row: Search) -> Sought | None:
    user = User.get_or_none(User.id == row.user_id)
    if user is None or user.cache_epoch != row.epoch or row.e164 is None:
        return None
    free = (Search.id == row.id) & Search.taken_at.is_null()
    with transaction():
        taken = Search.of(user.owner).update(taken_at=now()).where(free).execute()
    return Sought(row.id, user.owner, row.e164) if taken else None


def _retry_at(owner: Owner) -> datetime | None:
    """When the next search may be asked for; None for at once."""
    portal_id = User.get_by_id(owner.id).portal_id
    colleagues = User.select(User.id).where(User.portal_id == portal_id)
    everybodys = Search.everyones().select().where(Search.user_id.in_(colleagues))
    spent = [_spent(Search.of(owner).select(), A_MINUTE), _spent(everybodys, PORTAL_A_MINUTE)]
    return max((at for at in spent if at is not None), default=None)


def _spent(searches: "ModelSelect[Search]", most: int) -> datetime | None:
    """Until when there were `most` within a minute."""
    recent = searches.where(Search.asked_at > now() - MINUTE).order_by(Search.asked_at.desc()).limit(most)
    moments: list[datetime] = [row.asked_at for row in recent]
    return moments[-1] + MINUTE if len(moments) == most else None


def _find(settings: Settings, owner: Owner, e164: str | None, words: str | None) -> list[Contact]:
    """Those found, as they stand in the cache afterwards, in the order of the list."""
    with accounts.hubspot_client(settings, owner, PATIENCE_S) as client:
        if e164 is None:
            ids = hubspot.ids_with_words(client, words or "")
        else:
            ids = hubspot.ids_with_number(client, e164, phone.national_digits(e164))
        if not ids:
            return []
        found = hubspot.batch_read(client, ids, now(), patient=False).contacts
    with transaction():
        events.take_turn(owner)
        user = User.get_or_none(User.id == owner.id)
        if user is None or user.owner != owner:
            raise NeedsReconnect  # Unauthorized meanwhile
        applied = contacts.apply(owner, found, contacts.default_region(user))
        if applied.added or applied.updated:
            events.append(owner, "contacts", {})
    return contacts.with_hubspot_ids(owner, [each.id for each in found])
