"""Two ways to speak the DevTools protocol with one target, behind one shape: a page's own session, and a target that
Playwright does not list (the toolbar popup), reached through the browser's session.
Neither blocks for ever: an answer comes before its deadline, or `TargetClosed` or `ProtocolError` is raised.
"""

import itertools
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from playwright.sync_api import CDPSession, Error

ANSWER_WITHIN_S = 30.0
TURN_S = 0.004


class TargetClosed(Exception):
    """What was driven is gone: the popup closed, the page navigated away or crashed."""


class ProtocolError(Exception):
    """The browser refused a command."""


class DriverTimeout(AssertionError):
    """What was waited for did not come about."""


class Channel(Protocol):
    """One target: commands in, answers out, and whether it is still there."""

    @property
    def closed(self) -> bool: ...

    def send(self, method: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]: ...


class PageChannel:
    """A target Playwright knows: commands go over its CDP session as they are."""

    def __init__(self, session: CDPSession, is_closed: Callable[[], bool]) -> None:
        self._session = session
        self._is_closed = is_closed

    @property
    def closed(self) -> bool:
        return self._is_closed()

    def send(self, method: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        try:
            return _as_result(self._session.send(method, dict(params or {})))
        except Error as error:
            if self.closed:
                raise TargetClosed(f"{method}: the page is closed") from error
            raise ProtocolError(f"{method}: {error.message}") from error


class NestedChannel:
    """A target reached through the browser's session; answers arrive as events, which are read while waiting.
    https://chromedevtools.github.io/devtools-protocol/tot/Target/#method-sendMessageToTarget
    """

    def __init__(self, browser: CDPSession, target_id: str) -> None:
        self._browser = browser
        self._numbers = itertools.count(1)
        self._answers: dict[int, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.closed = False
        browser.on("Target.receivedMessageFromTarget", self._received)
        browser.on("Target.detachedFromTarget", self._detached)
        attached = browser.send("Target.attachToTarget", {"targetId": target_id, "flatten": False})
        self._session_id: str = attached["sessionId"]

    def send(self, method: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        if self.closed:
            raise TargetClosed(f"{method}: the target is closed")
        number = next(self._numbers)
        message = json.dumps({"id": number, "method": method, "params": dict(params or {})})
        try:
            self._browser.send("Target.sendMessageToTarget", {"sessionId": self._session_id, "message": message})
        except Error as error:
            self.closed = True
            raise TargetClosed(f"{method}: {error.message}") from error
        answer = self._answer(number, method)
        if "error" in answer:
            raise ProtocolError(f"{method}: {answer['error'].get('message')}")
        return _as_result(answer.get("result"))

    def detach(self) -> None:
        """Stop listening; the target itself is left as it is."""
        self._browser.remove_listener("Target.receivedMessageFromTarget", self._received)
        self._browser.remove_listener("Target.detachedFromTarget", self._detached)
        if not self.closed:
            self.closed = True
            self._browser.send("Target.detachFromTarget", {"sessionId": self._session_id})

    def turn(self) -> None:
        """Let events come in: Playwright dispatches them only while a command of its own is under way."""
        time.sleep(TURN_S)
        self._browser.send("Browser.getVersion")

    def _answer(self, number: int, method: str) -> dict[str, Any]:
        deadline = time.monotonic() + ANSWER_WITHIN_S
        while number not in self._answers:
            if self.closed:
                raise TargetClosed(f"{method}: the target closed before it answered")
            if time.monotonic() > deadline:
                raise DriverTimeout(f"{method}: no answer within {ANSWER_WITHIN_S:.0f} s")
            self.turn()
        return self._answers.pop(number)

    def _received(self, event: dict[str, Any]) -> None:
        if event["sessionId"] != self._session_id:
            return
        message = json.loads(event["message"])
        if "id" in message:
            self._answers[message["id"]] = message
        else:
            self.events.append(message)

    def _detached(self, event: dict[str, Any]) -> None:
        if event["sessionId"] == self._session_id:
            self.closed = True


def _as_result(answer: Any) -> dict[str, Any]:
    return answer if isinstance(answer, dict) else {}
