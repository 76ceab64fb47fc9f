"""Which contacts a search finds. What is searched of a user's contacts is held in memory while they search, as no index
finds a letter in a hundred thousand texts, and reading them from the table takes twenty times as long. Every search
first asks whether the user's `seq` has risen, and then reads what has changed, so that all processes answer alike.
"""

from array import array
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from peewee import JOIN

from callbook import phone
from callbook.contacts.naming import fold
from callbook.models import Company, Contact, Owner, User, raw

HELD = 500_000  # contacts of all users but the last to search, at 120 bytes each
BLOCK = 64  # texts that are passed over at once if none of them can match
COMPANY, END = "\0", "\1"  # in a block: before the name of a contact's company, and between texts; no word holds them


@dataclass(frozen=True)
class Held:
    """What is searched, in the order of the list, as of `seq` at least; `personal` are places in it."""

    seq: int
    ids: Sequence[int]
    blocks: Sequence[str]
    personal: frozenset[int]

    def texts(self) -> Mapping[int, str]:
        apart = (text for block in self.blocks for text in block.split(END))
        return dict(zip(self.ids, apart, strict=True))


@dataclass(frozen=True)
class Matches:
    """Places in `held` of what a search finds, ascending."""

    held: Held
    places: Sequence[int]

    def of(self, source: str | None) -> Sequence[int]:
        if source is None or (source == "hubspot" and not self.held.personal):
            return self.places
        return [place for place in self.places if (place in self.held.personal) == (source == "personal")]


_held: OrderedDict[Owner, Held] = OrderedDict()
_lock = Lock()


def words_and_forms(query: str, region: str | None) -> tuple[list[str], list[str]]:
    """A search is for words, or for any of the forms of a number; a query of neither is no search."""
    forms = phone.search_forms(query, region)
    return ([] if forms else fold(query).split()), forms


def search(owner: Owner, words: Sequence[str], forms: Sequence[str]) -> Matches:
    """Every word must occur somewhere, be it in the name of the contact's company; what reads as a number, or part of
    one, may occur in any of its forms.
    """
    held = _current(owner)
    places = _with_a_form(held.blocks, forms) if forms else _with_every_word(held.blocks, words)
    return Matches(held, places)


def _with_every_word(blocks: Sequence[str], words: Sequence[str]) -> list[int]:
    found: list[int] = []
    first, *others = words
    for number, block in enumerate(blocks):
        if first in block and all(word in block for word in others):
            texts, start = block.split(END), number * BLOCK
            near = [place for place, text in enumerate(texts, start) if first in text]
            for word in others:
                near = [place for place in near if word in texts[place - start]]
            found += near
    return found


def _with_a_form(blocks: Sequence[str], forms: Sequence[str]) -> list[int]:
    """Digits in the name of a company are no number."""
    found = set[int]()
    for number, block in enumerate(blocks):
        for form in forms:
            if form in block:
                texts = enumerate(block.split(END), number * BLOCK)
                found.update(place for place, text in texts if form in text and form in text.partition(COMPANY)[0])
    return sorted(found)


def _current(owner: Owner) -> Held:
    held = _held.get(owner)
    seq = int(User.get_by_id(owner.id).seq)  # before the rows: what changes meanwhile is read the next time
    if held is None or held.seq != seq:
        held = _read(owner, held or Held(0, (), (), frozenset()), seq)
    with _lock:
        for other in [each for each in _held if each.id == owner.id]:  # of an earlier cache, too
            del _held[other]
        while sum(len(each.ids) for each in _held.values()) > HELD:
            _held.popitem(last=False)
        _held[owner] = held
    return held


def _read(owner: Owner, held: Held, seq: int) -> Held:
    """What is held, and what has changed since."""
    changed = {id_: f"{text}{COMPANY}{at or ''}" for id_, text, at in _changed(owner, held.seq)}
    texts = {**held.texts(), **changed}
    alive = Contact.of(owner).select(Contact.id).where(Contact.deleted_at.is_null())
    in_order = raw(alive.order_by(Contact.sort_key, Contact.id))
    ids = array("q", [id_ for (id_,) in in_order if id_ in texts])
    own = {id_ for (id_,) in raw(alive.where(Contact.source == "personal"))}
    personal = frozenset(place for place, id_ in enumerate(ids) if id_ in own) if own else frozenset[int]()
    starts = range(0, len(ids), BLOCK)
    blocks = [END.join([texts[id_] for id_ in ids[start : start + BLOCK]]) for start in starts]
    return Held(seq, ids, blocks, personal)


def _changed(owner: Owner, seq: int) -> list[tuple[int, str, str | None]]:
    at = (Company.user_id == Contact.user_id) & (Company.epoch == Contact.epoch)
    at &= Company.company_id == Contact.company_id
    rows = Contact.of(owner).select(Contact.id, Contact.search_text, Company.search_text)
    since = rows.join(Company, JOIN.LEFT_OUTER, on=at).where(Contact.deleted_at.is_null() & (Contact.seq > seq))
    return raw(since)
