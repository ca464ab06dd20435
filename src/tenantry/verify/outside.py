"""What may leave something behind after a rollback, and so is neither called nor fired unless asked for?

``effects`` says what a text tells, ``chain`` what leads to it. Here the verification asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tenantry.blueprint.context import routines_behind
from tenantry.catalog.model import Catalog, Relation, Role, Routine
from tenantry.catalog.privilege import can_any_column, can_execute
from tenantry.verify.chain import Firing, chain_of, reaches_outside
from tenantry.verify.effects import CHANGES_ROLE, Occasion, effect
from tenantry.verify.model import Skipped
from tenantry.verify.stage import Stage

__all__ = ["Firing", "fired_outside", "opens_outside", "outside_of", "reaches_outside", "uncalled", "untried"]


def outside_of(catalog: Catalog, routine: Routine) -> str:
    """Say why calling the function, or what its text names or sets off, may leave something behind; else empty."""
    return chain_of(catalog).called(routine)


def fired_outside(catalog: Catalog, relation: Relation, firing: Firing) -> str:
    """Say what a statement on the relation would fire whose effects no rollback takes back; empty when nothing.

    Looks at policies, and at what a view reads and calls; for writes also at triggers, defaults, generated
    columns, checks, domains, indexes, rules, types, foreign keys that cascade and partitions.
    """
    return chain_of(catalog).fired(relation, firing)


def opens_outside(catalog: Catalog, statements: Iterable[str]) -> str:
    """Say what the statements that open a subject would set off that no rollback undoes; they run with every right.

    That they change the role is what some are for, and is looked at by an attack.
    """
    text = " ".join(statements)
    names = set(re.findall(r"\b(\w+)\"?\s*\(", text))
    called = [one.oid for name in sorted(names) for one in catalog.routines_named.get(name, ())]
    for title, body in [("its opener", text), *((one.title, one.source) for one in routines_behind(catalog, called))]:
        if reason := effect(body, Occasion.FIRED, allowed=CHANGES_ROLE):
            return f"{title} {reason}"
    return ""


def uncalled(stage: Stage) -> list[Skipped]:
    """List what subjects may call, ask or set off and what is left alone, with the reason."""
    if stage.call_outside:
        return []
    roles = _roles(stage)
    functions = [_told(stage.catalog, one) for one in _left_alone(stage, roles) if not _gets_past(stage, one)]
    return [*functions, *_views(stage.catalog, roles), *_event_triggers(stage.catalog)]


def untried(stage: Stage) -> list[Skipped]:
    """List the functions that are left alone and could give away rows: they run past row security and name tables."""
    if stage.call_outside:
        return []
    return [_told(stage.catalog, one) for one in _left_alone(stage, _roles(stage)) if _gets_past(stage, one)]


def _roles(stage: Stage) -> list[Role]:
    return list({asker.role.oid: asker.role for asker in stage.askers}.values())


def _left_alone(stage: Stage, roles: list[Role]) -> Iterator[Routine]:
    catalog = stage.catalog
    for routine in catalog.routines.values():
        if routine.extension or routine.returns in ("trigger", "event_trigger"):
            continue
        if outside_of(catalog, routine) and any(can_execute(catalog, role, routine) for role in roles):
            yield routine


def _told(catalog: Catalog, routine: Routine) -> Skipped:
    reason = f"it {outside_of(catalog, routine)}; --call-outside calls it all the same"
    return Skipped(f"function {routine.title}", reason)


def _gets_past(stage: Stage, routine: Routine) -> bool:
    """Say whether the function runs with its owner's rights and its text names a table whose rows are somebody's."""
    words = set(re.findall(r"\w+", routine.source))
    names = {one.name for one in stage.catalog.tables if stage.ownership.is_owned(one.oid)}
    return routine.is_definer and bool(words & names)


def _views(catalog: Catalog, roles: list[Role]) -> Iterator[Skipped]:
    for view in catalog.relations.values():
        if view.is_table or view.extension:
            continue
        reason = fired_outside(catalog, view, Firing.WRITE)
        if reason and any(can_any_column(catalog, role, view, "SELECT") for role in roles):
            yield Skipped(f"relation {view.title}", f"{reason}; --call-outside tries it all the same")


def _event_triggers(catalog: Catalog) -> Iterator[Skipped]:
    """Warn of what cannot be left alone: an attack that defines an object sets these off."""
    for trigger in catalog.event_triggers:
        routine = catalog.routines.get(trigger.routine)
        if trigger.enabled != "D" and routine and (reason := chain_of(catalog).set_off(routine)):
            yield Skipped(
                f"event trigger {trigger.name}",
                f"{reason}; attacks that define objects set it off all the same: disable it, or verify a copy",
            )
