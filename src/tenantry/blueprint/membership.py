"""Which table lists who belongs to which tenant: as the blueprint says, or as keys suggest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tenantry.blueprint.model import Blueprint, Membership
from tenantry.blueprint.owner import OwnerKind
from tenantry.blueprint.ownership import Ownership
from tenantry.blueprint.reference import VIRTUAL, Reference
from tenantry.blueprint.tables import find_table
from tenantry.catalog.model import Catalog, Relation
from tenantry.errors import TenantryError

__all__ = ["Listed", "MembershipUnknown", "guessed_membership", "listed_members", "memberships"]

_ACTIVE = frozenset({"active", "is_active", "enabled", "is_enabled"})
_ENDED = frozenset({"deleted_at", "removed_at", "revoked_at", "left_at", "ended_at"})


class MembershipUnknown(TenantryError):
    """What the blueprint says about members does not fit the database."""

    code = "TN051"
    way_out = "Name the table's columns in tenantry.toml, under [membership]: tenant, user, and those that must hold."


@dataclass(frozen=True)
class Listed:
    """The table of members, and its columns that name the tenant and the user."""

    table: Relation
    tenant: str
    user: str


def memberships(catalog: Catalog, found: Ownership) -> list[tuple[int, Reference]]:
    """Give tables whose rows name both a tenant, in a column of their own, and a user, by their key."""
    anchors = found.anchors
    if not anchors.users or anchors.tenants in (0, VIRTUAL):
        return []
    listed = []
    for oid, references in found.references.items():
        owner = found.owner_of(oid)
        users = [one for one in references if one.target == anchors.users and not one.is_audit]
        is_told = owner.kind is OwnerKind.TENANT and owner.is_direct and users
        if is_told and _is_key(catalog, references, oid, owner.columns[0], users[0].columns[0]):
            listed.append((oid, users[0]))
    return listed


def _is_key(catalog: Catalog, references: tuple[Reference, ...], oid: int, tenant: str, user: str) -> bool:
    """Say whether a row is told by its user, within the tenant or anywhere; a role may be told beside."""
    others = {column for one in references for column in one.columns} - {tenant, user}
    keys = [set(index.columns) for index in catalog.indexes_of.get(oid, ()) if index.is_unique]
    return any(user in key and not key & others for key in keys)


def listed_members(catalog: Catalog, blueprint: Blueprint, found: Ownership) -> Listed | None:
    """Find what the blueprint says about members; nothing where it says nothing.

    Raises ``MembershipUnknown`` where a column is not there, or none is named and none can be told.
    """
    said = blueprint.membership
    if not said.table:
        return None
    table = find_table(catalog, said.table)
    tenant = said.tenant or _tenant_column(found, table)
    user = said.user or _user_column(found, table)
    if missing := [name for name in (tenant, user, *_conditions(said)) if name not in table.by_column]:
        raise MembershipUnknown(f"{table.title} has no column {missing[0] or 'that names the tenant and the user'}.")
    if not table.is_table:
        raise MembershipUnknown(f"{table.title} is no table.")
    return Listed(table, tenant, user)


def _conditions(said: Membership) -> tuple[str, ...]:
    return tuple(filter(None, (said.role, *said.active, *said.ended, *said.states)))


def _tenant_column(found: Ownership, table: Relation) -> str:
    owner = found.owner_of(table.oid)
    is_told = owner.kind is OwnerKind.TENANT and owner.is_direct and len(owner.columns) == 1
    return owner.columns[0] if is_told else ""


def _user_column(found: Ownership, table: Relation) -> str:
    users = [one for one in found.references.get(table.oid, ()) if one.target == found.anchors.users]
    told = [one.columns[0] for one in users if not one.is_audit and len(one.columns) == 1]
    return told[0] if found.anchors.users and len(told) == 1 else ""


def guessed_membership(catalog: Catalog, found: Ownership) -> Iterator[tuple[str, str | list[str]]]:
    """Give what would declare the only table that lists members; nothing where none or several do."""
    listed = memberships(catalog, found)
    if len(listed) != 1:
        return
    oid, user = listed[0]
    table = catalog.relations[oid]
    yield "table", table.title
    yield "tenant", found.owner_of(oid).columns[0]
    yield "user", user.columns[0]
    is_true = [column.name for column in table.columns if column.name in _ACTIVE and column.type_name == "boolean"]
    ended = [column.name for column in table.columns if column.name in _ENDED]
    yield from [("active", is_true)] if is_true else []
    yield from [("ended", ended)] if ended else []
