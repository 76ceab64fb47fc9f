"""The same server from farther away: a relay that keeps every byte for half a round trip."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

STARTED_WITHIN_S = 10.0
CHUNK = 65_536


@contextmanager
def farther(url: str, round_trip_s: float) -> Iterator[str]:
    """Its address there. A connection takes a round trip to open, and so do a question and its answer."""
    relay = _Relay(urlsplit(url).netloc, round_trip_s)
    # Beside Playwright's, which runs in this thread, a loop has to have a thread of its own.
    thread = threading.Thread(target=lambda: asyncio.run(relay.serve()), name="relay", daemon=True)
    thread.start()
    loop, port = relay.started.result(STARTED_WITHIN_S)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(relay.stopping.set)
        thread.join()


class _Relay:
    def __init__(self, leads_to: str, round_trip_s: float) -> None:
        self._host, _, self._port = leads_to.partition(":")
        self._round_trip_s = round_trip_s
        self.started: Future[tuple[asyncio.AbstractEventLoop, int]] = Future()
        self.stopping = asyncio.Event()

    async def serve(self) -> None:
        async with await asyncio.start_server(self._connected, "127.0.0.1", 0) as server:
            self.started.set_result((asyncio.get_running_loop(), server.sockets[0].getsockname()[1]))
            await self.stopping.wait()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self._round_trip_s)
        back_reader, back_writer = await asyncio.open_connection(self._host, int(self._port))
        # The relay ends, and this connection with it; or the browser lets go of it.
        with suppress(asyncio.CancelledError, ConnectionError):
            await asyncio.gather(self._pass(reader, back_writer), self._pass(back_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while chunk := await reader.read(CHUNK):
            loop.call_later(self._round_trip_s / 2, writer.write, chunk)
        loop.call_later(self._round_trip_s / 2, writer.close)
