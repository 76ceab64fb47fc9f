"""A user's own contacts, as they write them: added, changed and removed by nobody else, and never by a sync."""

from collections.abc import Sequence
from dataclasses import dataclass

from callbook import events
from callbook.contacts import store
from callbook.contacts.listing import find
from callbook.contacts.telling import KINDS
from callbook.errors import Refused
from callbook.models import Contact, Owner, transaction

PROPERTIES = {kind: name for name, kind in KINDS.items()}


@dataclass(frozen=True)
class Personal:
    """What a person wrote; "" or None for nothing. `phones` are (kind, number as written)."""

    first_name: str | None
    last_name: str | None
    company: str | None
    job_title: str | None
    email: str | None
    phones: Sequence[tuple[str, str]]

    def properties(self) -> dict[str, str]:
        """By HubSpot's names, as every contact keeps them."""
        named = {
            "firstname": self.first_name,
            "lastname": self.last_name,
            "company": self.company,
            "jobtitle": self.job_title,
            "email": self.email,
            **{PROPERTIES[kind]: number for kind, number in self.phones},
        }
        return {name: value for name, value in named.items() if value}


def add(owner: Owner, given: Personal) -> int:
    """The new contact's id."""
    with transaction():
        contact_id = store.add_personal(owner, given.properties(), store.home_region(owner))
        events.append(owner, "contacts", {})
    return contact_id


def change(owner: Owner, contact_id: int, given: Personal) -> None:
    """Raises `Refused`: "not_found", or "read_only" for a contact from HubSpot."""
    with transaction():
        _check_own(find(owner, contact_id))
        if not store.change_personal(owner, contact_id, given.properties(), store.home_region(owner)):
            raise Refused("not_found")  # another browser removed it in this moment
        events.append(owner, "contacts", {})


def remove(owner: Owner, contact_id: int) -> None:
    """Leaves a tombstone. Raises as `change` does."""
    with transaction():
        _check_own(find(owner, contact_id))
        store.remove_personal(owner, contact_id)
        events.append(owner, "contacts", {})


def _check_own(row: Contact | None) -> None:
    if row is None:
        raise Refused("not_found")
    if row.source != "personal":
        raise Refused("read_only", "a contact from HubSpot is changed at HubSpot")
