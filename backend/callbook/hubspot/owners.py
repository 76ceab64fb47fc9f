"""Owners as HubSpot gives them: the users whom contacts belong to. A contact names an owner by the owner's id, which is
not the user's. Path: the 2026-09 version.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from callbook.hubspot.answers import MAX_ID, answer_of, id_of, storable
from callbook.hubspot.client import Client

PATH = "/crm/owners/2026-09"
LIMIT = 100


@dataclass(frozen=True)
class RemoteOwner:
    id: int
    name: str | None
    email: str | None
    user_id: int | None


@dataclass(frozen=True)
class OwnersPage:
    """`after` is None on the last page."""

    owners: tuple[RemoteOwner, ...]
    after: str | None


class _Record(BaseModel):
    id: str
    email: str | None = None
    first_name: str | None = Field(None, alias="firstName")
    last_name: str | None = Field(None, alias="lastName")
    user_id: int | None = Field(None, alias="userIdIncludingInactive", ge=0, le=MAX_ID)


def owners_page(client: Client, after: str | None) -> OwnersPage:
    params = {"limit": str(LIMIT)} | ({} if after is None else {"after": after})
    answer = answer_of(client.get(PATH, params))
    parsed = [owner for owner in map(_parse, answer.results) if owner is not None]
    return OwnersPage(tuple(parsed), answer.after)


def _parse(result: Any) -> RemoteOwner | None:  # noqa: ANN401 - JSON
    try:
        record = _Record.model_validate(result)
    except ValidationError:
        return None
    number = id_of(record.id)
    email = storable(record.email or "").strip() or None
    full = " ".join(storable(f"{record.first_name or ''} {record.last_name or ''}").split())
    return None if number is None else RemoteOwner(number, full or email, email, record.user_id)
