"""What happens to work that nobody is named for."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Missing"]


class Missing(StrEnum):
    """Refuse before any SQL is sent; let the database raise, unless the login is internal; or show no tenant's rows."""

    REFUSE = "refuse"
    RAISE = "raise"
    EMPTY = "empty"
