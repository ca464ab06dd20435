"""Read a value of a row one may not see by ON CONFLICT DO UPDATE WHERE (CVE-2026-120154), by live probe."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.catalog.model import Index
from tenantry.catalog.privilege import can
from tenantry.sql.name import identifier
from tenantry.verify.attack import DatabaseAttack, Target
from tenantry.verify.foreign import one_per_role, sees
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.oracles import again, excluded, targets, unfenced_uniques
from tenantry.verify.reach import relation_name, settable
from tenantry.verify.report.wording import few
from tenantry.verify.stage import Outcome, Stage

_NOT_A_NUMBER = "22P02"
_MARK = "tenantry:"


def _run(stage: Stage) -> Iterator[Finding]:
    for asker in one_per_role(stage, "sql"):
        with stage.acting(asker):
            told = {
                target.relation.title: outcome
                for target in targets(stage, asker)
                for index in unfenced_uniques(target)
                if (outcome := _probe(target, index)) is not None
            }
        if told:
            yield Finding(
                code=ATTACK.code,
                name=ATTACK.name,
                level=Level.ERROR,
                kind=Kind.LEAK,
                proof=Proof.ATTACKED,
                message=f"{asker.title} reads values of another tenant's rows in {few(list(told))} "
                "from the error of an upsert (CVE-2026-120154).",
                meaning="This server evaluates the WHERE of ON CONFLICT DO UPDATE before row security.",
                fix="-- upgrade the server; until then let unique indexes lead with the tenant:\n"
                "-- create unique index on … (tenant_id, …)",
                role=asker.role.name,
                subject=asker.name,
                statement=next(iter(told.values())).statement,
                objects=tuple(told),
            )


def _probe(target: Target, index: Index) -> Outcome | None:
    """Collide with the other tenant's row, and let a cast print a value of it."""
    theirs, column, stage = target.theirs, settable(target), target.stage
    assert theirs is not None
    shown = _shown(target)
    keys = {name: theirs.values[name] for name in index.columns}
    if not column or not shown or None in keys.values() or sees(stage, target.asker, theirs):
        return None
    tail = sql.SQL(" on conflict ({}) do update set {} where ({} || {}.{}::text)::int = 0").format(
        sql.SQL(", ").join(map(identifier, index.columns)),
        excluded(column),
        sql.Literal(_MARK),
        relation_name(target.relation),
        identifier(shown),
    )
    outcome = again(target, keys, tail=tail)
    leaked = outcome.sqlstate == _NOT_A_NUMBER and f"{_MARK}{theirs.values[shown]}" in outcome.message
    return outcome if leaked else None


def _shown(target: Target) -> str:
    """Choose the column to print: one whose value tells the other tenant's row from the own."""
    mine, theirs = target.mine, target.theirs
    assert mine is not None
    assert theirs is not None
    names = [
        column.name
        for column in target.relation.columns
        if theirs.values[column.name]
        and theirs.values[column.name] != mine.values[column.name]
        and can(target.stage.catalog, target.asker.role, target.relation, "SELECT", column=column.name)
    ]
    return names[-1] if names else ""


ATTACK = DatabaseAttack(
    code="B07",
    name="values_leaked_by_upsert",
    claim="An upsert shows no value of a row its subject may not see.",
    expect="error 42501",
    sabotage="create unique index on app.note (title)",
    run=_run,
    needs="a server without the repair of CVE-2026-120154, and a unique index that leaves out the owner",
)
