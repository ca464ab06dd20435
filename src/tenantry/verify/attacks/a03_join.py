"""Join in: insert a row that ties the subject's own user to another tenant."""

from __future__ import annotations

from tenantry.blueprint.ownership import OwnerKind, is_user_table
from tenantry.blueprint.reference import Reference, as_held
from tenantry.catalog.model import Relation
from tenantry.verify.attack import RelationAttack, Result, Target
from tenantry.verify.model import Verb, Verdict
from tenantry.verify.planting import planted
from tenantry.verify.reach import no_privilege, refused, unbuilt
from tenantry.verify.synthesis.row import Row


def _run(target: Target) -> Result:
    users = _user_references(target)
    if target.asker.side is None or not users or not _ties(target):
        return Result(Verdict.DENIED, "ties no user to a tenant")
    if not target.may_some("INSERT"):
        return no_privilege("INSERT")
    theirs = target.theirs
    if theirs is None:
        return unbuilt(target)
    mine = [(ref, target.stage.world.row(ref.target, target.asker.side)) for ref in users]
    known = [(ref, row) for ref, row in mine if row is not None]
    if not known:
        return Result(Verdict.DENIED, "the subject has no user to join in with")
    return _join(target, theirs, _as_me(target.relation, theirs, known), users)


def _user_references(target: Target) -> list[Reference]:
    """Give the references to a user that are not how the row finds its tenant."""
    stage = target.stage
    owner = stage.ownership.owner_of(target.relation.oid)
    leading = owner.path[0] if owner.path and owner.kind is OwnerKind.TENANT else None
    return [
        ref
        for ref in stage.ownership.references.get(target.relation.oid, ())
        if is_user_table(stage.catalog, stage.ownership, ref.target) and not ref.is_audit and ref != leading
    ]


def _ties(target: Target) -> bool:
    """Say whether a row here makes its user part of something: a tenant's row, or the list of somebody's members."""
    ownership = target.stage.ownership
    owner = ownership.owner_of(target.relation.oid)
    if owner.kind is OwnerKind.TENANT:
        return bool(owner.path)
    return any(
        ownership.owner_of(ref.target).members == target.relation.oid
        for ref in ownership.references.get(target.relation.oid, ())
    )


def _as_me(relation: Relation, theirs: Row, mine: list[tuple[Reference, Row]]) -> dict[str, str | None]:
    values = dict(theirs.values)
    for ref, row in mine:
        for column, wanted in zip(ref.columns, ref.target_columns, strict=True):
            if values.get(column) is not None or len(mine) == 1 or ref.is_bound:
                values[column] = as_held(relation.by_column[column], row.values[wanted])
    return values


def _join(target: Target, theirs: Row, values: dict[str, str | None], users: list[Reference]) -> Result:
    names = {name for ref in users for name in ref.columns}
    names |= set(target.stage.ownership.owner_of(target.relation.oid).columns)
    names |= {name for name in target.stage.catalog.primary_key_of.get(target.relation.oid, ()) if name}
    outcome = planted(target, theirs, values, sorted(names))
    if outcome.failed:
        return refused(outcome)
    if outcome.seen:
        return Result(Verdict.LEAK, "the subject's own user now belongs to the other tenant", outcome.statement)
    return Result(Verdict.DENIED, "the row did not land with the other tenant")


ATTACK = RelationAttack(
    code="A03",
    name="outsiders_join_in",
    verb=Verb.JOIN,
    claim="A subject cannot tie its own user to another tenant.",
    expect="error 42501",
    sabotage="alter policy member_floor on app.member with check (true)",
    message="{subject} ties its own user to another tenant through {relation}.",
    meaning="Where memberships give rights, this is the key to everything the other tenant has.",
    run=_run,
)
