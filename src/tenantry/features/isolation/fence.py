"""The fence around a table: a floor, row security enabled and forced, and a policy that lets the floor decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from psycopg import sql

from tenantry.catalog.model import Policy, Relation
from tenantry.features.isolation.across import floors, is_floor
from tenantry.features.isolation.floor import predicate
from tenantry.features.isolation.rights import is_right, members, rights, said_of_all
from tenantry.plan.object import Lock, Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, spoken
from tenantry.sql.statement import statement

__all__ = ["fences"]


def fences(scope: Scope, *, noun: str, replaced: frozenset[int]) -> Iterator[Object]:
    """Give the fence of every owned table and its children; ``replaced`` are policies that will be gone."""
    for table in scope.fenced:
        condition = predicate(scope, table, noun=noun)
        if condition is None:
            continue
        yield from _fence(scope, table, condition, replaced, named=table)
        for child in scope.catalog.children_of(table.oid):
            if child in scope.fenced:
                continue
            bare = predicate_on(condition, table, child)
            yield from _fence(scope, child, bare, replaced, named=table)


def predicate_on(condition: sql.Composable, table: Relation, child: Relation) -> sql.Composable:
    """Give the same condition for a child, whose name stands where its parent's stood."""
    if isinstance(condition, sql.Composed):
        return sql.Composed([predicate_on(part, table, child) for part in condition])
    return identifier(child.name) if condition == identifier(table.name) else condition


def _fence(
    scope: Scope, table: Relation, condition: sql.Composable, replaced: frozenset[int], *, named: Relation
) -> Iterator[Object]:
    yield from floors(scope, table, condition, named=named)
    if not table.is_partition:
        yield from rights(scope, table, named) if scope.blueprint.personas else _let_through(scope, table, replaced)
    is_refused = scope.is_refused_to_all(named) and not table.is_partition
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
        hazards=(*_sleeping(scope, table), *((said_of_all(table),) if is_refused else ())),
    )


def _let_through(scope: Scope, table: Relation, replaced: frozenset[int]) -> Iterator[Object]:
    """Let the floor decide alone where the team wrote no policies that do, or none that stay."""
    permissive = [one for one in scope.catalog.policies_of.get(table.oid, ()) if one.is_permissive and not _own(one)]
    goes, stays = (any((one.oid in replaced) is is_gone for one in permissive) for is_gone in (True, False))
    if goes or not stays:
        # why kept: once the policy is gone, nothing shows any more that those that stay were never all
        yield replace(members(scope, table), is_kept=goes and stays)


def _own(policy: Policy) -> bool:
    return is_floor(policy) or is_right(policy)


def _sleeping(scope: Scope, table: Relation) -> tuple[str, ...]:
    kept = [spoken(one.name) for one in scope.catalog.policies_of.get(table.oid, ()) if not _own(one)]
    if table.rls or not kept:
        return ()
    return (f"Policies that slept while row security was off will hold from now on: {', '.join(kept)}.",)
