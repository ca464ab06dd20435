"""Move an own row to another tenant by changing the column that says whose it is."""

from __future__ import annotations

from psycopg import sql

from tenantry.catalog.privilege import updatable_columns
from tenantry.sql.name import identifier
from tenantry.verify.attack import RelationAttack, Result, Target
from tenantry.verify.model import Verb, Verdict
from tenantry.verify.reach import at_row, no_privilege, refused, relation_name, unbuilt
from tenantry.verify.stage import Outcome
from tenantry.verify.synthesis.row import Row

_MOST_ROWS = 100_000
_STRENGTH = (Verdict.LEAK, Verdict.UNPROVEN, Verdict.DENIED)


def _run(target: Target) -> Result:
    stage = target.stage
    ways = _ways(target)
    if not target.is_owned or not ways or target.mine is None:
        return Result(Verdict.DENIED, "no own row that names an owner")
    allowed = set(updatable_columns(stage.catalog, target.asker.role, target.relation))
    open_ways = [columns for columns in ways if set(columns) <= allowed]
    if not open_ways:
        return no_privilege("UPDATE")
    if target.theirs is None:
        return unbuilt(target)
    results = [_move(target, target.mine, target.theirs, columns) for columns in open_ways]
    return min(results, key=lambda result: _STRENGTH.index(result.verdict))


def _ways(target: Target) -> list[tuple[str, ...]]:
    """Give the columns by which a row changes hands: the owner's, and in a list of members what they belong to."""
    ownership = target.stage.ownership
    owner = ownership.owner_of(target.relation.oid)
    ways = [owner.columns] if owner.columns and not owner.is_weak else []
    for reference in ownership.references.get(target.relation.oid, ()):
        if ownership.owner_of(reference.target).members == target.relation.oid and reference.columns not in ways:
            ways.append(reference.columns)
    return ways


def _move(target: Target, mine: Row, theirs: Row, columns: tuple[str, ...]) -> Result:
    setters = sql.SQL(", ").join(sql.SQL("{} = %s").format(identifier(name)) for name in columns)
    statement = sql.SQL("update {} set {}").format(relation_name(target.relation), setters)
    values: list[object] = [theirs.values[name] for name in columns]
    outcomes: list[Outcome] = []
    if target.relation.estimated_rows <= _MOST_ROWS:
        outcomes.append(_try(target, mine, theirs, columns, statement, values))
    if reached := at_row(target, mine):
        condition, more = reached
        pointed = sql.SQL("{} where {}").format(statement, condition)
        outcomes.append(_try(target, mine, theirs, columns, pointed, [*values, *more]))
    for outcome in outcomes:
        if outcome.seen:
            return Result(Verdict.LEAK, "the own row now belongs to the other tenant", outcome.statement)
    failed = [outcome for outcome in outcomes if outcome.failed and not outcome.is_refusal]
    return refused(failed[0]) if failed else Result(Verdict.DENIED, "the row did not move")


def _try(
    target: Target,
    mine: Row,
    theirs: Row,
    columns: tuple[str, ...],
    statement: sql.Composed,
    values: list[object],
) -> Outcome:
    stage = target.stage
    key = [name for name in stage.catalog.primary_key_of.get(target.relation.oid, ()) if name not in columns]
    marks = [
        *((name, theirs.values[name]) for name in columns),
        *((name, mine.values[name]) for name in key if name),
    ]
    return stage.attempt(
        statement,
        values,
        before=lambda: stage.remove(theirs),
        look=lambda: not stage.stands(mine) and stage.count_where(target.relation, marks) > 0,
    )


ATTACK = RelationAttack(
    code="A05",
    name="rows_moved",
    verb=Verb.MOVE,
    claim="A subject cannot hand a row to another tenant.",
    expect="error 42501",
    sabotage="alter policy event_floor on app.event with check (true); drop trigger event_keeps_tenant on app.event",
    message="{subject} moves own rows to another tenant in {relation}.",
    meaning="Rows vanish from their tenant and appear in another: forged data there, lost data here.",
    run=_run,
)
