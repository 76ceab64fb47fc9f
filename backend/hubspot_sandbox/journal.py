"""The webhooks journal: what is subscribed to is written down, published in files after a while, and kept three days.

A reader holds the offset of the last file it read; a file never changes and its offset is good as long as it is kept.
Time is the portal's, so a moved clock publishes and forgets.
"""

import hmac
import secrets
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from uuid import uuid4

import orjson

from hubspot_sandbox import errors
from hubspot_sandbox.authorizations import Authorizations
from hubspot_sandbox.changes import Change
from hubspot_sandbox.journal_events import (
    ACTIONS,
    ASSOCIATION,
    LIFECYCLE,
    OBJECT,
    OPERATORS,
    Event,
    Filter,
    Subscription,
    Wanted,
    events,
    lifecycle_events,
    scope_for,
)
from hubspot_sandbox.moments import Clock, iso
from hubspot_sandbox.options import Options

MAX_EVENTS = 10_000
MAX_BYTES = 5_000_000
FILE_SPAN_MS = 10_000  # how long one file gathers, at the most
KEPT_MS = 3 * 24 * 3600 * 1000
LINK_S = 300


@dataclass(frozen=True, slots=True)
class Entry:
    at_ms: int  # when it was written down, which is not when it occurred
    text: bytes


@dataclass(frozen=True)
class File:
    number: int
    offset: str
    published_at_ms: int
    texts: Sequence[bytes]

    def content(self) -> bytes:
        head, tail = f'{{"offset":"{self.offset}","journalEvents":[', f'],"publishedAt":"{iso(self.published_at_ms)}"}}'
        return head.encode() + b",".join(self.texts) + tail.encode()


@dataclass(frozen=True)
class Link:
    """What opens a file without a token, until `expires_at_ms`."""

    offset: str
    expires_at_ms: int
    signature: str


class Journal:
    """`subscriptions` by id."""

    def __init__(self, clock: Clock, authorizations: Authorizations, options: Callable[[], Options]) -> None:
        self.subscriptions: dict[int, Subscription] = {}
        self._clock = clock
        self._authorizations = authorizations
        self._options = options
        self._ids = count(4001)
        self._numbers = count()
        self._key = secrets.token_bytes(32)
        self._unpublished: deque[Entry] = deque()
        self._files: list[File] = []  # oldest first, numbered without a gap
        self._number_of: dict[str, int] = {}

    def hear(self, change: Change) -> None:
        scopes = self._authorizations.installed_scopes
        for subscription in self.subscriptions.values() if scopes else ():
            if scope_for(subscription.wanted) in (None, *scopes):
                self._write(events(change, subscription, self._options()))

    def hear_lifecycle(self, event_type: str) -> None:
        for subscription in self.subscriptions.values():
            self._write(lifecycle_events(event_type, self._clock.now_ms(), subscription.wanted, self._options()))

    def subscribe(self, wanted: Wanted) -> Subscription:
        """Take a subscription, in place of one for the same subject. Raises 400."""
        self._refuse_unfit(wanted)
        now_ms = self._clock.now_ms()
        for known in self.subscriptions.values():
            if known.wanted.subject == wanted.subject:
                known.wanted, known.updated_at_ms = wanted, now_ms
                return known
        made = Subscription(next(self._ids), wanted, now_ms, now_ms)
        self.subscriptions[made.id] = made
        return made

    def subscription(self, subscription_id: int) -> Subscription:
        """Raises 404."""
        known = self.subscriptions.get(subscription_id)
        if known is None:
            raise errors.not_found()
        return known

    def unsubscribe(self, subscription_id: int) -> None:
        del self.subscriptions[self.subscription(subscription_id).id]

    def unsubscribe_portal(self, portal_id: int) -> None:
        kept = {key: each for key, each in self.subscriptions.items() if each.wanted.portal_id != portal_id}
        self.subscriptions = kept

    def add_filter(self, subscription_id: int, wanted: Filter) -> int:
        """Give the new filter's id. Raises 400, 404."""
        subscription = self.subscription(subscription_id)
        unknown = [each.operator for each in wanted.conditions if each.operator not in OPERATORS]
        if unknown:
            raise errors.validation(f"Invalid input: operator must be one of {', '.join(OPERATORS)}.")
        filter_id = next(self._ids)
        subscription.filters[filter_id] = wanted
        return filter_id

    def filter_holder(self, filter_id: int) -> Subscription:
        """Give the subscription that a filter belongs to. Raises 404."""
        for subscription in self.subscriptions.values():
            if filter_id in subscription.filters:
                return subscription
        raise errors.not_found()

    def earliest(self, most: int) -> Sequence[File]:
        return self._kept()[:most]

    def latest(self, most: int) -> Sequence[File]:
        return self._kept()[-most:]

    def after(self, offset: str, most: int) -> Sequence[File] | None:
        """Give what follows a file; None where the offset is unknown, or its file no longer kept."""
        files = self._kept()
        position = self._position(offset)
        return None if position is None else files[position + 1 : position + 1 + most]

    def file(self, offset: str) -> File | None:
        files = self._kept()
        position = self._position(offset)
        return None if position is None else files[position]

    def link(self, file: File) -> Link:
        expires_at_ms = self._clock.now_ms() + LINK_S * 1000
        return Link(file.offset, expires_at_ms, self._signature(file.offset, expires_at_ms))

    def opens(self, link: Link) -> bool:
        genuine = hmac.compare_digest(self._signature(link.offset, link.expires_at_ms), link.signature)
        return genuine and self._clock.now_ms() < link.expires_at_ms

    def _signature(self, offset: str, expires_at_ms: int) -> str:
        return hmac.new(self._key, f"{offset} {expires_at_ms}".encode(), "sha256").hexdigest()

    def _write(self, written: Iterator[Event]) -> None:
        now_ms = self._clock.now_ms()
        self._unpublished += [Entry(now_ms, orjson.dumps(event)) for event in written]

    def _kept(self) -> list[File]:
        """Publish what is due, forget what is too old, and give what there is."""
        now_ms, delay_ms = self._clock.now_ms(), round(self._options().journal_delay_s * 1000)
        due: list[Entry] = []
        while self._unpublished and self._unpublished[0].at_ms + delay_ms <= now_ms:
            due.append(self._unpublished.popleft())
        for entries in _files_of(due):
            offset = str(uuid4())
            published_at_ms = entries[-1].at_ms + delay_ms
            file = File(next(self._numbers), offset, published_at_ms, [entry.text for entry in entries])
            self._files.append(file)
            self._number_of[offset] = file.number
        while self._files and self._files[0].published_at_ms + KEPT_MS <= now_ms:
            del self._number_of[self._files.pop(0).offset]
        return self._files

    def _position(self, offset: str) -> int | None:
        number = self._number_of.get(offset)
        return None if number is None else number - self._files[0].number

    def _refuse_unfit(self, wanted: Wanted) -> None:
        kind = wanted.subscription_type
        if kind not in ACTIONS:
            raise errors.validation(f"Invalid input: subscriptionType must be one of {', '.join(ACTIONS)}.")
        if kind != LIFECYCLE and wanted.portal_id != self._options().portal_id:
            raise errors.validation(f"Invalid input: the app is not installed in the account {wanted.portal_id}.")
        if not set(wanted.actions) <= set(ACTIONS[kind]) or (kind != LIFECYCLE and not wanted.actions):
            raise errors.validation(f"Invalid input: actions of {kind} are {', '.join(ACTIONS[kind])}.")
        if kind in (OBJECT, ASSOCIATION) and scope_for(wanted) is None:
            raise errors.validation(f"Invalid input: there is no object type {wanted.object_type_id!r}.")


def _files_of(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Cut what is published at one time into files of no more events, bytes and time than one may have."""
    page: list[Entry] = []
    size = 0
    for entry in entries:
        too_much = len(page) == MAX_EVENTS or size + len(entry.text) > MAX_BYTES
        if page and (too_much or entry.at_ms - page[0].at_ms > FILE_SPAN_MS):
            yield page
            page, size = [], 0
        page.append(entry)
        size += len(entry.text)
    if page:
        yield page
