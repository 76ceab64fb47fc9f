"""Serves the stand-in for RingCentral's widget, on a loopback port of its own: another origin than everything else."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

FILES = Path(__file__).resolve().parent


@contextmanager
def widget_server() -> Iterator[str]:
    """The address while it is served: `app.html` is the widget, `silent.html` never says anything. The same files
    answer at `http://localhost:PORT/`, which is another origin.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(FILES))) as server:
        thread = Thread(target=server.serve_forever, name="widget", daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Silent: the tests say what matters."""
