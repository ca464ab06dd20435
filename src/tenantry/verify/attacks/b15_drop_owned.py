"""Strip policies with DROP OWNED BY oneself (CVE-2026-116311), by live probe."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.catalog.privilege import identities
from tenantry.sql.name import identifier
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.covered import is_covered
from tenantry.verify.foreign import one_per_role
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.report.wording import few
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker

_POLICIES = """
select policy.oid::bigint, policy.polroles::bigint[]
from pg_catalog.pg_policy as policy
where not policy.polpermissive
"""


def _run(stage: Stage) -> Iterator[Finding]:
    restrictive = {policy.oid: policy for policy in stage.catalog.policies if not policy.is_permissive}
    # why: to strip a policy that a floor for everybody repeats opens nothing
    covered = {oid for oid, policy in restrictive.items() if is_covered(stage.catalog, policy)}
    named = {role for policy in restrictive.values() for role in policy.roles}
    for asker in one_per_role(stage, "sql"):
        # why: only a policy written to a role the subject uses can be stripped; PUBLIC's are immune
        for oid in sorted(identities(stage.catalog, asker.role) & named - {0}):
            before = _policies(stage)
            with stage.acting(asker):
                role = stage.catalog.roles[oid].name
                statement = sql.SQL("drop owned by {}").format(identifier(role))
                outcome = stage.attempt(statement, look=lambda: _policies(stage))
            lost = [
                one
                for one, roles in before.items()
                if not outcome.failed and outcome.seen.get(one) != roles and one not in covered
            ]
            if lost:
                titles = {
                    stage.catalog.relations[restrictive[one].relation].title for one in lost if one in restrictive
                }
                yield _finding(asker, role, sorted(titles), outcome.statement)


def _policies(stage: Stage) -> dict[int, tuple[int, ...]]:
    return {int(oid): tuple(roles) for oid, roles in stage.connection.execute(_POLICIES)}


def _finding(asker: Asker, role: str, titles: list[str], statement: str) -> Finding:
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"{asker.title} removes restrictive policies on {few(titles)} with DROP OWNED BY {role} "
        "(CVE-2026-116311).",
        meaning="On this server a role strips policies that are written to it, for good; those for PUBLIC are immune.",
        fix="-- write restrictive policies to public: alter policy … on … to public;\n-- and upgrade the server",
        role=asker.role.name,
        subject=asker.name,
        statement=statement,
        objects=tuple(titles),
    )


ATTACK = DatabaseAttack(
    code="B15",
    name="policies_stripped",
    claim="A role cannot remove the policies that hold it.",
    expect="every policy is unchanged",
    sabotage="alter policy note_floor on app.note to app_role",
    run=_run,
    needs="a server without the repair of CVE-2026-116311, and a restrictive policy written to a named role",
)
