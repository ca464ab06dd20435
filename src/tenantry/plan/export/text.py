"""How statements become the text of a file: ended, commented, and held to a search path and to time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tenantry.plan.apply import Limits
from tenantry.plan.export.segment import Piece
from tenantry.plan.model import Plan
from tenantry.sql.name import literal

__all__ = ["CLOSING", "OPENING", "SETTINGS", "comment", "ended", "head", "pieces", "set_locally", "slug", "within"]

SETTINGS = {
    # why: other tools do not look before they ask, nor ask again, so they ask longer than apply's 50 ms; whoever queues
    # behind them waits no longer than this
    "lock_timeout": "1s",
    "statement_timeout": f"{round(Limits().statement_s)}s",
    "client_encoding": "UTF8",
    "row_security": "off",
    "search_path": "pg_catalog, pg_temp",
}
_LONGEST_SLUG = 40
_KEPT = "tenantry_export.search_path"
# For a transaction the tool opens. Not ``set local``: before its second statement the server sees no transaction block.
OPENING = (
    f"select pg_catalog.set_config('{_KEPT}', pg_catalog.current_setting('search_path'), true)",
    *(f"select pg_catalog.set_config({literal(name)}, {literal(value)}, true)" for name, value in SETTINGS.items()),
)
# why: a tool notes its version in the same transaction, and finds its own table by the search path
CLOSING = (f"select pg_catalog.set_config('search_path', pg_catalog.current_setting('{_KEPT}'), true)",)


def head(plan: Plan, at: int, total: int, title: str) -> Iterator[str]:
    """Say which plan a file is of, and which part."""
    yield comment(f"tenantry plan {plan.digest}, made for the database {plan.database}")
    yield comment(f"segment {at} of {total}: {title}")


def comment(text: str) -> str:
    """Give a line of comment; a name with a newline must not end it, so what does not print is written out."""
    return "-- " + "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def ended(text: str) -> str:
    """Give a statement with its semicolon and otherwise byte for byte, also where it ends with a comment."""
    bare = text.strip().removesuffix(";")
    return f"{bare}\n;" if "--" in bare.rpartition("\n")[2] else f"{bare};"


def pieces(parts: Iterable[Piece]) -> Iterator[str]:
    """Give the statements, each group under a comment that says what it is about."""
    for piece in parts:
        yield comment(piece.about)
        yield from map(ended, piece.statements)


def within(parts: Iterable[Piece]) -> Iterator[str]:
    """Give the statements for a transaction that the tool opens, and leave it its own search path."""
    yield from map(ended, OPENING)
    yield from pieces(parts)
    yield from map(ended, CLOSING)


def set_locally() -> Iterator[str]:
    """Hold the rest of a transaction that the file itself opens to ``SETTINGS``."""
    for name, value in SETTINGS.items():
        # why: a list of schemas in quotes would be one schema's name
        yield f"set local {name} = {value if name == 'search_path' else literal(value)};"


def slug(title: str) -> str:
    """Give what a file may be called after a step."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:_LONGEST_SLUG].rstrip("_") or "step"
