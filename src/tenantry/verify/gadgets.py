"""Where a role can put things of its own: the schemas in which it may create functions and tables."""

from __future__ import annotations

from tenantry.catalog.privilege import identities
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker

__all__ = ["TEMPORARY", "own_schemas", "workshops"]

TEMPORARY = "pg_temp"


def workshops(stage: Stage, asker: Asker) -> list[str]:
    """Give the schemas the role may create in, the temporary one first."""
    query = "select pg_catalog.has_database_privilege(%s, pg_catalog.current_database(), 'TEMPORARY')"
    found = stage.connection.execute(query, [asker.role.name]).fetchone()
    return [*([TEMPORARY] if found and found[0] else []), *own_schemas(stage, asker)]


def own_schemas(stage: Stage, asker: Asker) -> list[str]:
    """Give the permanent schemas the role may create in."""
    held = identities(stage.catalog, asker.role)
    return [
        schema.name
        for schema in stage.catalog.schemas.values()
        if schema.owner in held or any(grant.grantee in held and grant.privilege == "CREATE" for grant in schema.grants)
    ]
