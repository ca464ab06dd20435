"""Which personas may do what on which table: the blueprint's names as the database has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tenantry.blueprint.model import Blueprint, Permissions
from tenantry.blueprint.ownership import Ownership
from tenantry.blueprint.tables import find_table
from tenantry.catalog.model import Catalog
from tenantry.errors import TenantryError

__all__ = ["ALL_TABLES", "VERBS", "Allowed", "PersonaInvalid", "allowances"]

VERBS = ("select", "insert", "update", "delete")
ALL_TABLES = "*"


class PersonaInvalid(TenantryError):
    """A persona is given something that this database cannot give it."""

    code = "TN043"
    way_out = (
        "Nothing was changed. Personas are for tables whose rows are tenants'; for own rows, name the column that "
        'holds the user: [tables."schema.name"] with actor = "column".'
    )


@dataclass(frozen=True)
class Allowed:
    """The personas that may do one thing on one table: with any row of the tenant, or with own rows alone."""

    any_row: tuple[str, ...] = ()
    own_rows: tuple[str, ...] = ()


def allowances(catalog: Catalog, blueprint: Blueprint, found: Ownership) -> Mapping[tuple[int, str], Allowed]:
    """Give who may do what, by table and verb; what is missing is allowed to nobody.

    Raises ``BlueprintInvalid`` for a table that is not there, ``PersonaInvalid`` for one whose rows are no tenant's,
    or have no column that names an actor.
    """
    allowed: dict[tuple[int, str], Allowed] = {}
    for name, persona in blueprint.personas.items():
        for place in _places(catalog, found, name, persona):
            before = allowed.get(place, Allowed())
            allowed[place] = Allowed((*before.any_row, name), before.own_rows)
        for oid, verb in _places(catalog, found, name, persona.own, own=True):
            before = allowed.get((oid, verb), Allowed())
            if name not in before.any_row:
                allowed[oid, verb] = Allowed(before.any_row, (*before.own_rows, name))
    return allowed


def _places(
    catalog: Catalog, found: Ownership, persona: str, said: Permissions, *, own: bool = False
) -> list[tuple[int, str]]:
    places = [
        (oid, verb)
        for verb in VERBS
        for name in said.tables(verb)
        for oid in _meant(catalog, found, persona, name, own=own)
    ]
    return list(dict.fromkeys(places))


def _meant(catalog: Catalog, found: Ownership, persona: str, name: str, *, own: bool) -> Iterator[int]:
    if name == ALL_TABLES:
        yield from (oid for oid in found.owners if found.is_owned(oid) and (not own or _has_actor(found, oid)))
        return
    table = find_table(catalog, name)
    if not found.is_owned(table.oid):
        raise PersonaInvalid(f"The persona {persona} names {table.title}, whose rows are no tenant's.")
    if own and not _has_actor(found, table.oid):
        raise PersonaInvalid(f"The persona {persona} has own rows in {table.title}, and no column says whose they are.")
    yield table.oid


def _has_actor(found: Ownership, oid: int) -> bool:
    said = found.declared.get(oid)
    return said is not None and bool(said.actor)
