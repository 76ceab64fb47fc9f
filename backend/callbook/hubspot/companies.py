"""Companies as HubSpot gives them: those that contacts name by `associatedcompanyid`, read by id. Path: the 2026-09
version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from callbook.hubspot.answers import answer_of, id_of, storable
from callbook.hubspot.client import Client

PATH = "/crm/objects/2026-09/companies"
PROPERTIES = ("name", "phone", "country")


@dataclass(frozen=True)
class RemoteCompany:
    """`phone` is the main line as somebody wrote it."""

    id: int
    name: str | None
    phone: str | None
    country: str | None


class _Record(BaseModel):
    id: str
    properties: dict[str, str | None]


def read_companies(client: Client, ids: Sequence[int]) -> list[RemoteCompany]:
    """Those of `ids` (at most 100) that exist and can be read; a 207 with some missing is a success."""
    body = {"properties": list(PROPERTIES), "inputs": [{"id": str(each)} for each in ids]}
    results = answer_of(client.post(f"{PATH}/batch/read", body)).results
    return [company for company in map(_parse, results) if company is not None]


def _parse(result: Any) -> RemoteCompany | None:  # noqa: ANN401 - JSON
    try:
        record = _Record.model_validate(result)
    except ValidationError:
        return None
    number = id_of(record.id)
    values = {name: storable(record.properties.get(name) or "").strip() or None for name in PROPERTIES}
    return None if number is None else RemoteCompany(number, values["name"], values["phone"], values["country"])
