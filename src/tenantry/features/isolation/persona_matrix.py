"""What may each persona do on each table of tenants? The blueprint's words, as the database's tables take them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tenantry.blueprint.personas import VERBS
from tenantry.catalog.model import Relation
from tenantry.features.isolation.rights import blind, said_of_all
from tenantry.plan.scope import Scope

__all__ = ["Cell", "Crossed", "Matrix", "Row", "matrix"]


@dataclass(frozen=True)
class Cell:
    """What one persona may do on one table: with any row of its tenant, with its own rows alone."""

    any_row: tuple[str, ...] = ()
    own_rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One table: a cell for each persona, the column that says whose own a row is, what no role may do."""

    table: str
    cells: tuple[Cell, ...]
    actor: str = ""
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True)
class Crossed:
    """One table that background work reaches across tenants, by which verbs, and why."""

    table: str
    verbs: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Matrix:
    """Persona by table by verb, and what a reader has to know beside it."""

    personas: tuple[str, ...]
    rows: tuple[Row, ...]
    crossed: tuple[Crossed, ...] = ()
    readers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def matrix(scope: Scope) -> Matrix:
    """Give who may do what, tables in the order of their names, personas in that of the blueprint."""
    tables = [table for table in scope.fenced if not table.is_partition]
    return Matrix(
        personas=tuple(scope.blueprint.personas),
        rows=tuple(_row(scope, table) for table in tables),
        crossed=tuple(_crossed(scope, tables)),
        readers=scope.blueprint.roles.reader,
        notes=tuple(note for table in tables for note in _notes(scope, table)),
    )


def _row(scope: Scope, table: Relation) -> Row:
    said = scope.ownership.declared.get(table.oid)
    withheld = tuple(verb for verb in VERBS if said and verb in said.withhold)
    cells = tuple(_cell(scope, table, persona, withheld) for persona in scope.blueprint.personas)
    has_own = any(cell.own_rows for cell in cells)
    return Row(table.title, cells, said.actor if said and has_own else "", withheld)


def _cell(scope: Scope, table: Relation, persona: str, withheld: tuple[str, ...]) -> Cell:
    left = {verb: scope.allowed(table, verb) for verb in VERBS if verb not in withheld}
    return Cell(
        any_row=tuple(verb for verb, allowed in left.items() if persona in allowed.any_row),
        own_rows=tuple(verb for verb, allowed in left.items() if persona in allowed.own_rows),
    )


def _crossed(scope: Scope, tables: list[Relation]) -> Iterator[Crossed]:
    for table in tables:
        said = scope.ownership.declared.get(table.oid)
        if said and said.crossing and (verbs := scope.crossing(table)):
            yield Crossed(table.title, verbs, said.crossing.reason)


def _notes(scope: Scope, table: Relation) -> Iterator[str]:
    yield from blind(scope, table)
    if scope.is_refused_to_all(table):
        yield said_of_all(table)
