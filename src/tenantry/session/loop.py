"""What a unit of work needs of its surroundings, for asyncio. ``thread`` gives the same names for plain threads."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import psycopg
from psycopg import waiting
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool

from tenantry.session.deadline import Deadlines, bounded
from tenantry.session.wire import hang_up

__all__ = ["Aside", "Connection", "ConnectionPool", "Cursor", "Lock", "Returns", "Transaction", "aside", "sleep"]

_LOOK_EVERY_S = 0.1
_CANCEL_S = 1.0

Answer = TypeVar("Answer")
Cursor = psycopg.AsyncCursor
Transaction = psycopg.AsyncTransaction
sleep = asyncio.sleep
Lock = asyncio.Lock


class Connection(psycopg.AsyncConnection[Any]):
    """A connection whose every wait is bounded, and that is not used again once a wait was broken off."""

    deadline_s: float = Deadlines.begin_s
    is_clean: bool = False

    async def wait(self, gen: PQGen[Answer], interval: float = _LOOK_EVERY_S, timeout: float | None = None) -> Answer:
        """Run psycopg's generator within the deadline.

        Psycopg's own, when cancelled, waits seconds for the server to give in; here the unit of work throws the
        connection away instead.
        """
        seconds = self.deadline_s if timeout is None else min(timeout, self.deadline_s)
        return await waiting.wait_async(bounded(gen, seconds), self.pgconn.socket, interval=interval)


ConnectionPool = AsyncConnectionPool[Connection]


class Returns:
    """Connections on their way back to the pool, or out of it, whatever becomes of the task that used them."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()

    async def give_back(self, connection: Connection, pool: ConnectionPool) -> None:
        """Give the connection back. A task of its own does it: cancelled half-way, the pool would count it for ever."""
        await asyncio.shield(self._started(pool.putconn(connection)))

    def discard(self, connection: Connection, pool: ConnectionPool) -> None:
        """Cancel what the connection runs, close it, and let the pool make another; do not wait."""
        self._started(_discarded(connection, pool))

    def _started(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def settle(self) -> None:
        """Wait until all are gone."""
        await asyncio.gather(*self._under_way, return_exceptions=True)


class Aside:
    """One piece of work beside all others, started when it is needed and is not under way."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._work = work
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Let it be under way; do not wait."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def stop(self) -> None:
        """End it."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


async def _discarded(connection: Connection, pool: ConnectionPool) -> None:
    try:
        if connection.pgconn.transaction_status == TransactionStatus.ACTIVE:
            with contextlib.suppress(psycopg.Error, OSError):
                await connection.cancel_safe(timeout=_CANCEL_S)
        if connection.lock.locked():
            hang_up(connection.pgconn)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CANCEL_S), connection.lock:
                    pass
    finally:
        connection.pgconn.finish()
        await pool.putconn(connection)


async def aside(work: Callable[[], Answer]) -> Answer:
    """Run what blocks where the event loop does not wait for it."""
    return await asyncio.to_thread(work)
