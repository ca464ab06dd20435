"""Who still asks a function that nobody wants any more: while somebody does, the server would not let it go."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from tenantry.catalog.model import Catalog, Routine
from tenantry.sql.name import spoken

__all__ = ["still_asked"]

_FUNCTION = "function "


def still_asked(catalog: Catalog, going: Collection[str], touched: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Give the functions of ``going`` that cannot go, each with what asks it and is neither ``touched`` nor going.

    What asks a function that stays for its own part stays as well.
    """
    gone = set(going)
    stays: dict[str, tuple[str, ...]] = {}
    while found := {name: asking for name in gone if (asking := _left(catalog, name, gone | set(touched)))}:
        stays |= found
        gone -= found.keys()
    return dict(sorted(stays.items()))


def _left(catalog: Catalog, name: str, changing: Collection[str]) -> tuple[str, ...]:
    routine = catalog.routine_titled.get(name.removeprefix(_FUNCTION)) if name.startswith(_FUNCTION) else None
    return tuple(sorted(set(_askers(catalog, routine)) - set(changing))) if routine else ()


def _askers(catalog: Catalog, routine: Routine) -> Iterator[str]:
    for policy in catalog.policies:
        if routine.oid in policy.routines:
            yield f"policy {spoken(policy.name)} on {catalog.relations[policy.relation].title}"
    for trigger in catalog.triggers:
        if trigger.routine == routine.oid:
            yield f"trigger {spoken(trigger.name)} on {catalog.relations[trigger.relation].title}"
    for use in catalog.uses:
        if use.routine == routine.oid and use.part == "routine":
            yield f"{_FUNCTION}{catalog.routines[use.owner].signature}"
        elif use.routine == routine.oid and use.part in _PARTS:
            yield f"{_PARTS[use.part]} {catalog.relations[use.owner].title}"


_PARTS = {"read": "the query of", "write": "a default, check, index or rule of"}
