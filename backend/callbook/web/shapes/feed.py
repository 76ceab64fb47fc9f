"""The change feed."""

from typing import Annotated

from pydantic import Field

from callbook.web.shapes.parts import MAX_ID, Given, Identifier, PhoneKind, Shape


class FeedQuery(Given):
    """A cursor goes with the epoch it came with; without both, the feed is read from its beginning."""

    epoch: Identifier | None = None
    after: Annotated[int, Field(ge=-MAX_ID, le=MAX_ID)] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 1000


class FeedPhone(Shape):
    number: str
    extension: str | None
    kind: PhoneKind


class FeedRow(Shape):
    """Of a contact that is gone (`deleted`), the ids alone."""

    id: int
    hubspot_id: str
    deleted: bool
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    job_title: str | None = None
    emails: list[str] = Field(default=[])
    phones: list[FeedPhone] = Field(default=[])


class FeedOut(Shape):
    """`cursor` is for the page after this one, and as long as there is `more` for that alone. Where this is the first
    page, another reading may begin at `newest` once this one has come to its end. `start_again`: the cursor leads
    nowhere; forget what is known and read without one.
    """

    contacts: list[FeedRow]
    epoch: int
    cursor: int
    newest: int
    more: bool
    start_again: bool
