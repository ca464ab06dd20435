"""How the rows of two tenants and a stranger get into the database, foreign keys followed.

Existing rows are preferred where tenants exist. Every value of a row is decided before anything is inserted,
so that cycles of foreign keys need no second pass; with the right to it, triggers and foreign-key checks are
off while building (``session_replication_role``), otherwise the order is parents first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType

import psycopg
from psycopg import sql

from tenantry.blueprint.owner import OwnerKind
from tenantry.blueprint.ownership import Ownership, is_user_table
from tenantry.blueprint.reference import VIRTUAL, Reference, as_held
from tenantry.catalog.model import Catalog, Column, Index, Relation, TypeInfo
from tenantry.sql.name import identifier, qualified
from tenantry.sql.refusal import told
from tenantry.verify.synthesis.partition import bounded
from tenantry.verify.synthesis.row import Side, World
from tenantry.verify.synthesis.solve import repair
from tenantry.verify.synthesis.standing import Standing
from tenantry.verify.synthesis.statement import fields, insert_statement, row_of
from tenantry.verify.synthesis.value import distinct, plain

__all__ = ["Builder"]

_BOTH = (Side.MINE, Side.THEIRS)


class Builder:
    """Builds rows side by side. The connection must be inside the transaction that will be rolled back.

    ``refuses`` says why no row may be built in a table, or nothing; ``named`` which columns, as (table, name), hold
    the name of the attacked role in its own rows, and in no others.
    """

    def __init__(
        self,
        connection: psycopg.Connection,
        catalog: Catalog,
        ownership: Ownership,
        *,
        refuses: Callable[[Relation], str] = lambda _: "",
        named: Mapping[tuple[int, str], str] = MappingProxyType({}),
    ) -> None:
        self._connection = connection
        self._catalog = catalog
        self._ownership = ownership
        self._refuses = refuses
        self._named = named
        self._under_way: set[tuple[int, Side, str]] = set()
        self._unique: dict[int, frozenset[str]] = {}
        self._standing = Standing(catalog, ownership)
        self.world = World()
        self.is_free = False

    def begin(self) -> None:
        """Find out whether triggers and foreign-key checks may be switched off while building."""
        self.is_free = self._free_of_triggers()

    def build(self) -> World:
        """Build a row in every table for each side it can have; triggers are back on at the end."""
        order = self._parents_first()
        self._choose_existing_tenants()
        for relation in order:
            for side in self._sides(relation):
                self._place(relation, side)
        if self.is_free:
            self._connection.execute("set local session_replication_role = origin")
        return self.world

    def _sides(self, relation: Relation) -> Sequence[Side]:
        owner = self._ownership.owner_of(relation.oid)
        if owner.kind is OwnerKind.SHARED:
            return (Side.SHARED,)
        if self._standing.is_above(relation):
            return (Side.THEIRS,)
        if is_user_table(self._catalog, self._ownership, relation.oid):
            return (Side.MINE, Side.THEIRS, Side.STRANGER) if self._may_stand_alone(relation) else _BOTH
        return _BOTH

    def _may_stand_alone(self, relation: Relation) -> bool:
        """Say whether a user can exist without a tenant: else there are no strangers."""
        return not any(
            self._ownership.owner_of(ref.target).kind is OwnerKind.TENANT and self._is_required(ref)
            for ref in self._ownership.references[relation.oid]
        )

    def _is_required(self, reference: Reference) -> bool:
        columns = self._catalog.relations[reference.relation].by_column
        return any(columns[name].not_null for name in reference.columns)

    def _parents_first(self) -> list[Relation]:
        tables = {relation.oid: relation for relation in self._catalog.tables}
        sorter = TopologicalSorter(
            {oid: {ref.target for ref in self._ownership.references[oid]} - {oid, VIRTUAL} for oid in tables}
        )
        try:
            return [tables[oid] for oid in sorter.static_order() if oid in tables]
        except CycleError:
            return [tables[oid] for oid in self._fewest_missing_parents(tables)]

    def _fewest_missing_parents(self, tables: dict[int, Relation]) -> list[int]:
        """Order tables with cycles: always next the one with the fewest mandatory parents still to come."""
        left = {
            oid: {ref.target for ref in self._ownership.references[oid] if self._is_mandatory(ref)} - {oid, VIRTUAL}
            for oid in tables
        }
        order: list[int] = []
        while left:
            following = min(left, key=lambda oid: (len(left[oid] & left.keys()), oid))
            order.append(following)
            del left[following]
        return order

    def _is_mandatory(self, reference: Reference) -> bool:
        columns = self._catalog.relations[reference.relation].by_column
        return reference.is_declared and all(columns[name].not_null for name in reference.columns)

    # -- existing rows ------------------------------------------------------------------------------

    def _choose_existing_tenants(self) -> None:
        """Take the two tenants with the most recent rows, where the tenants' table has two."""
        tenants = self._catalog.relations.get(self._ownership.anchors.tenants)
        if tenants is None:
            return
        for side, row in zip(_BOTH, self._two_tenants(tenants), strict=False):
            self._keep(tenants, side, row, is_existing=True)
        if (tenants.oid, Side.THEIRS) not in self.world.rows:
            self.world.rows.pop((tenants.oid, Side.MINE), None)

    def _two_tenants(self, tenants: Relation) -> list[tuple[object, ...]]:
        if not any(oid == tenants.oid for oid, _ in self._named):
            return self._read(tenants, sql.SQL("true"), [], limit=2)
        found = [self._read(tenants, *self._whose(tenants, side), limit=1) for side in _BOTH]
        return [row for rows in found for row in rows] if all(found) else []

    def _whose(self, relation: Relation, side: Side) -> tuple[sql.Composed, list[object]]:
        """Give the condition that a row names the attacked role, or on the other sides that it does not."""
        names = [(name, role) for (oid, name), role in self._named.items() if oid == relation.oid]
        compares = sql.SQL("is not distinct from" if side is Side.MINE else "is distinct from")
        matches = [sql.SQL("{}::text {} %s").format(identifier(name), compares) for name, _ in names]
        return sql.SQL(" and ").join(matches or [sql.SQL("true").format()]), [role for _, role in names]

    def _existing(self, relation: Relation, side: Side) -> bool:
        """Take a row the side already has: one whose reference on the owner's path leads to a row taken before."""
        if side is Side.SHARED:
            rows = self._read(relation, sql.SQL("true"), [], limit=1)
        else:
            path = self._ownership.owner_of(relation.oid).path
            parent = self.world.row(path[0].target, side) if path else None
            if parent is None or not parent.is_existing or self._names_a_user(relation):
                return False
            keys: list[object] = [parent.values[name] for name in path[0].target_columns]
            whose, names = self._whose(relation, side)
            matches = [*(sql.SQL("{} = %s").format(identifier(name)) for name in path[0].columns), whose]
            rows = self._read(relation, sql.SQL(" and ").join(matches), [*keys, *names], limit=1)
        if not rows:
            return False
        self._keep(relation, side, rows[0], is_existing=True)
        return True

    def _names_a_user(self, relation: Relation) -> bool:
        """Say whether rows belong to a user too: the subjects' own user has none among the existing."""
        users = self._ownership.anchors.users
        parent = self.world.row(users, Side.MINE)
        built = parent is not None and not parent.is_existing
        return built and any(
            ref.target == users and not ref.is_audit for ref in self._ownership.references[relation.oid]
        )

    # -- new rows -----------------------------------------------------------------------------------

    def _place(self, relation: Relation, side: Side) -> None:
        if (relation.oid, side) in self.world.rows or self._existing(relation, side):
            return
        if refusal := self._refuses(relation):
            self.world.missing[relation.oid, side] = refusal
            return
        planned = self._planned(relation, side) | bounded(self._catalog, relation)
        wanted = repair(
            self._connection,
            self._catalog,
            relation,
            planned,
            side=side,
            kept=self._ownership.owner_of(relation.oid).columns,
        )
        try:
            with self._connection.transaction():
                row = self._insert(relation, wanted)
        except psycopg.DatabaseError as error:
            if self._connection.broken:
                raise
            if not self._adopt(relation, side, wanted):
                self.world.missing[relation.oid, side] = told(error)
            return
        self._keep(relation, side, row, is_existing=False)

    def _adopt(self, relation: Relation, side: Side, wanted: dict[str, str | None]) -> bool:
        """Take the row a trigger has made under the same key, where there is one."""
        key = self._catalog.primary_key_of.get(relation.oid, ())
        if not key or any(wanted.get(name) is None for name in key):
            return False
        matches = sql.SQL(" and ").join(sql.SQL("{} = %s").format(identifier(name)) for name in key)
        rows = self._read(relation, matches, [wanted[name] for name in key], limit=1)
        if rows:
            self._keep(relation, side, rows[0], is_existing=False)
        return bool(rows)

    def restate(self, relation: Relation, side: Side, conditions: dict[str, str]) -> bool:
        """Give a side's row the values a policy asks for; say whether the server took them."""
        row = self.world.row(relation.oid, side)
        if row is None:
            return False
        setters = sql.SQL(", ").join(sql.SQL("{} = %s").format(identifier(name)) for name in conditions)
        statement = sql.SQL("update {} set {} where tableoid = %s and ctid = %s::tid returning {}").format(
            qualified(relation.schema, relation.name), setters, fields(relation)
        )
        try:
            with self._connection.transaction():
                self._free_of_triggers()
                found = self._connection.execute(statement, [*conditions.values(), row.tableoid, row.ctid]).fetchone()
                if self.is_free:
                    self._connection.execute("set local session_replication_role = origin")
        except psycopg.DatabaseError:
            if self._connection.broken:
                raise
            return False
        if found is None:
            return False
        self.world.rows[relation.oid, side] = row_of(relation, side, found, row.is_existing, tuple(conditions))
        return True

    def _planned(self, relation: Relation, side: Side) -> dict[str, str | None]:
        return {
            column.name: self._value(relation, column, side)
            for column in relation.columns
            if not column.generated and self._is_wanted(relation, column)
        }

    def _is_wanted(self, relation: Relation, column: Column) -> bool:
        if self._reference_of(relation, column) is not None or column.name in self._unique_columns(relation):
            return True
        if (relation.oid, column.name) in self._named:
            return True
        if column.not_null and not column.default and not column.identity:
            return True
        return self._standing.value(relation, column) is not None

    def _value(self, relation: Relation, column: Column, side: Side) -> str | None:
        if side is Side.MINE and (relation.oid, column.name) in self._named:
            return self._named[relation.oid, column.name]
        reference = self._reference_of(relation, column)
        is_unique = column.name in self._unique_columns(relation)
        if reference is not None and not (is_unique and side is Side.THEIRS):
            return self._referred(relation, column, reference, side)
        if reference is not None and not column.not_null:
            return None
        if is_unique:
            return distinct(self._catalog, relation, column, side=side, number=1)
        return self._standing.value(relation, column) or plain(self._catalog, relation, column, side=side)

    def _reference_of(self, relation: Relation, column: Column) -> Reference | None:
        """Give the reference a column belongs to, the one nearest the owner first, unless it is only an audit."""
        owner = self._ownership.owner_of(relation.oid)
        found = [ref for ref in self._ownership.references.get(relation.oid, ()) if column.name in ref.columns]
        leading = [ref for ref in found if owner.path and ref == owner.path[0]]
        return next(iter(leading or found), None)

    def _referred(self, relation: Relation, column: Column, reference: Reference, side: Side) -> str | None:
        """Give the key the column must hold: that of the same side's row, known before it is inserted."""
        wanted = reference.target_columns[reference.columns.index(column.name)]
        if reference.target == VIRTUAL:
            return self.virtual_value(column, side)
        if not column.not_null and self._is_someone_else(relation, reference):
            return None
        target = self._catalog.relations[reference.target]
        their_side = side if side in self._sides(target) else Side.SHARED
        if their_side not in self._sides(target) or (target.oid == relation.oid and not column.not_null):
            return None
        built = self.world.row(target.oid, their_side)
        if built is not None:
            return as_held(column, built.values[wanted])
        if not column.not_null and ((target.oid, their_side) in self.world.missing or not self.is_free):
            return None
        return as_held(column, self._future_key(target, target.by_column[wanted], their_side))

    def _is_someone_else(self, relation: Relation, reference: Reference) -> bool:
        """Say whether it names a further user whom no policy asks for, beside one that policies do."""
        beside = [ref for ref in self._ownership.references[relation.oid] if ref.is_bound and ref != reference]
        owner = self._ownership.owner_of(relation.oid)
        is_user = is_user_table(self._catalog, self._ownership, reference.target)
        return is_user and bool(beside) and not reference.is_bound and reference.columns != owner.columns

    def _future_key(self, target: Relation, wanted: Column, side: Side) -> str | None:
        """Give the key a row will have when its turn comes: keys depend on names and sides alone."""
        step = (target.oid, side, wanted.name)
        if step in self._under_way:
            return distinct(self._catalog, target, wanted, side=side, number=1)
        self._under_way.add(step)
        try:
            if side is not Side.STRANGER and self._existing(target, side):
                return self.world.rows[target.oid, side].values[wanted.name]
            return self._value(target, wanted, side)
        finally:
            self._under_way.discard(step)

    def virtual_value(self, column: Column, side: Side) -> str:
        """Give the key of a tenant that only columns know, in a column's type."""
        kind = self._catalog.types[column.type_oid]
        number = list(Side).index(side) + 1
        if kind.name == "uuid":
            return f"7e9a9700-0000-4000-8000-{number:012d}"
        if kind.name == "smallint":
            return str(32_000 + number)
        return str(1_900_000_000 + number) if kind.category == "N" else f"tn-{side}-{number}"

    def _unique_columns(self, relation: Relation) -> frozenset[str]:
        """Give one column for each unique index that must differ; references differ by side already."""
        if relation.oid not in self._unique:
            self._unique[relation.oid] = frozenset(
                name
                for index in self._catalog.indexes_of.get(relation.oid, ())
                if index.is_unique or index.is_exclusion
                for name in self._distinguishing(relation, index)
            )
        return self._unique[relation.oid]

    def _distinguishing(self, relation: Relation, index: Index) -> list[str]:
        named = [relation.by_column[name] for name in index.columns if name in relation.by_column]
        if not named and index.is_unique:
            named = [
                column for column in relation.columns if re.search(rf"\b{re.escape(column.name)}\b", index.definition)
            ]
        if any(self._differs_by_side(relation, column) for column in named):
            return []
        wide = sorted(
            named,
            key=lambda column: (
                self._reference_of(relation, column) is not None,
                _width(self._catalog.types[column.type_oid]),
            ),
        )
        return [wide[0].name] if wide else []

    def _differs_by_side(self, relation: Relation, column: Column) -> bool:
        reference = self._reference_of(relation, column)
        target = self._catalog.relations.get(reference.target) if reference else None
        return reference is not None and (target is None or self._sides(target) != (Side.SHARED,))

    # -- the server ---------------------------------------------------------------------------------

    def _free_of_triggers(self) -> bool:
        """Switch triggers and foreign-key checks off for what is built here, where the role may."""
        try:
            with self._connection.transaction():
                self._connection.execute("set local session_replication_role = replica")
        except psycopg.errors.InsufficientPrivilege:
            return False
        return True

    def _insert(self, relation: Relation, values: Mapping[str, str | None]) -> tuple[object, ...]:
        row = self._connection.execute(
            insert_statement(relation, tuple(values)) + sql.SQL(" returning {}").format(fields(relation)),
            list(values.values()),
        ).fetchone()
        if row is None:
            raise psycopg.errors.TriggeredActionException("a trigger or rule swallowed the row")
        return row

    def _read(
        self, relation: Relation, condition: sql.Composable, values: Sequence[object], *, limit: int
    ) -> list[tuple[object, ...]]:
        query = sql.SQL("select {} from {} where {} limit {}").format(
            fields(relation), qualified(relation.schema, relation.name), condition, sql.Literal(limit)
        )
        try:
            with self._connection.transaction():
                return self._connection.execute(query, values).fetchall()
        except psycopg.DatabaseError:
            if self._connection.broken:
                raise
            return []

    def _keep(self, relation: Relation, side: Side, row: tuple[object, ...], *, is_existing: bool) -> None:
        self.world.rows[relation.oid, side] = row_of(relation, side, row, is_existing, ())


def _width(kind: TypeInfo) -> int:
    """Order types by how many different values they have; enums and booleans last."""
    if kind.labels or kind.category == "B":
        return 9
    return {"uuid": 0, "bigint": 1, "integer": 1, "text": 2}.get(kind.name, 5)
