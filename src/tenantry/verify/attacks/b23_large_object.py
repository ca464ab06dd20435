"""Read large objects: they have an owner and grants, but belong to no tenant."""

from __future__ import annotations

from collections.abc import Iterator

from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import one_per_role
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker

_MOST_TRIED = 20


def _run(stage: Stage) -> Iterator[Finding]:
    query = "select oid::bigint from pg_catalog.pg_largeobject_metadata order by oid limit %s"
    objects = [int(oid) for (oid,) in stage.connection.execute(query, [_MOST_TRIED])]
    for asker in one_per_role(stage, "sql") if objects else ():
        with stage.acting(asker):
            read = [oid for oid in objects if not stage.attempt("select lo_get(%s, 0, 1)", [oid]).failed]
        if read:
            yield _finding(asker, read)


def _finding(asker: Asker, read: list[int]) -> Finding:
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.NOTE,
        kind=Kind.WEAKNESS,
        proof=Proof.ATTACKED,
        message=f"{asker.title} reads large objects by number, whoever stored them ({len(read)} of those tried).",
        meaning="Row security does not reach large objects: every tenant served by this role may read every other's.",
        fix="-- keep files in a table with row security (bytea), or outside the database",
        role=asker.role.name,
        subject=asker.name,
        statement="select lo_get(…)",
        objects=tuple(f"large object {oid}" for oid in read),
    )


ATTACK = DatabaseAttack(
    code="B23",
    name="large_objects_readable",
    claim="A subject reads no large object of another tenant.",
    expect="error 42501",
    sabotage="select lo_from_bytea(424242, 'x'); grant select on large object 424242 to app_role",
    run=_run,
    needs="large objects in the database",
)
