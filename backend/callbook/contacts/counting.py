"""How many contacts there are, of each source and under each heading of the list. What was counted last is held as long
as nothing has changed: the list is opened far more often.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from peewee import fn

from callbook.contacts.naming import letter_order
from callbook.models import Contact, Owner, User, tuples

HELD = 1000  # users
_tallies: dict[Owner, tuple[int, list[tuple[Any, ...]]]] = {}


@dataclass(frozen=True)
class Counts:
    """`without_phone`: HubSpot contacts that no call can be matched to (0 in a search, where it is not counted)."""

    hubspot: int
    personal: int
    without_phone: int = 0

    @property
    def all(self) -> int:
        return self.hubspot + self.personal

    def told(self) -> dict[str, int]:
        return {"all": self.all, "hubspot": self.hubspot, "personal": self.personal}

    def of(self, source: str | None) -> int:
        return {"hubspot": self.hubspot, "personal": self.personal}.get(source or "", self.all)


@dataclass(frozen=True)
class Letter:
    """A heading: where its first contact stands in the list, and how many stand under it."""

    letter: str
    offset: int
    count: int


def counts(owner: Owner) -> Counts:
    """Of everything."""
    found, bare = Counter[str](), 0
    for source, has_number, _letter, count in _tally(owner):
        found[source] += count
        bare += count if source == "hubspot" and not has_number else 0
    return Counts(found["hubspot"], found["personal"], bare)


def letters(owner: Owner, source: str | None) -> list[Letter]:
    """Every heading of the whole list, in its order."""
    under = Counter[str]()
    for its_source, _has_number, letter, count in _tally(owner):
        under[letter] += count if source in (None, its_source) else 0
    found: list[Letter] = []
    reached = 0
    for letter, count in sorted((+under).items(), key=lambda item: letter_order(item[0])):
        found.append(Letter(letter, reached, count))
        reached += count
    return found


def _tally(owner: Owner) -> list[tuple[Any, ...]]:
    """(source, has_number, letter, count) of all that is alive, off one index; counted anew once `seq` has risen."""
    seq = int(User.get_by_id(owner.id).seq)
    held = _tallies.get(owner)  # once: another thread may empty it meanwhile
    if held is None or held[0] != seq:
        if len(_tallies) > HELD:
            _tallies.clear()
        keys = (Contact.source, Contact.has_number, Contact.letter)
        alive = Contact.of(owner).select(*keys, fn.COUNT(Contact.id)).where(Contact.deleted_at.is_null())
        held = (seq, tuples(alive.group_by(*keys)))
        _tallies[owner] = held
    return held[1]
