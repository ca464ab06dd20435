"""How statements reach a chosen row, and what is said of it: shared by the attacks."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import sql

from tenantry.catalog.model import Relation
from tenantry.catalog.privilege import can, updatable_columns
from tenantry.sql.name import identifier, qualified
from tenantry.verify.attack import Result, Target
from tenantry.verify.model import Verdict
from tenantry.verify.stage import Outcome
from tenantry.verify.synthesis.row import Row, Side

__all__ = [
    "at_row",
    "broke_off",
    "inserting",
    "leave_alone",
    "no_privilege",
    "owner_values",
    "refused",
    "relation_name",
    "sees",
    "settable",
    "unbuilt",
    "unsettled",
]

_MOST_REMOVED = 10_000


def relation_name(relation: Relation) -> sql.Identifier:
    """Give the relation's name for a statement."""
    return qualified(relation.schema, relation.name)


def at_row(target: Target, row: Row) -> tuple[sql.Composable, list[object]] | None:
    """Give the condition that finds exactly this row, with what the subject may read; none if it may not.

    The place of the row (``ctid``) needs SELECT on the whole table, else the readable columns must do.
    """
    if target.may("SELECT"):
        return sql.SQL("tableoid = %s and ctid = %s::tid"), [row.tableoid, row.ctid]
    readable = [
        column.name
        for column in target.relation.columns
        if row.values.get(column.name) is not None
        and can(target.stage.catalog, target.asker.role, target.relation, "SELECT", column=column.name)
    ]
    keys = [name for name in target.stage.catalog.primary_key_of.get(target.relation.oid, ()) if name]
    chosen = keys if keys and set(keys) <= set(readable) else readable
    if not chosen:
        return None
    matches = sql.SQL(" and ").join(sql.SQL("{}::text = %s").format(identifier(name)) for name in chosen)
    return matches, [row.values[name] for name in chosen]


def sees(target: Target, row: Row, *, after: tuple[sql.Composable | str, Sequence[object]] | None = None) -> bool:
    """Say whether the subject sees the row, once it has sent a first statement, if one is given."""
    stage, reached = target.stage, at_row(target, row)
    if reached is None:
        return False

    def send_first() -> None:
        if after is not None:
            statement, values = after
            stage.resume(target.asker)
            query = statement.encode() if isinstance(statement, str) else sql.Composed([statement])
            stage.connection.execute(query, values or None)

    condition, values = reached
    query = sql.SQL("select 1 from {} where {}").format(relation_name(target.relation), condition)
    try:
        return bool(stage.attempt(query, values, before=send_first if after else None).rows)
    except psycopg.DatabaseError:
        if stage.connection.broken:
            raise
        return False


def settable(target: Target) -> str:
    """Give a column the subject may set that says nothing about identity, else any it may set, else nothing."""
    catalog, relation = target.stage.catalog, target.relation
    allowed = [
        name
        for name in updatable_columns(catalog, target.asker.role, relation)
        if not relation.by_column[name].generated and relation.by_column[name].identity != "a"
    ]
    special = {
        *catalog.primary_key_of.get(relation.oid, ()),
        *(name for ref in target.stage.ownership.references.get(relation.oid, ()) for name in ref.columns),
        # why: one value for many rows, as an update without WHERE sets it, would break off at a unique index
        *(name for index in catalog.indexes_of.get(relation.oid, ()) if index.is_unique for name in index.columns),
    }
    ordinary = [name for name in allowed if name not in special]
    return (ordinary or allowed or [""])[0]


def inserting(target: Target, values: dict[str, str | None]) -> tuple[sql.Composed, list[object]]:
    """Give an insert of these values into the columns the subject may fill."""
    relation, catalog = target.relation, target.stage.catalog
    chosen = [
        column.name
        for column in relation.columns
        if column.name in values
        and not column.generated
        and can(catalog, target.asker.role, relation, "INSERT", column=column.name)
    ]
    statement = sql.SQL("insert into {} ({}) overriding system value values ({})").format(
        relation_name(relation),
        sql.SQL(", ").join(map(identifier, chosen)),
        sql.SQL(", ").join([sql.Placeholder()] * len(chosen)),
    )
    return statement, [values[name] for name in chosen]


def owner_values(target: Target, row: Row) -> list[tuple[str, str | None]]:
    """Give the columns that say whose row it is, with their values: the first step towards the owner."""
    owner = target.stage.ownership.owner_of(target.relation.oid)
    if owner.columns:
        return [(name, row.values[name]) for name in owner.columns]
    key = target.stage.catalog.primary_key_of.get(target.relation.oid, ())
    return [(name, row.values[name]) for name in key if name]


def no_privilege(privilege: str) -> Result:
    """Acquit because the server itself denies the privilege."""
    return Result(Verdict.DENIED, f"no {privilege} privilege")


def unbuilt(target: Target) -> Result:
    """Leave the question open because there is no row of the other tenant to attack."""
    side = Side.THEIRS if target.is_owned else Side.SHARED
    reason = target.stage.world.missing.get((target.relation.oid, side), "no row of another tenant")
    return Result(Verdict.UNPROVEN, f"no row could be built: {reason}")


def refused(outcome: Outcome) -> Result:
    """Judge a refusal: want of rights acquits, anything else leaves the question open."""
    if outcome.is_refusal:
        return Result(Verdict.DENIED, outcome.reason, outcome.statement)
    return Result(Verdict.UNPROVEN, outcome.reason, outcome.statement)


def unsettled(target: Target, command: str, pointed: Outcome | None, sweeping: Outcome | None) -> Outcome | None:
    """Give the failure that leaves open whether a write would have reached the other tenant's row, if one does.

    A write that names the row is held by the policies for reading as well; only one without WHERE meets those for
    the command (``w``, ``d``) alone, and so proves something of them where they are not the same.
    """
    if sweeping is not None and not broke_off(sweeping):
        return None
    if pointed is None or broke_off(pointed):
        return next((one for one in (pointed, sweeping) if one is not None and broke_off(one)), None)
    policies = target.stage.catalog.policies_of.get(target.relation.oid, ())
    is_held_apart = any(policy.command in ("r", command) for policy in policies)
    return sweeping if is_held_apart else None


def broke_off(outcome: Outcome) -> bool:
    """Say whether a statement failed for another reason than that it was forbidden."""
    return outcome.failed and not outcome.is_refusal


def leave_alone(target: Target, row: Row) -> None:
    """Take every other row of the table away with full rights, as far as the server lets them go at once.

    A write without WHERE then reaches this row or none, and no two rows come to stand in each other's way.
    """
    stage, relation = target.stage, target.relation
    if not stage.is_free or relation.estimated_rows > _MOST_REMOVED:
        return
    query = sql.SQL("delete from {} where not (tableoid = %s and ctid = %s::tid)").format(relation_name(relation))
    try:
        with stage.connection.transaction():
            stage.connection.execute("set local session_replication_role = replica")
            stage.connection.execute(query, [row.tableoid, row.ctid])
            stage.connection.execute("set local session_replication_role = origin")
    except psycopg.DatabaseError:
        if stage.connection.broken:
            raise
