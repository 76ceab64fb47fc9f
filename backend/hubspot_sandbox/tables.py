"""All records of one kind, and the rules for changing them: which values fit, who holds an e-mail address, what a merge
leaves behind.

A record never changes: an edit puts a new one in its place. Each change costs a bisection and at most one list edit,
and is told once, when the table already holds it.
"""

import random
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from typing import Generic, TypeVar

from hubspot_sandbox import errors
from hubspot_sandbox.calculated import recalculated
from hubspot_sandbox.changes import Action, Association, Change
from hubspot_sandbox.kinds import Kind
from hubspot_sandbox.merging import merged_values
from hubspot_sandbox.moments import Clock
from hubspot_sandbox.properties import Property
from hubspot_sandbox.records import Record, pack

R = TypeVar("R", bound=Record)
Values = Mapping[str, str | None]

MAX_MERGES = 250
KEPT_MS = 90 * 24 * 3600 * 1000  # how long archived records can be listed and restored
VERSIONS = 5  # remembered of a changed record
GAPS = (1, 50, 50, 100, 1201)
BY_HAND = "CRM_UI"
SHARED_EMAILS = "hs_additional_emails"  # they find their contact, and nobody else may have them


class Table(Generic[R]):
    def __init__(self, kind: Kind, make: type[R], clock: Clock, portal_id: int, tell: Callable[[Change], None]) -> None:
        self.kind = kind
        self.records: dict[int, R] = {}  # archived ones too
        self.live_ids: list[int] = []  # ascending
        self.archived_ids: list[int] = []  # ascending
        self.aliases: dict[int, int] = {}  # merged-away ids, to the record that each now is
        self.properties: dict[str, Property] = dict(kind.properties)
        self.archived_properties: dict[str, Property] = {}
        self._make = make
        self._clock = clock
        self._portal_id = portal_id
        self._tell = tell
        self._gaps = random.Random(portal_id)
        self._last_id = kind.first_id
        self._merged: dict[int, tuple[int, ...]] = {}  # of a merged record, every id that went into it
        self._past: dict[
            int, tuple[tuple[R, str], ...]
        ] = {}  # of a changed record, its latest versions and their sources
        self._expiring: list[tuple[int, int]] = []  # a heap of when the archived were archived, with their ids
        self._erased: set[int] = set()  # taken by a GDPR deletion, though still listed as archived
        self._barred: set[str] = set()  # e-mail addresses
        self._holders: dict[str, dict[str, int]] = {
            each.name: {} for each in self.properties.values() if each.unique and each.name != "hs_object_id"
        }

    @property
    def unique_properties(self) -> Collection[str]:
        """Those a record can be found by, besides its id."""
        return self._holders.keys()

    def load(self, records: Iterable[R]) -> None:
        """Take many records at once, before anybody watches."""
        for record in records:
            self.records[record.id] = record
            self._hold(record)
        self.live_ids = sorted(self.records)
        self._last_id = max(self._last_id, *self.live_ids[-1:], 0)

    def live(self) -> Iterator[R]:
        return (self.records[record_id] for record_id in self.live_ids)

    def find(self, record_id: int, *, archived: bool = False) -> R | None:
        if archived:
            self._forget_expired()
        record = self.records.get(record_id)
        if record is None or (record.archived_at_ms is not None) != archived:
            return None
        return record

    def find_by(self, name: str, value: str) -> R | None:
        """Find by a unique property. Raises `Refused` for one that is not."""
        if name not in self._holders:
            raise errors.validation(f"Property {name} is not a unique property of {self.kind.plural}.")
        record_id = self._holders[name].get(value.lower())
        return None if record_id is None else self.find(record_id)

    def survivor(self, record_id: int) -> int:
        """Give the id a merged-away one now answers with, any other id as it is."""
        return self.aliases.get(record_id, record_id)

    def ids_from(self, after: int, *, archived: bool = False) -> tuple[list[int], int]:
        """Give the ascending ids and where in them `after`, an inclusive lower bound, begins."""
        if archived:
            self._forget_expired()
        ids = self.archived_ids if archived else self.live_ids
        return ids, bisect_left(ids, after)

    def versions(self, record: R) -> Sequence[tuple[R, str]]:
        """Give a record as it was after each of its latest changes, the last one last, and where that came from."""
        return self._past.get(record.id) or ((record, BY_HAND),)

    def create(self, properties: Values, *, at_ms: int | None = None, source: str = BY_HAND) -> R:
        values = self.checked(properties)
        now_ms = self._now_ms(at_ms)
        record = self._make(self._new_id(), self._packed({}, values), now_ms, now_ms)
        return self._put(Action.CREATE, now_ms, record, source)

    def edit(  # noqa: PLR0913 - a change's own fields, all by name
        self,
        record_id: int,
        properties: Values,
        *,
        at_ms: int | None = None,
        source: str = BY_HAND,
        action: Action = Action.UPDATE,
        association: Association | None = None,
    ) -> R:
        """Change properties; "" and None clear one. `at_ms` is the moment of the change, now by default."""
        record = self._live(record_id)
        values = self.checked(properties, record_id)
        now_ms = self._now_ms(at_ms)
        edited = replace(record, packed=self._packed(record.properties, values), modified_at_ms=now_ms)
        return self._put(action, now_ms, edited, source, association=association)

    def archive(self, record_id: int, *, at_ms: int | None = None, source: str = BY_HAND) -> R:
        record, now_ms = self._live(record_id), self._now_ms(at_ms)
        return self._put(Action.DELETE, now_ms, replace(record, archived_at_ms=now_ms), source)

    def restore(self, record_id: int, *, at_ms: int | None = None) -> R:
        """Bring an archived record back as it was: its last change stays where it was. HubSpot's users can, no API."""
        record = self.find(record_id, archived=True)
        if record is None or record_id in self._erased:
            raise errors.not_found()
        return self._put(Action.RESTORE, self._now_ms(at_ms), replace(record, archived_at_ms=None), BY_HAND)

    def merge(
        self,
        primary_id: int,
        other_id: int,
        *,
        at_ms: int | None = None,
        source: str = BY_HAND,
        name_merged_ids: bool = True,
    ) -> R:
        """Put a record with a new id in the place of two. The primary's values win."""
        if primary_id == other_id:
            raise errors.validation(f"Cannot merge object with id {primary_id} into itself.")
        primary, other, now_ms = self._live(primary_id), self._live(other_id), self._now_ms(at_ms)
        gone = tuple(each for id_ in (primary_id, other_id) for each in (*self._merged.get(id_, ()), id_))
        if len(gone) > 2 * MAX_MERGES:  # each merge takes two ids away
            raise errors.validation(f"A record cannot take part in more than {MAX_MERGES} merges.")
        values = merged_values(self.kind, primary, other, now_ms)
        if name_merged_ids:
            values["hs_merged_object_ids"] = ";".join(map(str, gone))
        created_at_ms = min(primary.created_at_ms, other.created_at_ms)
        for each in (primary, other):
            self._remove(each)
        record = self._make(self._new_id(), pack(values), created_at_ms, now_ms)
        self.aliases.update(dict.fromkeys(gone, record.id))
        self._merged[record.id] = gone
        return self._put(Action.MERGE, now_ms, record, source, before=primary, merged_ids=(primary_id, other_id))

    def gdpr_delete(
        self, record_id: int, *, at_ms: int | None = None, source: str = BY_HAND, stays_listed: bool = False
    ) -> None:
        """Take everything known of a record; a husk of it may stay among the archived ones."""
        record, now_ms = self.records.get(record_id), self._now_ms(at_ms)
        if record is None or record_id in self._erased:
            raise errors.not_found()
        self._remove(record)
        if stays_listed:
            self._erased.add(record_id)
            self._keep(replace(record, packed=pack({}), archived_at_ms=now_ms))
        self._tell(Change(Action.GDPR_DELETE, now_ms, self.kind.id, record_id, before=record, source=source))

    def bar_email(self, email: str) -> None:
        self._barred.add(email.lower())

    def add_property(self, added: Property) -> Property:
        """Add a property, or bring an archived one back; values that records have of it can be read again."""
        self.archived_properties.pop(added.name, None)
        self.properties[added.name] = added
        if added.unique:
            self._holders[added.name] = {}
            for record in self.live():
                self._hold(record)
        return added

    def archive_property(self, name: str) -> Property:
        """From now on nobody can read, write or filter by it."""
        if name not in self.properties:
            raise errors.not_found()
        self.archived_properties[name] = self.properties.pop(name)
        self._holders.pop(name, None)
        return self.archived_properties[name]

    def checked(self, properties: Values, record_id: int | None = None, *, strictly: bool = False) -> dict[str, str]:
        """Give the values to be stored. Raises `Refused` for a property that is unknown, read only or taken, and
        strictly, as the public API is, for a value that is not of its type: an account holds old ones that are not.
        """
        values = {name: value or "" for name, value in properties.items()}
        problems = [found for name, value in values.items() if (found := self._problem(name, value, strictly))]
        if problems:
            raise errors.properties_invalid(problems, self._portal_id)
        for name, holders in self._holders.items():
            holder = holders.get(values.get(name, "").lower())
            if holder is not None and holder != record_id:
                raise errors.conflict(holder, self.kind.singular)
        return values

    def _problem(self, name: str, value: str, strictly: bool) -> dict[str, str] | None:  # noqa: FBT001 - the caller's
        known = self.properties.get(name)
        if known is None:
            return {"name": name, "error": "PROPERTY_DOESNT_EXIST", "message": f'Property "{name}" does not exist'}
        if known.read_only:
            return {"name": name, "error": "READ_ONLY_VALUE", "message": f'"{name}" is a read only property'}
        if name == "email" and value.lower() in self._barred:
            return {"name": name, "error": "INVALID_EMAIL", "message": f"Email address {value} is blocklisted"}
        found = known.problem_with(value) if strictly or name == "email" else None
        return None if found is None else {"name": name, "error": found[0], "message": found[1]}

    def _now_ms(self, at_ms: int | None) -> int:
        return self._clock.now_ms() if at_ms is None else at_ms

    def _new_id(self) -> int:
        """Ids are never used again, even when the largest has been merged away."""
        self._last_id += self._gaps.choice(GAPS)
        return self._last_id

    def _packed(self, before: Mapping[str, str], changes: Mapping[str, str]) -> bytes:
        """Only what the account has a property for is worked out."""
        after = recalculated({**before, **changes}, changes)
        return pack({name: value for name, value in after.items() if name in self.properties or name in before})

    def _live(self, record_id: int) -> R:
        record = self.find(record_id)
        if record is None:
            raise errors.not_found()
        return record

    def _put(  # noqa: PLR0913 - a change's own fields, most by name
        self,
        action: Action,
        at_ms: int,
        record: R,
        source: str,
        *,
        before: R | None = None,
        merged_ids: tuple[int, ...] = (),
        association: Association | None = None,
    ) -> R:
        held = self.records.get(record.id)
        before = before or held
        past = self._past.get(record.id) or (() if held is None else ((held, BY_HAND),))
        self._past[record.id] = (*past, (record, source))[-VERSIONS:]
        self._keep(record)
        changed = _changed({} if before is None else before.properties, record.properties)
        self._tell(
            Change(action, at_ms, self.kind.id, record.id, before, record, changed, merged_ids, association, source)
        )
        return record

    def _keep(self, record: R) -> None:
        """Put a record in its place; the ids move only when it appears, is archived or is restored."""
        held = self.records.get(record.id)
        if held is not None:
            self._release(held)
        self.records[record.id] = record
        if record.archived_at_ms is None:
            self._hold(record)
        ids = self._ids_with(record)
        if held is None:
            insort(ids, record.id)
        elif (old_ids := self._ids_with(held)) is not ids:
            del old_ids[bisect_left(old_ids, record.id)]
            insort(ids, record.id)
        if record.archived_at_ms is not None:
            heappush(self._expiring, (record.archived_at_ms, record.id))

    def _forget_expired(self) -> None:
        """Take away for good, and without a word, what was archived too long ago."""
        last_ms = self._clock.now_ms() - KEPT_MS
        while self._expiring and self._expiring[0][0] < last_ms:
            archived_at_ms, record_id = heappop(self._expiring)
            record = self.records.get(record_id)
            if record is not None and record.archived_at_ms == archived_at_ms:
                self._remove(record)

    def _remove(self, record: R) -> None:
        self._release(record)
        self._past.pop(record.id, None)
        del self.records[record.id]
        ids = self._ids_with(record)
        del ids[bisect_left(ids, record.id)]

    def _ids_with(self, record: R) -> list[int]:
        return self.live_ids if record.archived_at_ms is None else self.archived_ids

    def _release(self, record: R) -> None:
        for name, values in self._unique_values(record):
            for value in values:
                if self._holders[name].get(value) == record.id:
                    del self._holders[name][value]

    def _hold(self, record: R) -> None:
        for name, values in self._unique_values(record):
            for value in values:
                self._holders[name].setdefault(value, record.id)

    def _unique_values(self, record: R) -> Iterator[tuple[str, list[str]]]:
        if not self._holders:
            return
        properties = record.properties
        for name in self._holders:
            texts = [properties.get(name, "")]
            if name == "email":
                texts += properties.get(SHARED_EMAILS, "").split(";")
            yield name, [text.strip().lower() for text in texts if text.strip()]


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    names = before.keys() | after.keys()
    return {name: after.get(name, "") for name in sorted(names) if before.get(name) != after.get(name)}
