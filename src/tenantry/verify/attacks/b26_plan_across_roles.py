"""Run a statement as one role and again as the next one on the same session: a plan may keep whom it was made for.

The server makes a plan anew when the role changes, but only where it knows that row security is in play
(CVE-2024-10976 and CVE-2023-2455 were places where it did not know). Servers with those repairs still keep plans
of views that filter by themselves, and plans inside security definer functions, a policy's own among them: a
function declared IMMUTABLE answers there with what it said to the role before. For one role that changes its
tenant, tables are the ground of B12.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from psycopg import sql

from tenantry.blueprint.context import routines_behind
from tenantry.catalog.model import Relation, Routine
from tenantry.catalog.privilege import can, can_execute, reachable
from tenantry.sql.name import identifier, quoted
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.calls import calling, filled, is_callable
from tenantry.verify.foreign import as_side, is_declared_open, one_per_role
from tenantry.verify.model import Finding, Kind, Level, Proof, Skipped
from tenantry.verify.reach import relation_name
from tenantry.verify.report.wording import few
from tenantry.verify.sequence import Step
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side
from tenantry.verify.views import owned_behind, views_of_owned_rows

_PLAN = "tenantry_plan"
_EXECUTIONS = 2  # the first makes the plan, the second takes it; both are told to make it for no particular values
_MOST_OF_A_KIND, _MOST_OTHERS, _MOST_ROWS = 20, 6, 1_000
_SHORTEST_TELLING = 6


@dataclass(frozen=True)
class _Reading:
    """Something that two subjects ask in the same words; ``prepared`` comes first, where there is anything to."""

    title: str
    run: Step
    prepared: Step | None = None


def _run(stage: Stage) -> Iterator[Finding | Skipped]:
    marks = _marks(stage)
    for asker in one_per_role(stage):
        kept: dict[str, list[str]] = {}
        others = _others(stage, asker) if asker.side is Side.MINE and marks else []
        for other in others:
            refusal = stage.open(other)
            if refusal.failed:
                yield Skipped(f"attack {ATTACK.code} as {other.title}", f"it could not be opened: {refusal.reason}")
                continue
            for reading in _readings(stage, asker, other, marks):
                if _is_kept(stage, asker, other, reading, marks):
                    kept.setdefault(reading.title, []).append(other.role.name)
        if kept:
            yield _finding(asker, kept)


def _others(stage: Stage, asker: Asker) -> list[Asker]:
    """Give who may come next on the session: the same role and every other, opened for the other tenant."""
    subjects = {one.role.oid: one for one in one_per_role(stage)}
    within_reach = sorted(oid for oid in reachable(stage.catalog, asker.role) if oid in stage.catalog.roles)
    for role in [stage.catalog.roles[oid] for oid in within_reach][:_MOST_OTHERS]:
        subjects.setdefault(role.oid, replace(asker, role=role))
    others = [as_side(stage, one, Side.THEIRS) for one in subjects.values()]
    return [one for one in others if one.role.oid != asker.role.oid or _is_somebody_else(asker, one)][:_MOST_OTHERS]


def _is_somebody_else(asker: Asker, other: Asker) -> bool:
    return (other.settings, other.statements) != (asker.settings, asker.statements)


# -- what both may ask ----------------------------------------------------------------------------------


def _readings(stage: Stage, asker: Asker, other: Asker, marks: frozenset[str]) -> Iterator[_Reading]:
    both = (asker, other)
    if asker.role.oid != other.role.oid:
        for table in _tables(stage, both):
            yield from _prepared(stage, both, table, marks)
    for view in views_of_owned_rows(stage, "v")[:_MOST_OF_A_KIND]:
        yield from _prepared(stage, both, view, marks)
    routines = [one for one in stage.catalog.routines.values() if _is_asked(stage, both, one)]
    for routine in routines[:_MOST_OF_A_KIND]:
        yield _Reading(routine.title, calling(routine, filled(stage, routine, Side.MINE)))


def _tables(stage: Stage, both: tuple[Asker, Asker]) -> list[Relation]:
    """Give owned tables behind row security, one for each set of policies' functions and roles."""
    chosen: dict[object, Relation] = {}
    for table in stage.catalog.tables:
        is_fenced = table.rls and stage.ownership.is_owned(table.oid) and not is_declared_open(stage, table)
        if is_fenced and stage.world.row(table.oid, Side.MINE) and _columns(stage, both, table):
            policies = stage.catalog.policies_of.get(table.oid, ())
            chosen.setdefault(frozenset((policy.routines, policy.roles) for policy in policies), table)
    return list(chosen.values())[:_MOST_OF_A_KIND]


def _columns(stage: Stage, both: tuple[Asker, Asker], relation: Relation) -> list[str]:
    return [
        column.name
        for column in relation.columns
        if all(can(stage.catalog, one.role, relation, "SELECT", column=column.name) for one in both)
    ]


def _prepared(stage: Stage, both: tuple[Asker, Asker], relation: Relation, marks: frozenset[str]) -> Iterator[_Reading]:
    """Read a relation as it stands, and below WITH, where the server once lost sight of its row security."""
    columns = _columns(stage, both, relation)
    behind = [relation] if relation.is_table else owned_behind(stage, relation)
    rows = [row for one in behind if (row := stage.world.row(one.oid, Side.MINE)) is not None]
    wanted = sorted({value for row in rows for value in row.values.values() if value in marks})
    if not columns or not wanted:
        return
    line = sql.SQL("row({})::text").format(sql.SQL(", ").join(map(identifier, columns)))
    query = sql.SQL("select {} as line from {}").format(line, relation_name(relation))
    telling = sql.SQL("line like any (array[{}])").format(
        sql.SQL(", ").join(sql.Literal(f"%{_escaped(value)}%") for value in wanted)
    )
    limit = sql.Literal(_MOST_ROWS)
    for form in ("select line from ({}) as seen where {} limit {}",
                 "with seen as materialized ({}) select line from seen where {} limit {}"):  # fmt: skip
        text = sql.SQL(form).format(query, telling, limit)  # pyright: ignore[reportArgumentType]
        yield _Reading(
            relation.title,
            run=Step(f"execute {_PLAN}"),
            prepared=Step(sql.SQL("prepare {} as {}").format(identifier(_PLAN), text)),
        )


def _escaped(value: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", value)


def _is_asked(stage: Stage, both: tuple[Asker, Asker], routine: Routine) -> bool:
    """Say whether a function keeps plans, may name owned rows, and both may call it."""
    if routine.kind != "f" or routine.language not in ("sql", "plpgsql") or not is_callable(stage, routine):
        return False
    words = {word for one in routines_behind(stage.catalog, [routine.oid]) for word in re.findall(r"\w+", one.source)}
    return all(can_execute(stage.catalog, one.role, routine) for one in both) and any(
        side is Side.MINE and stage.ownership.is_owned(oid) and stage.catalog.relations[oid].name in words
        for oid, side in stage.world.rows
    )


# -- whose rows come back -------------------------------------------------------------------------------


def _marks(stage: Stage) -> frozenset[str]:
    """Give values that only the subject's own rows hold, and that nobody could take for something else."""
    own: set[str] = set()
    others: set[str] = set()
    for (oid, side), row in stage.world.rows.items():
        is_mine = side is Side.MINE and stage.ownership.is_owned(oid)
        (own if is_mine else others).update(_telling(row))
    return frozenset(own - others)


def _telling(row: Row) -> Iterator[str]:
    for value in row.values.values():
        if value and len(value) >= _SHORTEST_TELLING and not re.fullmatch(r"[\d\-:. +TZ]+", value):
            yield value


def _is_kept(stage: Stage, asker: Asker, other: Asker, reading: _Reading, marks: frozenset[str]) -> bool:
    """Say whether the other is shown, twice in a row, what a plan made for itself does not show."""
    return all(_shown_by_plan(stage, asker, other, reading, marks) for _ in range(2))


def _shown_by_plan(stage: Stage, asker: Asker, other: Asker, reading: _Reading, marks: frozenset[str]) -> bool:
    try:
        with stage.acting(asker):
            stage.connection.execute("discard plans")
            if reading.prepared and stage.attempt(reading.prepared.statement).failed:
                return False
            before = [_asked(stage, reading, marks) for _ in range(_EXECUTIONS)][-1]
        if not before:
            return False
        with stage.acting(other):
            kept = _asked(stage, reading, marks)
            return bool(kept - _asked_anew(stage, reading, marks) - _asked_anew(stage, reading, marks))
    finally:
        _deallocate(stage)


def _asked_anew(stage: Stage, reading: _Reading, marks: frozenset[str]) -> set[str]:
    stage.connection.execute("discard plans")
    return _asked(stage, reading, marks)


def _asked(stage: Stage, reading: _Reading, marks: frozenset[str]) -> set[str]:
    """Give the marks in the answer, from a plan that is made for no particular values, as a busy server's are."""
    stage.connection.execute("select pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true)")
    rows = stage.attempt(reading.run.statement, reading.run.values).rows
    text = "\n".join(str(value) for row in rows for value in row)
    asked = " ".join(map(str, reading.run.values))
    return {mark for mark in marks if mark in text and mark not in asked}


def _deallocate(stage: Stage) -> None:
    """Forget the prepared statement: a rollback does not."""
    if stage.connection.broken:
        return
    query = "select 1 from pg_catalog.pg_prepared_statements where name = %s"
    if stage.connection.execute(query, [_PLAN]).fetchone():
        stage.connection.execute(sql.SQL("deallocate {}").format(identifier(_PLAN)))


def _finding(asker: Asker, kept: dict[str, list[str]]) -> Finding:
    roles = tuple(sorted({name for names in kept.values() for name in names}))
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"What {asker.title} asked of {few(tuple(kept))} still shows its rows when {few(roles)} asks the same "
        "for another tenant on the same session; asked with a plan of its own it does not.",
        meaning="Sessions that serve many roles keep the plans of statements and functions. A function declared "
        "IMMUTABLE is evaluated once, when the plan is made, and the answer stays in it.",
        fix="-- declare functions that read the context or the role STABLE: alter function … stable;\n"
        "-- and let row security, not a view's own WHERE, hold the rows",
        role=asker.role.name,
        subject=asker.name,
        statement=f"prepare {_PLAN} as select …; execute {_PLAN}; set role {quoted(roles[0])}; execute {_PLAN}",
        objects=tuple(kept),
    )


ATTACK = DatabaseAttack(
    code="B26",
    name="plan_keeps_role",
    claim="A session that changes its role or tenant is answered by no plan that was made for the one before.",
    expect="what a plan made anew shows",
    sabotage="create role app_branch nologin; grant app_branch to app_role; grant usage on schema app to app_branch; "
    "create function app.tenant_now() returns uuid language sql immutable as $$ select "
    "substring(current_setting('backtrace_functions', true) from 't([0-9a-f]{32})')::uuid $$; "
    "create function app.my_titles() returns setof text language plpgsql stable security definer "
    "set search_path = pg_catalog, pg_temp as $$ begin return query select title from app.note "
    "where tenant_id = app.tenant_now(); end $$; "
    "grant execute on function app.my_titles() to app_branch",
    run=_run,
    needs="a subject and another that comes after it on the same session, with rows that the first alone may see",
)
