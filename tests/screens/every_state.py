"""All states that are looked at."""

from tests.screens.control_states import CONTROLS
from tests.screens.rarer_states import RARER
from tests.screens.states import ORDINARY, State

STATES: tuple[State, ...] = (*ORDINARY, *CONTROLS, *RARER)
