"""What lets rows through within the floor: a policy a command that asks for the actor's personas, or one for all.

Without personas the grants alone say what a role may do. With them, what no persona was given has no policy, and what
has no policy is refused (PostgreSQL, chapter Row Security Policies).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from psycopg import sql

from tenantry.blueprint.personas import VERBS, Allowed
from tenantry.catalog.model import Policy, Relation
from tenantry.features.isolation.floor import asks, is_actor
from tenantry.plan.object import Lock, Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, spelled
from tenantry.sql.statement import listed, statement

__all__ = ["MEMBERS", "blind", "is_right", "members", "rights", "said_of_all"]

MEMBERS = "tenantry_members"
_RIGHTS = {verb: f"tenantry_may_{verb}" for verb in VERBS}
_CLAUSES = {
    "select": sql.SQL("using ({condition})"),
    "insert": sql.SQL("with check ({condition})"),
    "update": sql.SQL("using ({condition}) with check ({condition})"),
    "delete": sql.SQL("using ({condition})"),
}


def is_right(policy: Policy) -> bool:
    """Say whether a policy is one of those made here."""
    return policy.name in (MEMBERS, *_RIGHTS.values())


def members(scope: Scope, table: Relation) -> Object:
    """Let the floor decide alone."""
    name = qualified(table.schema, table.name)
    return Object(
        id=f"policy {MEMBERS} on {table.title}",
        phase=Phase.FENCES,
        why="A restrictive floor alone lets nothing through; what the roles may do is said by their grants.",
        create=(
            statement(
                "create policy {} on {} as permissive for all to {} using (true) with check (true)",
                identifier(MEMBERS),
                name,
                _roles(scope),
            ),
        ),
        drop=(statement("drop policy {} on {}", identifier(MEMBERS), name),),
        relation=table.title,
        lock=Lock.ACCESS_EXCLUSIVE,
    )


def rights(scope: Scope, table: Relation, named: Relation) -> Iterator[Object]:
    """Give the policies of personas; ``named`` is the table that the blueprint speaks of, a parent for its child."""
    yield _closed(table, refused_to_all=scope.is_refused_to_all(named))
    hazards = tuple(blind(scope, named))
    for verb in VERBS:
        allowed = scope.allowed(named, verb)
        if allowed != Allowed():
            yield replace(_right(scope, table, verb, _condition(scope, table, named, allowed)), hazards=hazards)


def blind(scope: Scope, named: Relation) -> Iterator[str]:
    """Give the personas that cannot read the table by way of which this one is fenced, and so reach nothing here."""
    acting = dict.fromkeys(name for verb in VERBS for name in _named(scope.allowed(named, verb)))
    others = [other for other in asks(scope, named) if not scope.ownership.owner_of(named.oid).is_direct]
    for other in others:
        seeing = _named(scope.allowed(other, "select"))
        if blind := [name for name in acting if name not in seeing]:
            yield (
                f"{', '.join(blind)} cannot read {other.title}, by way of which {named.title} is fenced, and so "
                "reaches nothing here: add it to select."
            )


def _named(allowed: Allowed) -> tuple[str, ...]:
    return (*allowed.any_row, *allowed.own_rows)


def _closed(table: Relation, *, refused_to_all: bool) -> Object:
    name = qualified(table.schema, table.name)
    return Object(
        id=f"policy {MEMBERS} on {table.title}",
        phase=Phase.FENCES,
        why="What the blueprint's personas may do is said by a policy for each command.",
        create=(),
        drop=(statement("drop policy {} on {}", identifier(MEMBERS), name),),
        relation=table.title,
        lock=Lock.ACCESS_EXCLUSIVE,
        hazards=(said_of_all(table),) if refused_to_all else (),
    )


def said_of_all(table: Relation) -> str:
    """Say that nobody may do anything on the table."""
    return f"No persona may do anything on {table.title}: from here on it is refused to all."


def _right(scope: Scope, table: Relation, verb: str, condition: sql.Composable) -> Object:
    name, policy = qualified(table.schema, table.name), identifier(_RIGHTS[verb])
    return Object(
        id=f"policy {_RIGHTS[verb]} on {table.title}",
        phase=Phase.FENCES,
        why="Only the personas that the blueprint gives this to may do it, within the floor.",
        create=(
            statement(
                "create policy {policy} on {table} as permissive for {verb} to {roles} {clause}",
                policy=policy,
                table=name,
                verb=spelled(verb),
                roles=_roles(scope),
                clause=_CLAUSES[verb].format(condition=condition),
            ),
        ),
        drop=(statement("drop policy {} on {}", policy, name),),
        relation=table.title,
        lock=Lock.ACCESS_EXCLUSIVE,
    )


def _condition(scope: Scope, table: Relation, named: Relation, allowed: Allowed) -> sql.Composable:
    parts = [_has_any(allowed.any_row)] if allowed.any_row else []
    if allowed.own_rows:
        own = is_actor(table, scope.ownership.declared[named.oid].actor)
        parts.append(sql.SQL("({} and {})").format(_has_any(allowed.own_rows), own))
    return sql.SQL(" or ").join(parts)


def _has_any(personas: tuple[str, ...]) -> sql.Composable:
    return sql.SQL("(select {}({}))").format(qualified("tenantry", "has_any_role"), sql.Literal(list(personas)))


def _roles(scope: Scope) -> sql.Composable:
    return listed(identifier(role) for role in scope.roles)
