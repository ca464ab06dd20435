"""Unique keys of the tables that list tenants and users: they hold for all tenants, so no tenant can lead them.

Whoever adds or changes rows there learns whether a value is taken, and on some servers more (attack B07).
"""

from __future__ import annotations

from collections.abc import Iterator

from tenantry.blueprint.ownership import is_user_table
from tenantry.blueprint.write import toml_string
from tenantry.catalog.model import Constraint, Relation
from tenantry.features.isolation.columns import tenant_column
from tenantry.plan.scope import Scope
from tenantry.sql.name import spoken

__all__ = ["keys_of_lists"]


def keys_of_lists(scope: Scope) -> Iterator[str]:
    """Tell of each such key that is open, and what closes it."""
    for table in scope.tables:
        for constraint in scope.catalog.constraints if _is_list(scope, table) else ():
            if constraint.relation == table.oid and constraint.kind == "u" and not _is_closed(scope, table, constraint):
                listing = ", ".join(toml_string(name) for name in constraint.columns)
                yield (
                    f"{spoken(constraint.name)} of {table.title} stays as it is: it holds for all tenants, and tells "
                    "who writes there whether a value is taken. Where the roles that serve tenants add no rows there: "
                    f'withhold = ["insert"] and read_only = [{listing}] in [tables.{toml_string(table.title)}].'
                )


def _is_list(scope: Scope, table: Relation) -> bool:
    if table.oid == scope.ownership.anchors.tenants:
        return True
    return not tenant_column(scope, table) and is_user_table(scope.catalog, scope.ownership, table.oid)


def _is_closed(scope: Scope, table: Relation, constraint: Constraint) -> bool:
    """Say whether nobody who serves tenants can write the key."""
    said = scope.ownership.declared.get(table.oid)
    if said is None:
        return False
    withheld, fixed = set(said.withhold), set(constraint.columns) & set(said.read_only)
    return bool(fixed) or {"insert", "update"} <= withheld
