"""Somebody who could call: a contact of the signed-in rep's cache, by a number that is theirs alone."""

import random
from dataclasses import dataclass

from peewee import fn

from callbook import models
from callbook.models import Contact, Phone, User, connected


@dataclass(frozen=True)
class Caller:
    """`number` is in the form carriers give it: digits with the country code, no plus."""

    rep_email: str
    number: str
    name: str


def a_caller(database_url: str) -> Caller | None:
    """None while nobody has authorized, or nobody in the cache can be told by a number."""
    models.connect(database_url)
    with connected():
        user = User.select().order_by(User.last_seen_at.desc()).limit(1).get_or_none()
        if user is None or user.email is None:
            return None
        named = Contact.of(user.owner).select(Contact.id).where(Contact.deleted_at.is_null() & (Contact.letter != "#"))
        once = Phone.of(user.owner).select(Phone.e164).group_by(Phone.e164).having(fn.COUNT(Phone.id) == 1)
        theirs = Phone.extension.is_null() & Phone.e164.in_(once) & Phone.contact_id.in_(named)
        phones = list(Phone.of(user.owner).select().where(theirs).order_by(Phone.id).limit(200))
        if not phones:
            return None
        phone = random.choice(phones)  # noqa: S311 - any of them will do
        name = Contact.of(user.owner).select().where(Contact.id == phone.contact_id).get().name
        return Caller(user.email, str(phone.e164).removeprefix("+"), name)
