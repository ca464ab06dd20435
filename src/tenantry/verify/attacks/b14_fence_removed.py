"""Take the fence away: switch row security off, drop or open policies."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.catalog.model import Relation, Role
from tenantry.catalog.privilege import identities
from tenantry.sql.name import identifier, quoted
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import one_per_role
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.reach import relation_name
from tenantry.verify.report.wording import few
from tenantry.verify.stage import Outcome, Stage
from tenantry.verify.subject import Asker

_MOST_LISTED = 40


def _run(stage: Stage) -> Iterator[Finding]:
    for asker in one_per_role(stage, "sql"):
        tables = _candidates(stage, asker)
        with stage.acting(asker):
            done = {table.title: outcome for table in tables if (outcome := _remove(stage, table)) is not None}
        if done:
            yield _finding(stage, asker, done)


def _candidates(stage: Stage, asker: Asker) -> list[Relation]:
    """Give the fenced tables whose owner the role is or speaks for, and one other to try the server itself."""
    held = identities(stage.catalog, asker.role)
    fenced = [table for table in stage.catalog.tables if table.rls and stage.ownership.is_owned(table.oid)]
    own = [table for table in fenced if table.owner in held]
    return [*own, *[table for table in fenced if table.owner not in held][:1]]


def _remove(stage: Stage, table: Relation) -> Outcome | None:
    name = relation_name(table)
    tries = [sql.SQL("alter table {} disable row level security").format(name)]
    for policy in stage.catalog.policies_of.get(table.oid, ())[:1]:
        tries.append(sql.SQL("drop policy {} on {}").format(identifier(policy.name), name))
        tries.append(sql.SQL("alter policy {} on {} to public").format(identifier(policy.name), name))
    tries.append(sql.SQL("create policy tenantry_door on {} using (true)").format(name))
    outcomes = (stage.attempt(statement) for statement in tries)
    return next((outcome for outcome in outcomes if not outcome.failed), None)


def _finding(stage: Stage, asker: Asker, done: dict[str, Outcome]) -> Finding:
    titles = tuple(done)
    first = next(iter(done.values()))
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.WARNING,
        kind=Kind.WEAKNESS,
        proof=Proof.ATTACKED,
        message=f"{asker.title} can take the row security of {few(titles)} away: its role owns what it is held by.",
        meaning="Whoever can send or inject SQL as this role removes the fence for everyone, for good.",
        fix=_fix(stage, asker.role, titles),
        role=asker.role.name,
        subject=asker.name,
        statement=first.statement,
        objects=titles,
    )


def _fix(stage: Stage, role: Role, titles: tuple[str, ...]) -> str:
    owners = {stage.catalog.roles[table.owner].name for table in stage.catalog.tables if table.title in titles}
    lines = [f"revoke {quoted(owner)} from {quoted(role.name)};" for owner in sorted(owners - {role.name})]
    if role.name in owners:
        lines += [f"alter table {title} owner to …; -- a role without login" for title in titles[:_MOST_LISTED]]
    return "\n".join(lines)


ATTACK = DatabaseAttack(
    code="B14",
    name="fence_removed",
    claim="The role that serves tenants cannot change policies or switch row security off.",
    expect="error 42501",
    sabotage="alter table app.note owner to app_role",
    run=_run,
    needs="a table with row security",
)
