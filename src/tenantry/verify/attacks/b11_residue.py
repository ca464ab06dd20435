"""Look whether a context outlives its transaction: the next client of a pooled connection would inherit it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from psycopg import sql

from tenantry.blueprint.context import custom_settings
from tenantry.sql.name import identifier
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import one_per_role, other_keys
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.sequence import open_context
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Side


def _run(stage: Stage) -> Iterator[Finding]:
    second = stage.second
    if second is None:
        return
    for asker in one_per_role(stage, "sql"):
        if not asker.settings and not asker.statements:
            continue
        with second() as connection:
            left = _left_behind(stage, connection, asker)
        if left:
            yield _finding(asker, left)


def _left_behind(stage: Stage, connection: psycopg.Connection, asker: Asker) -> list[str]:
    """Open the subject and commit, in a transaction that may not write, then read the settings in the next."""
    names = sorted({*custom_settings(stage.catalog), *(name for name, _ in asker.settings)})
    connection.autocommit = True
    try:
        connection.execute("begin read only")
        # why: the first connection holds locks until it ends, and waits for this one
        connection.execute("set local lock_timeout = '500ms'")
        connection.execute("set local statement_timeout = '5s'")
        stage.take_path(connection, asker)
        open_context(connection, asker)
        connection.execute(sql.SQL("set local role {}").format(identifier(asker.role.name)))
        connection.execute("commit")
        return [name for name in names if _holds_key(stage, connection, asker, name)]
    except psycopg.DatabaseError:
        return []  # why: an opener that must write or needs rows of this run cannot be tried here
    finally:
        if not connection.broken:
            if connection.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
                connection.execute("rollback")
            connection.execute("discard all")


def _holds_key(stage: Stage, connection: psycopg.Connection, asker: Asker, name: str) -> bool:
    found = connection.execute("select pg_catalog.current_setting(%s, true)", [name]).fetchone()
    text = str(found[0] or "") if found else ""
    keys = other_keys(stage, asker.side or Side.MINE)
    return any(key in text or (len(key) == 36 and key.replace("-", "") in text) for key in keys)


def _finding(asker: Asker, left: list[str]) -> Finding:
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"After the transaction of {asker.title} has ended, {', '.join(left)} still names its tenant.",
        meaning="The next client on the same pooled connection asks as this tenant unless it sets its own context.",
        fix="-- set the context for the transaction only: set_config(name, value, true), never false",
        role=asker.role.name,
        subject=asker.name,
        statement="; ".join(statement for statement, _ in asker.statements),
        objects=tuple(left),
    )


ATTACK = DatabaseAttack(
    code="B11",
    name="context_outlives_transaction",
    claim="After commit nothing of the context is left on the connection.",
    expect="no setting names the tenant",
    sabotage="create or replace function app.enter(tenant uuid, actor uuid) returns void language sql security definer "
    "set search_path = pg_catalog, pg_temp as $$ select set_config('app.tenant_id', tenant::text, false) $$",
    run=_run,
    needs="a second connection to the same database, and a subject that is opened by settings or statements",
)
