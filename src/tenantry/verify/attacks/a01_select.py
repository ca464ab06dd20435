"""Read another tenant's rows with a plain select."""

from __future__ import annotations

from psycopg import sql

from tenantry.blueprint.words import is_personal_column
from tenantry.catalog.privilege import can
from tenantry.verify.attack import RelationAttack, Result, Target
from tenantry.verify.model import Verb, Verdict
from tenantry.verify.reach import at_row, no_privilege, relation_name, unbuilt
from tenantry.verify.stage import Outcome
from tenantry.verify.synthesis.row import Row

_MOST_COUNTED = 200_000


def _run(target: Target) -> Result:
    if not target.may_some("SELECT"):
        return no_privilege("SELECT")
    theirs, mine = target.theirs, target.mine
    if theirs is None:
        return unbuilt(target)
    reached = _reach(target, theirs)
    if reached.failed:
        # why: a query that raises shows no row; that the policy raises is judged as own rows unreadable
        return _raised(reached)
    if reached.rows and (target.is_owned or _is_personal(target)):
        return _leak(target, theirs)
    own = _reach(target, mine) if mine is not None else Outcome()
    if own.rows or reached.rows:
        return Result(Verdict.OWN_ROWS, "own row read, the other tenant's not" if own.rows else "shared row read")
    return _raised(own) if own.failed else Result(Verdict.DENIED, "no row came back")


def _raised(outcome: Outcome) -> Result:
    return Result(Verdict.UNPROVEN if outcome.is_unfinished else Verdict.DENIED, outcome.reason, outcome.statement)


def _is_personal(target: Target) -> bool:
    """Say whether rows that belong to nobody hold what is somebody's all the same: a person's data, or secrets."""
    return any(
        is_personal_column(column.name) for column in target.relation.columns if _is_readable(target, column.name)
    )


def _is_readable(target: Target, name: str) -> bool:
    return can(target.stage.catalog, target.asker.role, target.relation, "SELECT", column=name)


def _reach(target: Target, row: Row) -> Outcome:
    found = at_row(target, row)
    if found is None:
        return Outcome(sqlstate="42501", message="no column can be read")
    condition, values = found
    statement = sql.SQL("select 1 from {} where {}").format(relation_name(target.relation), condition)
    return target.stage.attempt(statement, values)


def _leak(target: Target, theirs: Row) -> Result:
    count = _count(target)
    return Result(
        Verdict.LEAK,
        f"{count} row(s) in sight, another tenant's among them" if count else "another tenant's row read",
        f"select * from {target.relation.title}",
        stolen=tuple(f"{name}={value}" for name, value in theirs.values.items() if value is not None),
        count=count,
    )


def _count(target: Target) -> int:
    if target.relation.estimated_rows > _MOST_COUNTED or not target.may("SELECT"):
        return 0
    counted = target.stage.attempt(sql.SQL("select count(*) from {}").format(relation_name(target.relation)))
    return int(counted.rows[0][0]) if counted.rows else 0


ATTACK = RelationAttack(
    code="A01",
    name="foreign_rows_readable",
    verb=Verb.SELECT,
    claim="A subject reads no row of another tenant.",
    expect="no row",
    sabotage="alter table app.note disable row level security",
    message="{subject} reads rows of another tenant in {relation}.",
    meaning="Whoever can send this query reads the other tenants' data.",
    run=_run,
)
