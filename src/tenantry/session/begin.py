"""How a transaction is begun: at which isolation, reading only or not."""

from __future__ import annotations

from tenantry.session.refused import TenancyUnset

__all__ = ["begin"]

_LEVELS = {
    "": b"",
    "read committed": b" isolation level read committed",
    "repeatable read": b" isolation level repeatable read",
    "serializable": b" isolation level serializable",
}


def begin(isolation: str = "", *, read_only: bool = False) -> bytes:
    """Give the statement that begins; raises ``TenancyUnset`` for a level PostgreSQL does not have."""
    level = _LEVELS.get(isolation.lower())
    if level is None:
        raise TenancyUnset(f"There is no such isolation level; there are: {', '.join(filter(None, _LEVELS))}.")
    return b"begin" + level + (b" read only" if read_only else b"")
