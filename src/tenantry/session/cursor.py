"""How a composed statement keeps its names when values travel beside it.

psycopg reads ``%`` in a statement with values as the start of a placeholder, also within a quoted name that it
composed itself; a table called ``100%`` could then never be asked for a row.
"""

from __future__ import annotations

from typing import Any, Self

import psycopg
from psycopg import sql

__all__ = ["NameSafeCursor"]


class NameSafeCursor(psycopg.Cursor[Any]):
    """A cursor that doubles the percent signs of composed names and literals where values are given."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Run a statement, as ``psycopg.Cursor.execute``."""
        if params is not None and isinstance(query, sql.Composable):
            query = self._doubled(query)
        super().execute(query, params, **options)
        return self

    def _doubled(self, part: sql.Composable) -> sql.Composable:
        if isinstance(part, sql.Composed):
            return sql.Composed([self._doubled(each) for each in part])
        if isinstance(part, sql.Identifier | sql.Literal):
            # why: the text is psycopg's own quoting of a name or literal
            return sql.SQL(part.as_string(self).replace("%", "%%"))  # pyright: ignore[reportArgumentType]
        return part
