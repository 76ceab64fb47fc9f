"""Keys as a keyboard sends them: the events for "Enter", "Shift+Tab", "Control+a" or "é"."""

from typing import Any

# key: (code, Windows key code, text)
_KEYS: dict[str, tuple[str, int, str]] = {
    "Enter": ("Enter", 13, "\r"),
    "Escape": ("Escape", 27, ""),
    "Tab": ("Tab", 9, ""),
    "Backspace": ("Backspace", 8, ""),
    "Delete": ("Delete", 46, ""),
    " ": ("Space", 32, " "),
    "ArrowLeft": ("ArrowLeft", 37, ""),
    "ArrowUp": ("ArrowUp", 38, ""),
    "ArrowRight": ("ArrowRight", 39, ""),
    "ArrowDown": ("ArrowDown", 40, ""),
    "PageUp": ("PageUp", 33, ""),
    "PageDown": ("PageDown", 34, ""),
    "End": ("End", 35, ""),
    "Home": ("Home", 36, ""),
}
_MODIFIERS = {"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}


def key_events(keys: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Going down, and up again: https://chromedevtools.github.io/devtools-protocol/tot/Input/#method-dispatchKeyEvent"""
    *held, key = keys.split("+") if len(keys) > 1 else [keys]
    modifiers = sum(_MODIFIERS[one] for one in held)
    code, number, text = _KEYS.get(key) or ("", _windows_code(key), key)
    # Both numbers: the browser itself (Escape closes a popup) listens to the native one.
    numbers = {"windowsVirtualKeyCode": number, "nativeVirtualKeyCode": number}
    event: dict[str, Any] = {"key": key, "code": code, "modifiers": modifiers, **numbers}
    writes = bool(text) and not modifiers & ~_MODIFIERS["Shift"]
    down = {**event, "type": "keyDown", "text": text} if writes else {**event, "type": "rawKeyDown"}
    if keys.lower() == "control+a":
        down["commands"] = ["selectAll"]  # the editing command a real keyboard would be mapped to
    return down, {**event, "type": "keyUp"}


def _windows_code(letter: str) -> int:
    """Only letters and digits have their own; 40 is the arrow down, not the bracket."""
    return ord(letter.upper()) if letter.isascii() and letter.isalnum() else 0
