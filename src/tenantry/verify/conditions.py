"""In which state a row must be for policies to let others see it: constants the policies compare with.

Rows are then put into that state and attacked again. Columns that grant power are left alone: making the
subject an administrator would open the database by design.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from tenantry.blueprint.context import routines_behind, texts_behind
from tenantry.blueprint.ownership import Ownership
from tenantry.catalog.model import Catalog, Column, Relation

__all__ = ["MOST_STATES", "Compared", "compared", "is_free", "names_power", "readers", "states"]

Compared = Mapping[tuple[int, str], Counter[str]]

MOST_STATES = 3
_POWER = re.compile(r"role|admin|super|staff|permission|access_level|tier|plan|grant|scope|owner|is_system|internal")
_EQUALS = re.compile(r"(?:\"?(\w+)\"?\.)?\"?(\w+)\"?\)?(?:::[\w ]+)? = \(?'((?:[^']|'')*)'")
_ANY = re.compile(r"(?:\"?(\w+)\"?\.)?\"?(\w+)\"?\)?(?:::[\w ]+)? = ANY \(+ARRAY\[([^\]]*)\]")
_IN = re.compile(r"(?:\"?(\w+)\"?\.)?\"?(\w+)\"? in \(((?:\s*'[^']*'\s*,?)+)\)", re.IGNORECASE)
_CONSTANT = re.compile(r"'((?:[^']|'')*)'")
_WORD = re.compile(r"(NOT )?(?:\"?\b(\w+)\"?\.)?\"?\b(\w+)\b\"?")


def states(catalog: Catalog, ownership: Ownership) -> tuple[dict[int, dict[str, str]], ...]:
    """Give up to ``MOST_STATES`` states: for each, the columns to set in each table."""
    wanted = {
        (oid, name): list(values)
        for (oid, name), values in compared(catalog).items()
        if is_free(catalog, ownership, catalog.relations[oid], catalog.relations[oid].by_column[name])
    }
    deepest = min(max((len(values) for values in wanted.values()), default=0), MOST_STATES)
    return tuple(_state(wanted, step) for step in range(deepest))


def compared(catalog: Catalog) -> Compared:
    """Give for each column, as (table, name), the constants policies compare it with, and how often."""
    found: dict[tuple[int, str], Counter[str]] = {}
    for oid in catalog.policies_of:
        relation = catalog.relations.get(oid)
        for table, column, value in _asked(catalog, relation) if relation else ():
            found.setdefault((table.oid, column.name), Counter())[value] += 1
    return found


def readers(catalog: Catalog, tables: Collection[int]) -> frozenset[int]:
    """Give these tables and every table whose policies read one of them, whether directly or through others."""
    words = {oid: set(re.findall(r"\w+", " ".join(texts_behind(catalog, oid)))) for oid in catalog.policies_of}
    found = set(tables)
    while True:
        names = {catalog.relations[oid].name for oid in found}
        more = {oid for oid, said in words.items() if oid not in found and said & names}
        if not more:
            return frozenset(found)
        found |= more


def names_power(name: str) -> bool:
    """Say whether a column's name says that it grants power."""
    return bool(_POWER.search(name))


def _state(wanted: dict[tuple[int, str], list[str]], step: int) -> dict[int, dict[str, str]]:
    state: dict[int, dict[str, str]] = {}
    for (oid, column), values in wanted.items():
        state.setdefault(oid, {})[column] = values[min(step, len(values) - 1)]
    return state


def _asked(catalog: Catalog, relation: Relation) -> Iterator[tuple[Relation, Column, str]]:
    policies = catalog.policies_of[relation.oid]
    routines = routines_behind(catalog, (number for policy in policies for number in policy.routines))
    others = [catalog.relations[oid] for policy in policies for oid in policy.relations if oid in catalog.relations]
    for policy in policies:
        yield from _in_text(policy.using, relation, others)
    for routine in routines:
        words = set(re.findall(r"\w+", routine.source))
        named = [table for table in catalog.tables if table.name in words]
        yield from _in_text(routine.source, None, named)


def _in_text(text: str, own: Relation | None, others: list[Relation]) -> Iterator[tuple[Relation, Column, str]]:
    for qualifier, name, value in _comparisons(text):
        for table in _tables(own, others, qualifier, name):
            yield table, table.by_column[name], value.replace("''", "'")
    for found in _WORD.finditer(text):
        negated, qualifier, name = found.group(1), found.group(2) or "", found.group(3)
        for table in _tables(own, others, qualifier, name):
            column = table.by_column[name]
            if column.type_name == "boolean":
                yield table, column, "false" if negated else "true"
            elif column.type_name.startswith(("timestamp", "date")) and re.search(r"expir|until|end", name):
                yield table, column, "2031-01-01"


def _comparisons(text: str) -> Iterator[tuple[str, str, str]]:
    for found in _EQUALS.finditer(text):
        yield found.group(1) or "", found.group(2), found.group(3)
    for pattern in (_ANY, _IN):
        for found in pattern.finditer(text):
            for constant in _CONSTANT.findall(found.group(3)):
                yield found.group(1) or "", found.group(2), constant


def _tables(own: Relation | None, others: list[Relation], qualifier: str, name: str) -> list[Relation]:
    if own is not None and name in own.by_column and qualifier in ("", own.name):
        return [own]
    return [table for table in others if name in table.by_column]


def is_free(catalog: Catalog, ownership: Ownership, table: Relation, column: Column) -> bool:
    """Say whether a column may be set to any state: no key, reference or power hangs on it."""
    taken = {name for ref in ownership.references.get(table.oid, ()) for name in ref.columns}
    keys = set(catalog.primary_key_of.get(table.oid, ()))
    generated = bool(column.generated) or bool(column.identity)
    return not generated and not _POWER.search(column.name) and column.name not in taken | keys
