"""Which rows the floor lets through: those of the tenant in the context, by the table's own column or its parent's.

A floor is a restrictive policy for every command and every role, so that no other policy can open what it closes.
Reading the context inside ``(select ...)`` evaluates it once a statement, not once a row (docs/decisions/0005).
"""

from __future__ import annotations

from psycopg import sql

from tenantry.blueprint.membership import memberships
from tenantry.blueprint.owner import Owner, OwnerKind
from tenantry.blueprint.ownership import is_user_table
from tenantry.blueprint.reference import VIRTUAL, Reference
from tenantry.catalog.model import Relation
from tenantry.features.isolation.columns import column_type, element_type, is_comparable, tenant_column
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, spelled

__all__ = ["asks", "is_actor", "predicate", "telling"]


def predicate(scope: Scope, table: Relation, *, noun: str) -> sql.Composable | None:
    """Give the condition that holds for rows of whoever is in the context; nothing where none can be told."""
    owner = scope.ownership.owner_of(table.oid)
    anchors = scope.ownership.anchors
    if table.oid == anchors.tenants:
        return _names(table, anchors.tenant_key, _tenant(scope, noun, column_type(scope, table, anchors.tenant_key)))
    if column := tenant_column(scope, table) or _several(owner):
        return _names(table, column, _tenant(scope, noun, column_type(scope, table, column)))
    if is_user_table(scope.catalog, scope.ownership, table.oid):
        return _users(scope, table)
    if owner.is_direct and owner.path[0].target in (anchors.users, VIRTUAL):
        return _direct(scope, table, owner)
    if owner.members:
        return _by_members(scope, table, owner.members)
    return _through(scope, table, owner.path[0]) if owner.path else None


def _by_members(scope: Scope, table: Relation, members: int) -> sql.Composable | None:
    """Let rows through that one of the members' rows points at: the floor of the members' table decides which."""
    pointing = [one for one in scope.ownership.references.get(members, ()) if one.target == table.oid]
    if not pointing:
        return None
    return _exists(scope.catalog.relations[members], pointing[0].columns, table, pointing[0].target_columns)


def _several(owner: Owner) -> str:
    """Give the column that holds the keys of several tenants, which no key can start with."""
    is_told = owner.kind is OwnerKind.TENANT and owner.is_direct and not owner.members
    return owner.columns[0] if is_told and len(owner.columns) == 1 else ""


def asks(scope: Scope, table: Relation) -> tuple[Relation, ...]:
    """Give the tables whose own floors decide in the condition, which asks whether it sees a row there."""
    owner = scope.ownership.owner_of(table.oid)
    anchors = scope.ownership.anchors
    if table.oid == anchors.tenants or tenant_column(scope, table) or _several(owner):
        return ()
    if is_user_table(scope.catalog, scope.ownership, table.oid):
        return tuple(
            scope.catalog.relations[oid] for oid, _ in memberships(scope.catalog, scope.ownership) if oid != table.oid
        )
    if owner.is_direct and owner.path[0].target in (anchors.users, VIRTUAL) and len(owner.columns) == 1:
        return ()
    other = scope.catalog.relations.get(owner.members or (owner.path[0].target if owner.path else 0))
    return (other,) if other else ()


def telling(scope: Scope, table: Relation) -> tuple[str, ...]:
    """Give the table's own columns by which the condition tells whose row it is."""
    anchors = scope.ownership.anchors
    if table.oid == anchors.tenants:
        return (anchors.tenant_key,)
    if column := tenant_column(scope, table):
        return (column,)
    if is_user_table(scope.catalog, scope.ownership, table.oid):
        return scope.catalog.primary_key_of.get(table.oid, ())
    return scope.ownership.owner_of(table.oid).columns


def _direct(scope: Scope, table: Relation, owner: Owner) -> sql.Composable | None:
    column = owner.columns[0]
    if len(owner.columns) != 1:
        return _through(scope, table, owner.path[0])
    return is_actor(table, column)


def _users(scope: Scope, table: Relation) -> sql.Composable:
    """Let a user through to oneself and to those who share the tenant by a row of membership."""
    anchors = scope.ownership.anchors
    key = anchors.user_key if table.oid == anchors.users else scope.catalog.primary_key_of[table.oid][0]
    oneself = is_actor(table, key)
    colleagues = [
        _exists(scope.catalog.relations[oid], (reference.columns[0],), table, (key,))
        for oid, reference in memberships(scope.catalog, scope.ownership)
        if oid != table.oid
    ]
    return sql.SQL(" or ").join([oneself, *colleagues])


def _through(scope: Scope, table: Relation, reference: Reference) -> sql.Composable | None:
    """Let rows through whose parent is let through: the parent's own floor decides, for the same role."""
    parent = scope.catalog.relations.get(reference.target)
    return _exists(parent, reference.target_columns, table, reference.columns) if parent else None


def _exists(
    other: Relation, their_columns: tuple[str, ...], table: Relation, columns: tuple[str, ...]
) -> sql.Composable:
    pairs = sql.SQL(" and ").join(
        sql.SQL("other.{} = {}.{}").format(identifier(theirs), identifier(table.name), identifier(ours))
        for theirs, ours in zip(their_columns, columns, strict=True)
    )
    return sql.SQL("exists (select from {} as other where {})").format(qualified(other.schema, other.name), pairs)


def _names(table: Relation, column: str, value: sql.Composable) -> sql.Composable:
    """Compare with the column, or with each of its elements where it holds several keys."""
    place = sql.SQL("{}.{}").format(identifier(table.name), identifier(column))
    found = table.by_column.get(column)
    is_several = found is not None and found.type_name.endswith("[]")
    return sql.SQL("{} = any ({})" if is_several else "{1} = {0}").format(value, place)


def is_actor(table: Relation, column: str) -> sql.Composable:
    """Give the condition that holds for rows whose column names the actor."""
    return _names(table, column, _actor(table, column))


def _tenant(scope: Scope, noun: str, type_name: str) -> sql.Composable:
    """Give the tenant in the context, as what it is compared with."""
    reader = sql.SQL("{}()").format(qualified("tenantry", f"current_{noun}_id"))
    if is_comparable(type_name, scope.tenant_type):
        return sql.SQL("(select {})").format(reader)
    return sql.SQL("(select {}::{})").format(reader, spelled(type_name))


def _actor(table: Relation, column: str) -> sql.Composable:
    kind = spelled(element_type(table.by_column[column].type_name))
    return sql.SQL("(select nullif({}(), '')::{})").format(qualified("tenantry", "current_actor"), kind)
