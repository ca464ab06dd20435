"""Which values let a row into some partition: the lower bounds of one that exists."""

from __future__ import annotations

import re

from tenantry.catalog.model import Catalog, Relation

__all__ = ["bounded", "first_values"]

_RANGE = re.compile(r"FROM \((.*?)\) TO", re.DOTALL)
_LIST = re.compile(r"IN \((.*)\)", re.DOTALL)
_VALUE = re.compile(r"'((?:[^']|'')*)'|(-?[\d.]+)")


def bounded(catalog: Catalog, relation: Relation) -> dict[str, str | None]:
    """Give values for the columns of the partition key, or nothing where any value has a place.

    Hash partitions and default partitions take any row; owner columns are in the key of neither kind used here.
    """
    if not relation.partition_columns:
        return {}
    bounds = [child.bound for child in catalog.relations.values() if relation.oid in child.parents]
    if not bounds or any("DEFAULT" in bound or "MODULUS" in bound for bound in bounds):
        return {}
    for bound in sorted(bounds, reverse=True):
        values = first_values(bound)
        if len(values) >= len(relation.partition_columns):
            pairs = zip(relation.partition_columns, values, strict=False)
            return dict(pairs)
    return {}


def first_values(bound: str) -> list[str]:
    """Give the first values a partition takes, one for each column of the key, where its bounds name them."""
    found = _RANGE.search(bound) or _LIST.search(bound)
    values = [text or number for text, number in _VALUE.findall(found.group(1))] if found else []
    return [value.replace("''", "'") for value in values]
