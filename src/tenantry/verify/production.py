"""When a server looks like production: attacks write before they roll back, so there they must be asked for."""

from __future__ import annotations

import re

from tenantry.catalog.model import Catalog

__all__ = ["signs_of_production"]

_NAMES = re.compile(r"(^|[_-])(prod|production|live)([_-]|$)", re.IGNORECASE)
_MOST_SESSIONS = 3
_MOST_ROWS = 1_000_000


def signs_of_production(catalog: Catalog) -> list[str]:
    """Name what makes the server look like production: its names, its size, others at work, a standby."""
    server = catalog.server
    rows = sum(relation.estimated_rows for relation in catalog.tables)
    signs = []
    if _NAMES.search(server.database):
        signs.append(f"the database is called {server.database}")
    if server.other_sessions > _MOST_SESSIONS:
        signs.append(f"{server.other_sessions} other sessions are connected to it")
    if rows > _MOST_ROWS:
        signs.append(f"it holds about {int(rows):,} rows")
    if server.in_recovery:
        signs.append("it is a standby, which refuses every write")
    return signs
