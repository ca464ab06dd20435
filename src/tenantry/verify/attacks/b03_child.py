"""Reach another tenant's rows in a partition itself: policies of the parent hold only who names the parent."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.catalog.model import Relation
from tenantry.catalog.privilege import can, updatable_columns
from tenantry.sql.name import identifier, quoted
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import is_declared_open, one_per_role
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.reach import relation_name
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.plant import plant
from tenantry.verify.synthesis.row import Row, Side

_MOST_ROWS = 1_000_000


def _run(stage: Stage) -> Iterator[Finding]:
    parents = [table for table in stage.catalog.tables if stage.ownership.is_owned(table.oid)]
    for asker in one_per_role(stage):
        with stage.acting(asker):
            for parent in parents:
                if not is_declared_open(stage, parent):
                    yield from _reach(stage, asker, parent)


def _reach(stage: Stage, asker: Asker, parent: Relation) -> Iterator[Finding]:
    row = stage.world.row(parent.oid, Side.THEIRS)
    for child in stage.catalog.children_of(parent.oid):
        if not child.is_table or child.estimated_rows > _MOST_ROWS:
            continue
        hits = _writes(stage, asker, parent, child, row) if row is not None and row.tableoid == child.oid else {}
        seen = _reads(stage, asker, parent, child) or _reads_planted(stage, asker, child, row)
        if seen:
            hits = {"select": seen, **hits}
        if hits:
            yield _finding(asker, parent, child, hits)


def _reads(stage: Stage, asker: Asker, parent: Relation, child: Relation) -> str:
    """Give the query that shows more rows in the child than the parent lets through, if it does."""
    if not can(stage.catalog, asker.role, child, "SELECT"):
        return ""
    direct = stage.attempt(sql.SQL("select count(*) from {}").format(relation_name(child)))
    if direct.failed or not direct.rows[0][0]:
        return ""
    leaves = [child.oid, *(below.oid for below in stage.catalog.children_of(child.oid))]
    through = stage.attempt(
        sql.SQL("select count(*) from {} where tableoid = any(%s::oid[])").format(relation_name(parent)), [leaves]
    )
    allowed = 0 if through.failed else int(through.rows[0][0])
    return direct.statement if int(direct.rows[0][0]) > allowed else ""


def _reads_planted(stage: Stage, asker: Asker, child: Relation, row: Row | None) -> str:
    """Give the query that shows the other tenant's row once it lies in the child, if it does."""
    if row is None or child.rls or not can(stage.catalog, asker.role, child, "SELECT"):
        return ""
    if row.tableoid == child.oid:
        there = sql.SQL("select 1 from {} where ctid = %s::tid").format(relation_name(child))
        found = stage.attempt(there, [row.ctid])
        return found.statement if found.rows else ""
    counting = sql.SQL("select count(*) from {}").format(relation_name(child))
    without = stage.attempt(counting)
    found = stage.attempt(counting, before=lambda: plant(stage.connection, stage.catalog, row, child))
    more = not without.failed and not found.failed and found.rows[0][0] > without.rows[0][0]
    return found.statement if more else ""


def _writes(stage: Stage, asker: Asker, parent: Relation, child: Relation, row: Row) -> dict[str, str]:
    """Give the writes that change the other tenant's row in the child, and not by way of the parent."""
    direct = _changing(stage, asker, child, row)
    through = _changing(stage, asker, parent, row) if direct else {}
    return {verb: statement for verb, statement in direct.items() if verb not in through}


def _changing(stage: Stage, asker: Asker, child: Relation, row: Row) -> dict[str, str]:
    tries: dict[str, sql.Composed] = {}
    columns = updatable_columns(stage.catalog, asker.role, child)
    if columns:
        name = identifier(columns[-1])
        tries["update"] = sql.SQL("update {} set {} = {}").format(relation_name(child), name, name)
    if can(stage.catalog, asker.role, child, "DELETE"):
        tries["delete"] = sql.SQL("delete from {}").format(relation_name(child))
    if asker.channel == "sql" and can(stage.catalog, asker.role, child, "TRUNCATE"):
        tries["truncate"] = sql.SQL("truncate {}").format(relation_name(child))
    hits: dict[str, str] = {}
    for verb, statement in tries.items():
        outcome = stage.attempt(statement, look=lambda: not stage.stands(row))
        if outcome.seen:
            hits[verb] = outcome.statement
    return hits


def _finding(asker: Asker, parent: Relation, child: Relation, hits: dict[str, str]) -> Finding:
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"{asker.title} reaches rows of another tenant in {child.title} ({', '.join(hits)}), "
        f"{'past the policies of' if parent.rls else 'as in'} {parent.title}.",
        meaning="Policies hold the table that a statement names. Named itself, a partition or child follows its own.",
        fix=f"revoke all on {child.title} from {quoted(asker.role.name)}, public;\n"
        f"alter table {child.title} enable row level security, force row level security;",
        relation=child.title,
        verb=next(iter(hits)),
        role=asker.role.name,
        subject=asker.name,
        statement=next(iter(hits.values())),
        objects=(parent.title,),
    )


ATTACK = DatabaseAttack(
    code="B03",
    name="rows_reached_in_child",
    claim="A partition shows and gives a subject nothing that its parent does not.",
    expect="error 42501, or the parent's rows",
    sabotage="grant select on app.event_rest to app_role; alter table app.event_rest disable row level security",
    run=_run,
    needs="a partition or child of an owned table on which the subject's role holds a right of its own",
)
