"""A row of a table for something that was timed many times, and whether it kept its goal."""

import math
from collections.abc import Sequence

from bench import Row

SHARES = {"p50_ms": 50, "p99_ms": 99, "p99.9_ms": 99.9}


def timed(part: str, what: str, timed_ms: Sequence[float], goal_ms: float) -> Row:
    """`goal_ms`: below which 99 of a hundred are to be."""
    figures = {name: round(_at(timed_ms, share), 1) for name, share in SHARES.items()}
    goal = {"goal_ms": goal_ms, "goal": "kept" if figures["p99_ms"] < goal_ms else "missed"}
    return {"part": part, "what": what, "times": len(timed_ms), **figures, **goal}


def _at(timed_ms: Sequence[float], share: float) -> float:
    """The least that so many of a hundred did not exceed."""
    return sorted(timed_ms)[math.ceil(len(timed_ms) * share / 100) - 1]
