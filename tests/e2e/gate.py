"""A gate on the road to HubSpot: shut, nobody gets an answer; open, answers pass as they are, or as a test changes them
on the wire. It keeps the moment of every request, so that what a failing run asks can be counted.
"""

import http.client
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

FORWARD_WITHIN_S = 60
HOP_BY_HOP = {"connection", "content-length", "transfer-encoding"}


@dataclass(frozen=True)
class Answer:
    """`announced` is the length the headers claim; None: the true one."""

    status: int
    body: bytes
    announced: int | None = None


# The path with its query, the request's body, HubSpot's answer.
Change = Callable[[str, bytes, Answer], Answer]


@dataclass
class Gate:
    """`asked_at` holds the moment of each request that came to the gate, answered or not."""

    url: str
    leads_to: str = ""
    asked_at: list[float] = field(default_factory=list)
    _change: Change | None = None
    _shut: bool = False

    @contextmanager
    def shut(self) -> Iterator[None]:
        """Within the block whoever comes is sent away without a word."""
        self._shut = True
        try:
            yield
        finally:
            self._shut = False

    @contextmanager
    def changing(self, change: Change) -> Iterator[None]:
        """Within the block answers are what `change` makes of them."""
        self._change = change
        try:
            yield
        finally:
            self._change = None

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[Answer, Any] | None:
        """What to send back, and the headers that go with it; None for nothing at all."""
        self.asked_at.append(time.time())
        if self._shut:
            return None
        connection = http.client.HTTPConnection(urlsplit(self.leads_to).netloc, timeout=FORWARD_WITHIN_S)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.read())
        finally:
            connection.close()
        change = self._change
        return (answer if change is None else change(path, body, answer)), response.headers


def cut_short(_path: str, _asked: bytes, answer: Answer) -> Answer:
    """The line breaks in the middle of the answer."""
    return Answer(answer.status, answer.body[: len(answer.body) // 2], announced=len(answer.body))


def garbage(_path: str, _asked: bytes, answer: Answer) -> Answer:
    """JSON that ends too early, under a length that is right."""
    return Answer(answer.status, answer.body[: len(answer.body) // 2])


@contextmanager
def open_gate(leads_to: str = "") -> Iterator[Gate]:
    """A gate before the server at this address."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        gate = Gate(f"http://127.0.0.1:{server.server_port}", leads_to)
        server.gate = gate  # type: ignore[attr-defined] # how a handler gets at what it serves
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="gate", daemon=True)
        thread.start()
        try:
            yield gate
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # whoever asked may be dead by now
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        gate: Gate = self.server.gate  # type: ignore[attr-defined] # set above
        asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        given = gate.answer(self.command, self.path, headers, asked)
        if given is None:
            self.close_connection = True
        else:
            with suppress(ConnectionError):  # whoever asked may be dead by now
                self._send(*given)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Silent: tests ask the gate itself."""

    def _send(self, answer: Answer, headers: Any) -> None:
        length = len(answer.body) if answer.announced is None else answer.announced
        self.send_response(answer.status)
        for name, value in headers.items():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(answer.body)
        self.close_connection = length != len(answer.body)
