"""Which rights on a table are withheld: to truncate, to add triggers, to refer, to change whose row it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import LiteralString

from psycopg import sql

from tenantry.catalog.model import Relation, Role, Trigger
from tenantry.catalog.privilege import can, can_execute, identities
from tenantry.sql.name import identifier
from tenantry.verify.mutants.ground import Ground
from tenantry.verify.mutants.mutant import Mutant, named

__all__ = ["of"]

_NOWHERE = "E8: the role can create neither a trigger function nor a table, and may call no trigger function"
_CHECKED = "E3: the check of a restrictive policy that holds everybody still refuses the move"


def of(ground: Ground, relation: Relation) -> Iterator[Mutant]:
    """Give the mutants of one attacked role that has rights on the table."""
    role = next(iter(ground.holders(relation)), None)
    if role is not None:
        yield from _harmful(ground, relation, role)
    mover = next(iter(ground.holders(relation, ("UPDATE",))), None)
    yield from _moves(ground, relation, mover)
    yield from _triggers(ground, relation)


def _harmful(ground: Ground, relation: Relation, role: Role) -> Iterator[Mutant]:
    nowhere = _NOWHERE if not _can_build(ground, role) else ""
    privileges: tuple[tuple[LiteralString, tuple[str, ...], str], ...] = (
        ("truncate", ("A09",), _still_referred(ground, relation, role)),
        ("trigger", ("B16",), nowhere),
        ("references", ("B17",), nowhere),
    )
    for privilege, killers, equivalent in privileges:
        if not can(ground.catalog, role, relation, privilege.upper()):
            yield Mutant(
                control=f"no right to {privilege}: {relation.title}",
                statement=sql.SQL("grant {} on {} to {}").format(
                    sql.SQL(privilege), named(relation), identifier(role.name)
                ),
                touched=(relation.oid,),
                killers=() if equivalent else killers,
                equivalent=equivalent,
                group="grant",
            )


def _still_referred(ground: Ground, relation: Relation, role: Role) -> str:
    catalog = ground.catalog
    referring = [
        catalog.relations[key.relation].title
        for keys in catalog.foreign_keys.values()
        for key in keys
        if key.target == relation.oid
        and key.relation != relation.oid
        and not can(catalog, role, catalog.relations[key.relation], "TRUNCATE")
    ]
    return f"E7: {referring[0]} refers to it, and the role may not truncate that" if referring else ""


def _can_build(ground: Ground, role: Role) -> bool:
    catalog, held = ground.catalog, identities(ground.catalog, role)
    creates = any(
        schema.owner in held or any(one.grantee in held and one.privilege == "CREATE" for one in schema.grants)
        for schema in catalog.schemas.values()
        if not schema.name.startswith(("pg_", "information_schema"))
    )
    database = any(one.grantee in held and one.privilege in ("TEMPORARY", "CREATE") for one in catalog.database_grants)
    triggers = [one for one in catalog.routines.values() if one.returns == "trigger" and not one.extension]
    return creates or database or any(can_execute(catalog, role, routine) for routine in triggers)


def _moves(ground: Ground, relation: Relation, role: Role | None) -> Iterator[Mutant]:
    owner = ground.ownership.owner_of(relation.oid)
    if role is None or not owner.columns or owner.is_weak:
        return
    missing = [name for name in owner.columns if not can(ground.catalog, role, relation, "UPDATE", column=name)]
    if missing:
        yield Mutant(
            control=f"whose row it is cannot be changed: {relation.title}",
            statement=sql.SQL("grant update ({}) on {} to {}").format(
                sql.SQL(", ").join(map(identifier, missing)), named(relation), identifier(role.name)
            ),
            touched=(relation.oid,),
            killers=() if ground.has_floor(relation, "w") else ("A05",),
            equivalent=_CHECKED if ground.has_floor(relation, "w") else "",
            group="grant",
        )


def _triggers(ground: Ground, relation: Relation) -> Iterator[Mutant]:
    for trigger in ground.catalog.triggers:
        if trigger.relation == relation.oid and _keeps_owner(ground, relation, trigger):
            moves = ground.writes_owner(relation, "w")
            unmoved = "E4: no attacked role may change the columns that say whose row it is"
            checked = _CHECKED if ground.has_floor(relation, "w") else ""
            yield Mutant(
                control=f"trigger that keeps the owner: {trigger.name} on {relation.title}",
                statement=sql.SQL("drop trigger {} on {}").format(identifier(trigger.name), named(relation)),
                touched=(relation.oid,),
                equivalent=checked if moves else unmoved,
                group="grant",
            )


def _keeps_owner(ground: Ground, relation: Relation, trigger: Trigger) -> bool:
    routine = ground.catalog.routines.get(trigger.routine)
    source = routine.source if routine else ""
    return any(
        re.search(rf"\bnew\.\"?{re.escape(name)}\b[^;]*\bold\.\"?{re.escape(name)}\b", source, re.IGNORECASE)
        for name in ground.owner_columns(relation)
    )
