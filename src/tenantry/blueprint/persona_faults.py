"""What can be said against personas before any database is asked: rules that check and load go through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

from tenantry.blueprint.fault import Fault, fault_at
from tenantry.blueprint.model import Blueprint, Permissions, Table
from tenantry.blueprint.personas import ALL_TABLES, VERBS
from tenantry.blueprint.place import Path, Places
from tenantry.blueprint.tables import is_one_name
from tenantry.blueprint.write import toml_string

__all__ = ["PERSONA_CONTRADICTIONS", "PERSONA_DOUBTS"]

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")
_KEYS = ("all", *VERBS)


@dataclass(frozen=True)
class _Said:
    """One table that a persona names: where, for which verbs, and whether for own rows alone."""

    path: Path
    persona: str
    verbs: tuple[str, ...]
    table: str
    is_own: bool


def _said(blueprint: Blueprint) -> Iterator[_Said]:
    for name, persona in blueprint.personas.items():
        yield from _named(("personas", name), name, persona, is_own=False)
        yield from _named(("personas", name, "own"), name, persona.own, is_own=True)


def _named(path: Path, persona: str, said: Permissions, *, is_own: bool) -> Iterator[_Said]:
    for key in _KEYS:
        verbs = VERBS if key == "all" else (key,)
        for index, table in enumerate(getattr(said, key)):
            yield _Said((*path, key, index), persona, verbs, table, is_own)


def _declared(blueprint: Blueprint, name: str) -> tuple[str, Table] | None:
    return next((pair for pair in blueprint.tables.items() if is_one_name(pair[0], name)), None)


def _with_actor(blueprint: Blueprint) -> list[str]:
    return [name for name, table in blueprint.tables.items() if table.actor]


# -- what cannot hold -------------------------------------------------------------------------------------


def _names(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    for name in blueprint.personas:
        if not _NAME.fullmatch(name):
            message = "A persona's name stands in tokens, where commas and spaces part one from the next."
            word = re.sub(r"[^A-Za-z0-9_.:-]+", "_", name).strip("_.:-") or "member"
            write = f"Write letters, digits, _ . : and - only: [personas.{toml_string(word)}]."
            yield fault_at(places, ("personas", name), message, write)


def _without_proof(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    if blueprint.personas and blueprint.context.profile == "plain" and not blueprint.context.roles:
        message = "The plain profile reads the actor's personas from a setting, and none is named."
        write = 'Add roles = "app.roles" under [context], or choose another profile.'
        yield fault_at(places, ("context", "profile"), message, write)


def _of_no_tenant(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    for said in _said(blueprint):
        found = _declared(blueprint, said.table)
        if found and found[1].shared:
            line = places.of(("tables", found[0], "shared")).line
            message = f"{said.table} is shared (line {line}), and personas are for rows of tenants."
            yield fault_at(places, said.path, message, "Leave it out here, or do not share it.")


def _without_actor(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    for said in _said(blueprint):
        if not said.is_own:
            continue
        found = _declared(blueprint, said.table)
        if said.table == ALL_TABLES and not _with_actor(blueprint):
            message = "No table says in which column a row names its user, so nobody has rows of their own."
            yield fault_at(places, said.path, message, 'Add actor = "user_id" under [tables."schema.name"].')
        elif said.table != ALL_TABLES and not (found and found[1].actor):
            message = f"Nothing says in which column a row of {said.table} names its user."
            section = f"[tables.{toml_string(found[0] if found else said.table)}]"
            yield fault_at(places, said.path, message, f'Add actor = "user_id" under {section}.')


def _withheld(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    for said in _said(blueprint):
        found = _declared(blueprint, said.table)
        clash = [verb for verb in said.verbs if found and verb in found[1].withhold]
        if found and clash and len(said.verbs) == 1:
            line = places.of(("tables", found[0], "withhold")).line
            message = f"{clash[0]} on {said.table} is withheld from every role (line {line})."
            yield fault_at(places, said.path, message, "Leave it out in one of the two places.")


# -- what does nothing, or less than it seems -------------------------------------------------------------


def _unseen(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    """Doubt changes of rows that cannot be read: a statement that looks for its rows finds none."""
    for name in blueprint.personas:
        mine = [said for said in _said(blueprint) if said.persona == name]
        readable = [said.table for said in mine if "select" in said.verbs]
        for said in mine:
            meant = _with_actor(blueprint) if (said.table, said.is_own) == (ALL_TABLES, True) else [said.table]
            is_blind = not all(_covers(readable, table) for table in meant)
            if is_blind and said.verbs in (("update",), ("delete",)):
                message = f"{name} may {said.verbs[0]} rows of {said.table} and not read them, and so finds none."
                yield fault_at(places, said.path, message, "Name the table under select as well.")


def _twice(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    """Doubt what is said already: own rows are among all rows."""
    for name, persona in blueprint.personas.items():
        mine = [said for said in _said(blueprint) if said.persona == name and said.is_own]
        for said in mine:
            if all(_covers(persona.tables(verb), said.table) for verb in said.verbs):
                message = f"{name} may do this with every row of {said.table} already, and so with its own."
                yield fault_at(places, said.path, message, "Leave it out here, or take it out above.")


def _refused_to_all(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
    if not blueprint.personas:
        return
    named = [said.table for said in _said(blueprint)]
    own, whole = ([one.table for one in _said(blueprint) if one.is_own is kind] for kind in (True, False))
    for name, table in blueprint.tables.items():
        is_named = any(is_one_name(one, name) for one in named)
        is_meant = ALL_TABLES in whole or (ALL_TABLES in own and bool(table.actor))
        if not (table.shared or table.skip or is_named or is_meant):
            message = "No persona names this table, and so it is refused to all."
            yield fault_at(places, ("tables", name), message, f"Add {toml_string(name)} to what a persona may do.")


def _covers(tables: list[str] | tuple[str, ...], name: str) -> bool:
    return any(one == ALL_TABLES or is_one_name(one, name) for one in tables)


_Rule = Callable[[Blueprint, Places], Iterator[Fault]]


def _first_of_each_place(*rules: _Rule) -> _Rule:
    """Join rules so that one key is told one fault."""

    def told(blueprint: Blueprint, places: Places) -> Iterator[Fault]:
        found = chain.from_iterable(rule(blueprint, places) for rule in rules)
        yield from {(fault.place, fault.key): fault for fault in reversed(list(found))}.values()

    return told


PERSONA_CONTRADICTIONS: tuple[_Rule, ...] = (
    _names,
    _without_proof,
    _first_of_each_place(_of_no_tenant, _withheld, _without_actor),
)
PERSONA_DOUBTS: tuple[_Rule, ...] = (_first_of_each_place(_twice, _unseen), _refused_to_all)
