"""Become a role that sees more: every role the subject's can be switched to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tenantry.catalog.model import Role
from tenantry.catalog.privilege import reachable
from tenantry.sql.name import quoted
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import hidden_rows, one_per_role, sees
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker

_MOST_ROWS = 12


def _run(stage: Stage) -> Iterator[Finding]:
    for asker in one_per_role(stage, "sql"):
        others = [
            stage.catalog.roles[oid] for oid in reachable(stage.catalog, asker.role) if oid in stage.catalog.roles
        ]
        others = [role for role in others if role.oid != asker.role.oid]
        rows = hidden_rows(stage, asker, most=_MOST_ROWS) if others else []
        found = []
        for role in others if rows else ():
            other = replace(asker, role=role)
            with stage.acting(other):
                if any(sees(stage, other, row) for row in rows):
                    found.append(role)
        if found:
            yield _finding(asker, found)


def _finding(asker: Asker, found: list[Role]) -> Finding:
    names = tuple(sorted(role.name for role in found))
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.WEAKNESS,
        proof=Proof.ATTACKED,
        message=f"{asker.title} becomes {', '.join(names)} by SET ROLE and then reads rows of another tenant.",
        meaning="Whoever can send or inject SQL as this role steps out of its tenant in one statement.",
        fix="\n".join(f"revoke {quoted(name)} from {quoted(asker.role.name)};" for name in names),
        role=asker.role.name,
        subject=asker.name,
        statement=f"set role {quoted(names[0])}",
        objects=names,
    )


ATTACK = DatabaseAttack(
    code="B13",
    name="role_switched",
    claim="A subject can become no role that sees other tenants' rows.",
    expect="error 42501, or no row",
    sabotage="create role app_jobs nologin bypassrls; grant usage on schema app to app_jobs; "
    "grant select on app.note to app_jobs; grant app_jobs to app_role",
    run=_run,
    needs="a role that the subject's role is a member of",
)
