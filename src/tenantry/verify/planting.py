"""How a row is planted in an attack: in the place of one that was built, or under fresh keys where that fails."""

from __future__ import annotations

from tenantry.verify.attack import Target
from tenantry.verify.reach import inserting
from tenantry.verify.stage import Outcome
from tenantry.verify.synthesis.row import Row
from tenantry.verify.synthesis.value import distinct

__all__ = ["planted"]

_TAKEN = "23505"
_SEVENTH = 7  # tells values apart from those of the rows that were built


def planted(
    target: Target, row: Row, values: dict[str, str | None], marks: list[str], *, own: Row | None = None
) -> Outcome:
    """Insert these values after taking ``row`` away, and look for a row that holds those of ``marks``.

    A key that is taken all the same may be held by the subject's ``own`` row, which not every subject has yet, or by
    what a trigger adds to such a row: those go too, else keys change.
    """
    outcome = _tried(target, values, marks, [row])
    if outcome.sqlstate != _TAKEN:
        return outcome
    without = _tried(target, values, marks, [row, own]) if own is not None else outcome
    if without.sqlstate != _TAKEN:
        return without
    freed = _tried(target, values, marks, [row, *_holding(target, row, outcome.constraint)])
    if freed.sqlstate != _TAKEN:
        return freed
    return _tried(target, _fresh(target, row, values), marks, _holding(target, row, outcome.constraint))


def _holding(target: Target, row: Row, constraint: str) -> list[Row]:
    """Give the rows that were built for the same side in the table whose key is taken."""
    world, indexes = target.stage.world, target.stage.catalog.indexes_of
    tables = [oid for oid, found in indexes.items() if any(index.name == constraint for index in found)]
    held = (world.row(oid, row.side) for oid in tables)
    return [one for one in held if one is not None and one is not row]


def _tried(target: Target, values: dict[str, str | None], marks: list[str], rows: list[Row]) -> Outcome:
    statement, bound = inserting(target, values)
    wanted = [(name, values.get(name)) for name in marks]

    def clear() -> None:
        for row in rows:
            target.stage.remove(row)

    return target.stage.attempt(
        statement, bound, before=clear, look=lambda: target.stage.count_where(target.relation, wanted) > 0
    )


def _fresh(target: Target, row: Row, values: dict[str, str | None]) -> dict[str, str | None]:
    """Give the values with new keys: every unique column that refers to nothing."""
    catalog, relation = target.stage.catalog, target.relation
    taken = {name for ref in target.stage.ownership.references.get(relation.oid, ()) for name in ref.columns}
    unique = {name for index in catalog.indexes_of.get(relation.oid, ()) if index.is_unique for name in index.columns}
    return values | {
        name: distinct(catalog, relation, relation.by_column[name], side=row.side, number=_SEVENTH)
        for name in (unique - taken) & relation.by_column.keys()
        if values.get(name) is not None
    }
