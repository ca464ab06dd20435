"""The fence around a table: a floor, row security enabled and forced, and a policy that lets the floor decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from psycopg import sql

from tenantry.catalog.model import Policy, Relation
from tenantry.features.isolation.floor import predicate
from tenantry.plan.object import Lock, Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, spoken
from tenantry.sql.statement import listed, statement

__all__ = ["FLOOR", "MEMBERS", "fences"]

FLOOR, MEMBERS = "tenantry_floor", "tenantry_members"


def fences(scope: Scope, *, noun: str, replaced: frozenset[int]) -> Iterator[Object]:
    """Give the fence of every owned table and its children; ``replaced`` are policies that will be gone."""
    for table in scope.fenced:
        condition = predicate(scope, table, noun=noun)
        if condition is None:
            continue
        yield from _fence(scope, table, condition, replaced)
        for child in scope.catalog.children_of(table.oid):
            if child in scope.fenced:
                continue
            bare = predicate_on(condition, table, child)
            yield from _fence(scope, child, bare, replaced)


def predicate_on(condition: sql.Composable, table: Relation, child: Relation) -> sql.Composable:
    """Give the same condition for a child, whose name stands where its parent's stood."""
    if isinstance(condition, sql.Composed):
        return sql.Composed([predicate_on(part, table, child) for part in condition])
    return identifier(child.name) if condition == identifier(table.name) else condition


def _fence(scope: Scope, table: Relation, condition: sql.Composable, replaced: frozenset[int]) -> Iterator[Object]:
    yield _floor(table, condition)
    permissive = [one for one in scope.catalog.policies_of.get(table.oid, ()) if one.is_permissive and not _own(one)]
    goes, stays = (any((one.oid in replaced) is is_gone for one in permissive) for is_gone in (True, False))
    if not table.is_partition and (goes or not stays):
        # why kept: once the policy is gone, nothing shows any more that those that stay were never all
        yield replace(_members(scope, table), is_kept=goes and stays)
    name = qualified(table.schema, table.name)
    yield Object(
        id=f"fence on {table.title}",
        phase=Phase.FENCES,
        why="Row security holds every role, the table's owner too.",
        create=(
            statement("alter table {} enable row level security", name),
            statement("alter table {} force row level security", name),
        ),
        drop=(),
        relation=table.title,
        lock=Lock.ACCESS_EXCLUSIVE,
        hazards=_sleeping(scope, table),
    )


def _floor(table: Relation, condition: sql.Composable) -> Object:
    name = qualified(table.schema, table.name)
    return Object(
        id=f"policy {FLOOR} on {table.title}",
        phase=Phase.FENCES,
        why="Nobody reads or writes rows of another tenant, whatever other policies allow.",
        create=(
            statement(
                "create policy {policy} on {table} as restrictive for all to public "
                "using ({condition}) with check ({condition})",
                policy=identifier(FLOOR),
                table=name,
                condition=condition,
            ),
        ),
        drop=(statement("drop policy {} on {}", identifier(FLOOR), name),),
        relation=table.title,
        lock=Lock.ACCESS_EXCLUSIVE,
    )


def _members(scope: Scope, table: Relation) -> Object:
    name = qualified(table.schema, table.name)
    roles = listed(identifier(role) for role in scope.roles)
    return Object(
        id=f"policy {MEMBERS} on {table.title}",
        phase=Phase.FENCES,
        why="A restrictive floor alone lets nothing through; what the roles may do is said by their grants.",
        create=(
            statement(
                "create policy {} on {} as permissive for all to {} using (true) with check (true)",
                identifier(MEMBERS),
                name,
                roles,
            ),
        ),
        drop=(statement("drop policy {} on {}", identifier(MEMBERS), name),),
        relation=table.title,
        lock=Lock.ACCESS_EXCLUSIVE,
    )


def _own(policy: Policy) -> bool:
    return policy.name in (FLOOR, MEMBERS)


def _sleeping(scope: Scope, table: Relation) -> tuple[str, ...]:
    kept = [spoken(one.name) for one in scope.catalog.policies_of.get(table.oid, ()) if not _own(one)]
    if table.rls or not kept:
        return ()
    return (f"Policies that slept while row security was off will hold from now on: {', '.join(kept)}.",)
