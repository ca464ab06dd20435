"""How a function is called by somebody who knows only its name and arguments: values by name and type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from psycopg import sql

from tenantry.blueprint.words import singular, words_of
from tenantry.catalog.model import Catalog, Column, Relation, Routine
from tenantry.sql.name import identifier, qualified, spelled
from tenantry.verify.outside import outside_of
from tenantry.verify.sequence import Step
from tenantry.verify.stage import Stage
from tenantry.verify.synthesis.row import Row, Side

__all__ = ["Argument", "arguments", "calling", "filled", "is_callable", "searching"]

_SECRET = re.compile(r"token|secret|code|password|hash|otp|pin|key$|invite|invitation|nonce|signature", re.IGNORECASE)
_MOST_ROWS, _LONGEST_ANSWER = 1_000, 20_000
_NAMING = re.compile(r"name|title|label|subject", re.IGNORECASE)
_TEXT = ("text", "character varying")
_MOST_SEARCHES, _SHORTEST_WORD = 3, 3
_NO_CALL = frozenset(
    {"trigger", "event_trigger", "internal", "language_handler", "fdw_handler", "index_am_handler", "cstring"}
)


@dataclass(frozen=True)
class Argument:
    """One input of a function, and whether it may be left out."""

    name: str
    type_name: str
    is_optional: bool


def arguments(routine: Routine) -> list[Argument]:
    """Give a function's inputs in order; names are empty where it has none."""
    names = [*routine.argument_names, *[""] * routine.input_count][: routine.input_count]
    required = routine.input_count - routine.default_count
    return [
        Argument(name, kind, number >= required)
        for number, (name, kind) in enumerate(zip(names, routine.argument_types, strict=False))
    ]


def is_callable(stage: Stage, routine: Routine) -> bool:
    """Say whether a function or procedure can be called by name, with no effect that a rollback leaves behind."""
    if routine.kind not in ("f", "p") or routine.returns in _NO_CALL or "internal" in routine.argument_types:
        return False
    return routine.title not in stage.avoided and (stage.call_outside or not outside_of(stage.catalog, routine))


def filled(stage: Stage, routine: Routine, side: Side) -> list[tuple[Argument, str]]:
    """Choose a value for every argument that must have one or that names a key: the side's keys, else plain values.

    What sounds like a secret is never filled with a real one: who knows it may be meant to use it.
    """
    chosen = []
    for argument in arguments(routine):
        key = "" if _SECRET.search(argument.name) else _key(stage, argument, side)
        if key or not argument.is_optional:
            chosen.append((argument, key or _plain(stage, argument)))
    return chosen


def searching(stage: Stage, routine: Routine, rows: list[tuple[Relation, Row]]) -> list[list[tuple[Argument, str]]]:
    """Choose values as ``filled`` does, but search in plain texts for names that the given rows bear."""
    chosen = filled(stage, routine, Side.THEIRS)
    if not any(_is_searched(argument, value) for argument, value in chosen):
        return []
    names = [
        value
        for relation, row in rows
        for name, value in row.values.items()
        if value and len(value) >= _SHORTEST_WORD
        and _NAMING.search(name) and not _SECRET.search(name)
        and relation.by_column[name].type_name in _TEXT
    ]  # fmt: skip
    return [
        [(argument, name if _is_searched(argument, value) else value) for argument, value in chosen]
        for name in list(dict.fromkeys(names))[:_MOST_SEARCHES]
    ]


def _is_searched(argument: Argument, value: str) -> bool:
    return not value and argument.type_name in _TEXT and not _SECRET.search(argument.name)


def calling(routine: Routine, chosen: list[tuple[Argument, str]]) -> Step:
    """Give the call; what a function answers comes back as text, a row a line."""
    parts = sql.SQL(", ").join(_passed(argument) for argument, _ in chosen)
    name = qualified(routine.schema, routine.name)
    values = tuple(value for _, value in chosen)
    if routine.kind == "p":
        return Step(sql.SQL("call {}({})").format(name, parts), values)
    return Step(
        sql.SQL("select pg_catalog.left(tenantry_answer::text, {}) from {}({}) as tenantry_answer limit {}").format(
            sql.Literal(_LONGEST_ANSWER), name, parts, sql.Literal(_MOST_ROWS)
        ),
        values,
    )


def _passed(argument: Argument) -> sql.Composed:
    value = sql.SQL("%s::{}").format(spelled(argument.type_name))
    if argument.name:
        return sql.SQL("{} => {}").format(identifier(argument.name), value)
    return value


def _key(stage: Stage, argument: Argument, side: Side) -> str:
    is_list = argument.type_name.endswith("[]")
    for value in _candidates(stage, argument.name, argument.type_name.removesuffix("[]"), side):
        return "{" + value + "}" if is_list else value
    return ""


def _candidates(stage: Stage, name: str, kind: str, side: Side) -> Iterator[str]:
    """Give keys the name may mean: the tenant's, the user's, or that of a row of the table it names."""
    anchors, world = stage.ownership.anchors, stage.world
    bare = re.sub(r"^(p|_|in|arg|v|i|the|target|current|check|input)_+|^_+", "", name)
    words = [singular(word) for word in words_of(bare) if word not in ("id", "uuid", "uid", "key")]
    if bare in anchors.tenant_columns or (words and words == _noun(stage, anchors.tenants)):
        yield from _value(stage, anchors.tenants, anchors.tenant_key, kind, side)
        yield from _in_column(stage, anchors.tenant_columns, kind, side)
    if bare in anchors.user_columns or (words and (words[-1] == "user" or words == _noun(stage, anchors.users))):
        yield from _value(stage, anchors.users, anchors.user_key, kind, side)
    fuller = [singular(word) for word in words_of(bare) if word not in ("id", "uuid", "uid")]
    for table in _tables_meant(stage, words) or _tables_meant(stage, fuller):
        for key in stage.catalog.primary_key_of.get(table.oid, ())[-1:]:
            yield from _value(stage, table.oid, key, kind, side)
    if "mail" in bare:
        mails = [c.name for c in _columns(stage, anchors.users) if "mail" in c.name]
        yield from (row.values[mail] or "" for mail in mails if (row := world.row(anchors.users, side)))
    if kind == "uuid":
        yield from _value(stage, anchors.tenants or anchors.users, anchors.tenant_key or anchors.user_key, kind, side)


def _tables_meant(stage: Stage, words: list[str]) -> list[Relation]:
    return _tables_by_noun(stage.catalog).get(tuple(words), []) if words else []


@lru_cache(maxsize=2)
def _tables_by_noun(catalog: Catalog) -> dict[tuple[str, ...], list[Relation]]:
    tables: dict[tuple[str, ...], list[Relation]] = {}
    for table in catalog.tables:
        tables.setdefault(tuple(_singular_words(table.name)), []).append(table)
    return tables


def _noun(stage: Stage, oid: int) -> list[str]:
    relation = stage.catalog.relations.get(oid)
    return _singular_words(relation.name) if relation else []


def _singular_words(name: str) -> list[str]:
    return [singular(word) for word in words_of(name)]


def _columns(stage: Stage, oid: int) -> tuple[Column, ...]:
    relation = stage.catalog.relations.get(oid)
    return relation.columns if relation else ()


def _value(stage: Stage, oid: int, column: str, kind: str, side: Side) -> Iterator[str]:
    row, relation = stage.world.row(oid, side), stage.catalog.relations.get(oid)
    value = row.values.get(column) if row else None
    if relation is not None and value and _fits(relation.by_column[column].type_name, kind):
        yield value


def _in_column(stage: Stage, names: frozenset[str], kind: str, side: Side) -> Iterator[str]:
    for (oid, owner), row in stage.world.rows.items():
        for name in names if owner is side else ():
            column = stage.catalog.relations[oid].by_column.get(name)
            value = row.values.get(name)
            if column is not None and value and _fits(column.type_name, kind):
                yield value


def _fits(column: str, argument: str) -> bool:
    integers = {"integer", "bigint", "smallint", "numeric"}
    return column == argument or {column, argument} <= integers or argument in ("text", "character varying")


def _plain(stage: Stage, argument: Argument) -> str:
    kind = argument.type_name
    labels = next((found.labels for found in stage.catalog.types.values() if found.labels and found.name == kind), ())
    if labels:
        return labels[0]
    if kind.endswith("[]") or kind == "hstore":
        return "{}" if kind.endswith("[]") else ""
    simple = {
        "json": "{}", "jsonb": "{}", "boolean": "true", "uuid": "7e9a9700-0000-4000-8000-000000000000",
        "date": "2026-01-01",
        "interval": "1 day", "bytea": "\\x00", "inet": "192.0.2.1", "point": "(0,0)", "xml": "<a/>", "tsquery": "a",
        "time without time zone": "09:00", "regclass": "0", "oid": "0", "numrange": "[1,2)", "int4range": "[1,2)",
    }  # fmt: skip
    if kind in simple:
        return simple[kind]
    if kind.startswith(("timestamp",)):
        return "2026-01-01"
    if re.match(r"(integer|bigint|smallint|numeric|real|double)", kind):
        return "10"
    return "someone@example.com" if "mail" in argument.name else ""
