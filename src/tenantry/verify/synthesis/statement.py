"""How a row is written and read back: every value as text, and where the row lies."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from tenantry.catalog.model import Column, Relation
from tenantry.sql.name import identifier, qualified
from tenantry.verify.synthesis.row import Row, Side

__all__ = ["fields", "insert_statement", "row_of"]


def insert_statement(relation: Relation, columns: Sequence[str]) -> sql.Composed:
    """Give an insert of the columns, with a placeholder each; identity columns take the value given."""
    if not columns:
        return sql.SQL("insert into {} default values").format(qualified(relation.schema, relation.name))
    return sql.SQL("insert into {} ({}) overriding system value values ({})").format(
        qualified(relation.schema, relation.name),
        sql.SQL(", ").join(map(identifier, columns)),
        sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
    )


def fields(relation: Relation) -> sql.Composed:
    """Give where a row lies and the text of every column, as ``row_of`` takes them."""
    texts = [_text(column) for column in relation.columns]
    return sql.SQL(", ").join([sql.SQL("tableoid::oid::bigint"), sql.SQL("ctid::text"), *texts])


def _text(column: Column) -> sql.Composed:
    if not column.has_own_text:
        return sql.SQL("{}::text").format(identifier(column.name))
    # why: the cast would run a function of the database with full rights; concat asks the type's output function
    return sql.SQL("case when {0} is distinct from null then pg_catalog.concat({0}) end").format(
        identifier(column.name)
    )


def row_of(
    relation: Relation, side: Side, row: tuple[object, ...], is_existing: bool, conditions: tuple[str, ...]
) -> Row:
    """Give the row that a query of ``fields`` brought."""
    tableoid, ctid, *texts = row
    names = [column.name for column in relation.columns]
    values = {name: None if text is None else str(text) for name, text in zip(names, texts, strict=True)}
    return Row(
        relation=relation.oid,
        side=side,
        values=values,
        tableoid=int(str(tableoid)),
        ctid=str(ctid),
        is_existing=is_existing,
        conditions=conditions,
    )
