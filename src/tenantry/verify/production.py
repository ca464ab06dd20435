"""When a server looks like production: attacks write before they roll back, so there they must be asked for."""

from __future__ import annotations

import re

from tenantry.catalog.model import Catalog
from tenantry.errors import AttackRefused
from tenantry.verify.options import Options

__all__ = ["refuse_production", "signs_of_production"]

_NAMES = re.compile(r"(^|[_-])(prod|production|live)([_-]|$)", re.IGNORECASE)
_MOST_SESSIONS = 3
_MOST_ROWS = 1_000_000


def refuse_production(catalog: Catalog, options: Options) -> None:
    """Raise ``AttackRefused`` where the server looks like production and nobody said to go on."""
    signs = signs_of_production(catalog)
    if signs and not options.may_write:
        raise AttackRefused(f"This looks like a production server: {'; '.join(signs)}.")


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
