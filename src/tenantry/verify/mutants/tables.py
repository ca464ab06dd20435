"""How row security of a table is weakened: switched off, not forced, or gone around by a partition."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.catalog.model import Relation
from tenantry.catalog.privilege import can_any_column, can_use_schema
from tenantry.sql.name import identifier
from tenantry.verify.mutants.ground import Ground
from tenantry.verify.mutants.mutant import Mutant, named, with_schema

__all__ = ["NOBODY_ASKS", "of"]

NOBODY_ASKS = "E1: no attacked role may send such a statement to the relation itself, nor does anything else for it"


def of(ground: Ground, relation: Relation) -> Iterator[Mutant]:
    """Give the mutants of a table's row security, and of its partitions' and children's."""
    if relation.rls:
        yield _off(ground, relation, relation)
    if relation.rls and relation.forced:
        yield _not_forced(ground, relation, relation)
    for child in ground.family(relation):
        yield from _of_child(ground, relation, child)


def _off(ground: Ground, root: Relation, relation: Relation) -> Mutant:
    return Mutant(
        control=f"row security on: {relation.title}",
        statement=sql.SQL("alter table {} disable row level security").format(named(relation)),
        touched=(root.oid,),
        killers=() if root is relation else ("B03",),
        equivalent="" if ground.is_asked(relation, "rawd") else NOBODY_ASKS,
    )


def _not_forced(ground: Ground, root: Relation, relation: Relation) -> Mutant:
    equivalent = _nobody_is_owner(ground, relation)
    return Mutant(
        control=f"row security forced: {relation.title}",
        statement=sql.SQL("alter table {} no force row level security").format(named(relation)),
        touched=(root.oid,),
        killers=() if equivalent.startswith("E2") else ("B04", "B01"),
        equivalent=equivalent,
    )


def _nobody_is_owner(ground: Ground, relation: Relation) -> str:
    if ground.acts_as(relation.owner):
        return ""
    doors = [door for door in ground.doors_to(relation) if door.owner == relation.owner]
    if not doors:
        return "E2: no attacked role has or can take on its owner's rights"
    routines = {routine.title: routine for routine in ground.catalog.routines.values()}
    if all(door.title in routines and ground.names_owner(routines[door.title]) for door in doors):
        titles = ", ".join(door.title for door in doors)
        return f"E6: with its owner's rights only {titles} asks, and names the owner's column itself"
    return ""


def _of_child(ground: Ground, root: Relation, child: Relation) -> Iterator[Mutant]:
    if child.rls:
        yield _off(ground, root, child)
    if child.rls and child.forced:
        yield _not_forced(ground, root, child)
    role = next(iter(ground.holders(root, ("SELECT",))), None)
    if role is None or can_any_column(ground.catalog, role, child, "SELECT"):
        return
    grant = sql.SQL("grant select on {} to {}").format(named(child), identifier(role.name))
    if not can_use_schema(ground.catalog, role, child.schema):
        grant = with_schema(child.schema, role, grant)
    if child.rls:
        yield Mutant(
            control=f"no right on a partition: {child.title}",
            statement=grant,
            touched=(root.oid,),
            killers=("B03",),
            equivalent=_own_fence(ground, child),
            group="grant",
        )
    yield Mutant(
        control=f"no right on a partition, nor its row security: {child.title}",
        statement=sql.SQL("{}; alter table {} disable row level security").format(grant, named(child)),
        touched=(root.oid,),
        killers=("B03",),
    )


def _own_fence(ground: Ground, child: Relation) -> str:
    policies = ground.catalog.policies_of.get(child.oid, ())
    if not any(policy.is_permissive and policy.applies_to("r") for policy in policies):
        return "E3: its own row security lets nobody read: no permissive policy does"
    return "E3: a restrictive policy of its own holds everybody" if ground.has_floor(child, "r") else ""
