"""What a built row is, and where the rows of all sides are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Row", "Side", "World"]


class Side(StrEnum):
    """For whom a row was built: two tenants, a stranger who belongs to none, and everybody."""

    MINE = "a"
    THEIRS = "b"
    STRANGER = "s"
    SHARED = "x"


@dataclass(frozen=True)
class Row:
    """One row as the server holds it: every column's text, and where it lies (``tableoid``, ``ctid``).

    ``conditions`` names the columns set to what a policy asks for, in a row built to meet it.
    """

    relation: int
    side: Side
    values: Mapping[str, str | None]
    tableoid: int
    ctid: str
    is_existing: bool = False
    conditions: tuple[str, ...] = ()


@dataclass
class World:
    """The rows of every side, by relation, and why some could not be built."""

    rows: dict[tuple[int, Side], Row] = field(default_factory=dict)
    missing: dict[tuple[int, Side], str] = field(default_factory=dict)

    def row(self, relation: int, side: Side) -> Row | None:
        """Give the row of a side, if it could be built."""
        return self.rows.get((relation, side))
