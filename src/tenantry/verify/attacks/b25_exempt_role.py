"""Ask with row_security off: the server must refuse, else the role stands outside the policies."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.catalog.privilege import can_any_column, can_use_schema
from tenantry.sql.name import quoted
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import is_declared_open, one_per_role
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.reach import relation_name
from tenantry.verify.report.wording import few
from tenantry.verify.sequence import Step, after
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker

_OFF = Step("set local row_security = off")


def _run(stage: Stage) -> Iterator[Finding]:
    fenced = [
        table
        for table in stage.catalog.tables
        if table.rls and stage.ownership.is_owned(table.oid) and not is_declared_open(stage, table)
    ]
    for asker in one_per_role(stage):
        exempt = []
        with stage.acting(asker):
            for table in fenced:
                if can_any_column(stage.catalog, asker.role, table, "SELECT") and can_use_schema(
                    stage.catalog, asker.role, table.schema
                ):
                    probe = Step(sql.SQL("select 1 from {} limit 0").format(relation_name(table)))
                    if not after(stage, asker, [_OFF], probe).failed:
                        exempt.append(table.title)
        if exempt:
            yield _finding(stage, asker, tuple(exempt))


def _finding(stage: Stage, asker: Asker, exempt: tuple[str, ...]) -> Finding:
    role = asker.role
    owned = {table.title for table in stage.catalog.tables if not table.forced}
    fixes = [f"alter role {quoted(role.name)} nobypassrls nosuperuser;"] if role.is_exempt else []
    fixes += [
        f"alter table {title} force row level security;" for title in exempt if title in owned and not role.is_exempt
    ]
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"{role.name} is not held by the policies of {few(exempt)}: "
        "with row_security off the server does not refuse it.",
        meaning="Policies are there, and this role never meets them: it owns the table without FORCE, or bypasses all.",
        fix="\n".join(fixes),
        role=role.name,
        subject=asker.name,
        statement="set row_security = off; select …",
        objects=exempt,
    )


ATTACK = DatabaseAttack(
    code="B25",
    name="role_exempt_from_policies",
    claim="Policies hold the role that serves tenants.",
    expect="error 42501",
    sabotage="alter table app.note owner to app_role; alter table app.note no force row level security",
    run=_run,
    needs="a table with row security that the role may read",
)
