"""Which rows the floor lets through: those of the tenant in the context, by the table's own column or its parent's.

A floor is a restrictive policy for every command and every role, so that no other policy can open what it closes.
Reading the context inside ``(select ...)`` evaluates it once a statement, not once a row (docs/decisions/0005).
"""

from __future__ import annotations

from psycopg import sql

from tenantry.blueprint.ownership import Owner, OwnerKind, is_user_table
from tenantry.blueprint.reference import VIRTUAL, Reference
from tenantry.catalog.model import Relation
from tenantry.features.isolation.columns import tenant_column
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, spelled

__all__ = ["asks", "is_actor", "predicate", "telling"]


def predicate(scope: Scope, table: Relation, *, noun: str) -> sql.Composable | None:
    """Give the condition that holds for rows of whoever is in the context; nothing where none can be told."""
    owner = scope.ownership.owner_of(table.oid)
    anchors = scope.ownership.anchors
    if table.oid == anchors.tenants:
        return _equals(table, anchors.tenant_key, _tenant(noun))
    if column := tenant_column(scope, table):
        return _equals(table, column, _tenant(noun))
    if is_user_table(scope.catalog, scope.ownership, table.oid):
        return _users(scope, table)
    if owner.is_direct and not owner.members:
        return _direct(scope, table, owner)
    return _through(scope, table, owner.path[0]) if owner.path else None


def asks(scope: Scope, table: Relation) -> tuple[Relation, ...]:
    """Give the tables whose own floors decide in the condition, which asks whether it sees a row there."""
    owner = scope.ownership.owner_of(table.oid)
    if table.oid == scope.ownership.anchors.tenants or tenant_column(scope, table):
        return ()
    if is_user_table(scope.catalog, scope.ownership, table.oid):
        return tuple(scope.catalog.relations[oid] for oid, _ in _memberships(scope) if oid != table.oid)
    if (owner.is_direct and not owner.members and len(owner.columns) == 1) or not owner.path:
        return ()
    other = scope.catalog.relations.get(owner.path[0].target)
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
        for oid, reference in _memberships(scope)
        if oid != table.oid
    ]
    return sql.SQL(" or ").join([oneself, *colleagues])


def _memberships(scope: Scope) -> list[tuple[int, Reference]]:
    """Give tables whose rows name both a tenant, in a column of their own, and a user, by their key."""
    anchors = scope.ownership.anchors
    if not anchors.users or anchors.tenants in (0, VIRTUAL):
        return []
    found = []
    for oid, references in scope.ownership.references.items():
        owner = scope.ownership.owner_of(oid)
        users = [one for one in references if one.target == anchors.users and not one.is_audit]
        keys = [set(index.columns) for index in scope.catalog.indexes_of.get(oid, ()) if index.is_unique]
        if owner.kind is OwnerKind.TENANT and owner.is_direct and users:
            named = {owner.columns[0], users[0].columns[0]}
            if any(named <= key for key in keys):
                found.append((oid, users[0]))
    return found


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


def _equals(table: Relation, column: str, value: sql.Composable) -> sql.Composable:
    return sql.SQL("{}.{} = {}").format(identifier(table.name), identifier(column), value)


def is_actor(table: Relation, column: str) -> sql.Composable:
    """Give the condition that holds for rows whose column names the actor."""
    return _equals(table, column, _actor(table, column))


def _tenant(noun: str) -> sql.Composable:
    return sql.SQL("(select {}())").format(qualified("tenantry", f"current_{noun}_id"))


def _actor(table: Relation, column: str) -> sql.Composable:
    kind = spelled(table.by_column[column].type_name)
    return sql.SQL("(select nullif({}(), '')::{})").format(qualified("tenantry", "current_actor"), kind)
