"""What every request passes: an id for the log, a database connection, and, under `/api`, a session.

Everything under `/api` needs a session unless its view says `@open_to_all`, so that none can be forgotten. The log
holds the route, never the address with its query: that may hold a name or a number.
"""

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from apiflask import APIFlask
from flask import Response, current_app, g, request
from pydantic_core import to_json
from werkzeug.exceptions import UnsupportedMediaType

from callbook import accounts
from callbook.accounts import Signed
from callbook.errors import Refused
from callbook.events import Watcher
from callbook.jobs import Jobs
from callbook.models import Owner, database
from callbook.settings import Settings

log = logging.getLogger(__name__)
View = TypeVar("View", bound=Callable[..., object])
_OPEN: set[str] = set()  # endpoints


def open_to_all(view: View) -> View:
    """Marks a view that needs no session, or sees to it in its own way. Its blueprint has its module's name."""
    _OPEN.add(f"{view.__module__.rpartition('.')[2]}.{view.__name__}")
    return view


def settings() -> Settings:
    found: Settings = current_app.extensions["callbook"]
    return found


def wake(run_id: int | None) -> None:
    """Tells a worker of a run, if there is one to tell of."""
    jobs: Jobs = current_app.extensions["callbook_jobs"]
    if run_id is not None:
        jobs.wake(run_id)


def watcher() -> Watcher:
    found: Watcher = current_app.extensions["callbook_watcher"]
    return found


def signed() -> Signed:
    """Who the request speaks for."""
    who: Signed = g.signed
    return who


def owner() -> Owner:
    return signed().owner


def written(answer: Mapping[str, Any]) -> Response:
    """An answer that has its endpoint's shape already: to put a long one through it takes as long as to find it. Tests
    hold every answer to its shape.
    """
    return Response(to_json(answer), mimetype="application/json")


def install(app: APIFlask) -> None:
    app.before_request(_begin)
    app.before_request(_admit)
    app.after_request(_log)
    app.teardown_request(release_database)


def _begin() -> None:
    g.request_id = secrets.token_hex(6)
    g.began_s = time.monotonic()
    database.connect(reuse_if_open=True)


def _admit() -> None:
    if request.method in ("POST", "PUT", "PATCH") and request.content_length and not request.is_json:
        raise UnsupportedMediaType("send application/json")
    guarded = request.path.startswith("/api/") and request.method != "OPTIONS"
    if guarded and request.endpoint and request.endpoint not in _OPEN:
        g.signed = accounts.who(settings(), bearer_token())


def bearer_token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused("signed_out")
    return token.strip()


def _log(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    response.headers["Cache-Control"] = "no-store"
    duration_ms = (time.monotonic() - g.began_s) * 1000
    route = request.url_rule.rule if request.url_rule else "no route"
    log.info("%s %s %s %s %.0f ms", g.request_id, request.method, route, response.status_code, duration_ms)
    return response


def release_database(_problem: BaseException | None = None) -> None:
    """For others to use, before the request is over."""
    if not database.is_closed():
        database.close()
