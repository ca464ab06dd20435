"""Whose rows the tables were found to hold when a plan was made, so that the next plan finds the same.

What a plan builds changes what was guessed from: policies go, columns come, keys and foreign keys carry the tenant. So
a guess is made once for a table, and made again only where the blueprint says something else of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict, Field

from tenantry.blueprint.model import Blueprint, Table
from tenantry.blueprint.owner import Owner, OwnerKind
from tenantry.blueprint.reference import VIRTUAL, Anchors, Reference
from tenantry.catalog.model import Catalog

__all__ = ["Memory", "recalled_anchors", "recalled_owners", "remembered"]

_ONLY_COLUMNS = "*"  # the title that stands for tenants whom no table lists


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hop(_Part):
    """One reference on the way from a row to its owner."""

    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    is_declared: bool


class Whose(_Part):
    """Whose rows one table holds; ``said`` is a hash of what the blueprint said of it."""

    kind: OwnerKind
    path: tuple[Hop, ...] = ()
    is_weak: bool = False
    members: str = ""
    said: str = ""


class Memory(_Part):
    """Tenants, users and owners as they were found; ``said`` is a hash of what the blueprint said of the first two."""

    said: str = ""
    tenants: str = ""
    tenant_key: str = ""
    tenant_columns: tuple[str, ...] = ()
    users: str = ""
    user_key: str = ""
    user_columns: tuple[str, ...] = ()
    tables: Mapping[str, Whose] = Field(default={})


def remembered(
    catalog: Catalog,
    blueprint: Blueprint,
    anchors: Anchors,
    owners: Mapping[int, Owner],
    declared: Mapping[int, Table],
    tables: Iterable[int],
) -> Memory:
    """Give what to remember of ``tables``, which are oids."""
    return Memory(
        said=_said(blueprint.tenant, blueprint.users),
        tenants=_title(catalog, anchors.tenants),
        tenant_key=anchors.tenant_key,
        tenant_columns=tuple(sorted(anchors.tenant_columns)),
        users=_title(catalog, anchors.users),
        user_key=anchors.user_key,
        user_columns=tuple(sorted(anchors.user_columns)),
        tables={
            catalog.relations[oid].title: _whose(catalog, owners.get(oid, Owner(OwnerKind.SHARED)), declared.get(oid))
            for oid in sorted(tables, key=lambda oid: catalog.relations[oid].title)
        },
    )


def recalled_anchors(catalog: Catalog, blueprint: Blueprint, memory: Memory) -> Anchors | None:
    """Give the tenants and users that were found before; nothing where the blueprint or the tables changed."""
    if memory.said != _said(blueprint.tenant, blueprint.users):
        return None
    tenants, users = _found(catalog, memory.tenants), _found(catalog, memory.users)
    if tenants is None or users is None:
        return None
    return Anchors(
        tenants=tenants,
        tenant_key=memory.tenant_key,
        tenant_columns=frozenset(memory.tenant_columns),
        users=users,
        user_key=memory.user_key,
        user_columns=frozenset(memory.user_columns),
    )


def recalled_owners(catalog: Catalog, declared: Mapping[int, Table], memory: Memory) -> Mapping[int, Owner]:
    """Give the owners that were found before, of the tables that are as they were and of which the same is said.

    That a table was nobody's is not recalled: a column it got since may say whose its rows are, and would leave them
    open.
    """
    found: dict[int, Owner] = {}
    for title, whose in memory.tables.items():
        table = catalog.relation_titled.get(title)
        is_same = table is not None and whose.said == _said(declared.get(table.oid))
        if table is None or not is_same or whose.kind is OwnerKind.SHARED:
            continue
        owner = _owner(catalog, whose)
        if owner is not None:
            found[table.oid] = owner
    return found


def _said(*sections: BaseModel | None) -> str:
    text = "\n".join(section.model_dump_json() for section in sections if section is not None)
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def _title(catalog: Catalog, oid: int) -> str:
    return _ONLY_COLUMNS if oid == VIRTUAL else catalog.relations[oid].title if oid else ""


def _found(catalog: Catalog, title: str) -> int | None:
    if title in ("", _ONLY_COLUMNS):
        return VIRTUAL if title else 0
    relation = catalog.relation_titled.get(title)
    return relation.oid if relation else None


def _whose(catalog: Catalog, owner: Owner, said: Table | None) -> Whose:
    return Whose(
        kind=owner.kind,
        path=tuple(
            Hop(
                table=_title(catalog, hop.relation),
                columns=hop.columns,
                target=_title(catalog, hop.target),
                target_columns=hop.target_columns,
                is_declared=hop.is_declared,
            )
            for hop in owner.path
        ),
        is_weak=owner.is_weak,
        members=_title(catalog, owner.members),
        said=_said(said),
    )


def _owner(catalog: Catalog, whose: Whose) -> Owner | None:
    members = _found(catalog, whose.members)
    path = [_reference(catalog, hop) for hop in whose.path]
    if members is None or any(hop is None for hop in path):
        return None
    return Owner(whose.kind, tuple(hop for hop in path if hop), is_weak=whose.is_weak, members=members)


def _reference(catalog: Catalog, hop: Hop) -> Reference | None:
    """Give the reference, if the columns on both its ends are still there."""
    relation, target = _found(catalog, hop.table), _found(catalog, hop.target)
    if not relation or target is None:
        return None
    ends = ((relation, hop.columns), (target, () if target == VIRTUAL else hop.target_columns))
    if not all(set(columns) <= catalog.relations[oid].by_column.keys() for oid, columns in ends if columns):
        return None
    return Reference(relation, hop.columns, target, hop.target_columns, is_declared=hop.is_declared)
