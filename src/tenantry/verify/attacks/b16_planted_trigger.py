"""Plant a trigger on a table of everybody's: it runs with the rights of whoever writes there next."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.catalog.model import Relation
from tenantry.catalog.privilege import can, identities
from tenantry.sql.name import identifier, quoted
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import one_per_role
from tenantry.verify.gadgets import workshops
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.reach import relation_name
from tenantry.verify.report.wording import few
from tenantry.verify.sequence import Step, after
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker

_MARK = "tenantry.planted"


def _run(stage: Stage) -> Iterator[Finding]:
    for asker in one_per_role(stage, "sql"):
        tables = [table for table in stage.catalog.tables if _is_plantable(stage, asker, table)]
        homes = workshops(stage, asker) if tables else []
        with stage.acting(asker):
            planted = tuple(table.title for table in tables if any(_plant(stage, asker, table, home) for home in homes))
        if planted:
            yield _finding(asker, planted)


def _is_plantable(stage: Stage, asker: Asker, table: Relation) -> bool:
    # why: what an owner may do to its own table is B14's to say
    is_own = table.owner in identities(stage.catalog, asker.role)
    return not is_own and stage.ownership.is_owned(table.oid) and can(stage.catalog, asker.role, table, "TRIGGER")


def _plant(stage: Stage, asker: Asker, table: Relation, home: str) -> bool:
    """Create function and trigger as the role, then let an update with full rights, of no row at all, fire it."""
    function = identifier(home, "tenantry_plant")
    body = sql.Literal(f"begin perform pg_catalog.set_config('{_MARK}', current_user, true); return null; end")
    create = sql.SQL("create function {}() returns trigger language plpgsql as {}").format(function, body)
    trigger = sql.SQL(
        "create trigger tenantry_plant after update on {} for each statement execute function {}()"
    ).format(relation_name(table), function)
    column = next((column.name for column in table.columns if not column.generated and column.identity != "a"), "")
    if not column:
        return False
    fire = sql.SQL("update {} set {} = {} where false").format(
        relation_name(table), identifier(column), identifier(column)
    )

    def look() -> str:
        stage.connection.execute(fire)
        found = stage.connection.execute("select pg_catalog.current_setting(%s, true)", [_MARK]).fetchone()
        return str(found[0] or "") if found else ""

    return after(stage, asker, [Step(create)], Step(trigger), look=look).seen not in (None, "", asker.role.name)


def _finding(asker: Asker, planted: tuple[str, ...]) -> Finding:
    role = quoted(asker.role.name)
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.WARNING,
        kind=Kind.WEAKNESS,
        proof=Proof.ATTACKED,
        message=f"{asker.title} plants triggers on {few(planted)} that run with the rights of whoever writes next.",
        meaning="The next migration, job or superuser that writes there runs the planted code, which may do anything.",
        fix="\n".join(f"revoke trigger on {title} from {role};" for title in planted)
        + "\n-- and revoke temporary on database … from public",
        role=asker.role.name,
        subject=asker.name,
        statement="create trigger … execute function …",
        objects=planted,
    )


ATTACK = DatabaseAttack(
    code="B16",
    name="trigger_planted",
    claim="The role that serves tenants cannot make others run its code.",
    expect="error 42501",
    sabotage="grant trigger on app.note to app_role; grant create on schema app to app_role",
    run=_run,
    needs="the privilege TRIGGER on an owned table, and a schema to create a function in (a temporary one will do)",
)
