"""What may leave something behind after a rollback, and so is neither called nor fired unless asked for?

``effects`` says what a text tells, ``chain`` what leads to it. Here the verification asks.
"""

from __future__ import annotations

from collections.abc import Iterator

from tenantry.catalog.model import Catalog, Relation, Role, Routine
from tenantry.catalog.privilege import can_any_column, can_execute
from tenantry.verify.chain import Firing, chain_of, reaches_outside
from tenantry.verify.model import Skipped
from tenantry.verify.stage import Stage

__all__ = ["Firing", "fired_outside", "outside_of", "reaches_outside", "uncalled"]


def outside_of(catalog: Catalog, routine: Routine) -> str:
    """Say why calling the function, or what its text names or sets off, may leave something behind; else empty."""
    return chain_of(catalog).called(routine)


def fired_outside(catalog: Catalog, relation: Relation, firing: Firing) -> str:
    """Say what a statement on the relation would fire whose effects no rollback takes back; empty when nothing.

    Looks at policies, and at what a view reads and calls; for writes also at triggers, defaults, generated
    columns, checks, domains, indexes, rules, types, foreign keys that cascade and partitions.
    """
    return chain_of(catalog).fired(relation, firing)


def uncalled(stage: Stage) -> list[Skipped]:
    """List what subjects may call, ask or set off and what is left alone, with the reason."""
    if stage.call_outside:
        return []
    roles = list({asker.role.oid: asker.role for asker in stage.askers}.values())
    return [*_functions(stage.catalog, roles), *_views(stage.catalog, roles), *_event_triggers(stage.catalog)]


def _functions(catalog: Catalog, roles: list[Role]) -> Iterator[Skipped]:
    for routine in catalog.routines.values():
        if routine.extension or routine.returns in ("trigger", "event_trigger"):
            continue
        reason = outside_of(catalog, routine)
        if reason and any(can_execute(catalog, role, routine) for role in roles):
            yield Skipped(f"function {routine.title}", f"it {reason}; --call-outside calls it all the same")


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
