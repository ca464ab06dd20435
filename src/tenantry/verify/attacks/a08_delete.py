"""Delete another tenant's row, with and without a WHERE."""

from __future__ import annotations

from psycopg import sql

from tenantry.verify.attack import RelationAttack, Result, Target
from tenantry.verify.model import Verb, Verdict
from tenantry.verify.reach import (
    at_row,
    broke_off,
    leave_alone,
    no_privilege,
    refused,
    relation_name,
    unbuilt,
    unsettled,
)
from tenantry.verify.stage import Outcome
from tenantry.verify.synthesis.row import Row

_MOST_ROWS = 100_000
_STILL_REFERRED = frozenset({"23503", "23001"})  # 23503 up to PostgreSQL 17, 23001 for RESTRICT from 18 on


def _run(target: Target) -> Result:
    if not target.may("DELETE"):
        return no_privilege("DELETE")
    theirs, mine = target.theirs, target.mine
    if theirs is None:
        return unbuilt(target)
    pointed, sweeping = _pointed(target, theirs), _sweeping(target, theirs)
    outcomes = [outcome for outcome in (pointed, sweeping) if outcome]
    for outcome in outcomes:
        if outcome.seen:
            return Result(Verdict.LEAK, "the other tenant's row was deleted", outcome.statement)
    if broken := unsettled(target, "d", pointed, sweeping):
        return refused(broken)
    own = _pointed(target, mine) if mine else None
    if own is not None and own.seen:
        return Result(Verdict.OWN_ROWS, "own row deleted, the other tenant's not")
    failed = [outcome for outcome in outcomes if outcome.failed and not outcome.is_refusal]
    return refused(failed[0]) if failed else Result(Verdict.DENIED, "no row was deleted")


def _pointed(target: Target, row: Row) -> Outcome | None:
    reached = at_row(target, row)
    if reached is None:
        return None
    condition, values = reached
    statement = sql.SQL("delete from {} where {}").format(relation_name(target.relation), condition)
    return _freed(target, statement, values, [row])


def _sweeping(target: Target, row: Row) -> Outcome | None:
    if target.relation.estimated_rows > _MOST_ROWS or (row.is_existing and target.relation.estimated_rows > 1_000):
        return None
    rows = [one for one in (row, target.mine) if one is not None]
    statement = sql.SQL("delete from {}").format(relation_name(target.relation))
    outcome = _freed(target, statement, [], rows, watched=row)
    if not broke_off(outcome):
        return outcome

    def before() -> None:
        leave_alone(target, row)
        _free(target, [row])

    return target.stage.attempt(statement, before=before, look=lambda: not target.stage.stands(row))


def _freed(
    target: Target,
    statement: sql.Composed,
    values: list[object],
    rows: list[Row],
    *,
    watched: Row | None = None,
) -> Outcome:
    """Try the delete; where only rows that refer to it stood in the way, take those away and try again."""
    stage, victim = target.stage, watched or rows[0]
    outcome = stage.attempt(statement, values, look=lambda: not stage.stands(victim))
    if outcome.sqlstate not in _STILL_REFERRED:
        return outcome
    return stage.attempt(
        statement,
        values,
        before=lambda: _free(target, rows),
        look=lambda: not stage.stands(victim),
    )


def _free(target: Target, rows: list[Row]) -> None:
    for row in rows:
        target.stage.remove_dependents(row)


ATTACK = RelationAttack(
    code="A08",
    name="foreign_rows_deleted",
    verb=Verb.DELETE,
    claim="A subject deletes no row of another tenant.",
    expect="no row deleted",
    sabotage="alter table app.note disable row level security",
    message="{subject} deletes rows of another tenant in {relation}.",
    meaning="Another tenant's data can be destroyed.",
    run=_run,
)
