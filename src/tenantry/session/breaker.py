"""Is something worth asking at all? What did not answer is left alone for a moment, so that nobody waits for it.

One breaker for each thing a program leans on. It opens at the first failure and closes at the first answer.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Breaker", "Cooling"]

_LOG = logging.getLogger("tenantry")


@dataclass(frozen=True)
class Cooling:
    """How long something is left alone: a pause that doubles, less a random part so that not all ask at once."""

    first_s: float = 0.25
    longest_s: float = 2.0
    chance: Callable[[], float] = field(default=random.random, repr=False)

    def pause_s(self, failures: int) -> float:
        """Give the pause after so many failures in a row."""
        longest = min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 30))
        return longest * (1 - 0.5 * self.chance())


_COOLING = Cooling()


class Breaker:
    """Whether one dependency answers, as far as was seen. Safe to share between threads and tasks."""

    def __init__(
        self, name: str = "database", cooling: Cooling = _COOLING, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = name
        self._cooling = cooling
        self._clock = clock
        self._failures = 0
        self._asked_again_at = 0.0
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Say whether the dependency failed and has not answered since."""
        return self._failures > 0

    @property
    def pause_s(self) -> float:
        """Give the seconds until it may be asked again."""
        return max(0.0, self._asked_again_at - self._clock()) if self.is_open else 0.0

    def admits(self) -> bool:
        """Say whether to ask it now: while it answers, and once after each pause to see whether it does again."""
        with self._lock:
            if not self.is_open:
                return True
            if self._clock() < self._asked_again_at:
                return False
            self._cool()
            return True

    def failed(self) -> None:
        """Note that it did not answer; tells the log once."""
        with self._lock:
            self._failures += 1
            self._cool()
            is_news = self._failures == 1
        if is_news:
            _LOG.warning("%s does not answer: left alone until it does", self.name)

    def answered(self) -> None:
        """Note that it answered."""
        if not self.is_open:
            return
        with self._lock:
            is_news, self._failures = self.is_open, 0
        if is_news:
            _LOG.info("%s answers again", self.name)

    def _cool(self) -> None:
        self._asked_again_at = self._clock() + self._cooling.pause_s(max(1, self._failures))
