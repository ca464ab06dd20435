"""The persona matrix as a page of Markdown, for people who decide whether it is what they meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tenantry.features.isolation.persona_matrix import Cell, Matrix, Row
from tenantry.verify.report.markdown import code, prose

__all__ = ["page"]

_NOTHING = "-"
_HEAD = """# Personas

What each persona may do with rows of the tenant it acts for; rows of other tenants are out of reach for all. A verb
marked (own) is for rows whose user is the actor. What is not named is refused. Written by `tenantry personas`."""


def page(matrix: Matrix) -> str:
    """Write the page."""
    parts = [_HEAD, _table(matrix), *_sections(matrix)]
    return "\n\n".join(parts) + "\n"


def _table(matrix: Matrix) -> str:
    head = ["table", *map(code, matrix.personas)]
    lines = [[code(row.table), *map(_said, row.cells)] for row in matrix.rows]
    return "\n".join(map(_line, [head, ["---"] * len(head), *lines]))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _said(cell: Cell) -> str:
    return ", ".join([*cell.any_row, *(f"{verb} (own)" for verb in cell.own_rows)]) or _NOTHING


def _sections(matrix: Matrix) -> Iterator[str]:
    yield from _section("Whose own a row is", _own(matrix.rows))
    yield from _section("What no role of the application may do", _withheld(matrix.rows))
    yield from _section("What background work may do across tenants, if its token says so", _crossed(matrix))
    yield from _section("What only reads, whatever its personas", (f"- {code(role)}" for role in matrix.readers))
    yield from _section("To mind", (f"- {prose(note)}" for note in matrix.notes))


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    if text := "\n".join(lines):
        yield f"## {title}\n\n{text}"


def _own(rows: Iterable[Row]) -> Iterator[str]:
    return (f"- {code(row.table)}: that of the user in {code(row.actor)}" for row in rows if row.actor)


def _withheld(rows: Iterable[Row]) -> Iterator[str]:
    return (f"- {code(row.table)}: {', '.join(row.withheld)}" for row in rows if row.withheld)


def _crossed(matrix: Matrix) -> Iterator[str]:
    return (f"- {code(one.table)}: {', '.join(one.verbs)}. {prose(one.reason)}" for one in matrix.crossed)
