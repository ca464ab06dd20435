"""What a statement did to rows of another tenant: which of them changed or went, and where some came to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tenantry.verify.stage import Stage
from tenantry.verify.synthesis.row import Row

__all__ = ["Victims"]


@dataclass
class Victims:
    """Rows of another tenant, looked at with full rights before and after a statement."""

    stage: Stage
    rows: Sequence[Row]
    _stood: list[Row] = field(default_factory=list)
    _counts: list[int] = field(default_factory=list)

    def count(self) -> None:
        """Remember how things are now, before the statement."""
        self._stood = [row for row in self.rows if self.stage.stands(row)]
        self._counts = [self._owned_alike(row) for row in self.rows]

    def harm(self) -> str:
        """Say what has happened to them since; empty when nothing."""
        if gone := self._titles([row for row in self._stood if not self.stage.stands(row)]):
            return f"changes rows of another tenant in {gone}"
        pairs = zip(self.rows, self._counts, strict=True)
        more = self._titles([row for row, count in pairs if self._owned_alike(row) > count])
        return f"adds rows to another tenant in {more}" if more else ""

    def _titles(self, rows: Sequence[Row]) -> str:
        return ", ".join(dict.fromkeys(self.stage.catalog.relations[row.relation].title for row in rows))

    def _owned_alike(self, row: Row) -> int:
        """Count rows that name the same owner; only where the row itself names one."""
        owner = self.stage.ownership.owner_of(row.relation)
        if not owner.columns or owner.is_weak:
            return 0
        relation = self.stage.catalog.relations[row.relation]
        return self.stage.count_where(relation, [(name, row.values[name]) for name in owner.columns])
