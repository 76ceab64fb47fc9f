"""How fast a run reads, and so how long it has still to go. Contacts and seconds are both forgotten by and by: their
ratio is the plain average at first and the recent one later, and never leaps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from typing import Any

FORGOTTEN_S = 20.0  # after so long a step weighs a third of what it did
LONGEST_STEP_S = 10.0  # what takes longer is a stall, and tells little of what comes after it


@dataclass(frozen=True)
class Pace:
    contacts: float = 0.0
    seconds: float = 0.0

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> "Pace":
        return cls(**kept) if kept else cls()

    def after(self, contacts: int, seconds: float) -> "Pace":
        """One more step, which took `seconds`."""
        counted_s = min(seconds, LONGEST_STEP_S)
        left = exp(-counted_s / FORGOTTEN_S)
        return Pace(round(self.contacts * left + contacts, 3), round(self.seconds * left + counted_s, 3))

    def seconds_for(self, contacts: int) -> float | None:
        """None where nothing has been read yet."""
        return contacts * self.seconds / self.contacts if self.contacts else None
