"""The JSON bodies of requests, read once into frozen models; what does not fit is refused as HubSpot refuses it."""

import json
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from hubspot_sandbox import errors


def _as_text(value: object) -> object:
    """HubSpot takes a number or a boolean wherever it wants text."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _as_sort(value: object) -> object:
    """Read the specification's form of a sort, a string with "-" for descending; the documented one is an object."""
    if not isinstance(value, str):
        return value
    return {"propertyName": value.removeprefix("-"), "direction": "DESCENDING" if value[:1] == "-" else "ASCENDING"}


Text = Annotated[str, BeforeValidator(_as_text)]


class Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class Filter(Body):
    property_name: str
    operator: str
    value: Text | None = None
    high_value: Text | None = None
    values: tuple[Text, ...] = ()


class FilterGroup(Body):
    filters: tuple[Filter, ...] = ()


class Sort(Body):
    property_name: str
    direction: str = "ASCENDING"


class SearchBody(Body):
    filter_groups: tuple[FilterGroup, ...] = ()
    sorts: tuple[Annotated[Sort, BeforeValidator(_as_sort)], ...] = ()
    query: str = ""
    properties: tuple[str, ...] = ()
    limit: int = 10
    after: int = 0


class InputBody(Body):
    id: Text


class BatchReadBody(Body):
    inputs: tuple[InputBody, ...]
    properties: tuple[str, ...] = ()
    id_property: str | None = None


class WriteBody(Body):
    properties: dict[str, Text | None]


class ControlBody(Body):
    """What only the control API takes: its words are in snake_case, and an unknown one is a mistake."""

    model_config = ConfigDict(alias_generator=None, frozen=True, extra="forbid")


class EditBody(ControlBody):
    properties: dict[str, Text | None] = Field(default_factory=dict)
    modified_at: str | None = None


class CompanyBody(ControlBody):
    properties: dict[str, Text | None] = Field(default_factory=dict)


class ClockBody(ControlBody):
    advance_s: float = Field(ge=0)


class LatencyBody(ControlBody):
    latency_ms: float = Field(default=0, ge=0)
    per_record_ms: float = Field(default=0, ge=0)


Model = TypeVar("Model", bound=Body)


def read(model: type[Model], body: bytes) -> Model:
    try:
        data = json.loads(body.decode())
    except json.JSONDecodeError as error:
        raise errors.input_json(error.lineno, error.colno, error.msg) from error
    except UnicodeDecodeError as error:
        raise errors.input_json(1, error.start + 1, "not UTF-8") from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise errors.validation(f"Invalid input: {where or 'body'}: {first['msg']}") from error
