"""One HTTP exchange without the web framework: what a handler is given and what it gives back.

Handlers are plain functions from a `Call` to an `Answer`; waiting, tokens, faults and statistics are the server's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import orjson
from starlette.datastructures import QueryParams

JSON = "application/json;charset=utf-8"


@dataclass(frozen=True)
class Answer:
    content: bytes
    status: int = 200
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    records: int = 0  # how many records it carries: the latency model charges by the record


@dataclass(frozen=True)
class Call:
    url: str  # without its query
    path: Mapping[str, str]
    query: QueryParams
    body: bytes = b""
    content_type: str = ""
    authorization: str = ""

    def query_with(self, name: str, value: str) -> str:
        kept = [(each, text) for each, text in self.query.multi_items() if each != name]
        return urlencode([*kept, (name, value)])

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


class Refused(Exception):
    """The request is answered with an error; `answer` is that answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status} {answer.content.decode('utf-8', 'replace')}")
        self.answer = answer


def json_answer(body: object, status: int = 200, *, records: int = 0) -> Answer:
    return Answer(orjson.dumps(body), status, records=records)


def empty_answer() -> Answer:
    return Answer(b"", 204)


def html_answer(text: str, status: int = 200) -> Answer:
    return Answer(text.encode(), status, "text/html; charset=utf-8")


def redirect(url: str, parameters: Mapping[str, str]) -> Answer:
    """Send the browser on to `url` with `parameters` added to the query it already has."""
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(parameters)) if part)
    return Answer(b"", 302, "text/plain", {"Location": urlunsplit(parts._replace(query=query))})
