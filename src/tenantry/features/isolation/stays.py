"""The tenant of a row never changes: a trigger refuses it to everyone, also to those whom no policy holds.

An AFTER trigger sees the row as it will stand, whatever other triggers made of it, and locks no row beforehand. Where
an update takes a row to another partition none fires (PostgreSQL, Overview of Trigger Behavior), so that a partitioned
table has a BEFORE trigger too, whose name makes it the last one. Figures: docs/isolation.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from tenantry.catalog.model import Relation
from tenantry.features.isolation.columns import tenant_column
from tenantry.plan.object import Lock, Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql import library
from tenantry.sql.name import identifier, qualified, spelled, spoken
from tenantry.sql.statement import statement
from tenantry.sql.template import statements

__all__ = ["BEFORE_MOVING", "STAYS", "stays", "stays_anyway"]

STAYS, BEFORE_MOVING = "tenantry_tenant_stays", "~tenantry_tenant_stays"
_WITH_TRIGGERS = "rp"
_TRIGGER = (
    "create trigger {trigger} {time} update on {table} for each row "
    "when (old.{column} is distinct from new.{column} and old.{column} is not null) "
    "execute function {function}()"
)


def stays(scope: Scope) -> Iterator[Object]:
    """Give the triggers of every table whose rows name their tenant, and the function they call."""
    triggers = [made for table, column in _tables(scope) for made in _triggers(scope, table, column)]
    if triggers:
        yield _function()
    yield from triggers


def stays_anyway(scope: Scope, table: Relation) -> bool:
    """Say whether nobody may change the tenant of the table's rows, whatever else they may."""
    said = scope.ownership.declared.get(table.oid)
    return bool(_column(scope, table)) and not (said and said.moves)


def _tables(scope: Scope) -> Iterator[tuple[Relation, str]]:
    """Give tables and children by inheritance with their column; partitions have their parent's triggers."""
    for table in scope.fenced:
        column = _column(scope, table)
        if table.is_partition or not stays_anyway(scope, table):
            continue
        yield table, column
        for child in scope.catalog.children_of(table.oid):
            if not child.is_partition and child not in scope.fenced:
                yield child, column


def _column(scope: Scope, table: Relation) -> str:
    anchors = scope.ownership.anchors
    return anchors.tenant_key if table.oid == anchors.tenants else tenant_column(scope, table)


def _triggers(scope: Scope, table: Relation, column: str) -> Iterator[Object]:
    if table.kind not in _WITH_TRIGGERS:
        return
    yield _trigger(scope, table, column, name=STAYS, time="after")
    found = table.by_column.get(column)
    # why: a BEFORE trigger cannot ask for what is generated only afterwards
    if table.kind == "p" and not (found and found.generated):
        yield _trigger(scope, table, column, name=BEFORE_MOVING, time="before")


def _trigger(scope: Scope, table: Relation, column: str, *, name: str, time: str) -> Object:
    place = {"trigger": identifier(name), "table": qualified(table.schema, table.name)}
    return Object(
        id=f"trigger {spoken(name)} on {table.title}",
        phase=Phase.FENCES,
        why="A row that changed its tenant would take what refers to it along, or leave it behind.",
        create=(
            statement(
                _TRIGGER,
                **place,
                time=spelled(time),
                column=identifier(column),
                function=qualified("tenantry", "keep_tenant"),
            ),
        ),
        drop=(statement("drop trigger {trigger} on {table}", **place),),
        relation=table.title,
        lock=Lock.SHARE_ROW_EXCLUSIVE,
        hazards=_cascading(scope, table, column) if name == STAYS else (),
    )


def _cascading(scope: Scope, table: Relation, column: str) -> tuple[str, ...]:
    """Tell of foreign keys that would have carried a new key of the tenant on."""
    refer = [
        spoken(one.name)
        for one in scope.catalog.constraints
        if one.kind == "f" and one.target == table.oid and column in one.target_columns
        if one.on_update == "c" and not one.is_inherited
    ]
    return (f"A new {column} of a row no longer cascades by {', '.join(refer)}: it is refused.",) if refer else ()


def _function() -> Object:
    file = library.read(files("tenantry.features.isolation") / "sql" / "keep_tenant.function.sql")
    return Object(
        id=file.header["object"],
        phase=Phase.FUNCTIONS,
        why=file.header["about"],
        create=statements(file.body),
        drop=(file.header["undo"],),
    )
