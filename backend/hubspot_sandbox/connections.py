"""What faults need of a connection below HTTP: waiting until the client gives up, answers that come in drops, in half
or not at all. `Protocol` is uvicorn's own, with its transport put where a response can close it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hubspot_sandbox.statistics import NO_ANSWER

TRANSPORT = "hubspot_sandbox.transport"
DROPS = 20

Wait = Callable[[], Awaitable[object]]


class Protocol(HttpToolsProtocol):
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]  # typed for uvicorn's own


class Dropped(Response):
    """Not a byte, and the connection ends."""

    def __init__(self) -> None:
        super().__init__(status_code=NO_ANSWER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        await _hang_up(scope, receive)


class Cut(Response):
    """The whole head and half the body, and the connection ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await _hang_up(scope, receive)


class Dribbled(Response):
    """The body in drops; `wait` passes the time before each."""

    def __init__(self, wait: Wait, content: bytes, status: int, headers: Mapping[str, str], media_type: str) -> None:
        super().__init__(content, status, headers, media_type)
        self._wait = wait

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        body = bytes(self.body)
        size = max(1, -(-len(body) // DROPS))
        for start in range(0, len(body), size):
            await self._wait()
            await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def stays(receive: Receive, released: asyncio.Event, seconds: float | None) -> bool:
    """Wait so long, without end for None, but only until released; False at once when the client gives up."""
    gone = asyncio.ensure_future(_gone(receive))
    free = asyncio.ensure_future(released.wait())
    try:
        await asyncio.wait((gone, free), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return not gone.done()
    finally:
        gone.cancel()
        free.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _hang_up(scope: Scope, receive: Receive) -> None:
    cast("asyncio.Transport", scope["extensions"][TRANSPORT]).close()  # ASGI has no type for extensions
    await _gone(receive)
