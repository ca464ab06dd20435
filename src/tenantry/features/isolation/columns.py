"""The column in which a row names its tenant: where it has none, it gets one, filled along its foreign key.

It is done while others write: the column is added empty, filled in batches by key, and required only once a check that
was validated beside the writers has seen that no row is without.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from tenantry.blueprint.reference import Reference
from tenantry.catalog.model import Relation
from tenantry.plan.object import Grouping, Lock, Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, short_name, spelled, spoken
from tenantry.sql.statement import statement

__all__ = [
    "BATCH_ROWS",
    "column_type",
    "columns",
    "columns_added",
    "element_type",
    "is_comparable",
    "is_required",
    "is_same_tenant_type",
    "parent_of",
    "tenant_column",
    "unfilled",
]

BATCH_ROWS = 5_000
_FILLED = re.compile(r"\(?tenantry\.current_")
_FAMILIES = ({"smallint", "integer", "bigint"},)


def tenant_column(scope: Scope, table: Relation) -> str:
    """Give the column in which the table's rows name their tenant, or will; empty where there is none."""
    anchors = scope.ownership.anchors
    if table.oid in (anchors.tenants or anchors.users, 0):
        return ""
    return _own_column(scope, table) or (_name(scope) if parent_of(scope, table) else "")


def column_type(scope: Scope, table: Relation, column: str) -> str:
    """Give the type of the column, or that which it will have; of its elements where it is an array."""
    found, parent = table.by_column.get(column), parent_of(scope, table)
    if found is None and parent is not None:
        target = scope.catalog.relations[parent.target]
        return column_type(scope, target, tenant_column(scope, target))
    return element_type(found.type_name) if found else scope.tenant_type


def element_type(type_name: str) -> str:
    """Give the type of an array's elements; of anything else the type itself."""
    return type_name.removesuffix("[]")


def is_comparable(type_name: str, other: str) -> bool:
    """Say whether the server compares values of both types as they are."""
    return type_name == other or any({type_name, other} <= family for family in _FAMILIES)


def is_same_tenant_type(scope: Scope, table: Relation, other: Relation) -> bool:
    """Say whether the tenant columns of two tables can be compared, and so refer to one another."""
    types = (column_type(scope, one, tenant_column(scope, one)) for one in (table, other))
    return is_comparable(*types)


def columns_added(scope: Scope) -> dict[int, str]:
    """Give the column that each table, by its oid, will get."""
    named = {table.oid: tenant_column(scope, table) for table in scope.tables if not _own_column(scope, table)}
    return {oid: column for oid, column in named.items() if column}


def is_required(table: Relation, column: str) -> bool:
    """Say whether every row names its tenant in the column, or will."""
    found = table.by_column.get(column)
    return found is None or found.not_null


def columns(scope: Scope, *, noun: str) -> Iterator[Object]:
    """Give what adds and fills the column of every table that has none, parents before their children."""
    added = columns_added(scope)
    missing = [table for table in scope.tables if table.oid in added]
    for table in sorted(missing, key=lambda one: (len(scope.ownership.owner_of(one.oid).path), one.title)):
        parent = parent_of(scope, table)
        if parent is not None:
            yield from _Column(scope, table, parent, noun).objects()


def _own_column(scope: Scope, table: Relation) -> str:
    # why: what was added here is filled from the context, whichever way the owner was found
    made = next((column.name for column in table.columns if _FILLED.match(column.default)), "")
    owner = scope.ownership.owner_of(_root(scope, table).oid)
    if made or owner.kind is not scope.tenant_kind or owner.is_weak or owner.members:
        return made
    column = owner.columns[0] if owner.is_direct and len(owner.columns) == 1 else ""
    # why: in an array of keys no single tenant is named
    return "" if column in table.by_column and table.by_column[column].type_name.endswith("[]") else column


def _root(scope: Scope, table: Relation) -> Relation:
    while table.is_partition and table.parents:
        table = scope.catalog.relations[table.parents[0]]
    return table


def parent_of(scope: Scope, table: Relation) -> Reference | None:
    """Give the reference along which the column will be filled; nothing where it is there, or cannot be filled.

    Every row has the reference, and its target has the column.
    """
    table = _root(scope, table)
    owner = scope.ownership.owner_of(table.oid)
    if owner.kind is not scope.tenant_kind or len(owner.path) < 2 or owner.is_weak or owner.members:
        return None
    reference = owner.path[0]
    target = scope.catalog.relations.get(reference.target)
    is_told = all(table.by_column[name].not_null for name in reference.columns)
    is_free = scope.blueprint.isolation.columns == "add" and _name(scope) not in table.by_column
    if target is None or not is_told or not is_free or not table.is_table or not _is_sure(scope, table, reference):
        return None
    if next(_acting(scope, table), ""):
        return None
    return reference if tenant_column(scope, target) and _fills(scope, target) else None


def _acting(scope: Scope, table: Relation) -> Iterator[str]:
    """Give triggers and rules that a fill could not silence: their code would run with the rights of who applies."""
    family = {table.oid, *(child.oid for child in scope.catalog.children_of(table.oid))}
    yield from (one.name for one in scope.catalog.triggers if one.relation in family and one.enabled in "AR")
    yield from (one.name for one in scope.catalog.rules if one.relation in family)


def unfilled(scope: Scope) -> Iterator[str]:
    """Say which tables get no tenant column because something would run when it is filled."""
    for table in scope.tables if scope.blueprint.isolation.columns == "add" else ():
        owner = scope.ownership.owner_of(table.oid)
        acting = next(_acting(scope, table), "")
        if acting and owner.kind is scope.tenant_kind and len(owner.path) > 1 and not _own_column(scope, table):
            yield (
                f"{table.title} gets no column for its tenant: its trigger or rule {spoken(acting)} would run for "
                "every row that is filled, with the rights of whoever applies."
            )


def _is_sure(scope: Scope, table: Relation, reference: Reference) -> bool:
    """Say whether a foreign key, of the table or of a partition, or the blueprint tells of the reference."""
    said = scope.ownership.declared.get(table.oid)
    if reference.is_declared or (said is not None and said.owner):
        return True
    return any(
        (key.columns, key.target) == (reference.columns, reference.target)
        for child in scope.catalog.children_of(table.oid)
        for key in scope.catalog.foreign_keys.get(child.oid, ())
    )


def _fills(scope: Scope, target: Relation) -> bool:
    return is_required(target, tenant_column(scope, target))


def _name(scope: Scope) -> str:
    """Give the name that most tables have for the column."""
    used = Counter(_own_column(scope, table) for table in scope.tables)
    used.pop("", None)
    return used.most_common(1)[0][0] if used else ""


@dataclass(frozen=True)
class _Column:
    scope: Scope
    table: Relation
    parent: Reference
    noun: str

    def objects(self) -> Iterator[Object]:
        yield self._added()
        yield self._filled()
        yield self._checked()
        yield self._validated()
        yield self._required()

    @property
    def _names(self) -> dict[str, sql.Composable]:
        target = self.scope.catalog.relations[self.parent.target]
        pairs = zip(self.parent.columns, self.parent.target_columns, strict=True)
        return {
            "table": qualified(self.table.schema, self.table.name),
            "column": identifier(_name(self.scope)),
            "check": identifier(self._check),
            "parent": qualified(target.schema, target.name),
            "their_column": identifier(tenant_column(self.scope, target)),
            "match": sql.SQL(" and ").join(
                sql.SQL("parent.{} = child.{}").format(identifier(theirs), identifier(ours)) for ours, theirs in pairs
            ),
            "reader": self._fallback,
            "type": spelled(self._type),
            "rows": sql.Literal(BATCH_ROWS),
            "trigger": identifier("tenantry_fill"),
            "function": qualified("tenantry", short_name(f"fill {self.table.schema} {self.table.name}")),
        }

    @property
    def _type(self) -> str:
        return column_type(self.scope, self.table, _name(self.scope))

    @property
    def _fallback(self) -> sql.Composable:
        reader = sql.SQL("{}()").format(qualified("tenantry", f"current_{self.noun}_id"))
        if is_comparable(self._type, self.scope.tenant_type):
            return reader
        return sql.SQL("({}::{})").format(reader, spelled(self._type))

    @property
    def _check(self) -> str:
        return f"tenantry_{_name(self.scope)}_told"

    def _object(
        self,
        name: str,
        why: str,
        *create: str,
        back: tuple[str, ...],
        lock: Lock,
        grouping: Grouping = Grouping.APART,
        hazards: tuple[str, ...] = (),
    ) -> Object:
        return Object(
            id=f"{name} on {self.table.title}",
            phase=Phase.COLUMNS,
            why=why,
            create=create,
            drop=(),
            back=back,
            relation=self.table.title,
            lock=lock,
            is_kept=True,
            grouping=grouping,
            hazards=hazards,
        )

    def _added(self) -> Object:
        names = self._names
        return self._object(
            f"column {spoken(_name(self.scope))}",
            "Its rows belong to a tenant only through others; named in the row, the fence is one comparison.",
            statement("alter table {table} add column {column} {type}", **_only(names, "table", "column", "type")),
            statement(
                "alter table {table} alter column {column} set default {reader}",
                **_only(names, "table", "column", "reader"),
            ),
            *self._filling(),
            back=(
                statement("drop trigger {trigger} on {table}", **_only(names, "trigger", "table")),
                statement("alter table {table} drop column {column}", **_only(names, "table", "column")),
                statement("drop function {function}()", **_only(names, "function")),
            ),
            lock=Lock.ACCESS_EXCLUSIVE,
            hazards=(f"{self.table.title} gets one more column; statements that take them by number or by * see it.",),
        )

    def _filling(self) -> Iterator[str]:
        """Fill the column of rows that come in without a context, such as a job's, from the row they refer to."""
        names = self._names
        reference = sql.SQL(" and ").join(
            sql.SQL("parent.{} = new.{}").format(identifier(theirs), identifier(ours))
            for ours, theirs in zip(self.parent.columns, self.parent.target_columns, strict=True)
        )
        body = sql.SQL(_BODY).format(**_only(names, "column", "parent", "their_column"), reference=reference)
        yield statement(_FUNCTION, **_only(names, "function"), body=sql.Literal(body.as_string(None)))
        yield statement("alter function {function}() owner to tenantry_owner", **_only(names, "function"))
        yield statement("revoke all on function {function}() from public", **_only(names, "function"))
        yield statement(_TRIGGER, **_only(names, "trigger", "table", "column", "function"))

    def _filled(self) -> Object:
        return self._object(
            f"content of {spoken(_name(self.scope))}",
            f"Rows that are there get the tenant of the row they refer to, {BATCH_ROWS} at a time.",
            statement(_FILL, **_only(self._names, "table", "column", "parent", "their_column", "match", "rows")),
            back=(),
            lock=Lock.NONE,
            grouping=Grouping.BATCHES,
        )

    def _checked(self) -> Object:
        names = _only(self._names, "table", "check", "column")
        return self._object(
            f"constraint {spoken(self._check)}",
            "New rows have to name their tenant; those that are there are looked at afterwards.",
            statement("alter table {table} add constraint {check} check ({column} is not null) not valid", **names),
            back=(
                statement("alter table {table} drop constraint if exists {check}", **_only(names, "table", "check")),
            ),
            lock=Lock.ACCESS_EXCLUSIVE,
        )

    def _validated(self) -> Object:
        names = _only(self._names, "table", "check")
        return self._object(
            f"validity of {spoken(self._check)}",
            "Every row is looked at while others write.",
            statement("alter table {table} validate constraint {check}", **names),
            back=(),
            lock=Lock.SHARE_UPDATE_EXCLUSIVE,
        )

    def _required(self) -> Object:
        names = _only(self._names, "table", "column", "check")
        return self._object(
            f"requirement of {spoken(_name(self.scope))}",
            "The check proved it, so no row is looked at again.",
            statement("alter table {table} alter column {column} set not null", **_only(names, "table", "column")),
            statement("alter table {table} drop constraint {check}", **_only(names, "table", "check")),
            back=(
                statement("alter table {table} alter column {column} drop not null", **_only(names, "table", "column")),
            ),
            lock=Lock.ACCESS_EXCLUSIVE,
        )


_BODY = """
begin
    select parent.{their_column} into new.{column} from {parent} as parent where {reference};
    return new;
end
"""
_FUNCTION = """
create function {function}() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as {body}
"""
_TRIGGER = """
create trigger {trigger} before insert on {table} for each row when (new.{column} is null)
execute function {function}()
"""
_FILL = """
update {table} as child set {column} = parent.{their_column}
from {parent} as parent
where {match} and (child.tableoid, child.ctid) in (
    select child.tableoid, child.ctid from {table} as child
    join {parent} as parent on {match}
    where child.{column} is null and parent.{their_column} is not null
    limit {rows}
)
"""


def _only(names: dict[str, sql.Composable], *wanted: str) -> dict[str, sql.Composable]:
    return {name: names[name] for name in wanted}
