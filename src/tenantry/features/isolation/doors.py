"""The other ways to a table's rows: views, materialised views and functions with more rights than their caller."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.blueprint.anchors import PLATFORM_SCHEMAS
from tenantry.catalog.model import PUBLIC, Relation, Routine
from tenantry.plan.object import Lock, Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, spelled
from tenantry.sql.statement import listed, statement

__all__ = ["doors"]

_PINNED = "search_path="


def doors(scope: Scope) -> Iterator[Object]:
    """Give views that ask as their caller, matviews that only trusted roles read, functions with a fixed path."""
    for view in _views(scope):
        yield _invoker(view) if view.kind == "v" else _closed(scope, view)
    for routine in scope.catalog.routines.values():
        if _is_definer(routine):
            yield from _narrowed(scope, routine)


def _views(scope: Scope) -> Iterator[Relation]:
    for relation in scope.catalog.relations.values():
        is_ours = relation.schema not in PLATFORM_SCHEMAS | {"tenantry"} and not relation.extension
        if relation.is_view and is_ours and _reads_owned(scope, relation):
            yield relation


def _reads_owned(scope: Scope, view: Relation) -> bool:
    below = (scope.catalog.relations[oid] for oid in view.reads if oid in scope.catalog.relations)
    return any(scope.ownership.is_owned(one.oid) or (one.is_view and _reads_owned(scope, one)) for one in below)


def _invoker(view: Relation) -> Object:
    return Object(
        id=f"view {view.title}",
        phase=Phase.VIEWS,
        why="A view asks with its owner's rights; so it asks with its caller's.",
        create=(statement("alter view {} set (security_invoker = true)", qualified(view.schema, view.name)),),
        drop=(),
        relation=view.title,
        lock=Lock.ACCESS_EXCLUSIVE,
    )


def _closed(scope: Scope, view: Relation) -> Object:
    roles = listed([*(identifier(role) for role in scope.roles), sql.SQL("public")])
    return Object(
        id=f"grants on table {view.title}",
        phase=Phase.GRANTS,
        why="A materialised view keeps every tenant's rows and knows no row security.",
        create=(statement("revoke all on {} from {} cascade", qualified(view.schema, view.name), roles),),
        drop=(),
        relation=view.title,
        lock=Lock.ACCESS_SHARE,
        hazards=("The application can read it no longer; read the tables, or a table of results for each tenant.",),
    )


def _is_definer(routine: Routine) -> bool:
    is_ours = routine.schema not in PLATFORM_SCHEMAS | {"tenantry"} and not routine.extension
    return is_ours and routine.kind in "fp" and routine.is_definer


def _narrowed(scope: Scope, routine: Routine) -> Iterator[Object]:
    has_path = any(setting.startswith(_PINNED) for setting in routine.settings)
    if not has_path and not routine.has_parsed_body:
        yield _pinned(scope, routine)
    if any(grant.grantee == PUBLIC for grant in routine.grants):
        yield _told_who(scope, routine)


def _told_who(scope: Scope, routine: Routine) -> Object:
    """Let those call the function who serve tenants, and no longer everyone."""
    name, roles = spelled(routine.title), listed(identifier(role) for role in scope.roles)
    # why: a trigger fires whoever may execute its function
    is_called = routine.returns not in ("trigger", "event_trigger")
    granted = (statement("grant execute on routine {} to {}", name, roles),) if is_called else ()
    return Object(
        id=f"grants on routine {routine.signature}",
        phase=Phase.GRANTS,
        why="It runs with its owner's rights; every role that is ever made could call it.",
        create=(statement("revoke all on routine {} from public", name), *granted),
        drop=(statement("revoke all on routine {} from {}", name, roles),) if granted else (),
        is_kept=True,
    )


def _pinned(scope: Scope, routine: Routine) -> Object:
    path = scope.catalog.server.search_path.replace('"$user"', "").strip(", ") or "pg_catalog"
    schemas = [part.strip().strip('"') for part in path.split(",") if part.strip()]
    return Object(
        id=f"function {routine.signature}",
        phase=Phase.FUNCTIONS,
        why="It runs with its owner's rights and would find names where its caller says.",
        create=(
            statement(
                "alter routine {} set search_path = {}",
                spelled(routine.title),
                listed(identifier(schema) for schema in dict.fromkeys(["pg_catalog", *schemas, "pg_temp"])),
            ),
        ),
        drop=(),
        is_kept=True,
    )
