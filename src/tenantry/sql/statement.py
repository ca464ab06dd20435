"""How a statement without values becomes text: from a literal template and quoted parts, never from loose text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import LiteralString

from psycopg import sql

__all__ = ["listed", "statement"]


def statement(template: LiteralString, *parts: sql.Composable, **named: sql.Composable) -> str:
    """Give the text of a template whose ``{}`` and ``{name}`` are filled with composed parts."""
    return sql.SQL(template).format(*parts, **named).as_string(None)


def listed(parts: Iterable[sql.Composable]) -> sql.Composed:
    """Join parts by commas."""
    return sql.SQL(", ").join(parts)
