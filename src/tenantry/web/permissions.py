"""Which roles may do something, as the blueprint's personas say?"""

from __future__ import annotations

from tenantry.blueprint.model import Blueprint, Persona
from tenantry.blueprint.personas import ALL_TABLES, VERBS
from tenantry.web.refusals import GuardUnset

__all__ = ["roles_for"]


def roles_for(blueprint: Blueprint, verb: str, table: str) -> tuple[str, ...]:
    """Give the personas that may do this with any row or with their own; raises ``GuardUnset`` where none may."""
    if verb not in VERBS:
        raise GuardUnset(f"{verb!r} is none of {', '.join(VERBS)}.")
    roles = tuple(name for name, persona in blueprint.personas.items() if _may(persona, verb, table))
    if not roles:
        raise GuardUnset(f"No persona of the blueprint may {verb} on {table}.")
    return roles


def _may(persona: Persona, verb: str, table: str) -> bool:
    said = {*persona.tables(verb), *persona.own.tables(verb)}
    return ALL_TABLES in said or _full(table) in map(_full, said)


def _full(table: str) -> str:
    return table if "." in table else f"public.{table}"
