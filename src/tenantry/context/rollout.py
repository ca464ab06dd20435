"""How a guard comes into an application that has not had one: off, then counting, then refusing."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from tenantry.session.refused import Refusal

__all__ = ["Rollout", "Tally"]

_LOG = logging.getLogger("tenantry")


class Rollout(StrEnum):
    """Do nothing; count what would be refused and block nothing; refuse."""

    OFF = "off"
    SHADOW = "shadow"
    ENFORCE = "enforce"


class Tally:
    """How often a guard in the shadow would have refused, and why."""

    def __init__(self) -> None:
        self._counted: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def counts(self) -> Mapping[str, int]:
        """Give the number of refusals by name, such as ``tenant_missing``."""
        with self._lock:
            return dict(self._counted)

    def note(self, refusal: Refusal) -> None:
        """Count what would have been refused; the first of each name is told to the log."""
        with self._lock:
            self._counted[refusal.name] += 1
            is_news = self._counted[refusal.name] == 1
        if is_news:
            _LOG.warning("shadow: this would be refused: %s [%s]", refusal, refusal.code)
