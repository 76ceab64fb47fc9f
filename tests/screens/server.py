"""The server that screens are drawn in front of: it answers with what was prepared, in the shapes of the service, and
writes down what it was asked. A question that is still on its way when the next situation is prepared gets no answer:
whatever it were, it might change what is to be seen.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel

from callbook.web import shapes
from callbook.web.shapes.preferences import LineOut
from tests.screens import prepared

ANSWERED_WITHIN_S = 30.0
# https://datatracker.ietf.org/doc/html/rfc6455#section-1.3
SOCKET_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
Answer = BaseModel | None


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    body: Any


class Server:
    """`answers` is what it knows, `token` the session that may ask."""

    def __init__(self) -> None:
        self.answers = prepared.Answers()
        self.token = ""
        self.asked: list[Asked] = []
        self._answered = threading.Condition()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._http.daemon_threads = True

    @property
    def port(self) -> int:
        return self._http.server_port

    def prepare(self, answers: prepared.Answers, token: str) -> None:
        with self._answered:
            self.answers, self.token, self.asked = answers, token, []

    def note(self, asked: Asked) -> None:
        with self._answered:
            self.asked.append(asked)
            self._answered.notify_all()

    def wait_for(self, method: str, path: str) -> Asked:
        """The first such request, once it was answered."""

        def found() -> Asked | None:
            return next((one for one in self.asked if (one.method, one.path) == (method, path)), None)

        with self._answered:
            assert self._answered.wait_for(lambda: found() is not None, ANSWERED_WITHIN_S), (
                f"nobody asked {method} {path}, but {self.asked}"
            )
            asked = found()
        assert asked is not None
        return asked

    @contextmanager
    def running(self) -> Iterator["Server"]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()

    # --- what it knows

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Answer]:
        refusal = self.answers.refuses.get(f"{method} {path}")
        if refusal is not None:
            return refusal.status, prepared.refusal(refusal.kind)
        route = self._routes().get(f"{method} {path}")
        if route is None and path.startswith("/api/contacts/"):
            return 200, self.answers.contact
        return (404, prepared.refusal("not_found")) if route is None else (200, route(query, body))

    def _routes(self) -> dict[str, Callable[[dict[str, str], Any], Answer]]:
        answers = self.answers
        return {
            "GET /health": lambda _query, _body: shapes.Health(status="ok", service="callbook", version="0.1.0"),
            "GET /api/sync": lambda _query, _body: answers.sync,
            "POST /api/sync": self._start_run,
            "GET /api/settings": lambda _query, _body: answers.settings,
            "PATCH /api/settings": self._change_settings,
            "GET /api/lines": lambda _query, _body: shapes.LinesOut(lines=list(answers.lines)),
            "PUT /api/lines": self._set_lines,
            "POST /api/contacts/search": lambda _query, body: answers.listing(shapes.ContactsIn(**body)),
            "POST /api/calls/search": lambda _query, body: answers.history(shapes.HistoryIn(**body)),
            "GET /api/problems": lambda _query, _body: answers.problems,
            "POST /api/calls/test": lambda _query, _body: prepared.calls()[0],
            "POST /api/hubspot-search": lambda _query, _body: answers.remote,
            "GET /api/events": lambda _query, _body: shapes.EventsOut(
                events=[], newest=answers.sync.event, start_again=False
            ),
            "POST /api/tickets": lambda _query, _body: shapes.TicketOut(
                ticket="ticket", expires_at=prepared.at(14, 30)
            ),
            "POST /auth/session": self._redeem,
        }

    def _start_run(self, _query: dict[str, str], body: Any) -> Answer:
        wish = shapes.SyncIn(**body)
        run = prepared.run(id=41, kind=wish.kind, trigger="manual", state="queued", read=0, total=None)
        self.answers = replace(self.answers, sync=self.answers.sync.model_copy(update={"run": run}))
        return run

    def _change_settings(self, _query: dict[str, str], body: Any) -> Answer:
        change = shapes.PreferencesIn(**body).model_dump(exclude_unset=True)
        sync = self.answers.sync
        if "interval_minutes" in change:
            sync = sync.model_copy(update={"interval_minutes": change["interval_minutes"]})
        settings = self.answers.settings.model_copy(update=change)
        self.answers = replace(self.answers, sync=sync, settings=settings)
        return settings

    def _set_lines(self, _query: dict[str, str], body: Any) -> Answer:
        wish = shapes.LinesIn(**body)
        known = {one.line: one.display for one in self.answers.lines}
        lines = [LineOut(line=each, display=known.get(each, each)) for each in wish.lines]
        self.answers = replace(self.answers, lines=lines)
        return shapes.LinesOut(lines=lines)

    def _redeem(self, _query: dict[str, str], body: Any) -> Answer:
        shapes.RedeemIn(**body)
        return shapes.SessionOut(token=self.token, expires_at=prepared.at(14, 30), account=prepared.ACCOUNT)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, server: Server, *connection: Any) -> None:
        self._known = server
        super().__init__(*connection)

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length", 0))
        content = self.rfile.read(length)
        asker = self.headers.get("Authorization")
        if self._known.answers.away or (asker is not None and asker != f"Bearer {self._known.token}"):
            self.close_connection = True  # and no answer
            return
        if self.command == "OPTIONS":
            self._send(204, b"")
        elif parts.path == "/auth/start":
            self._consent(dict(parse_qsl(parts.query)))
        elif parts.path in prepared.PHONES:
            self._send(200, prepared.PHONES[parts.path].encode(), "text/html")
        elif parts.path == "/api/events/socket":
            self._hold_socket()
        else:
            body = json.loads(content) if content else None
            status, answer = self._known.answer(self.command, parts.path, dict(parse_qsl(parts.query)), body)
            self._send(status, b"" if answer is None else answer.model_dump_json().encode())
            self._known.note(Asked(self.command, parts.path, body))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _handle  # noqa: N815 - the names http.server calls

    def _send(self, status: int, content: bytes, kind: str = "application/json") -> None:
        with suppress(ConnectionError):  # the screen that asked may be gone
            self.send_response(status)
            self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "*"))
            self.send_header("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept")
            self.send_header("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
            self.send_header("Access-Control-Max-Age", "600")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def _consent(self, query: dict[str, str]) -> None:
        """HubSpot's consent page and the way back, in one step: what it says was prepared."""
        self.send_response(302)
        self.send_header("Location", f"https://{query['extension']}.chromiumapp.org/?{self._known.answers.consent}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _hold_socket(self) -> None:
        """An event socket on which nothing happens, until the browser closes it."""
        key = self.headers["Sec-WebSocket-Key"].encode()
        accepted = base64.b64encode(hashlib.sha1(key + SOCKET_KEY, usedforsecurity=False).digest()).decode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accepted)
        self.end_headers()
        self.close_connection = True
        with suppress(OSError):
            while self.rfile.read(1):
                pass

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""
