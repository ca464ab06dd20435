"""Overwrite another tenant's row by inserting it again with ON CONFLICT DO UPDATE."""

from __future__ import annotations

from psycopg import sql

from tenantry.sql.name import identifier
from tenantry.verify.attack import RelationAttack, Result, Target
from tenantry.verify.model import Verb, Verdict
from tenantry.verify.reach import inserting, no_privilege, refused, settable, unbuilt


def _run(target: Target) -> Result:
    key = [name for name in target.stage.catalog.primary_key_of.get(target.relation.oid, ()) if name]
    column = settable(target)
    if not target.may_some("INSERT") or not column:
        return no_privilege("INSERT and UPDATE")
    if not key:
        return Result(Verdict.DENIED, "no primary key to collide on")
    theirs = target.theirs
    if theirs is None:
        return unbuilt(target)
    insert, values = inserting(target, dict(theirs.values))
    statement = sql.SQL("{} on conflict ({}) do update set {} = excluded.{}").format(
        insert, sql.SQL(", ").join(map(identifier, key)), identifier(column), identifier(column)
    )
    outcome = target.stage.attempt(statement, values, look=lambda: not target.stage.stands(theirs))
    if outcome.failed:
        return refused(outcome)
    if outcome.seen:
        return Result(Verdict.LEAK, "the other tenant's row was overwritten", outcome.statement)
    return Result(Verdict.DENIED, "no row was overwritten")


ATTACK = RelationAttack(
    code="A06",
    name="foreign_rows_upserted",
    verb=Verb.UPSERT,
    claim="An upsert overwrites no row of another tenant.",
    expect="error 42501",
    sabotage="alter table app.note disable row level security",
    message="{subject} overwrites rows of another tenant in {relation} by upsert.",
    meaning="Another tenant's data can be replaced by anyone who knows or guesses a key.",
    run=_run,
)
