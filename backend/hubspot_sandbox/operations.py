"""What may happen to the contacts behind a client's back, as data: a fault has it happen between two pages."""

from typing import Literal

from pydantic import Field

from hubspot_sandbox import errors
from hubspot_sandbox.bodies import ControlBody, Text
from hubspot_sandbox.moments import parse_ms
from hubspot_sandbox.portal import Portal


class Operation(ControlBody):
    action: Literal["create", "edit", "archive", "restore", "merge", "gdpr_delete"]
    ids: tuple[int, ...] = Field((), description="which contacts; of a merge the primary and the other")
    properties: dict[str, Text | None] = Field(default_factory=dict, description="of a create or an edit")
    at: str | None = Field(None, description="the moment of the change, now by default")

    def apply(self, portal: Portal) -> None:
        """Change the portal, all of the contacts at one moment. Raises `Refused`."""
        at_ms = portal.clock.now_ms() if self.at is None else parse_ms(self.at)
        if self.action == "create":
            portal.create(self.properties, at_ms=at_ms)
        elif self.action == "merge":
            self._merge(portal, at_ms)
        else:
            for id_ in self.ids:
                self._change(portal, id_, at_ms)

    def _merge(self, portal: Portal, at_ms: int) -> None:
        if len(self.ids) != 2:  # noqa: PLR2004 - a merge is of two
            raise errors.validation("Invalid input: ids: a merge takes two.")
        portal.merge(*self.ids, at_ms=at_ms)

    def _change(self, portal: Portal, id_: int, at_ms: int) -> None:
        if self.action == "edit":
            portal.edit(id_, self.properties, at_ms=at_ms)
        elif self.action == "archive":
            portal.archive(id_, at_ms=at_ms)
        elif self.action == "restore":
            portal.restore(id_, at_ms=at_ms)
        else:
            portal.gdpr_delete(id_, at_ms=at_ms)
