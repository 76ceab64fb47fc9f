"""How long an answer takes: a fixed part, a part for each record in it, and a jitter that the next run repeats."""

import random
from collections.abc import Callable

from hubspot_sandbox.options import Options

SEED = 1


class Latency:
    def __init__(self, options: Callable[[], Options]) -> None:
        self._options = options
        self._random = random.Random(SEED)

    def of(self, records: int) -> float:
        """Give the seconds that an answer of so many records takes; a jitter makes it longer, never shorter."""
        options = self._options()
        jitter_ms = options.jitter_ms and self._random.uniform(0, options.jitter_ms)
        return (options.latency_ms + options.per_record_ms * records + jitter_ms) / 1000
