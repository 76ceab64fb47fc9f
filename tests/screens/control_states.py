"""Controls under the pointer and with the focus, where they stand, as if all had it at once."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.screens.states import SETTINGS, SYNC, State, after

HOVERED = ["hover"]
FOCUSED = ["focus", "focus-visible"]


def forced(pseudo_classes: list[str], *selectors: str) -> Callable[[Page], None]:
    """The first of each, as long as the page lasts: https://chromedevtools.github.io/devtools-protocol/tot/CSS/"""

    def steps(page: Page) -> None:
        channel = page.context.new_cdp_session(page)
        channel.send("DOM.enable")
        channel.send("CSS.enable")
        root = channel.send("DOM.getDocument")["root"]["nodeId"]
        for selector in selectors:
            found = channel.send("DOM.querySelector", {"nodeId": root, "selector": selector})
            assert found["nodeId"], f"there is no {selector}"
            wish = {"nodeId": found["nodeId"], "forcedPseudoClasses": pseudo_classes}
            channel.send("CSS.forcePseudoState", wish)

    return steps


_SELECTED = ".grid .row[aria-selected=true]"

CONTROLS: tuple[State, ...] = (
    State(
        "13-list-hover",
        "Ben Carver",
        steps=forced(
            HOVERED,
            ".icon-btn[aria-haspopup=dialog]",
            ".chip:nth-of-type(2)",
            f"{_SELECTED} .icon-btn-call",
            ".section:nth-of-type(2) .row",
        ),
    ),
    State(
        "13-list-focus",
        "Ben Carver",
        steps=forced(FOCUSED, ".icon-btn.more", ".tabs button:nth-of-type(2)", ".chip:nth-of-type(3)", ".grid"),
    ),
    State(
        "13-settings-hover",
        "Reachable",
        steps=after(SETTINGS, forced(HOVERED, ".account .btn-danger", ".hdr .btn-link", ".set .btn-second")),
    ),
    State(
        "13-settings-focus",
        "Reachable",
        steps=after(
            SETTINGS,
            forced(FOCUSED, ".account .btn-danger", ".panel .seg input", "#country", ".switch", ".set .btn-second"),
        ),
    ),
    State(
        "13-dialog-hover",
        "Last run",
        steps=after(SYNC, forced(HOVERED, ".dialog .icon-btn", ".dialog-f .btn-second", ".dialog-f .btn-primary")),
    ),
    State(
        "13-dialog-focus",
        "Last run",
        steps=after(SYNC, forced(FOCUSED, "#kind-full", ".dialog .icon-btn", ".dialog-f .btn-primary")),
    ),
)
