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
    properties_with_history: tuple[str, ...] = ()
    id_property: str | None = None


class AssociationType(Body):
    association_category: str
    association_type_id: int


class NewAssociation(Body):
    to: InputBody
    types: tuple[AssociationType, ...]


class CreateBody(Body):
    properties: dict[str, Text | None] = Field(default_factory=dict)
    associations: tuple[NewAssociation, ...] = ()
    object_write_trace_id: str | None = None


class UpdateBody(Body):
    properties: dict[str, Text | None]
    object_write_trace_id: str | None = None


class BatchUpdateInput(UpdateBody):
    id: Text
    id_property: str | None = None


class BatchCreateBody(Body):
    inputs: tuple[CreateBody, ...]


class BatchUpdateBody(Body):
    inputs: tuple[BatchUpdateInput, ...]


class BatchArchiveBody(Body):
    inputs: tuple[InputBody, ...]


class MergeBody(Body):
    primary_object_id: Text
    object_id_to_merge: Text


class GdprDeleteBody(Body):
    object_id: Text
    id_property: str | None = None


class AssociationInput(InputBody):
    after: Text | None = None


class AssociationsReadBody(Body):
    inputs: tuple[AssociationInput, ...]


class Pair(Body):
    from_: InputBody = Field(alias="from")
    to: InputBody
    types: tuple[AssociationType, ...] = ()


class PairsBody(Body):
    inputs: tuple[Pair, ...]


class PairsOfOne(Body):
    from_: InputBody = Field(alias="from")
    to: tuple[InputBody, ...]


class PairsArchiveBody(Body):
    inputs: tuple[PairsOfOne, ...]


class ControlBody(Body):
    """What only the control API takes: its words are in snake_case, and an unknown one is a mistake."""

    model_config = ConfigDict(alias_generator=None, frozen=True, extra="forbid")


Model = TypeVar("Model", bound=Body)


def read(model: type[Model], body: bytes) -> Model:
    return _fitted(model, _parsed(body))


def read_list(model: type[Model], body: bytes) -> list[Model]:
    data = _parsed(body)
    if not isinstance(data, list):
        raise errors.validation("Invalid input: body: a list was expected")
    return [_fitted(model, each) for each in data]


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body.decode())
    except json.JSONDecodeError as error:
        raise errors.input_json(error.lineno, error.colno, error.msg) from error
    except UnicodeDecodeError as error:
        raise errors.input_json(1, error.start + 1, "not UTF-8") from error


def _fitted(model: type[Model], data: object) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise errors.validation(f"Invalid input: {where or 'body'}: {first['msg']}") from error
