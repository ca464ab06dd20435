"""Which columns policies join with another table's key: references that stand nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tenantry.catalog.model import Catalog, Policy, Relation

__all__ = ["columns_joined"]

_SIDE = r"\"?(\w+)\"?\.\"?(\w+)\"?"
_JOIN = re.compile(rf"{_SIDE}\)?(?:::[\w ]+)? = \(?{_SIDE}")

Column = tuple[int, str]


def columns_joined(catalog: Catalog) -> Mapping[Column, Column]:
    """Give for each column, as (table, name), the single key of another table that a policy joins it with."""
    return {
        (holder.oid, name): (target.oid, key)
        for policy in catalog.policies
        for holder, name, target, key in _pairs(catalog, policy)
        if holder.oid != target.oid and holder.by_column[name].type_oid == target.by_column[key].type_oid
    }


def _pairs(catalog: Catalog, policy: Policy) -> Iterator[tuple[Relation, str, Relation, str]]:
    """Give the joins of one policy, the side that is a key last."""
    tables = [catalog.relations[oid] for oid in (policy.relation, *policy.relations) if oid in catalog.relations]
    for text in (policy.using, policy.check):
        for ours, name, theirs, other in _JOIN.findall(text):
            first, second = _meant(tables, text, ours), _meant(tables, text, theirs)
            if first is None or second is None or name not in first.by_column or other not in second.by_column:
                continue
            first_is_key, second_is_key = _is_key(catalog, first, name), _is_key(catalog, second, other)
            if second_is_key and not first_is_key:
                yield first, name, second, other
            if first_is_key and not second_is_key:
                yield second, other, first, name


def _is_key(catalog: Catalog, table: Relation, name: str) -> bool:
    return catalog.primary_key_of.get(table.oid, ()) == (name,)


def _meant(tables: list[Relation], text: str, qualifier: str) -> Relation | None:
    """Resolve a qualifier: a table's name, or the alias behind one."""
    aliased = set(re.findall(rf"\b(\w+)\"? (?:as )?{re.escape(qualifier)}\b", text, re.IGNORECASE))
    found = [table for table in tables if table.name == qualifier] or [one for one in tables if one.name in aliased]
    return found[0] if found else None
