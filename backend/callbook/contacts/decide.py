"""What becomes of a cached contact, given what HubSpot was seen to hold: a pure function, to be read as a table."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from callbook.hubspot import RemoteContact


class Action(Enum):
    INSERT = "insert"
    UPDATE = "update"
    RESTORE = "restore"
    KEEP = "keep"


@dataclass(frozen=True)
class Known:
    """The cached row, as far as the decision goes."""

    properties: dict[str, Any]
    modified_at: datetime | None
    read_at: datetime
    primary: bool
    deleted_at: datetime | None


def decide(remote: RemoteContact, row: Known | None) -> Action:
    if row is None:
        return Action.INSERT
    if row.deleted_at is not None:  # only the primary store may bring back the dead
        return Action.RESTORE if remote.primary and remote.read_at > row.deleted_at else Action.KEEP
    if _older(remote, row) or remote.properties == row.properties:
        return Action.KEEP
    return Action.UPDATE


def _older(remote: RemoteContact, row: Known) -> bool:
    """By HubSpot's word first; of one moment's two states the later read one counts. Search may lag, so it never
    overwrites what the primary store said later.
    """
    if row.modified_at is not None and remote.modified_at < row.modified_at:
        return True
    told_later = remote.modified_at != row.modified_at and (remote.primary or not row.primary)
    return remote.read_at < row.read_at and not told_later
