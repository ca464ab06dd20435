"""Delete one's own row and take another tenant's with it: foreign-key actions bypass row security."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import sql

from tenantry.catalog.model import Constraint
from tenantry.sql.name import identifier
from tenantry.verify.attack import DatabaseAttack, Target
from tenantry.verify.foreign import is_declared_open, one_per_role
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.reach import at_row, relation_name
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side

_ACTIONS = frozenset("cnd")  # cascade, set null, set default (pg_constraint.confdeltype)


def _run(stage: Stage) -> Iterator[Finding]:
    keys = [key for found in stage.catalog.foreign_keys.values() for key in found if _may_cross(stage, key)]
    for asker in one_per_role(stage):
        with stage.acting(asker):
            crossed = [
                f"{stage.catalog.relations[key.relation].title} ({', '.join(key.columns)})"
                for key in keys
                if _crosses(stage, asker, key)
            ]
        if crossed:
            yield Finding(
                code=ATTACK.code,
                name=ATTACK.name,
                level=Level.NOTE,
                kind=Kind.WEAKNESS,
                proof=Proof.ATTACKED,
                message=f"When {asker.title} deletes its own rows, rows of another tenant that refer to them "
                f"are changed or deleted too, by {len(crossed)} foreign keys.",
                meaning="Nothing in these foreign keys says that both rows belong to one tenant.",
                fix="-- let keys lead with the tenant:\n"
                "-- foreign key (tenant_id, parent_id) references parent (tenant_id, id)",
                role=asker.role.name,
                subject=asker.name,
                objects=tuple(crossed),
            )


def _may_cross(stage: Stage, key: Constraint) -> bool:
    """Say whether rows of two tenants may be joined by the key without either changing its owner."""
    if key.on_delete not in _ACTIONS or key.is_inherited or key.relation == key.target:
        return False
    child, parent = stage.catalog.relations.get(key.relation), stage.catalog.relations.get(key.target)
    if child is None or parent is None or is_declared_open(stage, parent):
        return False
    owned = stage.ownership.is_owned(child.oid) and stage.ownership.is_owned(parent.oid)
    return owned and not set(stage.ownership.owner_of(child.oid).columns) & set(key.columns)


def _crosses(stage: Stage, asker: Asker, key: Constraint) -> bool:
    parent = stage.world.row(key.target, asker.side) if asker.side else None
    child = stage.world.row(key.relation, Side.THEIRS)
    target = Target(stage, asker, stage.catalog.relations[key.target])
    reached = at_row(target, parent) if parent is not None and child is not None and target.may("DELETE") else None
    if parent is None or child is None or reached is None:
        return False
    condition, values = reached
    statement = sql.SQL("delete from {} where {}").format(relation_name(target.relation), condition)
    marks = [(name, parent.values[theirs]) for name, theirs in zip(key.columns, key.target_columns, strict=True)]

    def cross() -> None:
        stage.remove_dependents(parent)
        _point(stage, child, marks)

    try:
        outcome = stage.attempt(
            statement,
            values,
            before=cross,
            look=lambda: stage.count_where(stage.catalog.relations[key.relation], marks) == 0,
        )
    except psycopg.DatabaseError:
        if stage.connection.broken:
            raise
        return False
    return outcome.count > 0 and bool(outcome.seen)


def _point(stage: Stage, child: Row, marks: list[tuple[str, str | None]]) -> None:
    """Let the other tenant's row refer to the subject's, as its tenant could do by itself."""
    relation = stage.catalog.relations[child.relation]
    setters = sql.SQL(", ").join(sql.SQL("{} = %s").format(identifier(name)) for name, _ in marks)
    stage.connection.execute(
        sql.SQL("update {} set {} where tableoid = %s and ctid = %s::tid").format(relation_name(relation), setters),
        [*(value for _, value in marks), child.tableoid, child.ctid],
    )


ATTACK = DatabaseAttack(
    code="B08",
    name="cascade_crosses_tenants",
    claim="Deleting an own row changes no row of another tenant.",
    expect="the other tenant's row is unchanged",
    sabotage="alter table app.note add unique (id); alter table app.event add column note_id uuid "
    "references app.note (id) on delete cascade",
    run=_run,
    needs="a foreign key between owned tables with an action on delete, which leaves out the owner",
)
