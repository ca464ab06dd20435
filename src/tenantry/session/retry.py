"""When is a unit of work tried again, and after how long?"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

__all__ = ["Retry"]


@dataclass(frozen=True)
class Retry:
    """Tries again a bounded number of times, after a random part of a pause that doubles (full jitter)."""

    times: int = 4
    first_s: float = 0.02
    longest_s: float = 1.0
    chance: Callable[[], float] = field(default=random.random, repr=False)

    def pauses_s(self) -> Iterator[float]:
        """Give the pause before each further attempt."""
        for attempt in range(self.times):
            yield self.chance() * min(self.longest_s, self.first_s * 2**attempt)
