"""Whose rows a table holds: a tenant's, a user's or nobody's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tenantry.blueprint.reference import Reference

__all__ = ["Owner", "OwnerKind"]


class OwnerKind(StrEnum):
    """Whose rows a table holds."""

    TENANT = "tenant"
    USER = "user"
    SHARED = "shared"


@dataclass(frozen=True)
class Owner:
    """Whose rows a table holds, and the references that lead there, nearest first.

    ``is_weak``: only a column such as created_by tells. ``members``: the table of its members decides.
    """

    kind: OwnerKind
    path: tuple[Reference, ...] = ()
    is_weak: bool = False
    members: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Give the table's own columns that lead to its owner."""
        return self.path[0].columns if self.path else ()

    @property
    def is_direct(self) -> bool:
        """Say whether the owner's key stands in the row itself."""
        return len(self.path) == 1
