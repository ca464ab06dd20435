"""Change another tenant's row by MERGE."""

from __future__ import annotations

from psycopg import sql

from tenantry.sql.name import identifier
from tenantry.verify.attack import RelationAttack, Result, Target
from tenantry.verify.model import Verb, Verdict
from tenantry.verify.reach import no_privilege, refused, relation_name, settable, unbuilt


def _run(target: Target) -> Result:
    if target.asker.channel == "api":
        return Result(Verdict.DENIED, "the subject's client cannot send MERGE")
    key = [name for name in target.stage.catalog.primary_key_of.get(target.relation.oid, ()) if name]
    column = settable(target)
    if not column or not target.may("SELECT"):
        return no_privilege("SELECT and UPDATE")
    if not key:
        return Result(Verdict.DENIED, "no primary key to match on")
    theirs = target.theirs
    if theirs is None:
        return unbuilt(target)
    matches = sql.SQL(" and ").join(sql.SQL("target.{}::text = %s").format(identifier(name)) for name in key)
    statement = sql.SQL(
        "merge into {} as target using (select 1) as source on {} when matched then update set {} = target.{}"
    ).format(relation_name(target.relation), matches, identifier(column), identifier(column))
    values = [theirs.values[name] for name in key]
    outcome = target.stage.attempt(statement, values, look=lambda: not target.stage.stands(theirs))
    if outcome.failed:
        return refused(outcome)
    if outcome.seen:
        return Result(Verdict.LEAK, "the other tenant's row was changed", outcome.statement)
    return Result(Verdict.DENIED, "no row was changed")


ATTACK = RelationAttack(
    code="A07",
    name="foreign_rows_merged",
    verb=Verb.MERGE,
    claim="A merge changes no row of another tenant.",
    expect="no row changed",
    sabotage="alter table app.note disable row level security",
    message="{subject} changes rows of another tenant in {relation} by MERGE.",
    meaning="Another tenant's data can be altered; old servers also applied the wrong policies to MERGE.",
    run=_run,
)
