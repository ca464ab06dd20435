"""How a row of a table gets into one partition or child of it, where none lies yet."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from tenantry.catalog.model import Catalog, Relation
from tenantry.verify.synthesis.partition import first_values
from tenantry.verify.synthesis.row import Row
from tenantry.verify.synthesis.statement import insert_statement

__all__ = ["plant"]

_FAR = {"D": ("1000-01-01", "3000-01-01"), "N": ("-1", "32000"), "S": ("", "~")}  # by category of type


def plant(connection: psycopg.Connection, catalog: Catalog, row: Row, child: Relation) -> bool:
    """Insert a copy of the row into the child itself, the partition key made to fit; say whether one went in."""
    root = catalog.relations[row.relation]
    copied: dict[str, str | None] = {
        column.name: row.values[column.name] for column in root.columns if not column.generated
    }
    return any(_goes_in(connection, child, {**copied, **fitting}) for fitting in _fitting(catalog, root, child))


def _fitting(catalog: Catalog, root: Relation, child: Relation) -> Iterator[dict[str, str]]:
    """Give values for the partition key: none for a child by inheritance, else the bounds, else far ones."""
    yield dict(zip(root.partition_columns, first_values(child.bound), strict=False))
    kinds = [catalog.types[root.by_column[name].type_oid].category for name in root.partition_columns if name]
    for place in range(2):
        far = [_FAR[kind][place] for kind in kinds if kind in _FAR]
        if len(far) == len(root.partition_columns):
            yield dict(zip(root.partition_columns, far, strict=True))


def _goes_in(connection: psycopg.Connection, child: Relation, values: dict[str, str | None]) -> bool:
    known = {name: value for name, value in values.items() if name in child.by_column}
    try:
        with connection.transaction():
            connection.execute(insert_statement(child, tuple(known)), list(known.values()))
    except psycopg.DatabaseError:
        if connection.broken:
            raise
        return False
    return True
