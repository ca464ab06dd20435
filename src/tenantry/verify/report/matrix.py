"""How does the matrix read at a glance: one row per relation, the worst verdict per verb?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tenantry.verify.model import Cell, Verb, Verdict

__all__ = ["LABELS", "MEANINGS", "SHORT", "Matrix", "RoleRow", "Row", "pivot", "worst"]

_WORST_FIRST = (Verdict.LEAK, Verdict.UNPROVEN, Verdict.OWN_ROWS, Verdict.DENIED)

LABELS: Mapping[Verdict, str] = {
    Verdict.LEAK: "LEAK",
    Verdict.UNPROVEN: "?",
    Verdict.OWN_ROWS: "own",
    Verdict.DENIED: "-",
}

MEANINGS: Mapping[Verdict, str] = {
    Verdict.LEAK: "another tenant's rows were reached",
    Verdict.UNPROVEN: "could not be tried, so not safe",
    Verdict.OWN_ROWS: "own rows only",
    Verdict.DENIED: "denied",
}

SHORT: Mapping[Verb, str] = {
    Verb.SELECT: "sel",
    Verb.INSERT: "ins",
    Verb.JOIN: "join",
    Verb.UPDATE: "upd",
    Verb.MOVE: "move",
    Verb.UPSERT: "ups",
    Verb.MERGE: "mrg",
    Verb.DELETE: "del",
    Verb.TRUNCATE: "trun",
    Verb.EXECUTE: "exec",
}

Verdicts = Mapping[Verb, Verdict]


@dataclass(frozen=True)
class RoleRow:
    """The verdicts that some roles have in common on one relation."""

    roles: tuple[str, ...]
    verdicts: Verdicts


@dataclass(frozen=True)
class Row:
    """One relation: the worst verdict per verb, and per group of roles where roles differ."""

    relation: str
    verdicts: Verdicts
    split: tuple[RoleRow, ...]

    @property
    def worst(self) -> Verdict:
        """Give the worst verdict of the row."""
        return worst(self.verdicts.values())

    @property
    def is_interesting(self) -> bool:
        """Say whether somebody has to look at this row."""
        return self.worst in (Verdict.LEAK, Verdict.UNPROVEN)


@dataclass(frozen=True)
class Matrix:
    """The rows, the worst first, and the verbs that were tried on any of them."""

    verbs: tuple[Verb, ...]
    rows: tuple[Row, ...]

    def shown(self, at_most: int) -> tuple[Row, ...]:
        """Give all rows, or the interesting ones where there are more than ``at_most``."""
        if len(self.rows) <= at_most:
            return self.rows
        return tuple(row for row in self.rows if row.is_interesting)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Give the worst of one or more verdicts."""
    return min(verdicts, key=_WORST_FIRST.index)


def pivot(cells: Iterable[Cell]) -> Matrix:
    """Turn cells into rows."""
    by_relation: dict[str, list[Cell]] = {}
    for cell in cells:
        by_relation.setdefault(cell.relation, []).append(cell)
    rows = [_row(relation, its) for relation, its in by_relation.items()]
    tried = {verb for row in rows for verb in row.verdicts}
    return Matrix(
        verbs=tuple(verb for verb in Verb if verb in tried),
        rows=tuple(sorted(rows, key=lambda row: (_WORST_FIRST.index(row.worst), row.relation))),
    )


def _row(relation: str, cells: list[Cell]) -> Row:
    by_role: dict[str, list[Cell]] = {}
    for cell in cells:
        by_role.setdefault(cell.role, []).append(cell)
    groups = _agreeing({role: _worst_per_verb(its) for role, its in by_role.items()})
    return Row(relation=relation, verdicts=_worst_per_verb(cells), split=groups if len(groups) > 1 else ())


def _worst_per_verb(cells: Iterable[Cell]) -> dict[Verb, Verdict]:
    found: dict[Verb, Verdict] = {}
    for cell in cells:
        found[cell.verb] = worst([cell.verdict, found.get(cell.verb, cell.verdict)])
    return found


def _agreeing(by_role: Mapping[str, dict[Verb, Verdict]]) -> tuple[RoleRow, ...]:
    groups: list[tuple[list[str], dict[Verb, Verdict]]] = []
    for role in sorted(by_role):
        same = next((roles for roles, verdicts in groups if verdicts == by_role[role]), None)
        if same is None:
            groups.append(([role], by_role[role]))
        else:
            same.append(role)
    return tuple(RoleRow(roles=tuple(roles), verdicts=verdicts) for roles, verdicts in groups)
