"""An app's server on this machine: it keeps every delivery it got and answers as it is told."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DEADLINE_S = 20


@dataclass(frozen=True)
class Delivery:
    path: str
    headers: Message
    body: bytes

    @property
    def events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = json.loads(self.body)
        return events


@dataclass
class Receiver:
    """`status` answers each delivery, with `text`; None leaves it without an answer until `let_go`."""

    url: str = ""
    text: str = ""
    status: Callable[[Delivery], int | None] = lambda _delivery: 204
    deliveries: list[Delivery] = field(default_factory=list)
    peak: int = 0
    let_go: threading.Event = field(default_factory=threading.Event)
    arrivals: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _here: int = 0

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for delivery in self.deliveries for event in delivery.events]

    def wait_for(self, count: int) -> None:
        """Wait until so many more deliveries have come in."""
        for _ in range(count):
            assert self.arrivals.acquire(timeout=DEADLINE_S)

    def answer(self, delivery: Delivery) -> int | None:
        with self._lock:
            self._here += 1
            self.peak = max(self.peak, self._here)
            self.deliveries.append(delivery)
        self.arrivals.release()
        status = self.status(delivery)
        if status is None:
            assert self.let_go.wait(DEADLINE_S)
        with self._lock:
            self._here -= 1
        return status


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.answer(Delivery(self.path, self.headers, body))
            if status is not None:
                self.send_response(status)
                text = receiver.text.encode()
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks/hubspot"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.let_go.set()
        server.shutdown()
        thread.join(DEADLINE_S)
        server.server_close()


@contextmanager
def dripping(answer: bytes, every_s: float) -> Iterator[str]:
    """A server whose answer to the first request comes byte by byte; gives its URL."""
    over = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):  # the other side may have hung up
            connection.recv(65_536)
            for byte in answer:
                connection.sendall(bytes([byte]))
                over.wait(every_s)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        over.set()
        thread.join(DEADLINE_S)
