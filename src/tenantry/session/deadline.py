"""How long may the database take to answer, by the client's own clock?

The server's statement_timeout does nothing where the server hangs, or the network swallows what it says.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

from psycopg.waiting import Ready, Wait

from tenantry.session.refused import DeadlinePassed

__all__ = ["Deadlines", "bounded"]

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Deadlines:
    """Bounds in seconds: to connect, to get a connection, to begin or roll back, for one statement, to commit."""

    connect_s: float = 2.0
    checkout_s: float = 2.0
    begin_s: float = 2.0
    statement_s: float = 30.0
    commit_s: float = 10.0


def bounded(work: Generator[Wait, Ready | int, Answer], seconds: float) -> Generator[Wait, Ready | int, Answer]:
    """Run a generator of psycopg's and raise ``DeadlinePassed`` once it has waited for too long."""
    ends = time.monotonic() + seconds
    try:
        wanted = next(work)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() >= ends:
                raise DeadlinePassed
            wanted = work.send(ready)
    except StopIteration as done:
        answer: Answer = done.value
        return answer
