"""What a unit of work needs of its surroundings, for plain threads. ``loop`` gives the same names for asyncio."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
import psycopg_pool
from psycopg import waiting
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

from tenantry.session.deadline import Deadlines, bounded
from tenantry.session.wire import hang_up

__all__ = ["Aside", "Connection", "ConnectionPool", "Cursor", "Lock", "Returns", "Transaction", "aside", "sleep"]

_LOOK_EVERY_S = 0.1
_CANCEL_S = 1.0

Answer = TypeVar("Answer")
Cursor = psycopg.Cursor
Transaction = psycopg.Transaction
sleep = time.sleep
Lock = threading.Lock


class Connection(psycopg.Connection[Any]):
    """A connection whose every wait is bounded, and that is not used again once a wait was broken off."""

    deadline_s: float = Deadlines.begin_s
    is_clean: bool = False

    def wait(self, gen: PQGen[Answer], interval: float = _LOOK_EVERY_S, timeout: float | None = None) -> Answer:
        """Run psycopg's generator within the deadline; interrupted, the unit of work throws the connection away."""
        seconds = self.deadline_s if timeout is None else min(timeout, self.deadline_s)
        return waiting.wait(bounded(gen, seconds), self.pgconn.socket, interval=interval)


ConnectionPool = psycopg_pool.ConnectionPool[Connection]


class Returns:
    """Connections on their way back to the pool, or out of it."""

    def __init__(self) -> None:
        self._under_way: set[threading.Thread] = set()

    def give_back(self, connection: Connection, pool: ConnectionPool) -> None:
        """Give the connection back."""
        pool.putconn(connection)

    def discard(self, connection: Connection, pool: ConnectionPool) -> None:
        """Cancel what the connection runs, close it, and let the pool make another; do not wait."""
        thread = threading.Thread(target=self._discarded, args=(connection, pool), name="tenantry-discard", daemon=True)
        self._under_way.add(thread)
        thread.start()

    def settle(self) -> None:
        """Wait until all are gone."""
        for thread in tuple(self._under_way):
            thread.join()

    def _discarded(self, connection: Connection, pool: ConnectionPool) -> None:
        try:
            if connection.pgconn.transaction_status == TransactionStatus.ACTIVE:
                with contextlib.suppress(psycopg.Error, OSError):
                    connection.cancel_safe(timeout=_CANCEL_S)
            if connection.lock.locked():
                hang_up(connection.pgconn)
                if connection.lock.acquire(timeout=_CANCEL_S):
                    connection.lock.release()
        finally:
            connection.pgconn.finish()
            pool.putconn(connection)
            self._under_way.discard(threading.current_thread())


class Aside:
    """One piece of work beside all others, started when it is needed and is not under way."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def start(self) -> None:
        """Let it be under way; do not wait."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="tenantry-aside", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Leave it alone: it sees by itself that it is to end, and holds up no program that does."""


def aside(work: Callable[[], Answer]) -> Answer:
    """Run what blocks; a thread may block."""
    return work()
