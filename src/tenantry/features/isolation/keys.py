"""Keys that start with the tenant: no key of one tenant meets another's, and no foreign key reaches across.

It is done while others write: the new index is built concurrently, foreign keys are added without looking at old
rows and validated afterwards, and one short transaction swaps the old key for the new (docs/decisions/0006).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from psycopg import sql

from tenantry.blueprint.write import toml_string
from tenantry.catalog.model import Constraint, Index, Relation
from tenantry.features.isolation.columns import is_required, tenant_column
from tenantry.features.isolation.reference_keys import ForeignKey, commented, foreign_keys
from tenantry.plan.object import Grouping, Lock, Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, short_name, spelled, spoken
from tenantry.sql.statement import listed, statement

__all__ = ["Key", "keys", "keys_kept"]

# What an index built for the new key would lack (PostgreSQL, ALTER TABLE: ADD table_constraint_using_index).
_MORE = re.compile(r" NULLS NOT DISTINCT| INCLUDE \(| WITHOUT OVERLAPS| WITH \(| USING INDEX TABLESPACE")


@dataclass(frozen=True)
class Leaf:
    """A table that holds rows itself, and its part of the key: the table, or one partition."""

    table: Relation
    constraint: Constraint

    @property
    def new_name(self) -> str:
        """Give the name of the new key's index until the swap."""
        return short_name(f"tenantry_{self.constraint.name}")

    @property
    def old_name(self) -> str:
        """Give the name of the old key's index on the way back, until the swap."""
        return short_name(f"tenantry_old_{self.constraint.name}")

    def is_relied_on(self, scope: Scope) -> bool:
        """Say whether more than the key would be lost with its index."""
        indexes = scope.catalog.indexes_of.get(self.table.oid, ())
        return any(index.is_relied_on for index in indexes if index.name == self.constraint.name)

    def built(self, name: str, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Build a unique index beside the writers; what a broken attempt left is dropped first."""
        table = qualified(self.table.schema, self.table.name)
        listing = listed(map(identifier, columns))
        return (
            statement("drop index concurrently if exists {}", qualified(self.table.schema, name)),
            statement("create unique index concurrently {} on {} ({})", identifier(name), table, listing),
        )

    def taken(self, kind: sql.Composable, name: str) -> str:
        """Make an index the table's key, under the key's name."""
        table, constraint = qualified(self.table.schema, self.table.name), identifier(self.constraint.name)
        return statement(
            "alter table {} add constraint {} {} using index {}", table, constraint, kind, identifier(name)
        )


@dataclass(frozen=True)
class Key:
    """A primary key or unique constraint of a tenant's table that another tenant's key could meet."""

    table: Relation
    constraint: Constraint
    tenant: str
    references: tuple[ForeignKey, ...]
    leaves: tuple[Leaf, ...]
    comment: str = ""

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
            yield f"{spoken(key.constraint.name)} of {key.table.title} stays as it is: {reason}.{_instead(scope, key)}"
    for table in scope.tables:
        for relation, index, reason in _uncovered(scope, table):
            yield f"{spoken(index.name)} of {relation.title} stays as it is: {reason}."
    for rule, table, tenant in _excluding(scope):
        yield (
            f"{spoken(rule.name)} of {table.title} stays as it is: it excludes across tenants, and so tells what rows "
            f"of others hold. Make it anew with {spoken(tenant)} with =."
        )


def _excluding(scope: Scope) -> Iterator[tuple[Constraint, Relation, str]]:
    """Give the exclusion constraints in which the tenant has no part."""
    for table in scope.tables:
        tenant = tenant_column(scope, table)
        for rule in scope.catalog.constraints if tenant else ():
            if rule.relation == table.oid and rule.kind == "x" and tenant not in rule.columns:
                yield rule, table, tenant


def _instead(scope: Scope, key: Key) -> str:
    """Tell what closes a key that stays, where the database fills part of it and nobody has to choose values."""
    said = scope.ownership.declared.get(key.table.oid)
    columns = [key.table.by_column[name] for name in key.constraint.columns]
    filled = [column.name for column in columns if column.default or column.identity]
    if not filled or (said is not None and set(filled) & set(said.read_only)):
        return ""
    listing = ", ".join(toml_string(name) for name in filled)
    return (
        f" So that nobody can try another tenant's: read_only = [{listing}] in [tables.{toml_string(key.table.title)}]."
    )


def _keys(scope: Scope) -> Iterator[Key]:
    for table in scope.tables:
        tenant = tenant_column(scope, table)
        for constraint in scope.catalog.constraints if tenant else ():
            is_key = constraint.relation == table.oid and constraint.kind in ("p", "u")
            if is_key and tenant not in constraint.columns:
                references = tuple(foreign_keys(scope, table, constraint))
                words = scope.catalog.comments.get(("pg_constraint", constraint.oid), "")
                yield Key(table, constraint, tenant, references, tuple(_leaves(scope, table, constraint)), words)


def _uncovered(scope: Scope, table: Relation) -> Iterator[tuple[Relation, Index, str]]:
    """Give the unique indexes without the tenant that are no key of the table: a partition's own, or no constraint."""
    tenant = tenant_column(scope, table)
    told = {index.columns for index in scope.catalog.indexes_of.get(table.oid, ()) if index.is_unique}
    for relation in (table, *scope.catalog.children_of(table.oid)) if tenant else ():
        if relation.oid != table.oid and not relation.is_partition:
            continue
        keys = {rule.name for rule in scope.catalog.constraints if rule.relation == relation.oid and rule.kind in "pu"}
        for index in scope.catalog.indexes_of.get(relation.oid, ()):
            is_key = index.name in keys
            is_open = index.is_unique and tenant not in index.columns
            # why: what the table has, each of its partitions has as well
            if is_open and not (is_key if relation.oid == table.oid else index.columns in told):
                reason = "a key of a partition alone" if is_key else "an index and no constraint"
                yield relation, index, f"it is {reason}"


def _leaves(scope: Scope, table: Relation, constraint: Constraint) -> Iterator[Leaf]:
    if table.kind == "r":
        yield Leaf(table, constraint)
        return
    for child in scope.catalog.children_of(table.oid):
        for part in scope.catalog.constraints:
            is_part = part.relation == child.oid and (part.kind, part.columns) == (constraint.kind, constraint.columns)
            if is_part and part.is_inherited:
                yield Leaf(child, part)


def _why_kept(scope: Scope, key: Key) -> str:
    children = scope.catalog.children_of(key.table.oid)
    if key.table.parents or (children and key.table.kind != "p"):
        return "the table inherits, or others inherit from it"
    if any(child.kind != "r" for child in children) or (children and len(key.leaves) != len(children)):
        return "its partitions have partitions, or a key of their own"
    if not is_required(key.table, key.tenant):
        return f"{spoken(key.tenant)} may be null"
    if key.constraint.is_deferrable:
        return "it is deferrable"
    if key.constraint.is_relied_on:
        return "a view or function groups by it, and could not stand without it"
    if any(leaf.is_relied_on(scope) for leaf in key.leaves):
        return "the table is replicated by its index, or clustered in its order"
    if _MORE.search(key.constraint.definition):
        return "its index is more than a list of columns"
    for reference in key.references:
        if reason := reference.why_kept:
            return f"{reference.child.title} refers to it, and {reason}"
    return ""


# -- the steps, in order --------------------------------------------------------------------------------


def _led(key: Key) -> Iterator[Object]:
    for leaf in key.leaves:
        yield _index(key, leaf)
    for reference in key.references:
        yield reference.added(key.columns)
        if reference.is_validated:
            yield reference.validated()
    yield _swapped(key)


def _index(key: Key, leaf: Leaf) -> Object:
    return Object(
        id=f"index {spoken(leaf.new_name)} on {leaf.table.title}",
        phase=Phase.KEYS,
        why="Two tenants may have the same key without meeting; what one inserts tells nothing of the other.",
        create=leaf.built(leaf.new_name, key.columns),
        drop=(),
        back=(statement("drop index concurrently if exists {}", qualified(leaf.table.schema, leaf.new_name)),),
        relation=leaf.table.title,
        lock=Lock.SHARE_UPDATE_EXCLUSIVE,
        is_kept=True,
        grouping=Grouping.ALONE,
    )


def _swapped(key: Key) -> Object:
    said, will_say = (", ".join(map(spoken, names)) for names in (key.constraint.columns, key.columns))
    return Object(
        id=f"constraint {spoken(key.constraint.name)} on {key.table.title}",
        phase=Phase.KEYS,
        why="The key starts with the tenant, and foreign keys can only point within one.",
        create=(
            *(text for reference in key.references for text in reference.swapped()),
            *_replaced(key, {leaf: leaf.new_name for leaf in key.leaves}, key.columns),
        ),
        back=(
            *(reference.dropped() for reference in key.references),
            *_replaced(key, {leaf: leaf.old_name for leaf in key.leaves}, key.constraint.columns),
            *(text for reference in key.references for text in reference.as_before()),
        ),
        back_alone=tuple(text for leaf in key.leaves for text in leaf.built(leaf.old_name, key.constraint.columns)),
        drop=(),
        relation=key.table.title,
        lock=Lock.ACCESS_EXCLUSIVE,
        is_kept=True,
        grouping=Grouping.APART,
        hazards=(
            f"Statements that say ON CONFLICT ({said}) on {key.table.title} must then say ON CONFLICT ({will_say}).",
        ),
    )


def _replaced(key: Key, indexes: Mapping[Leaf, str], columns: tuple[str, ...]) -> Iterator[str]:
    """Drop the key there is and make the indexes its successor; a partitioned table takes its partitions' over."""
    table, name = qualified(key.table.schema, key.table.name), identifier(key.constraint.name)
    kind = spelled("primary key" if key.constraint.kind == "p" else "unique")
    yield statement("alter table {} drop constraint {}", table, name)
    yield from (leaf.taken(kind, index) for leaf, index in indexes.items())
    if key.table.kind == "p":
        listing = listed(map(identifier, columns))
        yield statement("alter table {} add constraint {} {} ({})", table, name, kind, listing)
    yield from commented(key.table, key.constraint, key.comment)
