"""The user's own word on who calls from a number that several share."""

from callbook import contacts, events
from callbook.callers.lookup import CallerName, lookup
from callbook.errors import Refused
from callbook.models import Owner, transaction


def choose(owner: Owner, number: str, contact_id: int | None) -> CallerName:
    """What the number is answered from now on; None takes the pick back. Raises `Refused`: "invalid" for what is no
    number, "not_found" for a contact that it does not lead to.
    """
    with transaction():  # undone where it comes to nothing
        events.take_turn(owner)  # so that no contact goes in between
        (caller,) = lookup(owner, [number])
        if caller.e164 is None:
            raise Refused("invalid", "not a phone number", [("number", "not a phone number")])
        contacts.choose(owner, caller.e164, caller.extension, contact_id)
        (caller,) = lookup(owner, [number])
        if caller.chosen != contact_id:
            raise Refused("not_found", "the number does not lead to this contact")
    return caller
