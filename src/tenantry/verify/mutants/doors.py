"""How views, materialised views and functions are turned into doors around row security."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.blueprint.context import routines_behind
from tenantry.catalog.model import Relation, Role, Routine
from tenantry.catalog.privilege import can_any_column, can_execute, can_use_schema
from tenantry.sql.name import identifier
from tenantry.verify.mutants.ground import Ground
from tenantry.verify.mutants.mutant import Mutant, called, named, with_schema

__all__ = ["of"]

_ALL = "rawd"


def of(ground: Ground) -> Iterator[Mutant]:
    """Give the mutants of everything that is not a table."""
    for view in ground.catalog.relations.values():
        if not view.extension and _owned(ground, view):
            yield from _of_view(ground, view)
    for routine in ground.catalog.routines.values():
        if not routine.extension and routine.kind in ("f", "p"):
            yield from _of_routine(ground, routine)


# -- views ----------------------------------------------------------------------------------------------


def _owned(ground: Ground, view: Relation) -> list[Relation]:
    behind = ground.read_by(view)
    return [table for table in ground.relations if table.oid in behind or _holds_part(ground, table, behind)]


def _holds_part(ground: Ground, table: Relation, behind: set[int]) -> bool:
    return any(child.oid in behind for child in ground.family(table))


def _of_view(ground: Ground, view: Relation) -> Iterator[Mutant]:
    if view.kind == "v" and view.is_invoker_view:
        yield Mutant(
            control=f"view asks as its reader: {view.title}",
            statement=sql.SQL("alter view {} set (security_invoker = false)").format(named(view)),
            killers=("B01", "B02"),
            equivalent=_view_is_harmless(ground, view),
        )
    if view.kind == "m" and ground.roles:
        yield from _materialised(ground, view, ground.roles[0])


def _view_is_harmless(ground: Ground, view: Relation) -> str:
    if not ground.holders(view):
        return "E1: no attacked role may use the view"
    return _owner_is_held(ground, view.owner, _owned(ground, view))


def _owner_is_held(ground: Ground, owner: int, tables: list[Relation]) -> str:
    role = ground.catalog.roles.get(owner)
    if role is None or role.is_exempt or not tables:
        return ""
    held = all((table.forced or table.owner != owner) and ground.has_floor(table, _ALL) for table in tables)
    return f"E10: its owner {role.name} is held by the same restrictive policies" if held else ""


def _materialised(ground: Ground, view: Relation, role: Role) -> Iterator[Mutant]:
    if any(can_any_column(ground.catalog, one, view, "SELECT") for one in ground.roles):
        return
    grant = sql.SQL("grant select on {} to {}").format(named(view), identifier(role.name))
    if can_use_schema(ground.catalog, role, view.schema):
        yield Mutant(f"no right on a materialised view: {view.title}", grant, killers=("B01",), group="grant")
        return
    unreachable = f"E9: {role.name} has no USAGE on the schema {view.schema}"
    yield Mutant(f"no right on a materialised view: {view.title}", grant, equivalent=unreachable, group="grant")
    yield Mutant(
        control=f"no right on a materialised view, nor its schema: {view.title}",
        statement=with_schema(view.schema, role, grant),
        killers=("B01",),
        group="grant",
    )


# -- functions ------------------------------------------------------------------------------------------


def _of_routine(ground: Ground, routine: Routine) -> Iterator[Mutant]:
    if not routine.is_definer and ground.mentioned(routine) and ground.is_called(routine):
        yield _as_definer(ground, routine)
    if routine.is_definer and routine.returns != "trigger":
        yield from _executable(ground, routine)
    if routine.volatility != "i" and _users(ground, routine):
        yield _as_immutable(ground, routine)


def _as_definer(ground: Ground, routine: Routine) -> Mutant:
    tables = list(ground.mentioned(routine))
    equivalent = _owner_is_held(ground, routine.owner, tables)
    if not equivalent and ground.names_owner(routine):
        equivalent = "E6: its body names the owner's column, so that its answer does not rest on row security"
    return Mutant(
        control=f"function works with its caller's rights: {routine.title}",
        statement=sql.SQL("alter {} security definer").format(called(routine)),
        touched=tuple(table.oid for table in tables),
        killers=("B04",),
        equivalent=equivalent,
    )


def _executable(ground: Ground, routine: Routine) -> Iterator[Mutant]:
    without = [role for role in ground.roles if not can_execute(ground.catalog, role, routine)]
    if not without:
        return
    role = without[0]
    grant = sql.SQL("grant execute on {} to {}").format(called(routine), identifier(role.name))
    if not can_use_schema(ground.catalog, role, routine.schema):
        grant = with_schema(routine.schema, role, grant)
    others = [one.name for one in ground.roles if one not in without]
    yield Mutant(
        control=f"no right to call a definer function: {routine.title}",
        statement=grant,
        killers=("B10", "B04"),
        equivalent=f"E12: {others[0]}, which is attacked as well, may call it already" if others else "",
        group="grant",
    )


def _users(ground: Ground, routine: Routine) -> list[Relation]:
    """Give the tables whose policies call the function, themselves or through others."""
    found = []
    for table in ground.relations:
        called = (number for policy in ground.catalog.policies_of.get(table.oid, ()) for number in policy.routines)
        if routine.oid in {one.oid for one in routines_behind(ground.catalog, called)}:
            found.append(table)
    return found


def _as_immutable(ground: Ground, routine: Routine) -> Mutant:
    tables = _users(ground, routine)
    return Mutant(
        control=f"policy function is not immutable: {routine.title}",
        statement=sql.SQL("alter {} immutable").format(called(routine)),
        touched=tuple(table.oid for table in tables),
        killers=("B12",),
        equivalent=_floors_hold_without(ground, routine, tables),
    )


def _floors_hold_without(ground: Ground, routine: Routine, tables: list[Relation]) -> str:
    """Say that no restrictive policy asks the function: whatever it answers then, others have to agree."""
    for table in tables:
        if not ground.has_floor(table, _ALL):
            return ""
        called = (number for policy in ground.floors(table, "r") for number in policy.routines)
        if routine.oid in {one.oid for one in routines_behind(ground.catalog, called)}:
            return ""
    return "E3: restrictive policies that hold everybody do not ask it, and still have to agree"
