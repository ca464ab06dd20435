"""To whom each table's rows belong: a tenant, a user, or nobody, and along which references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tenantry.blueprint.anchors import Anchored, anchor
from tenantry.blueprint.context import texts_behind
from tenantry.blueprint.memory import Memory, recalled_anchors, recalled_owners, remembered
from tenantry.blueprint.model import Blueprint, Table
from tenantry.blueprint.owner import Owner, OwnerKind
from tenantry.blueprint.reference import VIRTUAL, Anchors, Reference, references
from tenantry.blueprint.tables import declared_tables
from tenantry.catalog.model import Catalog, Relation

__all__ = ["Ownership", "is_user_table", "ownership"]


@dataclass(frozen=True)
class Ownership:
    """Anchors, references and owners of one database, and what the blueprint declares of its relations."""

    anchors: Anchors
    references: Mapping[int, tuple[Reference, ...]]
    owners: Mapping[int, Owner]
    guesses: tuple[str, ...]
    declared: Mapping[int, Table]

    def owner_of(self, oid: int) -> Owner:
        """Give the owner of a table's rows; unknown relations are shared."""
        return self.owners.get(oid, Owner(OwnerKind.SHARED))

    def is_owned(self, oid: int) -> bool:
        """Say whether the rows belong to a tenant or a user."""
        return self.owner_of(oid).kind is not OwnerKind.SHARED

    def memory(self, catalog: Catalog, blueprint: Blueprint, tables: Iterable[int]) -> Memory:
        """Give what is to be remembered of tables, by their oids."""
        return remembered(catalog, blueprint, self.anchors, self.owners, self.declared, tables)


def ownership(catalog: Catalog, blueprint: Blueprint, memory: Memory | None = None) -> Ownership:
    """Find the owner of every table's rows; what ``memory`` holds is not guessed anew."""
    memory = memory or Memory()
    known = recalled_anchors(catalog, blueprint, memory) if memory.tables else None
    anchored = Anchored(known, ()) if known else anchor(catalog, blueprint)
    found = dict(references(catalog, anchored.anchors))
    declared = declared_tables(catalog, blueprint)
    _declare(declared, anchored.anchors, found)
    # why: what is declared to lead to the owner is the only way there, however long
    leading = {oid: refs[:1] if oid in declared and declared[oid].owner else refs for oid, refs in found.items()}
    owners = _owners(catalog, anchored, leading)
    owners |= recalled_owners(catalog, declared, memory) if known else {}
    owners |= {oid: Owner(OwnerKind.SHARED) for oid, table in declared.items() if table.shared}
    return Ownership(anchored.anchors, found, owners, anchored.guesses, declared)


def is_user_table(catalog: Catalog, found: Ownership, oid: int) -> bool:
    """Say whether a table lists the users or continues that list, one row a user (profiles.id -> users.id)."""
    users = found.anchors.users
    if not users or oid == users:
        return bool(users)
    key = catalog.primary_key_of.get(oid, ())
    return any(ref.target == users and ref.columns == key for ref in found.references.get(oid, ()))


def _declare(declared: Mapping[int, Table], anchors: Anchors, found: dict[int, tuple[Reference, ...]]) -> None:
    """Put a blueprint's owner columns before what was guessed, towards tenants where there are any."""
    for oid, table in declared.items():
        if not table.owner:
            continue
        # why: beside the column a reference may carry the tenant
        beside = {table.owner, *anchors.tenant_columns}
        known = [ref for ref in found.get(oid, ()) if table.owner in ref.columns and beside.issuperset(ref.columns)]
        target = anchors.tenants or anchors.users
        key = "key" if target == VIRTUAL else anchors.tenant_key if anchors.tenants else anchors.user_key
        made = Reference(oid, (table.owner,), target, (key,), is_declared=False)
        first = known[0] if known else made
        found[oid] = (first, *(ref for ref in found.get(oid, ()) if ref not in known))


def _owners(catalog: Catalog, anchored: Anchored, found: Mapping[int, tuple[Reference, ...]]) -> dict[int, Owner]:
    anchors = anchored.anchors
    owners: dict[int, Owner] = {}
    if anchors.tenants:
        owners[anchors.tenants] = Owner(OwnerKind.TENANT)
        _spread(found, owners, OwnerKind.TENANT)
    if anchors.users:
        owners.setdefault(anchors.users, Owner(OwnerKind.USER))
        _spread(found, owners, OwnerKind.USER)
        _give_to_users(catalog, anchors, found, owners)
    while _adopt_by_members(catalog, found, owners):
        _spread(found, owners, OwnerKind.USER)
    for oid, refs in found.items():
        weak = next((ref for ref in refs if ref.is_audit and ref.target in owners), None)
        if oid not in owners and weak is not None:
            owners[oid] = Owner(OwnerKind.USER, (weak,), is_weak=True)
    _spread(found, owners, OwnerKind.USER, is_weak=True)
    owners.pop(VIRTUAL, None)
    return owners


def _spread(
    found: Mapping[int, tuple[Reference, ...]], owners: dict[int, Owner], kind: OwnerKind, *, is_weak: bool = False
) -> None:
    """Give an owner of this kind to every table with a path to one, the shortest paths first."""
    while True:
        fresh = {
            oid: Owner(kind, (ref, *owners[ref.target].path), is_weak=is_weak)
            for oid, refs in found.items()
            if oid not in owners
            for ref in _first(refs, owners, kind)
        }
        if not fresh:
            return
        owners.update(fresh)


def _first(refs: tuple[Reference, ...], owners: Mapping[int, Owner], kind: OwnerKind) -> tuple[Reference, ...]:
    leading = [ref for ref in refs if not ref.is_audit and ref.target in owners and owners[ref.target].kind is kind]
    return (
        (min(leading, key=lambda ref: (len(owners[ref.target].path), not ref.is_joined, not ref.is_declared)),)
        if leading
        else ()
    )


def _give_to_users(
    catalog: Catalog, anchors: Anchors, found: Mapping[int, tuple[Reference, ...]], owners: dict[int, Owner]
) -> None:
    """Call rows a user's where the policies name the user's column and never the long way to a tenant.

    The column may refer to the users themselves or to a table that continues their list (profiles.id -> users.id).
    """
    onward = _ways_to_users(catalog, anchors, found)
    for oid, refs in found.items():
        owner = owners.get(oid)
        if owner is None or owner.kind is not OwnerKind.TENANT or len(owner.path) < 2:
            continue
        text = " ".join(f"{policy.using} {policy.check}" for policy in catalog.policies_of.get(oid, ()))
        direct = [ref for ref in refs if ref.target in onward and ref.columns[0] in text]
        direct.sort(key=lambda ref: len(onward[ref.target]))
        if direct and not any(column in text for column in owner.columns):
            nearest = min(direct, key=lambda ref: len(onward[ref.target]))
            owners[oid] = Owner(OwnerKind.USER, (nearest, *onward[nearest.target]))


def _ways_to_users(
    catalog: Catalog, anchors: Anchors, found: Mapping[int, tuple[Reference, ...]]
) -> dict[int, tuple[Reference, ...]]:
    """Give the list of users and the tables that continue it, each with the references that lead to the list."""
    onward = {
        oid: (ref,)
        for oid, refs in found.items()
        for ref in refs
        if ref.target == anchors.users and ref.columns == catalog.primary_key_of.get(oid, ())
    }
    return {**onward, anchors.users: ()}


def _adopt_by_members(catalog: Catalog, found: Mapping[int, tuple[Reference, ...]], owners: dict[int, Owner]) -> bool:
    """Give an owner to tables whose policies ask another table, owned and pointing here, for the members."""
    fresh = {
        table.oid: Owner(OwnerKind.USER, members=members)
        for table in catalog.tables
        if table.oid not in owners and catalog.policies_of.get(table.oid)
        for members in _members(catalog, found, owners, table)
    }
    owners.update(fresh)
    return bool(fresh)


def _members(
    catalog: Catalog,
    found: Mapping[int, tuple[Reference, ...]],
    owners: Mapping[int, Owner],
    table: Relation,
) -> list[int]:
    text = " ".join(texts_behind(catalog, table.oid))
    pointing = (
        oid
        for oid, refs in found.items()
        if oid in owners and oid != table.oid and any(ref.target == table.oid for ref in refs)
    )
    return [oid for oid in pointing if catalog.relations[oid].name in text][:1]
