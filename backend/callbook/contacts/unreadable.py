"""Contacts that no call can be matched to although numbers are written in them: not one can be read. They are found in
the cache whenever they are asked for, so that whatever mends one (a correction, another default country) is enough.
"""

from peewee import ModelSelect

from callbook.contacts.absence import alive
from callbook.models import Contact, Owner, Phone


def number_unreadable(owner: Owner) -> "ModelSelect[Contact]":
    """Their rows: HubSpot's contacts alone."""
    unread = Phone.of(owner).select(Phone.contact_id).where(Phone.e164.is_null())
    return Contact.of(owner).select().where(Contact.id.in_(unread) & alive() & ~Contact.has_number)
