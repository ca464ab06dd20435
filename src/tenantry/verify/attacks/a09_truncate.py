"""Empty the table: row security does not apply to TRUNCATE (PostgreSQL, "Row Security Policies")."""

from __future__ import annotations

from psycopg import sql

from tenantry.catalog.model import Relation
from tenantry.catalog.privilege import can, identities
from tenantry.verify.attack import RelationAttack, Result, Target
from tenantry.verify.model import Verb, Verdict
from tenantry.verify.reach import no_privilege, refused, relation_name, unbuilt


def _run(target: Target) -> Result | None:
    if not target.may("TRUNCATE"):
        return no_privilege("TRUNCATE")
    if target.asker.channel == "api":
        return Result(Verdict.DENIED, "the role holds TRUNCATE, but the subject's client cannot send it")
    if target.relation.owner in identities(target.stage.catalog, target.asker.role):
        # why: whoever owns a table may also switch its row security off; one finding (B14) says so for all tables
        return None
    theirs = target.theirs
    if theirs is None:
        return unbuilt(target)
    statement = sql.SQL("truncate {}").format(relation_name(target.relation))
    outcome = target.stage.attempt(statement, look=lambda: not target.stage.stands(theirs))
    if outcome.seen:
        return Result(Verdict.LEAK, "the other tenant's row is gone", outcome.statement)
    if outcome.sqlstate == "0A000" and _may_empty_dependents(target):
        return Result(
            Verdict.LEAK,
            "only foreign keys stood in the way, and the role may truncate those tables as well",
            f"truncate {target.relation.title} cascade",
        )
    return refused(outcome)


def _may_empty_dependents(target: Target) -> bool:
    stage = target.stage
    return all(can(stage.catalog, target.asker.role, relation, "TRUNCATE") for relation in _dependents(target, {}))


def _dependents(target: Target, seen: dict[int, Relation], start: int = 0) -> list[Relation]:
    catalog = target.stage.catalog
    oid = start or target.relation.oid
    for key in (key for keys in catalog.foreign_keys.values() for key in keys if key.target == oid):
        if key.relation not in seen:
            seen[key.relation] = catalog.relations[key.relation]
            _dependents(target, seen, key.relation)
    return list(seen.values())


ATTACK = RelationAttack(
    code="A09",
    name="table_emptied",
    verb=Verb.TRUNCATE,
    claim="No subject can empty a table that holds other tenants' rows.",
    expect="error 42501",
    sabotage="grant truncate on app.event to app_role",
    message="{subject} can TRUNCATE {relation}, which row security does not hold back.",
    meaning="One statement destroys every tenant's rows.",
    run=_run,
)
