"""Keys that start with the tenant: no key of one tenant meets another's, and no foreign key reaches across.

It is done while others write: the new index is built concurrently, foreign keys are added without looking at old
rows and validated afterwards, and one short transaction swaps the old key for the new (docs/decisions/0006).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tenantry.blueprint.ownership import OwnerKind
from tenantry.catalog.model import Constraint, Relation
from tenantry.features.isolation.reference_keys import ForeignKey, foreign_keys
from tenantry.plan.object import Grouping, Lock, Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, spelled, spoken
from tenantry.sql.statement import listed, statement

__all__ = ["Key", "keys", "keys_kept", "tenant_column"]

_LONGEST_NAME_BYTES = 63


@dataclass(frozen=True)
class Key:
    """A primary key or unique constraint of a tenant's table that another tenant's key could meet."""

    table: Relation
    constraint: Constraint
    tenant: str
    references: tuple[ForeignKey, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Give the columns the key will have."""
        return (self.tenant, *self.constraint.columns)


def keys(scope: Scope) -> Iterator[Object]:
    """Give the objects that lead each key that can be led."""
    for key in _keys(scope):
        if not _why_kept(scope, key):
            yield from _led(key)


def keys_kept(scope: Scope) -> Iterator[str]:
    """Say which keys stay as they are, and why."""
    for key in _keys(scope):
        if reason := _why_kept(scope, key):
            yield f"{spoken(key.constraint.name)} of {key.table.title} stays as it is: {reason}."


def tenant_column(scope: Scope, table: Relation) -> str:
    """Give the column in which the table's rows name their tenant themselves; empty where there is none."""
    owner = scope.ownership.owner_of(table.oid)
    is_own = owner.kind is OwnerKind.TENANT and owner.is_direct and len(owner.columns) == 1 and not owner.members
    return owner.columns[0] if is_own and table.oid != scope.ownership.anchors.tenants else ""


def _keys(scope: Scope) -> Iterator[Key]:
    for table in scope.tables:
        tenant = tenant_column(scope, table)
        for constraint in scope.catalog.constraints if tenant else ():
            is_key = constraint.relation == table.oid and constraint.kind in ("p", "u")
            if is_key and tenant not in constraint.columns:
                yield Key(table, constraint, tenant, tuple(foreign_keys(scope, table, constraint, tenant_column)))


def _why_kept(scope: Scope, key: Key) -> str:
    if key.table.kind != "r" or scope.catalog.children_of(key.table.oid) or key.table.parents:
        return "the table has partitions or children"
    if not key.table.by_column[key.tenant].not_null:
        return f"{spoken(key.tenant)} may be null"
    if key.constraint.is_deferrable:
        return "it is deferrable"
    for reference in key.references:
        if reason := reference.why_kept:
            return f"{reference.child.title} refers to it, and {reason}"
    return ""


# -- the steps, in order --------------------------------------------------------------------------------


def _led(key: Key) -> Iterator[Object]:
    yield _index(key)
    for reference in key.references:
        yield reference.added(key.columns)
        yield reference.validated()
    yield _swapped(key)


def _new_name(key: Key) -> str:
    return short(f"tenantry_{key.constraint.name}")


def _old_name(key: Key) -> str:
    return short(f"tenantry_old_{key.constraint.name}")


def short(name: str) -> str:
    """Cut a name to what the server keeps of it."""
    return name.encode()[:_LONGEST_NAME_BYTES].decode(errors="ignore")


def _built(key: Key, name: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Build a unique index beside the writers; what a broken attempt left is dropped first."""
    table = qualified(key.table.schema, key.table.name)
    return (
        statement("drop index concurrently if exists {}", qualified(key.table.schema, name)),
        statement(
            "create unique index concurrently {} on {} ({})", identifier(name), table, listed(map(identifier, columns))
        ),
    )


def _index(key: Key) -> Object:
    return Object(
        id=f"index {spoken(_new_name(key))} on {key.table.title}",
        phase=Phase.KEYS,
        why="Two tenants may have the same key without meeting; what one inserts tells nothing of the other.",
        create=_built(key, _new_name(key), key.columns),
        drop=(),
        back=(statement("drop index concurrently if exists {}", qualified(key.table.schema, _new_name(key))),),
        relation=key.table.title,
        lock=Lock.SHARE_UPDATE_EXCLUSIVE,
        is_kept=True,
        grouping=Grouping.ALONE,
    )


def _swapped(key: Key) -> Object:
    table, name = qualified(key.table.schema, key.table.name), identifier(key.constraint.name)
    kind = spelled("primary key" if key.constraint.kind == "p" else "unique")
    return Object(
        id=f"constraint {spoken(key.constraint.name)} on {key.table.title}",
        phase=Phase.KEYS,
        why="The key starts with the tenant, and foreign keys can only point within one.",
        create=(
            *(text for reference in key.references for text in reference.swapped()),
            statement("alter table {} drop constraint {}", table, name),
            statement(
                "alter table {} add constraint {} {} using index {}", table, name, kind, identifier(_new_name(key))
            ),
        ),
        back=(
            *(reference.dropped() for reference in key.references),
            statement("alter table {} drop constraint {}", table, name),
            statement(
                "alter table {} add constraint {} {} using index {}", table, name, kind, identifier(_old_name(key))
            ),
            *(reference.as_before() for reference in key.references),
        ),
        back_alone=_built(key, _old_name(key), key.constraint.columns),
        drop=(),
        relation=key.table.title,
        lock=Lock.ACCESS_EXCLUSIVE,
        is_kept=True,
        grouping=Grouping.APART,
        hazards=(
            f"Statements that say ON CONFLICT ({', '.join(map(spoken, key.constraint.columns))}) on {key.table.title} "
            f"must say ON CONFLICT ({', '.join(map(spoken, key.columns))}) from here on.",
        ),
    )
