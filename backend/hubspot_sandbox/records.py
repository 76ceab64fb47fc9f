"""The portal's records as values that never change: a contact and a company, small enough that a million fit in memory.

What is set of a record's properties is kept as JSON and decoded whole each time it is asked for: take `properties`
once and read several of them from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import orjson

from hubspot_sandbox.moments import iso


@dataclass(frozen=True, slots=True)
class Record:
    id: int
    packed: bytes  # what `pack` made of the properties that are set; ids and moments are fields of their own
    created_at_ms: int
    modified_at_ms: int
    archived_at_ms: int | None = None

    modified_property: ClassVar[str]

    @property
    def properties(self) -> dict[str, str]:
        properties: dict[str, str] = orjson.loads(self.packed)
        return properties

    def value(self, name: str) -> str | None:
        if name == "hs_object_id":
            return str(self.id)
        if name == "createdate":
            return iso(self.created_at_ms)
        if name == self.modified_property:
            return iso(self.modified_at_ms)
        return self.properties.get(name)


class Contact(Record):
    __slots__ = ()
    modified_property = "lastmodifieddate"


class Company(Record):
    __slots__ = ()
    modified_property = "hs_lastmodifieddate"


def pack(properties: Mapping[str, str]) -> bytes:
    """Make the form a record keeps its properties in; what has no value is left out."""
    kept = {name: value for name, value in properties.items() if value}
    written = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
    return bytes(memoryview(written))  # a copy: orjson's own answers hold on to the 4 KiB they were written in
