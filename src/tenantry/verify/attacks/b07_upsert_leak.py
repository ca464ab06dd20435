"""Read a value of a row one may not see by ON CONFLICT DO UPDATE WHERE (CVE-2026-120154), by live probe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psycopg import sql

from tenantry.catalog.model import Index
from tenantry.catalog.privilege import can
from tenantry.sql.name import identifier, quoted
from tenantry.verify.attack import DatabaseAttack, Target
from tenantry.verify.foreign import one_per_role, sees
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.oracles import again, excluded, targets, unfenced_uniques
from tenantry.verify.reach import relation_name, settable
from tenantry.verify.report.wording import few
from tenantry.verify.stage import Outcome, Stage

_NOT_A_NUMBER = "22P02"
_MARK = "tenantry:"
_REPAIRED = 150020  # the first release of version 15 with the repair; lint T21 has the source
_MOST_KEYS = 40


def _run(stage: Stage) -> Iterator[Finding]:
    for asker in one_per_role(stage, "sql"):
        with stage.acting(asker):
            told = {
                (target.relation.title, index.columns): (target, outcome)
                for target in targets(stage, asker)
                for index in unfenced_uniques(target)
                if (outcome := _probe(target, index)) is not None
            }
        if told:
            tables = list(dict.fromkeys(title for title, _ in told))
            yield Finding(
                code=ATTACK.code,
                name=ATTACK.name,
                level=Level.ERROR,
                kind=Kind.LEAK,
                proof=Proof.ATTACKED,
                message=f"{asker.title} reads values of another tenant's rows in {few(tables)} "
                "from the error of an upsert (CVE-2026-120154).",
                meaning="This server evaluates the WHERE of ON CONFLICT DO UPDATE before row security.",
                fix=_fix(stage, [(target, columns) for (_, columns), (target, _) in told.items()]),
                role=asker.role.name,
                subject=asker.name,
                statement=next(iter(told.values()))[1].statement,
                objects=tuple(tables),
            )


def _fix(stage: Stage, keys: Sequence[tuple[Target, tuple[str, ...]]]) -> str:
    """Say what closes it; an index more beside the old key does not, so there is no statement to run as it is."""
    lines = [
        f"-- {_release(stage.catalog.server.version_num)}",
        "-- What closes it on any release: every unique key of a table, also the",
        "-- primary key, starts with the tenant column, and foreign keys follow.",
        "-- One more index beside the old key closes nothing. Where it cannot be so,",
        "-- revoke insert or update on the table from roles that need no upsert;",
        '-- for tenantry plan: withhold = ["insert"] in [tables."schema.name"].',
        *(f"-- {_key(target, columns)}" for target, columns in keys[:_MOST_KEYS]),
    ]
    more = len(keys) - _MOST_KEYS
    return "\n".join([*lines, f"-- and {more} more"] if more > 0 else lines)


def _release(version_num: int) -> str:
    """Say what an upgrade does, as far as the lints T21 and T21b know."""
    major = version_num // 10_000
    if major == _REPAIRED // 10_000:
        return f"Release {major}.{_REPAIRED % 10_000} mends this server."
    return f"No release of PostgreSQL {major} is known here to mend this (lint T21b)."


def _key(target: Target, columns: tuple[str, ...]) -> str:
    relation, owner = target.relation, target.stage.ownership.owner_of(target.relation.oid)
    is_primary = target.stage.catalog.primary_key_of.get(relation.oid) == columns
    kind = "primary key" if is_primary else "unique"
    own = owner.columns if owner.is_direct else ()
    now = ", ".join(map(quoted, columns))
    if not own:
        return f"{relation.title}: {kind} ({now}); no tenant column to start with: revoke"
    return f"{relation.title}: {kind} ({now}) becomes ({', '.join(map(quoted, (*own, *columns)))})"


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
