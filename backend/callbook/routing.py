"""Word from a phone system, brought once to the one user it is for: by e-mail address, or by a line that is theirs.

Only users with a connection are rung. What is for nobody, or might be for either of two, is counted and told to nobody.
"""

from collections.abc import Sequence
from datetime import timedelta

from peewee import ModelSelect, fn

from callbook import calls, contacts, phone
from callbook.calls import CallEvent
from callbook.errors import Refused
from callbook.models import Call, Connection, Delivery, Line, Owner, Unrouted, User, now, transaction
from callbook.sealing import fingerprint
from callbook.telephony import TOLERANCE, Notice

KEPT = 2 * TOLERANCE  # from the earliest moment that a message is taken until the last


def lines(owner: Owner) -> list[str]:
    """Those that are the user's, as `phone.line` writes them."""
    return [row.line for row in Line.of(owner).select().order_by(Line.id)]


def set_lines(owner: Owner, written: Sequence[str]) -> None:
    """Makes these, and no others, the user's. A user who has left holds none against another. Raises `Refused`:
    "invalid" for what is no line, "line_taken".
    """
    wanted = _read(written, contacts.home_region(owner))
    with transaction():
        _release(wanted)
        Line.of(owner).delete().where(Line.line.not_in(wanted)).execute()
        for each in sorted(wanted):  # in one order, so that no two claims wait for each other
            Line.of(owner).insert(line=each).on_conflict_ignore().execute()
        ours = lines(owner)
        _refuse("line_taken", "another user has this line", [each not in ours for each in wanted])


def _read(written: Sequence[str], region: str | None) -> list[str]:
    read = [phone.line(each, region) for each in written]
    _refuse("invalid", "neither a phone number nor an extension", [each is None for each in read])
    return [each for each in read if each is not None]


def _refuse(kind: str, what: str, bad: Sequence[bool]) -> None:
    fields = [(f"lines.{position}", what) for position, each in enumerate(bad) if each]
    if fields:
        raise Refused(kind, what, fields)


def _release(wanted: Sequence[str]) -> None:
    """Takes lines from who has left."""
    gone = Line.user_id.not_in(_connected())
    Line.everyones().delete().where(gone & Line.line.in_(wanted)).execute()


def answered(message_id: str) -> bool | None:
    """What `take` said of a message before; None for one that has not been taken."""
    known = Delivery.get_or_none(Delivery.id_hash == fingerprint(message_id))
    return None if known is None else known.routed


def take(message_id: str, notice: Notice) -> bool:
    """Whether there was one user to tell. A message taken by two at once, or again after a crash in between, changes
    nothing the second time: a call only goes forward.
    """
    user = _meant(notice.address, notice.portal_id)
    if user is not None:
        at = calls.moment(notice.at)
        event = CallEvent(notice.call_id, notice.direction, notice.state, notice.number, at, notice.name)
        calls.record(user.owner, event)
    with transaction():
        kept = Delivery.insert(id_hash=fingerprint(message_id), routed=user is not None, received_at=now())
        first = bool(list(kept.on_conflict_ignore().returning(Delivery.id).execute()))
        if first and user is None:
            _count()
    return user is not None


def prune() -> None:
    """Forgets messages too old to be taken again."""
    with transaction():
        Delivery.delete().where(Delivery.received_at < now() - KEPT).execute()


def unrouted(days: int) -> list[tuple[str, int]]:
    """How many events were for nobody on each of the last `days`, by UTC, that has any; the earliest first."""
    first = (now() - timedelta(days=days - 1)).date().isoformat()
    rows = Unrouted.select().where(Unrouted.day >= first).order_by(Unrouted.day)
    return [(row.day, row.count) for row in rows]


def ring_test(owner: Owner) -> Call:
    """A made-up caller rings the user, who is found as by word for their e-mail address. Raises `Refused`: "not_routed"
    where such word would not reach them.
    """
    user = User.get_by_id(owner.id)
    if _meant(user.email or "", user.portal_id) != user:
        raise Refused("not_routed", "the user's e-mail address does not lead to them alone")
    return calls.ring_test(owner)


def _meant(address: str, portal_id: int | None) -> User | None:
    users = User.select().where(User.id.in_(_connected()))
    if portal_id is not None:
        users = users.where(User.portal_id == portal_id)
    found = _with_address(users, address) if "@" in address else _with_line(users, address)
    return found[0] if len(found) == 1 else None


def _connected() -> "ModelSelect[Connection]":
    return Connection.everyones().select(Connection.user_id)


def _with_address(users: "ModelSelect[User]", address: str) -> list[User]:
    return list(users.where(fn.LOWER(User.email) == address.lower()))


def _with_line(users: "ModelSelect[User]", written: str) -> list[User]:
    """Nobody, where two users would read it as two numbers: without its country code one text is both."""
    homes = {contacts.default_region(user) for user in _countries(users)}
    readings = {phone.line(written, home) for home in homes - {None} or homes} - {None}
    if len(readings) != 1:
        return []
    return list(users.where(User.id.in_(Line.everyones().select(Line.user_id).where(Line.line.in_(readings)))))


def _countries(users: "ModelSelect[User]") -> "ModelSelect[User]":
    """One row for each two countries that `default_region` chooses from."""
    return users.select(User.default_country, User.portal_region).distinct()


def _count() -> None:
    day = now().date().isoformat()
    counted = {Unrouted.count: Unrouted.count + 1}
    Unrouted.insert(day=day, count=1).on_conflict(conflict_target=[Unrouted.day], update=counted).execute()
