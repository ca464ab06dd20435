"""What do /health, /livez, /readyz and /startupz answer? Plain values that any web framework can send.

Liveness asks nothing: a program that is restarted because its database is away comes back to the same database.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tenantry.session.breaker import Breaker
from tenantry.session.refused import DatabaseUnavailable, Refusal

__all__ = [
    "Answer",
    "Dependency",
    "Health",
    "State",
    "health",
    "livez",
    "of_breaker",
    "readyz",
    "startupz",
    "unavailable",
]

_OK, _UNAVAILABLE = 200, 503
_NEVER_STORED = {"Cache-Control": "no-store"}


class State(StrEnum):
    """How a dependency is: it answers; all it may be asked at once is in use; it does not answer; nobody asked."""

    UP = "up"
    BUSY = "busy"
    DOWN = "down"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Dependency:
    """One thing the program leans on. Without what is not critical it goes on, with a warning."""

    name: str
    state: State
    is_critical: bool = True
    retry_after_s: float = 1.0

    @property
    def is_missed(self) -> bool:
        """Say whether the program cannot do its work for lack of it."""
        return self.is_critical and self.state in (State.DOWN, State.UNKNOWN)


@dataclass(frozen=True)
class Health:
    """What is known at one moment."""

    is_started: bool
    dependencies: tuple[Dependency, ...] = ()

    @property
    def missed(self) -> tuple[Dependency, ...]:
        """Give what the work cannot be done without, and is not there."""
        return tuple(one for one in self.dependencies if one.is_missed)

    @property
    def is_ready(self) -> bool:
        """Say whether requests can be served."""
        return self.is_started and not self.missed


@dataclass(frozen=True)
class Answer:
    """Status, body (to be sent as JSON) and headers of a response."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=lambda: dict(_NEVER_STORED))


def of_breaker(breaker: Breaker, *, is_critical: bool = False) -> Dependency:
    """Give the state of a dependency as its breaker saw it, a cache for one."""
    state = State.DOWN if breaker.is_open else State.UP
    return Dependency(breaker.name, state, is_critical, breaker.pause_s)


def livez() -> Answer:
    """Answer that the program runs; it leans on nothing."""
    return Answer(_OK, {"status": "alive"})


def startupz(found: Health) -> Answer:
    """Answer whether login and seal were examined, so that serving may begin."""
    return Answer(_OK, {"status": "started"}) if found.is_started else _refused({"status": "starting"}, 1.0)


def readyz(found: Health) -> Answer:
    """Answer whether requests can be served now."""
    if found.is_ready:
        return Answer(_OK, {"status": "ready"})
    return _refused(_error(found) or {"status": "starting"}, _longest(found))


def health(found: Health) -> Answer:
    """Answer how each dependency is: 503 where a critical one is away, 200 and ``degraded`` where another is."""
    states = {one.name: one.state.value for one in found.dependencies}
    if not found.is_ready:
        return _refused({"status": "unavailable", **_error(found), "dependencies": states}, _longest(found))
    is_degraded = any(one.state is not State.UP for one in found.dependencies)
    return Answer(_OK, {"status": "degraded" if is_degraded else "ok", "dependencies": states})


def unavailable(refusal: Refusal) -> Answer:
    """Answer a request whose unit of work could not be begun, in the words that clients rely on.

    For refusals with status 503; ``{"error": "database_unavailable"}`` where the database does not answer.
    """
    retry_after_s = refusal.retry_after_s if isinstance(refusal, DatabaseUnavailable) else 1.0
    return _refused({"error": refusal.name}, retry_after_s)


def _error(found: Health) -> dict[str, object]:
    return {"error": f"{found.missed[0].name}_unavailable"} if found.missed else {}


def _longest(found: Health) -> float:
    return max((one.retry_after_s for one in found.missed), default=1.0)


def _refused(body: Mapping[str, object], retry_after_s: float) -> Answer:
    # why: Retry-After is in whole seconds (RFC 9110, section 10.2.3), and 0 would have everybody come back at once
    return Answer(_UNAVAILABLE, body, {**_NEVER_STORED, "Retry-After": str(max(1, math.ceil(retry_after_s)))})
