"""Something a person looks at and works on (a popup, a page, what lies over a page in a closed shadow root), driven the
way they do it: elements are found by accessible role and name, clicks and keys are real input events at real places.
"""

import base64
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tests.e2e.keyboard import key_events
from tests.e2e.protocol import Channel, DriverTimeout, ProtocolError, TargetClosed

WAIT_S = 30.0  # a request that gets no answer is given up after 10 s, and a GET repeated
Name = str | re.Pattern[str] | None
Found = TypeVar("Found")

# In the page: scroll to the element, let two frames pass, and say where to click, or why not yet. A control that is
# drawn by its label (a styled radio button) is clicked on the label, as a person does.
_CLICK_POINT = """async function () {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const box = (element) => element.getBoundingClientRect();
  const spot = (element) => {
    const { left, top, width, height } = box(element);
    return { x: left + width / 2, y: top + height / 2, drawn: width > 0 && height > 0 };
  };
  const reached = (element) => {
    const { x, y, drawn } = spot(element);
    const hit = drawn && element.getRootNode().elementFromPoint(x, y);
    return hit && (element.contains(hit) || hit.closest('label')?.control === element) ? { x, y } : null;
  };
  if (!this.isConnected) return { why: 'it was removed' };
  if (this.matches(':disabled') || this.ariaDisabled === 'true') return { why: 'it is disabled' };
  this.scrollIntoViewIfNeeded();
  const before = box(this);
  await frame();
  await frame();
  const after = box(this);
  if (before.x !== after.x || before.y !== after.y) return { why: 'it is moving' };
  const labels = [...(this.labels ?? [])];
  return [this, ...labels].map(reached).find(Boolean) ?? { why: 'it is not visible, or something covers it' };
}"""

_TEXT = """function () {
  const silent = ['STYLE', 'SCRIPT', 'TEMPLATE', 'LINK', 'NOSCRIPT'];
  const shown = (element) => !silent.includes(element.tagName) && getComputedStyle(element).display !== 'none';
  const written = [...this.children].filter(shown).map((element) => element.innerText ?? '');
  const generated = [...this.querySelectorAll('[data-words]')].map((element) => element.dataset.words);
  return [...written, ...generated].join('\\n');
}"""

# The next time something may have changed: two frames, or 100 ms where frames are not drawn (a tab in the background).
_NEXT_CHANGE = """new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(done));
  setTimeout(done, 100);
})"""


@dataclass(frozen=True)
class Element:
    """What the accessibility tree says of one element; `states` has checked, pressed, expanded, disabled, ..."""

    node: int
    role: str
    name: str
    value: Any
    description: str
    states: dict[str, Any]


class Surface:
    """`channel` leads to the target; the rest is what a person can see and do there."""

    def __init__(self, channel: Channel, called: str) -> None:
        self.channel = channel
        self.called = called

    @property
    def closed(self) -> bool:
        return self.channel.closed

    # --- looking

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited."""
        answer = self.channel.send(
            "Runtime.evaluate",
            {"expression": expression, "awaitPromise": True, "returnByValue": True, "userGesture": False},
        )
        return _value(answer, expression)

    def text(self) -> str:
        """What can be read, the closed shadow roots included; at its end, what a style sheet writes."""
        return "\n".join(filter(None, (str(self._call(node, _TEXT)).strip() for node in self._roots())))

    def elements(self, role: str, name: Name = None) -> list[Element]:
        """All elements with this role whose accessible name is `name` (a pattern may match anywhere in it)."""
        document = self.channel.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
        found = self.channel.send("Accessibility.queryAXTree", {"nodeId": document, "role": role})["nodes"]
        known = (_element(node) for node in found if not node.get("ignored"))
        return [element for element in known if _matches(element.name, name)]

    def ask(self, function: str, role: str, name: Name = None) -> Any:
        """What a JavaScript function answers with the element, as soon as there is one, as its `this`."""
        return self._call(self.wait_for(role, name).node, function)

    def screenshot(self, path: Path) -> Path:
        """A PNG of what is shown, at the screen's own density."""
        shot = self.channel.send("Page.captureScreenshot", {"format": "png"})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(shot["data"]))
        return path

    # --- waiting

    def wait_for(self, role: str, name: Name = None, *, within_s: float = WAIT_S) -> Element:
        """The first such element, as soon as there is one."""
        return self._until(lambda: next(iter(self.elements(role, name)), None), _spoken(role, name), within_s)

    def wait_gone(self, role: str, name: Name = None, *, within_s: float = WAIT_S) -> None:
        self._until(lambda: not self.elements(role, name), f"no more {_spoken(role, name)}", within_s)

    def wait_for_text(self, words: str | re.Pattern[str], *, within_s: float = WAIT_S) -> str:
        """The whole text, as soon as it has these words."""
        pattern = re.compile(re.escape(words)) if isinstance(words, str) else words

        def seen() -> str | None:
            text = self.text()
            return text if pattern.search(text) else None

        return self._until(seen, _spoken("text", pattern), within_s)

    def wait_until(self, expression: str, *, within_s: float = WAIT_S) -> Any:
        """The value of a JavaScript expression, as soon as it is truthy."""
        return self._until(lambda: self.evaluate(expression), expression, within_s)

    def wait_closed(self, *, within_s: float = WAIT_S) -> None:
        """Until the surface is gone (a popup after a click on the page under it)."""
        with suppress(TargetClosed):
            self._until(lambda: self.closed, "closed", within_s)

    # --- doing

    def click(self, role: str, name: Name = None, *, within_s: float = WAIT_S) -> None:
        """Press the mouse button in the middle of the element, once it is there, still and uncovered."""
        x, y = self._point(role, name, within_s)
        self.click_at(x, y)

    def hover(self, role: str, name: Name = None, *, within_s: float = WAIT_S) -> None:
        x, y = self._point(role, name, within_s)
        self._mouse("mouseMoved", x, y)

    def click_at(self, x: float, y: float) -> None:
        self._mouse("mouseMoved", x, y)
        with suppress(TargetClosed):  # what the click does may be to close this very surface
            self._mouse("mousePressed", x, y, button="left", clickCount=1)
            self._mouse("mouseReleased", x, y, button="left", clickCount=1)

    def type(self, role: str, name: Name, text: str, *, within_s: float = WAIT_S) -> None:
        """Click into the field, put the cursor after what stands there, and type, key by key."""
        self.click(role, name, within_s=within_s)
        self.press("End")
        for letter in text:
            self.press(letter)

    def rewrite(self, role: str, name: Name, text: str, *, within_s: float = WAIT_S) -> None:
        """Type over what stands in the field."""
        self.click(role, name, within_s=within_s)
        self.press("Control+a")
        for letter in text:
            self.press(letter)

    def press(self, keys: str) -> None:
        """One key, with its modifiers: "Enter", "Escape", "Shift+Tab", "Control+a", "é"."""
        down, up = key_events(keys)
        with suppress(TargetClosed):  # Escape closes a popup
            self.channel.send("Input.dispatchKeyEvent", down)
            self.channel.send("Input.dispatchKeyEvent", up)

    def wheel(self, delta_y: float, role: str, name: Name = None) -> None:
        """Turn the mouse wheel over the middle of an element."""
        x, y = self._point(role, name, WAIT_S)
        self._mouse("mouseWheel", x, y, deltaX=0, deltaY=delta_y)

    # --- inside

    def _point(self, role: str, name: Name, within_s: float) -> tuple[float, float]:
        why = ""

        def point() -> tuple[float, float] | None:
            nonlocal why
            why = "it is not there"
            for element in self.elements(role, name):
                answer = self._call(element.node, _CLICK_POINT)
                if "x" in answer:
                    return answer["x"], answer["y"]
                why = answer["why"]
            return None

        return self._until(point, f"a place to click on {_spoken(role, name)}", within_s, lambda: why)

    def _until(
        self, look: Callable[[], Found | None], what: str, within_s: float, why: Callable[[], str] = lambda: ""
    ) -> Found:
        deadline = time.monotonic() + within_s
        while True:
            with suppress(ProtocolError):  # a node or a document may go between two commands; the next look finds out
                if found := look():
                    return found
            if time.monotonic() > deadline:
                reason = f": {why()}" if why() else ""
                raise DriverTimeout(f"{self.called}: waited {within_s:.0f} s for {what}{reason}\n{self._shown()}")
            with suppress(ProtocolError):
                self.evaluate(_NEXT_CHANGE)

    def _shown(self) -> str:
        """For the message of a wait that failed."""
        try:
            return f"It shows:\n{self.text()}"
        except (ProtocolError, TargetClosed) as error:
            return f"It shows nothing: {error}"

    def _roots(self) -> list[int]:
        """The document and every shadow root that an author attached, closed or open."""
        document = self.channel.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"]
        return [document["backendNodeId"], *_shadow_roots(document)]

    def _call(self, node: int, function: str) -> Any:
        resolved = self.channel.send("DOM.resolveNode", {"backendNodeId": node})["object"]
        answer = self.channel.send(
            "Runtime.callFunctionOn",
            {
                "objectId": resolved["objectId"],
                "functionDeclaration": function,
                "awaitPromise": True,
                "returnByValue": True,
            },
        )
        return _value(answer, function)

    def _mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        self.channel.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **more})


def _shadow_roots(node: dict[str, Any]) -> list[int]:
    own = [root["backendNodeId"] for root in node.get("shadowRoots", []) if root["shadowRootType"] != "user-agent"]
    inner = [*node.get("shadowRoots", []), *node.get("children", [])]
    return own + [found for child in inner for found in _shadow_roots(child)]


def _element(node: dict[str, Any]) -> Element:
    def value(of: str) -> Any:
        return node.get(of, {}).get("value")

    states = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
    return Element(
        node["backendDOMNodeId"], value("role"), value("name") or "", value("value"), value("description") or "", states
    )


def _value(answer: dict[str, Any], of: str) -> Any:
    if thrown := answer.get("exceptionDetails"):
        text = thrown.get("exception", {}).get("description") or thrown["text"]
        raise ProtocolError(f"{of[:200]}: {text}")
    return answer["result"].get("value")


def _matches(actual: str, wanted: Name) -> bool:
    if isinstance(wanted, re.Pattern):
        return wanted.search(actual) is not None
    return wanted is None or actual == wanted


def _spoken(role: str, name: Name) -> str:
    if isinstance(name, re.Pattern):
        return f"{role} /{name.pattern}/"
    return role if name is None else f"{role} {name!r}"
