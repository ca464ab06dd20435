"""Which foreign keys have rows that refer to another tenant's: no key can be made to forbid what is there already."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import sql

from tenantry.catalog.model import Constraint, Relation
from tenantry.features.isolation.columns import is_same_tenant_type, parent_of, tenant_column
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified

__all__ = ["crossing"]

_LONGEST_S = 30
# why off: rows that policies hide would be taken for rows that are not there; so it is an error to look
_BOUNDED = """
select pg_catalog.set_config('statement_timeout', %s, true), pg_catalog.set_config('row_security', 'off', true)
"""


def crossing(connection: psycopg.Connection, scope: Scope) -> frozenset[int]:
    """Give the foreign keys between tenants' tables that some row crosses; reads rows, writes nothing.

    Where the query takes longer than 30 s, or row security hides rows from who plans, the foreign key counts as
    crossed: what could not be seen is not promised.
    """
    found = set()
    own = frozenset(one.oid for table in scope.tables for one in (table, *scope.catalog.children_of(table.oid)))
    for constraint in scope.catalog.constraints if scope.blueprint.isolation.keys == "lead" else ():
        query = _query(scope, constraint) if {constraint.relation, constraint.target} <= own else None
        if query is not None and _is_crossed(connection, query):
            found.add(constraint.oid)
    return frozenset(found)


def _is_crossed(connection: psycopg.Connection, query: sql.Composed) -> bool:
    try:
        with connection.transaction():
            connection.execute(_BOUNDED, [f"{_LONGEST_S}s"])
            row = connection.execute(query).fetchone()
    except (psycopg.errors.QueryCanceled, psycopg.errors.InsufficientPrivilege):
        return True
    return bool(row and row[0])


def _query(scope: Scope, constraint: Constraint) -> sql.Composed | None:
    child = scope.catalog.relations.get(constraint.relation)
    parent = scope.catalog.relations.get(constraint.target)
    if constraint.kind != "f" or child is None or parent is None or constraint.is_inherited:
        return None
    if not tenant_column(scope, child) or not tenant_column(scope, parent):
        return None
    if not is_same_tenant_type(scope, child, parent):
        return None
    pairs = zip(constraint.columns, constraint.target_columns, strict=True)
    return sql.SQL("select exists (select from {} as child join {} as parent on {} where {} <> {})").format(
        qualified(child.schema, child.name),
        qualified(parent.schema, parent.name),
        sql.SQL(" and ").join(
            sql.SQL("child.{} = parent.{}").format(identifier(ours), identifier(theirs)) for ours, theirs in pairs
        ),
        _tenant(scope, child, "child", _aliases()),
        _tenant(scope, parent, "parent", _aliases()),
    )


def _tenant(scope: Scope, table: Relation, alias: str, aliases: Iterator[str]) -> sql.Composable:
    """Give the tenant of a row: its column, or that of the row it would be filled from."""
    reference = parent_of(scope, table)
    if reference is None:
        return sql.SQL("{}.{}").format(identifier(alias), identifier(tenant_column(scope, table)))
    target, above = scope.catalog.relations[reference.target], next(aliases)
    return sql.SQL("(select {} from {} as {} where {})").format(
        _tenant(scope, target, above, aliases),
        qualified(target.schema, target.name),
        identifier(above),
        sql.SQL(" and ").join(
            sql.SQL("{}.{} = {}.{}").format(identifier(above), identifier(theirs), identifier(alias), identifier(ours))
            for ours, theirs in zip(reference.columns, reference.target_columns, strict=True)
        ),
    )


def _aliases() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"above_{number}"
