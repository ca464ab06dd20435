"""Change another tenant's row, with and without a WHERE."""

from __future__ import annotations

from psycopg import sql

from tenantry.sql.name import identifier
from tenantry.verify.attack import RelationAttack, Result, Target
from tenantry.verify.model import Verb, Verdict
from tenantry.verify.reach import (
    at_row,
    broke_off,
    leave_alone,
    no_privilege,
    refused,
    relation_name,
    settable,
    unbuilt,
    unsettled,
)
from tenantry.verify.stage import Outcome
from tenantry.verify.synthesis.row import Row

_MOST_ROWS = 100_000


def _run(target: Target) -> Result:
    column = settable(target)
    if not column:
        return no_privilege("UPDATE")
    theirs, mine = target.theirs, target.mine
    if theirs is None:
        return unbuilt(target)
    pointed, sweeping = _pointed(target, theirs, column), _sweeping(target, theirs, column)
    outcomes = [outcome for outcome in (pointed, sweeping) if outcome]
    for outcome in outcomes:
        if outcome.seen:
            return Result(Verdict.LEAK, "the other tenant's row was changed", outcome.statement)
    if broken := unsettled(target, "w", pointed, sweeping):
        return refused(broken)
    own = _pointed(target, mine, column) if mine else None
    if own is not None and own.seen:
        return Result(Verdict.OWN_ROWS, "own row changed, the other tenant's not")
    failed = [outcome for outcome in outcomes if outcome.failed and not outcome.is_refusal]
    return refused(failed[0]) if failed else Result(Verdict.DENIED, _why(outcomes))


def _pointed(target: Target, row: Row, column: str) -> Outcome | None:
    reached = at_row(target, row)
    if reached is None:
        return None
    condition, values = reached
    statement = sql.SQL("update {} set {} = {} where {}").format(
        relation_name(target.relation), identifier(column), identifier(column), condition
    )
    return target.stage.attempt(statement, values, look=lambda: not target.stage.stands(row))


def _sweeping(target: Target, row: Row, column: str) -> Outcome | None:
    """Without a WHERE only the update policies speak; big tables are left alone, every row would be written."""
    if target.relation.estimated_rows > _MOST_ROWS:
        return None
    # why: a column read on the right-hand side would need SELECT, and with it the select policies
    statement = sql.SQL("update {} set {} = %s").format(relation_name(target.relation), identifier(column))
    stage = target.stage
    outcome = stage.attempt(statement, [row.values[column]], look=lambda: not stage.stands(row))
    if not broke_off(outcome):
        return outcome
    return stage.attempt(
        statement, [row.values[column]], before=lambda: leave_alone(target, row), look=lambda: not stage.stands(row)
    )


def _why(outcomes: list[Outcome]) -> str:
    return next((outcome.reason for outcome in outcomes if outcome.failed), "no row was changed")


ATTACK = RelationAttack(
    code="A04",
    name="foreign_rows_changed",
    verb=Verb.UPDATE,
    claim="A subject changes no row of another tenant.",
    expect="no row changed",
    sabotage="alter table app.note disable row level security",
    message="{subject} changes rows of another tenant in {relation}.",
    meaning="Another tenant's data can be altered, silently.",
    run=_run,
)
