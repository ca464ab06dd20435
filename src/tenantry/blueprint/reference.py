"""Which column points at which table: declared foreign keys, and names that mean the same without one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tenantry.blueprint.bound import columns_holding_actor
from tenantry.blueprint.joined import columns_joined
from tenantry.blueprint.words import is_audit_column, is_user_column, singular, words_of
from tenantry.catalog.model import Catalog, Column, Relation

__all__ = ["VIRTUAL", "Anchors", "Reference", "as_held", "references"]

VIRTUAL = -1  # the target of tenant columns where no table lists the tenants

_UUID, _TEXTS = 2950, frozenset({25, 1043, 1042})
_UUID_LENGTH = 36
_ARRAYS = frozenset({2951, 1009, 1015})
_CURRENT = re.compile(r"^(current|active|default|selected|primary|last|home)_")


@dataclass(frozen=True)
class Reference:
    """Columns of one relation that hold the key of another; pairs are in order.

    ``is_bound``: policies compare the column with the user who asks; ``is_joined``: only a policy's join says so.
    """

    relation: int
    columns: tuple[str, ...]
    target: int
    target_columns: tuple[str, ...]
    is_declared: bool
    is_bound: bool = False
    is_joined: bool = False

    @property
    def is_audit(self) -> bool:
        """Say whether the reference only tells who touched the row, and no policy asks it."""
        return not self.is_bound and all(is_audit_column(column) for column in self.columns)


@dataclass(frozen=True)
class Anchors:
    """Where ownership starts: the tenants' and the users' tables with their keys, and the columns naming them.

    ``tenants`` is 0 where users are the tenants, and ``VIRTUAL`` where only columns know the tenants.
    """

    tenants: int = 0
    tenant_key: str = ""
    tenant_columns: frozenset[str] = frozenset()
    users: int = 0
    user_key: str = ""
    user_columns: frozenset[str] = frozenset()


def references(catalog: Catalog, anchors: Anchors) -> Mapping[int, tuple[Reference, ...]]:
    """Give each table's references: declared, meant by a name, or only joined by a policy; each column once."""
    by_name = _tables_by_singular(catalog)
    bound = columns_holding_actor(catalog)
    found: dict[int, tuple[Reference, ...]] = {}
    for table in catalog.tables:
        declared = tuple(_declared(catalog, table, bound))
        taken = {column for reference in declared for column in reference.columns}
        named = (
            reference
            for column in table.columns
            if column.name not in taken
            for reference in _by_name(
                catalog, anchors, by_name, table, column, is_bound=(table.oid, column.name) in bound
            )
        )
        found[table.oid] = (*declared, *named)
    for (oid, name), (target, key) in columns_joined(catalog).items():
        if oid in found and not any(name in reference.columns for reference in found[oid]):
            found[oid] += (Reference(oid, (name,), target, (key,), is_declared=False, is_joined=True),)
    return found


def as_held(column: Column, key: str | None) -> str | None:
    """Give a key as the column holds it: an array of keys where the column is one."""
    return f"{{{key}}}" if key is not None and column.type_oid in _ARRAYS else key


def _declared(catalog: Catalog, table: Relation, bound: frozenset[tuple[int, str]]) -> Iterator[Reference]:
    for key in catalog.foreign_keys.get(table.oid, ()):
        target = catalog.relations.get(key.target)
        if target is not None:
            root = _root(catalog, target).oid
            asked = len(key.columns) == 1 and (table.oid, key.columns[0]) in bound
            yield Reference(table.oid, key.columns, root, key.target_columns, is_declared=True, is_bound=asked)


def _root(catalog: Catalog, relation: Relation) -> Relation:
    while relation.is_partition and relation.parents:
        relation = catalog.relations[relation.parents[0]]
    return relation


def _by_name(
    catalog: Catalog,
    anchors: Anchors,
    by_name: Mapping[str, list[Relation]],
    table: Relation,
    column: Column,
    *,
    is_bound: bool,
) -> Iterator[Reference]:
    tenants, users = catalog.relations.get(anchors.tenants), catalog.relations.get(anchors.users)
    if _CURRENT.sub("", column.name) in anchors.tenant_columns and table.oid != anchors.tenants:
        if tenants is None:
            yield Reference(table.oid, (column.name,), VIRTUAL, ("key",), is_declared=False)
        elif _comparable(column, tenants.by_column[anchors.tenant_key]):
            yield Reference(table.oid, (column.name,), tenants.oid, (anchors.tenant_key,), is_declared=False)
        return
    if users is not None and table.oid != users.oid:
        is_user = column.name in anchors.user_columns or is_bound or is_user_column(column.name)
        if (is_user or is_audit_column(column.name)) and _comparable(column, users.by_column[anchors.user_key]):
            if not is_bound and column.name in catalog.primary_key_of.get(table.oid, ()) and column.name == "id":
                return
            target = (users.oid, (anchors.user_key,))
            yield Reference(table.oid, (column.name,), *target, is_declared=False, is_bound=is_bound)
            return
    yield from _by_table_name(catalog, anchors, by_name, table, column)


def _by_table_name(
    catalog: Catalog, anchors: Anchors, by_name: Mapping[str, list[Relation]], table: Relation, column: Column
) -> Iterator[Reference]:
    words = words_of(column.name)
    if len(words) < 2 or words[-1] not in ("id", "uuid"):
        return
    meant = [target for target in by_name.get("_".join(words[:-1]), ()) if target.oid != table.oid]
    here = [target for target in meant if target.schema == table.schema]
    for target in (here or meant)[:1]:
        # why: a key may start with the tenant, whom the name of the column does not name
        key = tuple(name for name in catalog.primary_key_of.get(target.oid, ()) if name not in anchors.tenant_columns)
        if len(key) == 1 and key[0] and target.by_column[key[0]].type_oid == column.type_oid:
            yield Reference(table.oid, (column.name,), target.oid, key, is_declared=False)


def _tables_by_singular(catalog: Catalog) -> Mapping[str, list[Relation]]:
    found: dict[str, list[Relation]] = {}
    for table in catalog.tables:
        *front, last = words_of(table.name) or [""]
        found.setdefault("_".join([*front, singular(last)]), []).append(table)
    return found


def _comparable(column: Column, key: Column) -> bool:
    """Say whether the column can hold the key: same type, both integers, or a uuid kept as text."""
    if column.type_oid == key.type_oid:
        return True
    integers = {20, 21, 23}
    if column.type_oid in _TEXTS and 4 < column.modifier < _UUID_LENGTH + 4:
        return column.type_oid == key.type_oid
    if column.type_oid in _ARRAYS:
        return key.type_oid == _UUID or key.type_oid in _TEXTS
    return (
        {column.type_oid, key.type_oid} <= integers
        or (key.type_oid == _UUID and column.type_oid in _TEXTS)
        or ({column.type_oid, key.type_oid} <= _TEXTS)
    )
