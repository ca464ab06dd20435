"""Learn which values another tenant holds by colliding with them: unique indexes bypass row security."""

from __future__ import annotations

from collections.abc import Iterator

from tenantry.verify.attack import DatabaseAttack, Target
from tenantry.verify.foreign import one_per_role
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.oracles import again, is_guessable, targets, unfenced_uniques
from tenantry.verify.stage import Stage

_TAKEN = "23505"


def _run(stage: Stage) -> Iterator[Finding]:
    for asker in one_per_role(stage):
        with stage.acting(asker):
            told = [
                f"{target.relation.title} ({', '.join(index.columns)})"
                for target in targets(stage, asker)
                if stage.ownership.owner_of(target.relation.oid).path
                for index in unfenced_uniques(target)
                if not index.is_primary
                and is_guessable(stage, target.relation, index.columns)
                and _tells(target, index.columns)
            ]
        if told:
            yield Finding(
                code=ATTACK.code,
                name=ATTACK.name,
                level=Level.NOTE,
                kind=Kind.WEAKNESS,
                proof=Proof.ATTACKED,
                message=f"{asker.title} learns whether another tenant holds a guessed value, "
                f"by {len(told)} unique indexes that span tenants.",
                meaning="A value another tenant holds is refused with error 23505: e-mail addresses, names and numbers "
                "of others can be tried out, and one tenant can take a value from all others.",
                fix="-- let unique indexes lead with the tenant: create unique index on … (tenant_id, …)",
                role=asker.role.name,
                subject=asker.name,
                objects=tuple(told),
            )


def _tells(target: Target, columns: tuple[str, ...]) -> bool:
    theirs = target.theirs
    assert theirs is not None
    taken = {name: theirs.values[name] for name in columns}
    if any(value is None for value in taken.values()):
        return False
    return again(target, taken).sqlstate == _TAKEN and again(target, {}).sqlstate != _TAKEN


ATTACK = DatabaseAttack(
    code="B06",
    name="values_told_by_unique_index",
    claim="Inserting a value another tenant holds succeeds like inserting a new one.",
    expect="the row is inserted",
    sabotage="create unique index on app.note (title)",
    run=_run,
    needs="a unique index on an owned table whose columns can be guessed and leave out the owner",
)
