# Generated from watch.py by tools/sync.py; change that file instead.
"""How is an application now? Asked at most once a second, however many probes come in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Protocol

from tenantry.ops.health import Dependency, Health, State
from tenantry.session.refused import DatabaseUnavailable, PoolExhausted, Refusal
from tenantry.session.thread import Lock

__all__ = ["Answering", "Watch"]

Others = Callable[[], Iterable[Dependency]]


class Answering(Protocol):
    """A handle of an application, over whichever driver: is it open, and what would a unit of work meet now?"""

    @property
    def is_open(self) -> bool: ...

    def answers(self) -> None: ...


class Watch:
    """The health of what stands on one handle.

    ``others`` gives the dependencies beside the database, such as ``of_breaker(cache)``. It must not wait.
    """

    def __init__(
        self,
        tenancy: Answering,
        others: Others = tuple,
        *,
        every_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tenancy = tenancy
        self._others = others
        self._every_s = every_s
        self._clock = clock
        self._lock = Lock()
        self._asked_at = float("-inf")
        self._database = Dependency("database", State.UNKNOWN)

    def look(self) -> Health:
        """Give what is known now; takes no longer than beginning a unit of work does, and then as long as nothing."""
        if not self._tenancy.is_open:
            return Health(is_started=False, dependencies=(Dependency("database", State.UNKNOWN), *self._others()))
        with self._lock:
            if self._clock() - self._asked_at >= self._every_s:
                self._database = self._asked()
                self._asked_at = self._clock()
        return Health(is_started=True, dependencies=(self._database, *self._others()))

    def _asked(self) -> Dependency:
        try:
            self._tenancy.answers()
        except PoolExhausted:
            return Dependency("database", State.BUSY)
        except DatabaseUnavailable as refusal:
            return Dependency("database", State.DOWN, retry_after_s=refusal.retry_after_s)
        except Refusal:
            return Dependency("database", State.DOWN)
        return Dependency("database", State.UP)
