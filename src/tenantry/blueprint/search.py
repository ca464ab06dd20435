"""Which columns can be searched, and how: by operators that row security keeps from their index.

Row security lets no operator see a row before the policy has let it through, unless the server knows that it leaks
nothing; these are not known to (PostgreSQL, Rules and Privileges).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from tenantry.blueprint.ownership import Ownership
from tenantry.catalog.model import Catalog, Relation

__all__ = ["Seeking", "guessed_searches", "seeking"]

_TEXTS = ("text", "character varying")
_LISTS = frozenset(f"{name}[]" for name in ("text", "character varying", "integer", "bigint", "smallint", "uuid"))


class Seeking(StrEnum):
    """How a column is searched."""

    TEXT = "contains a text, whatever the case"
    HOLDS = "holds all of"
    WORDS = "matches a text search query"


def seeking(type_name: str) -> Seeking | None:
    """Say how a column of a type is searched; nothing where it cannot be."""
    bare = type_name.partition("(")[0]
    if bare in _TEXTS:
        return Seeking.TEXT
    if type_name == "jsonb" or type_name in _LISTS:
        return Seeking.HOLDS
    return Seeking.WORDS if type_name == "tsvector" else None


def guessed_searches(catalog: Catalog, found: Ownership) -> Iterator[tuple[Relation, list[str]]]:
    """Give tenants' tables with the columns that an index for such operators is there for."""
    for table in sorted(catalog.tables, key=lambda one: one.title):
        if not found.is_owned(table.oid) or table.is_partition:
            continue
        indexes = catalog.indexes_of.get(table.oid, ())
        names = [name for index in indexes if index.method == "gin" for name in index.columns if name]
        columns = [name for name in dict.fromkeys(names) if seeking(table.by_column[name].type_name)]
        if columns:
            yield table, columns
