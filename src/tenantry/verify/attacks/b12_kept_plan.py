"""Prepare a statement as one tenant and execute it as another: a plan may keep whom it was made for."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.catalog.model import Relation
from tenantry.sql.name import identifier
from tenantry.verify.attack import DatabaseAttack, Target
from tenantry.verify.foreign import as_side, is_declared_open, one_per_role, sees
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.reach import relation_name
from tenantry.verify.report.wording import few
from tenantry.verify.sequence import Step, after, open_context
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side

_PLAN = "tenantry_plan"
_EXECUTIONS = 6  # from the sixth on the server may choose a plan made for no particular values


def _run(stage: Stage) -> Iterator[Finding]:
    for asker in one_per_role(stage, "sql"):
        other = as_side(stage, asker, Side.THEIRS)
        if asker.side is None or (other.settings, other.statements) == (asker.settings, asker.statements):
            continue
        kept = [row for row in _rows(stage, asker) if _is_kept(stage, asker, other, row)]
        if kept:
            yield _finding(stage, asker, kept)


def _rows(stage: Stage, asker: Asker) -> list[Row]:
    """Give own rows to read, one for each set of functions that policies call."""
    chosen: dict[frozenset[int], Row] = {}
    for table in stage.catalog.tables:
        row = stage.world.row(table.oid, asker.side) if asker.side else None
        if row is not None and _is_fenced(stage, asker, table):
            chosen.setdefault(_functions(stage, table), row)
    return list(chosen.values())


def _is_fenced(stage: Stage, asker: Asker, table: Relation) -> bool:
    readable = Target(stage, asker, table).may("SELECT")
    return table.rls and stage.ownership.is_owned(table.oid) and readable and not is_declared_open(stage, table)


def _functions(stage: Stage, table: Relation) -> frozenset[int]:
    return frozenset(oid for policy in stage.catalog.policies_of.get(table.oid, ()) for oid in policy.routines)


def _is_kept(stage: Stage, asker: Asker, other: Asker, row: Row) -> bool:
    with stage.acting(other):
        if sees(stage, other, row):
            return False  # why: a row both may see tells nothing
    query = sql.SQL("select 1 from {} where tableoid = {} and ctid = {}::tid").format(
        relation_name(stage.catalog.relations[row.relation]), sql.Literal(row.tableoid), sql.Literal(row.ctid)
    )
    steps = [Step(sql.SQL("prepare {} as {}").format(identifier(_PLAN), query))]
    steps += [Step(f"execute {_PLAN}")] * _EXECUTIONS
    try:
        with stage.acting(asker):
            return bool(after(
                stage, asker, steps, Step(f"execute {_PLAN}"),
                meanwhile=lambda: _open_as(stage, other),
            ).rows)  # fmt: skip
    finally:
        _deallocate(stage)


def _deallocate(stage: Stage) -> None:
    """Forget the prepared statement: a rollback does not."""
    if stage.connection.broken:
        return
    query = "select 1 from pg_catalog.pg_prepared_statements where name = %s"
    if stage.connection.execute(query, [_PLAN]).fetchone():
        stage.connection.execute(sql.SQL("deallocate {}").format(identifier(_PLAN)))


def _finding(stage: Stage, asker: Asker, kept: list[Row]) -> Finding:
    titles = tuple(stage.catalog.relations[row.relation].title for row in kept)
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"A statement {asker.title} prepared still shows its rows in {few(titles)} "
        "after the connection has become another tenant's.",
        meaning="Connections that serve many tenants keep prepared statements. A function declared IMMUTABLE is "
        "evaluated once, when the plan is made, and the answer stays in it.",
        fix="-- declare functions that read the context STABLE: alter function … stable;",
        role=asker.role.name,
        subject=asker.name,
        statement=f"prepare {_PLAN} as select …; execute {_PLAN}",
        objects=titles,
    )


def _open_as(stage: Stage, other: Asker) -> None:
    stage.take_path(stage.connection, other)
    open_context(stage.connection, other)


ATTACK = DatabaseAttack(
    code="B12",
    name="plan_keeps_tenant",
    claim="A prepared statement shows the rows of whoever executes it, not of whoever prepared it.",
    expect="no row",
    sabotage="create function app.tenant_now() returns uuid language sql immutable as $$ select "
    "substring(current_setting('backtrace_functions', true) from 't([0-9a-f]{32})')::uuid $$; "
    "alter policy note_floor on app.note using (tenant_id = app.tenant_now())",
    run=_run,
    needs="a subject that can be opened for two tenants on one connection",
)
