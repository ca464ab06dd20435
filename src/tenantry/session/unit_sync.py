# Generated from unit.py by tools/sync.py; change that file instead.
"""What a unit of work gives its code: one transaction of one tenant, and nothing once it has ended.

The connection behind it goes back to a pool and serves the next tenant, so whatever was made here (a cursor, a
savepoint) must not reach it any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

from psycopg.abc import Params, QueryNoTemplate

from tenantry.session.refused import UnitEnded
from tenantry.session.thread import Connection, Cursor, Transaction

__all__ = ["Unit"]


class Unit:
    """One transaction of one tenant."""

    def __init__(self, connection: Connection) -> None:
        self._connection: Connection | None = connection
        self._cursors: WeakSet[Cursor[Any]] = WeakSet()

    def execute(self, query: QueryNoTemplate, params: Params | None = None, **options: Any) -> Cursor[Any]:
        """Run a statement and give its cursor, as psycopg's connections do. Fetch within the unit."""
        return self.cursor().execute(query, params, **options)

    def cursor(self, **options: Any) -> Cursor[Any]:
        """Give a cursor, as psycopg's connections do; it serves until the unit ends."""
        cursor: Cursor[Any] = self._open.cursor(**options)
        self._cursors.add(cursor)
        return cursor

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Run a part that may fail by itself, in a savepoint."""
        with self._open.transaction() as savepoint:
            yield savepoint

    @property
    def _open(self) -> Connection:
        if self._connection is None:
            raise UnitEnded("This unit of work has ended.")
        return self._connection

    def end(self) -> None:
        """Let nothing that was made here reach the connection any more."""
        self._connection = None
        for cursor in tuple(self._cursors):
            # why: cursor.close() would wait for the server; what must end is this object
            cursor._close()
