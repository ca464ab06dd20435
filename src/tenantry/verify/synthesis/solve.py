"""How a row is made to satisfy checks: the server itself judges candidates, without touching a table."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tenantry.catalog.model import Catalog, Column, Constraint, Relation
from tenantry.sql.name import identifier, spelled
from tenantry.verify.chain import Firing, chain_of
from tenantry.verify.synthesis.value import candidates, distinct

__all__ = ["repair"]

_MOST_TRIES = 400


def repair(
    connection: psycopg.Connection,
    catalog: Catalog,
    relation: Relation,
    row: Mapping[str, str | None],
    *,
    side: str,
    kept: Collection[str] = (),
) -> dict[str, str | None]:
    """Give the row with values changed so that its checks and domains hold, as far as candidates reach.

    Columns that say whose row it is (``kept``) never change, other foreign keys only to null or, where two must
    differ, to a key that no row has. A check that cannot be met leaves its columns as they were: the insert will
    then say why. Where an expression reaches outside the transaction none is evaluated: candidates are many.
    """
    mended = dict(row)
    if chain_of(catalog).fired(relation, Firing.BUILD):
        return mended
    with _as_owner(connection, catalog, relation):
        _mend(connection, catalog, relation, mended, side=side, kept=kept)
    return mended


@contextmanager
def _as_owner(connection: psycopg.Connection, catalog: Catalog, relation: Relation) -> Iterator[None]:
    """Be the table's owner, whose expressions these are, where that is less than the connection's own rights."""
    owner = catalog.roles.get(relation.owner)
    if owner is None or owner.is_superuser or not catalog.server.is_superuser:
        yield
        return
    connection.execute(sql.SQL("set local role {}").format(identifier(owner.name)))
    yield
    connection.execute("reset role")


def _mend(
    connection: psycopg.Connection,
    catalog: Catalog,
    relation: Relation,
    mended: dict[str, str | None],
    *,
    side: str,
    kept: Collection[str],
) -> None:
    keys = frozenset(name for key in catalog.foreign_keys.get(relation.oid, ()) for name in key.columns)
    fixed = _Fixed(keys, frozenset(kept))
    for column in relation.columns:
        if mended.get(column.name) is not None:
            mended[column.name] = _meet_domain(connection, catalog, column, str(mended[column.name]), side)
    for check in catalog.checks.get(relation.oid, ()):
        _meet_check(connection, catalog, relation, check, mended, fixed, side)


@dataclass(frozen=True)
class _Fixed:
    """Columns of foreign keys, and those among all columns that may not change at all."""

    keys: frozenset[str]
    kept: frozenset[str]


def _meet_domain(connection: psycopg.Connection, catalog: Catalog, column: Column, value: str, side: str) -> str:
    kind = catalog.types[column.type_oid]
    if kind.kind != "d":
        return value
    text = " ".join(kind.checks)
    for candidate in [value, *candidates(catalog, column, text, side=side)][:_MOST_TRIES]:
        if _casts(connection, candidate, column.type_name):
            return candidate
    return value


def _casts(connection: psycopg.Connection, value: str, type_name: str) -> bool:
    try:
        with connection.transaction():
            connection.execute(sql.SQL("select %s::{}").format(spelled(type_name)), [value])
    except psycopg.DatabaseError:
        if connection.broken:
            raise
        return False
    return True


def _meet_check(
    connection: psycopg.Connection,
    catalog: Catalog,
    relation: Relation,
    check: Constraint,
    row: dict[str, str | None],
    fixed: _Fixed,
    side: str,
) -> None:
    columns = [relation.by_column[name] for name in check.columns if name in relation.by_column]
    if not columns or not check.expression:
        return
    _fill_absent(connection, row, columns)
    choices = [_choices(catalog, column, check, row, fixed, side) for column in columns]
    tries = list(itertools.islice(_nearest_first(choices), _MOST_TRIES))
    found = _first_that_holds(connection, columns, check, tries)
    if found is not None:
        # why: a column the row leaves to its default keeps it
        row.update({c.name: value for c, value in zip(columns, found, strict=True) if c.name in row})


def _fill_absent(connection: psycopg.Connection, row: dict[str, str | None], columns: Sequence[Column]) -> None:
    """Say what the row leaves unsaid: null, or the default where a check weighs it against another column."""
    for column in columns:
        if column.name in row or column.generated or column.identity:
            continue
        if not column.default:
            row[column.name] = None
        elif len(columns) > 1 and "nextval" not in column.default:
            row[column.name] = _default(connection, column)


def _default(connection: psycopg.Connection, column: Column) -> str | None:
    # why: a percent sign would be a placeholder where values travel beside it
    default = spelled(column.default.replace("%", "%%"))
    query = sql.SQL("select ({})::{}::text").format(default, spelled(column.type_name))
    try:
        with connection.transaction():
            found = connection.execute(query, []).fetchone()
    except psycopg.DatabaseError:
        if connection.broken:
            raise
        return None
    return str(found[0]) if found and found[0] is not None else None


def _choices(
    catalog: Catalog,
    column: Column,
    check: Constraint,
    row: Mapping[str, str | None],
    fixed: _Fixed,
    side: str,
) -> list[str | None]:
    now = row.get(column.name)
    nothing: list[str | None] = [] if column.not_null else [None]
    if column.name in fixed.kept and now is not None:
        return [now]
    if column.name in fixed.keys and now is not None:
        return [now, *nothing, distinct(catalog, catalog.relations[check.relation], column, side=side, number=9)]
    if column.name not in row:
        return [None]
    return [*dict.fromkeys([now, *candidates(catalog, column, check.expression, side=side), *nothing])]


def _nearest_first(choices: Sequence[Sequence[str | None]]) -> Iterable[tuple[str | None, ...]]:
    """Give combinations that change few columns before those that change many."""
    first = tuple(options[0] for options in choices)
    yield first
    for place, options in enumerate(choices):
        for option in options[1:]:
            yield (*first[:place], option, *first[place + 1 :])
    yield from itertools.product(*(options[:8] for options in choices))


def _first_that_holds(
    connection: psycopg.Connection,
    columns: Sequence[Column],
    check: Constraint,
    tries: Sequence[tuple[str | None, ...]],
) -> tuple[str | None, ...] | None:
    for attempt in tries:
        if _holds(connection, columns, check, attempt):
            return attempt
    return None


def _holds(
    connection: psycopg.Connection, columns: Sequence[Column], check: Constraint, values: Sequence[str | None]
) -> bool:
    fields = sql.SQL(", ").join(
        sql.SQL("%s::{} as {}").format(spelled(column.type_name), identifier(column.name)) for column in columns
    )
    expression = spelled(check.expression.replace("%", "%%"))
    query = sql.SQL("select coalesce(({}), true) from (select {}) as candidate").format(expression, fields)
    try:
        with connection.transaction():
            row = connection.execute(query, list(values)).fetchone()
    except psycopg.DatabaseError:
        if connection.broken:
            raise
        return False
    return bool(row and row[0])
