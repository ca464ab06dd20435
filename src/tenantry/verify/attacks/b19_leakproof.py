"""Let a function marked LEAKPROOF see rows before the policies do, and read what it tells."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import sql

from tenantry.catalog.model import Column, Relation, Routine
from tenantry.catalog.privilege import can, can_execute
from tenantry.sql.name import identifier, qualified
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import hidden_rows, one_per_role
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.outside import outside_of
from tenantry.verify.reach import relation_name
from tenantry.verify.sequence import Step, after
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side

_MOST_ROWS = 12
_WHOLE_SCAN = [
    Step(f"set local {name} = off") for name in ("enable_indexscan", "enable_bitmapscan", "enable_indexonlyscan")
]


def _run(stage: Stage) -> Iterator[Finding]:
    routines = [one for one in stage.catalog.routines.values() if _is_gadget(stage, one)]
    for asker in one_per_role(stage) if routines else ():
        usable = [one for one in routines if can_execute(stage.catalog, asker.role, one)]
        rows = hidden_rows(stage, asker, most=_MOST_ROWS) if usable else []
        told: dict[str, str] = {}
        with stage.acting(asker):
            for row in rows:
                for routine in usable:
                    if _tells(stage, asker, row, routine):
                        told.setdefault(routine.title, stage.catalog.relations[row.relation].title)
        if told:
            yield _finding(asker, told)


def _is_gadget(stage: Stage, routine: Routine) -> bool:
    return (
        routine.is_leakproof
        and routine.kind == "f"
        and routine.input_count == 1
        and not outside_of(stage.catalog, routine)
    )


def _tells(stage: Stage, asker: Asker, row: Row, routine: Routine) -> bool:
    relation = stage.catalog.relations[row.relation]
    return any(_shows(stage, asker, row, routine, column) for column in _fitting(stage, asker, relation, routine))


def _fitting(stage: Stage, asker: Asker, relation: Relation, routine: Routine) -> list[Column]:
    return [
        column
        for column in relation.columns
        if column.type_name == routine.argument_types[0]
        and can(stage.catalog, asker.role, relation, "SELECT", column=column.name)
    ]


def _shows(stage: Stage, asker: Asker, row: Row, routine: Routine, column: Column) -> bool:
    """Filter by the function, and look for the hidden value among notices and errors."""
    value, own = row.values[column.name], stage.world.row(row.relation, asker.side or Side.MINE)
    if not value or len(value) < 3 or (own is not None and own.values[column.name] == value):
        return False
    query = sql.SQL("select 1 from {} where {}({}) is not null").format(
        relation_name(stage.catalog.relations[row.relation]),
        qualified(routine.schema, routine.name),
        identifier(column.name),
    )
    heard: list[str] = []

    def hear(notice: psycopg.errors.Diagnostic) -> None:
        heard.append(notice.message_primary or "")

    stage.connection.add_notice_handler(hear)
    try:
        outcome = after(stage, asker, _WHOLE_SCAN, Step(query))
    finally:
        stage.connection.remove_notice_handler(hear)
    return any(value in text for text in [*heard, outcome.message])


def _finding(asker: Asker, told: dict[str, str]) -> Finding:
    titles = tuple(told)
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"{asker.title} reads values of another tenant's rows in {', '.join(sorted(set(told.values())))} "
        f"by filtering with {', '.join(titles)}.",
        meaning="A function marked LEAKPROOF may run before the policies, and this one tells what it was given.",
        fix="\n".join(f"alter function {title} not leakproof;" for title in titles),
        role=asker.role.name,
        subject=asker.name,
        statement=f"select … where {titles[0]} is not null",
        objects=titles,
    )


ATTACK = DatabaseAttack(
    code="B19",
    name="values_told_by_leakproof",
    claim="No function sees a row before the policies have let it through.",
    expect="no value of another tenant in notices or errors",
    sabotage="create function app.spy(value text) returns boolean language plpgsql leakproof cost 0.0001 "
    "as $$ begin raise notice '%', value; return true; end $$; grant execute on function app.spy(text) to app_role",
    run=_run,
    needs="a function outside the server's own that is marked LEAKPROOF and that the role may call",
)
