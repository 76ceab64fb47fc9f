"""What all of HubSpot's record endpoints answer: results, the way to the next page, ids and texts that may be odd."""

from typing import Any

from pydantic import BaseModel, ValidationError

from callbook.errors import Transient

NOT_FOUND = "OBJECT_NOT_FOUND"
MAX_ID, MAX_ID_DIGITS = 2**63 - 1, 19  # what a database's BIGINT holds


class _Next(BaseModel):
    after: str


class _Paging(BaseModel):
    next: _Next | None = None


class _Error(BaseModel):
    category: str = ""
    context: dict[str, list[Any]] = {}


class Answer(BaseModel):
    """`total` only search gives. The results are parsed one by one, so that an odd one costs only itself."""

    results: list[Any]
    paging: _Paging | None = None
    total: int | None = None

    @property
    def after(self) -> str | None:
        return self.paging.next.after if self.paging and self.paging.next else None

    @property
    def ids(self) -> list[int]:
        """Of the records whose id can be told."""
        ids = [id_of(str(each.get("id", ""))) for each in self.results if isinstance(each, dict)]
        return [each for each in ids if each is not None]


def answer_of(body: dict[str, Any]) -> Answer:
    """Raises `Transient`."""
    try:
        return Answer.model_validate(body)
    except ValidationError as problem:
        raise Transient("hubspot_error", f"an answer of another shape, {problem.error_count()} fields off") from problem


def refused_ids(body: dict[str, Any]) -> frozenset[int]:
    """Ids that a multi-status answer (207) names as failed, other than because there is no such record."""
    named: set[int | None] = set()
    errors = body.get("errors")
    for error in errors if isinstance(errors, list) else ():
        try:
            known = _Error.model_validate(error)
        except ValidationError:  # whatever it is, it names no record
            continue
        if known.category != NOT_FOUND:
            named.update(id_of(str(each)) for each in known.context.get("ids", ()))
    return frozenset(each for each in named if each is not None)


def id_of(text: str) -> int | None:
    """None for what cannot be an id. Python calls "²" and "٣" digits, too."""
    plain = text.isascii() and text.isdigit() and len(text) <= MAX_ID_DIGITS
    return int(text) if plain and int(text) <= MAX_ID else None


def storable(text: str) -> str:
    """What both databases take: no NUL, and no half of a character (JSON may carry either)."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "").encode(errors="replace").decode()
