"""Whom the user has picked for a number that leads to several. A pick is of the number with its extension, and of this
cache: it goes with the contact, and with the cache. Every function that writes expects to be inside the caller's
transaction.
"""

from collections.abc import Iterable

from callbook.models import Choice, Owner


def choose(owner: Owner, e164: str, extension: str | None, contact_id: int | None) -> None:
    """None takes the pick back."""
    number = {"e164": e164, "extension": extension or ""}
    if contact_id is None:
        Choice.of(owner).delete().where((Choice.e164 == e164) & (Choice.extension == (extension or ""))).execute()
        return
    keys = [Choice.user_id, Choice.epoch, Choice.e164, Choice.extension]
    picked = Choice.of(owner).insert(contact_id=contact_id, **number)
    picked.on_conflict(conflict_target=keys, preserve=[Choice.contact_id]).execute()


def forget_choices(owner: Owner, contact_ids: Iterable[int]) -> None:
    Choice.of(owner).delete().where(Choice.contact_id.in_(list(contact_ids))).execute()
