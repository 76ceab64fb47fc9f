"""`/openapi.json`, put right: one name for each shape, our own shape of errors, and who needs a session."""

from typing import Any

from apiflask import APIFlask

from callbook.web.shapes import Refusal

OPEN_PATHS = ("/health", "/auth/session")
SESSION = {"session": {"type": "http", "scheme": "bearer"}}
REFUSALS = {"400": "bad request", "401": "no session", "404": "not there, or not yours", "422": "not as described"}


def install(app: APIFlask) -> None:
    app.spec_processor(_put_right)


def _put_right(spec: dict[str, Any] | str) -> dict[str, Any] | str:
    """The library names a shape within a shape `Outer.Inner`; they are all the same `Inner`."""
    if isinstance(spec, str):  # YAML, which we do not offer
        return spec
    whole: dict[str, Any] = _renamed(spec)
    refusal = Refusal.model_json_schema(ref_template="#/components/schemas/{model}")
    found = {_inner(name): shape for name, shape in whole["components"]["schemas"].items() if name != "ValidationError"}
    schemas = {**found, **refusal.pop("$defs"), "Refusal": refusal}
    whole["components"] = {"schemas": dict(sorted(schemas.items())), "securitySchemes": SESSION}
    for path, operations in whole["paths"].items():
        for operation in operations.values():
            if path not in OPEN_PATHS:
                operation["security"] = [{"session": []}]
            operation["responses"] |= {status: _refused(what) for status, what in REFUSALS.items()}
    return whole


def _refused(what: str) -> dict[str, Any]:
    return {"description": what, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}}


def _renamed(node: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    if isinstance(node, list):
        return [_renamed(each) for each in node]
    if isinstance(node, dict):
        return {name: _inner(value) if name == "$ref" else _renamed(value) for name, value in node.items()}
    return node


def _inner(name: str) -> str:
    head, slash, last = name.rpartition("/")
    return head + slash + last.rpartition(".")[2]
