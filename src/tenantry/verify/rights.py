"""What the connection must be allowed to do, before an attack proves anything."""

from __future__ import annotations

import psycopg

from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.roles import choose_roles
from tenantry.catalog.model import Catalog
from tenantry.catalog.privilege import reachable
from tenantry.errors import NoRights, ReadOnly
from tenantry.sql.name import quoted

__all__ = ["demand_rights", "demand_writes"]


def demand_rights(catalog: Catalog, blueprint: Blueprint) -> None:
    """Raise ``NoRights`` where the connecting role could not look behind the fence, or act as nobody."""
    server = catalog.server
    if server.is_superuser:
        return
    if not server.can_bypass_rls:
        raise NoRights(f"The role {server.user} is held by row security itself, so it cannot see what attacks do.")
    attacked = [choice.role for choice in choose_roles(catalog, blueprint) if choice.is_attacked]
    if not attacked:
        raise NoRights("No role here is held by policies, and only a superuser may make one to attack with.")
    within_reach = reachable(catalog, catalog.roles[server.user_oid])
    if not any(role.oid in within_reach for role in attacked):
        wanted = ", ".join(quoted(role.name) for role in attacked)
        raise NoRights(
            f"The role {server.user} may act as none of the roles to attack. "
            f"Run as a superuser: GRANT {wanted} TO {quoted(server.user)};"
        )


def demand_writes(connection: psycopg.Connection) -> None:
    """Raise ``ReadOnly`` where the server or a setting forbids this connection to write."""
    found = connection.execute(
        "select pg_catalog.pg_is_in_recovery() or pg_catalog.current_setting('transaction_read_only')::boolean"
    ).fetchone()
    if found and found[0]:
        raise ReadOnly
