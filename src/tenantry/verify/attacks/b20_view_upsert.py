"""Overwrite a row that a view's WHERE hides, by an upsert through the view (CVE-2026-16237), by live probe."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.catalog.model import Relation
from tenantry.catalog.privilege import can
from tenantry.sql.name import identifier, quoted
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import one_per_role
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.oracles import excluded
from tenantry.verify.reach import relation_name
from tenantry.verify.stage import Outcome, Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side
from tenantry.verify.views import owned_behind, views_of_owned_rows


def _run(stage: Stage) -> Iterator[Finding]:
    for view in views_of_owned_rows(stage, "v"):
        for table in owned_behind(stage, view)[:1]:
            row = stage.world.row(table.oid, Side.THEIRS)
            key = stage.catalog.primary_key_of.get(table.oid, ())
            if row is None or not key or not set(key) <= set(view.by_column):
                continue
            for asker in one_per_role(stage, "sql"):
                outcome = _upsert(stage, asker, view, row, key)
                if outcome is not None:
                    yield _finding(asker, view, outcome)


def _upsert(stage: Stage, asker: Asker, view: Relation, row: Row, key: tuple[str, ...]) -> Outcome | None:
    names = [
        column.name
        for column in view.columns
        if row.values.get(column.name) is not None
        and can(stage.catalog, asker.role, view, "INSERT", column=column.name)
    ]
    settable = [
        name for name in names if name not in key and can(stage.catalog, asker.role, view, "UPDATE", column=name)
    ]
    if not settable or not set(key) <= set(names):
        return None
    insert = sql.SQL("insert into {} ({}) values ({})").format(
        relation_name(view),
        sql.SQL(", ").join(map(identifier, names)),
        sql.SQL(", ").join([sql.Placeholder()] * len(names)),
    )
    statement = sql.SQL("{} on conflict ({}) do update set {}").format(
        insert, sql.SQL(", ").join(map(identifier, key)), excluded(settable[-1])
    )
    update = sql.SQL("update {} set {} = {}").format(
        relation_name(view), identifier(settable[-1]), identifier(settable[-1])
    )
    with stage.acting(asker):
        plainly = stage.attempt(update, look=lambda: not stage.stands(row))
        if plainly.seen:
            return None  # why: where a plain update reaches the row, the upsert shows nothing new
        outcome = stage.attempt(statement, [row.values[name] for name in names], look=lambda: not stage.stands(row))
    return outcome if outcome.seen else None


def _finding(asker: Asker, view: Relation, outcome: Outcome) -> Finding:
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"{asker.title} overwrites rows of another tenant that the view {view.title} hides, by an upsert "
        "through it (CVE-2026-16237).",
        meaning="On this server ON CONFLICT DO UPDATE through a view ignores the view's WHERE.",
        fix=f"alter view {view.title} set (security_invoker = true); -- and row security on what it reads\n"
        f"revoke insert, update on {view.title} from {quoted(asker.role.name)};\n-- and upgrade the server",
        relation=view.title,
        verb="upsert",
        role=asker.role.name,
        subject=asker.name,
        statement=outcome.statement,
    )


ATTACK = DatabaseAttack(
    code="B20",
    name="rows_overwritten_through_view",
    claim="An upsert through a view changes no row the view hides.",
    expect="no row changed",
    sabotage="create view app.own_note as select tenant_id, id, title, body from app.note where tenant_id = "
    "(select substring(current_setting('backtrace_functions', true) from 't([0-9a-f]{32})')::uuid); "
    "grant select, insert, update on app.own_note to app_role",
    run=_run,
    needs="a server without the repair of CVE-2026-16237, and an updatable view over owned tables",
)
