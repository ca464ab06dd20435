"""Who owns what serves tenants: a role that nobody logs in as and that row security holds."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.blueprint.anchors import PLATFORM_SCHEMAS
from tenantry.catalog.model import Relation
from tenantry.plan.object import Lock, Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, spelled, spoken
from tenantry.sql.statement import statement

__all__ = ["OWNER", "owners"]

OWNER = "tenantry_app_owner"
_KINDS = "rpvmf"
_UNLESS_THERE = """do $$ begin
    if not exists (select from pg_catalog.pg_roles as role where role.rolname = {role})
    then create role {name} nosuperuser nologin nobypassrls noinherit noreplication nocreaterole nocreatedb; end if;
end $$"""
# why: roles belong to the whole server, and another database may have given it tables
_UNLESS_ELSEWHERE = """do $$ begin
    if not exists (select from pg_catalog.pg_shdepend as held
        where held.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
            and held.refobjid = {role}::pg_catalog.regrole
            and held.dbid not in (0, (select here.oid from pg_catalog.pg_database as here
                where here.datname = pg_catalog.current_database())))
    then drop role {name}; end if;
end $$"""


def owners(scope: Scope) -> Iterator[Object]:
    """Move tables, views and definer functions away from owners whom no policy holds."""
    exempt = {role.oid for role in scope.catalog.roles.values() if role.is_exempt}
    moved = {role.oid for role in scope.catalog.roles.values() if role.name == OWNER}
    exempt |= moved
    relations = [one for one in _relations(scope) if one.owner in exempt]
    routines = [
        one
        for one in scope.catalog.routines.values()
        # why moved: a reader that was replaced asks with its caller's rights from then on
        if ((one.is_definer and one.owner in exempt) or one.owner in moved)
        and _is_ours(one.schema)
        and not one.extension
    ]
    if not relations and not routines:
        return
    yield _role()
    for schema in sorted({one.schema for one in relations} | {one.schema for one in routines}):
        yield _usage(schema)
    for relation in relations:
        yield _moved(relation)
    for routine in routines:
        yield Object(
            id=f"owner of routine {routine.signature}",
            phase=Phase.FENCES,
            why="It runs with its owner's rights, and no policy holds the owner it had.",
            create=(statement("alter routine {} owner to {}", spelled(routine.title), identifier(OWNER)),),
            drop=(),
        )


def _is_ours(schema: str) -> bool:
    return schema not in PLATFORM_SCHEMAS | {"tenantry"}


def _relations(scope: Scope) -> list[Relation]:
    return [
        one
        for one in scope.catalog.relations.values()
        if _is_ours(one.schema) and not one.extension and one.kind in _KINDS and not scope.is_ledger(one)
    ]


def _role() -> Object:
    return Object(
        id=f"role {OWNER}",
        phase=Phase.ROLES,
        why="Owns the application's tables and functions; nobody logs in as it, and row security holds it.",
        create=(statement(_UNLESS_THERE, role=sql.Literal(OWNER), name=identifier(OWNER)),),
        drop=(statement(_UNLESS_ELSEWHERE, role=sql.Literal(OWNER), name=identifier(OWNER)),),
    )


def _usage(schema: str) -> Object:
    return Object(
        id=f"grants on schema {spoken(schema)}",
        phase=Phase.SCHEMAS,
        why="The owner of tables looks up names in their schema, also when it checks foreign keys.",
        create=(statement("grant usage on schema {} to {}", identifier(schema), identifier(OWNER)),),
        drop=(statement("revoke usage on schema {} from {}", identifier(schema), identifier(OWNER)),),
    )


def _moved(relation: Relation) -> Object:
    return Object(
        id=f"owner of table {relation.title}",
        phase=Phase.FENCES,
        why="No policy holds the owner it had, nor whatever runs with that owner's rights.",
        create=(
            # why: the server takes this form for views and foreign tables as well
            statement("alter table {} owner to {}", qualified(relation.schema, relation.name), identifier(OWNER)),
        ),
        drop=(),
        relation=relation.title,
        lock=Lock.ACCESS_EXCLUSIVE,
    )
