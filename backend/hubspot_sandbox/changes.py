"""What a change of the portal looks like to whoever watches: the search index, the webhooks and the journal.

Every change of a contact or a company, and of what joins them, is told once, after the portal holds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hubspot_sandbox.records import Record


class Action(StrEnum):
    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"  # archived, and can be restored
    RESTORE = "RESTORE"
    MERGE = "MERGE"
    GDPR_DELETE = "GDPR_DELETE"
    ASSOCIATE = "ASSOCIATE"
    DISSOCIATE = "DISSOCIATE"


@dataclass(frozen=True, slots=True)
class Association:
    contact_id: int
    company_id: int
    primary: bool


@dataclass(frozen=True, slots=True)
class Change:
    action: Action
    at_ms: int
    kind: str  # the object type's id: "0-1" or "0-2"
    id: int  # of the record; after a merge the new one's
    before: Record | None = None
    after: Record | None = None
    properties: Mapping[str, str] = field(default_factory=dict)  # the changed ones, "" when cleared
    merged_ids: tuple[int, ...] = ()  # primary, other
    association: Association | None = None  # of ASSOCIATE and DISSOCIATE, whose `id` is the contact's
    source: str = "API"
