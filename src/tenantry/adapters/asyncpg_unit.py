"""What a unit of work over asyncpg gives its code: one transaction of one tenant, and nothing once it has ended.

Cursors, prepared statements and listeners would outlive the unit on its connection, so they are not handed out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tenantry.session.refused import DatabaseUnavailable, DeadlinePassed, UnitEnded

__all__ = ["Unit"]


class Unit:
    """One transaction of one tenant, with asyncpg's own ways to run statements."""

    def __init__(self, connection: Any, statement_s: float) -> None:
        self._connection: Any = connection
        self._statement_s = statement_s
        self._savepoints = 0

    async def execute(self, query: str, *values: object, timeout: float | None = None) -> str:
        """Run a statement and give its status, as asyncpg's connections do."""
        return str(await _ran(self._open.execute(query, *values, timeout=self._bound(timeout))))

    async def executemany(self, query: str, values: Iterable[Sequence[object]]) -> None:
        """Run a statement once for each sequence of values."""
        await _ran(self._open.executemany(query, values, timeout=self._statement_s))

    async def fetch(self, query: str, *values: object, timeout: float | None = None) -> list[Any]:
        """Run a query and give its rows."""
        rows: list[Any] = await _ran(self._open.fetch(query, *values, timeout=self._bound(timeout)))
        return rows

    async def fetchrow(self, query: str, *values: object, timeout: float | None = None) -> Any:
        """Run a query and give its first row, or none."""
        return await _ran(self._open.fetchrow(query, *values, timeout=self._bound(timeout)))

    async def fetchval(self, query: str, *values: object, timeout: float | None = None) -> Any:
        """Run a query and give the first value of its first row."""
        return await _ran(self._open.fetchval(query, *values, timeout=self._bound(timeout)))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Run a part that may fail by itself, in a savepoint."""
        self._savepoints += 1
        name = f"tenantry_{self._savepoints}"
        await _ran(self._open.execute(f"savepoint {name}", timeout=self._statement_s))
        try:
            yield
        except Exception:
            await _ran(self._open.execute(f"rollback to {name}; release {name}", timeout=self._statement_s))
            raise
        await _ran(self._open.execute(f"release {name}", timeout=self._statement_s))

    def _bound(self, seconds: float | None) -> float:
        return self._statement_s if seconds is None else min(seconds, self._statement_s)

    @property
    def _open(self) -> Any:
        if self._connection is None:
            raise UnitEnded("This unit of work has ended.")
        return self._connection

    def end(self) -> None:
        """Let nothing reach the connection any more."""
        self._connection = None


async def _ran(work: Awaitable[Any]) -> Any:
    """Tell the database's silence apart from what the unit's own code may raise by the same name."""
    try:
        return await work
    except TimeoutError:
        raise DeadlinePassed from None
    except OSError:
        raise DatabaseUnavailable from None
