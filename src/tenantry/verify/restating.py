"""How rows are put into another state for a while: without an owner, or in one that policies do not show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

import psycopg
from psycopg import sql

from tenantry.catalog.model import Catalog, Column, Relation
from tenantry.sql.name import identifier, qualified
from tenantry.verify.attack import Target
from tenantry.verify.conditions import Compared, compared, names_power
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side
from tenantry.verify.synthesis.statement import fields, row_of

__all__ = ["restated", "secluding"]

Changes = Mapping[int, Mapping[str, str | None]]


@contextmanager
def restated(stage: Stage, asker: Asker, changes: Changes, *, side: Side = Side.THEIRS) -> Iterator[bool]:
    """Go on as the same subject while a side's rows in these tables hold other values; undone at the end.

    Gives whether the server took at least one of them.
    """
    rows = dict(stage.world.rows)
    with stage.undone():
        stage.connection.execute("reset role; set local search_path = pg_catalog, pg_temp")
        changed = [_changed(stage, rows[oid, side], values) for oid, values in changes.items() if values]
        stage.world.rows = rows | {(row.relation, side): row for row in changed if row is not None}
        stage.resume(asker)
        try:
            yield any(changed)
        finally:
            stage.world.rows = rows


def secluding(target: Target, relation: Relation) -> Changes:
    """Give what the other side's rows must hold so that no state policies name for a table lets others see them."""
    stage = target.stage
    asked = _compared(stage.catalog)
    read = {oid for policy in stage.catalog.policies_of.get(relation.oid, ()) for oid in policy.relations}
    found: dict[int, dict[str, str | None]] = {}
    for (oid, name), values in asked.items():
        if oid in {relation.oid, *read} and (oid, Side.THEIRS) in stage.world.rows:
            column = stage.catalog.relations[oid].by_column[name]
            other = _other(stage.catalog, stage.catalog.relations[oid], column, set(values))
            if other is not None and _is_free(stage, oid, column):
                found.setdefault(oid, {})[name] = other
    return found


@lru_cache(maxsize=1)
def _compared(catalog: Catalog) -> Compared:
    return compared(catalog)


def _is_free(stage: Stage, oid: int, column: Column) -> bool:
    taken = {name for ref in stage.ownership.references.get(oid, ()) for name in ref.columns}
    taken |= set(stage.catalog.primary_key_of.get(oid, ()))
    return not column.generated and not names_power(column.name) and column.name not in taken


def _other(catalog: Catalog, relation: Relation, column: Column, asked: set[str]) -> str | None:
    """Give a value the column may hold that no policy compares it with."""
    kind = catalog.types[column.type_oid]
    if kind.category == "B":
        return "false" if "true" in asked else "true"
    checks = [check.expression for check in catalog.checks.get(relation.oid, ()) if check.columns == (column.name,)]
    allowed = kind.labels or tuple(part for text in checks for part in text.split("'")[1::2])
    return next((label for label in allowed if label not in asked), None)


def _changed(stage: Stage, row: Row, values: Mapping[str, str | None]) -> Row | None:
    relation = stage.catalog.relations[row.relation]
    setters = sql.SQL(", ").join(sql.SQL("{} = %s").format(identifier(name)) for name in values)
    statement = sql.SQL("update {} set {} where tableoid = %s and ctid = %s::tid returning {}").format(
        qualified(relation.schema, relation.name), setters, fields(relation)
    )
    try:
        with stage.connection.transaction(), stage.without_triggers():
            found = stage.connection.execute(statement, [*values.values(), row.tableoid, row.ctid]).fetchone()
    except psycopg.DatabaseError:
        if stage.connection.broken:
            raise
        return None
    return row_of(relation, row.side, found, row.is_existing, tuple(values)) if found else None
