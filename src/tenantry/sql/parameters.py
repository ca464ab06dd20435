"""How named parameters, ``%(name)s``, become the server's own ``$1``.

psycopg's named style would demand that every other percent sign (``format('%I')``, ``like 'a%'``) be
doubled; a .sql file is to be readable and runnable as it stands, so only whole ``%(name)s`` are taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

__all__ = ["fetch", "positional", "run"]

_NAMED = re.compile(r"%\(([a-z_]+)\)s")


def positional(query: str, parameters: Mapping[str, object]) -> tuple[str, list[object]]:
    """Give the query with ``$n`` for each name, and the values in that order.

    A name without a value is a ``KeyError``; a value no name asks for is left out.
    """
    order: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in order:
            order.append(name)
        return f"${order.index(name) + 1}"

    text = _NAMED.sub(number, query)
    return text, [parameters[name] for name in order]


def fetch(connection: psycopg.Connection, query: str, parameters: Mapping[str, object]) -> list[Any]:
    """Run a query from a .sql file and give its rows as named tuples."""
    text, values = positional(query, parameters)
    with psycopg.RawCursor(connection, row_factory=namedtuple_row) as cursor:
        return cursor.execute(text.encode(), values).fetchall()


def run(connection: psycopg.Connection, query: str, parameters: Mapping[str, object]) -> None:
    """Run a statement from a .sql file that gives no rows."""
    text, values = positional(query, parameters)
    with psycopg.RawCursor(connection) as cursor:
        cursor.execute(text.encode(), values)
