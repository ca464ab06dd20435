"""Join in: insert a row that ties the subject's own user to another tenant."""

from __future__ import annotations

import re

from psycopg import sql

from tenantry.blueprint.context import routines_behind
from tenantry.blueprint.owner import OwnerKind
from tenantry.blueprint.ownership import is_user_table
from tenantry.blueprint.reference import Reference, as_held
from tenantry.catalog.model import Trigger
from tenantry.verify.attack import RelationAttack, Result, Target
from tenantry.verify.model import Verb, Verdict
from tenantry.verify.planting import planted
from tenantry.verify.reach import at_row, no_privilege, refused, relation_name, unbuilt
from tenantry.verify.stage import Outcome
from tenantry.verify.synthesis.row import Row

_NO_PARENT, _TAKEN = "23503", "23505"


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
    return _join(target, theirs, _as_me(target, theirs, known), users)


def _user_references(target: Target) -> list[Reference]:
    """Give the references to a user that are not how the row finds its tenant."""
    stage, kept = target.stage, _tenant_columns(target)
    return [
        ref
        for ref in stage.ownership.references.get(target.relation.oid, ())
        if is_user_table(stage.catalog, stage.ownership, ref.target)
        and not ref.is_audit
        and not set(ref.columns) <= set(kept)
    ]


def _tenant_columns(target: Target) -> tuple[str, ...]:
    """Give the columns by which the row finds its tenant; a reference to a user may share some of them."""
    owner = target.stage.ownership.owner_of(target.relation.oid)
    return owner.columns if owner.kind is OwnerKind.TENANT else ()


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


def _as_me(target: Target, theirs: Row, mine: list[tuple[Reference, Row]]) -> dict[str, str | None]:
    """Give the row with the subject in the place of its user; it stays with its tenant."""
    values, kept, columns = dict(theirs.values), _tenant_columns(target), target.relation.by_column
    for ref, row in mine:
        for column, wanted in zip(ref.columns, ref.target_columns, strict=True):
            if column not in kept and (values.get(column) is not None or len(mine) == 1 or ref.is_bound):
                values[column] = as_held(columns[column], row.values[wanted])
    return values


def _held_by_key(target: Target, users: list[Reference], outcome: Outcome) -> bool:
    """Say whether a foreign key refused that ties user and tenant together: nobody else's user fits in there."""
    kept = set(_tenant_columns(target))
    both = [set(ref.columns) for ref in users if kept & set(ref.columns)]
    keys = target.stage.catalog.foreign_keys.get(target.relation.oid, ())
    return outcome.sqlstate == _NO_PARENT and any(
        key.name == outcome.constraint and set(key.columns) in both for key in keys
    )


def _may_lack_its_row(target: Target) -> bool:
    """Say whether a subject may have no row of its own: no trigger makes one for each user, or it can delete it."""
    stage, mine = target.stage, target.mine
    makers = [one.routine for one in stage.catalog.triggers if _fires_for_users(target, one)]
    text = " ".join(one.source for one in routines_behind(stage.catalog, makers))
    if mine is None or not re.search(
        rf"\binsert\s+into\s+\W?(\w+\W{{1,3}})?{re.escape(target.relation.name)}\b", text, re.IGNORECASE
    ):
        return True
    reached = at_row(target, mine)
    if reached is None:
        return False
    condition, values = reached
    deleting = sql.SQL("delete from {} where {}").format(relation_name(target.relation), condition)
    return bool(stage.attempt(deleting, values, look=lambda: not stage.stands(mine)).seen)


def _fires_for_users(target: Target, trigger: Trigger) -> bool:
    return trigger.relation == target.stage.ownership.anchors.users and trigger.enabled != "D"


def _join(target: Target, theirs: Row, values: dict[str, str | None], users: list[Reference]) -> Result:
    names = {name for ref in users for name in ref.columns}
    names |= set(target.stage.ownership.owner_of(target.relation.oid).columns)
    names |= {name for name in target.stage.catalog.primary_key_of.get(target.relation.oid, ()) if name}
    may_lack = _may_lack_its_row(target)
    outcome = planted(target, theirs, values, sorted(names), own=target.mine if may_lack else None)
    if outcome.sqlstate == _TAKEN and not may_lack:
        return Result(Verdict.DENIED, "a trigger gives each user the one row it can have", outcome.statement)
    if _held_by_key(target, users, outcome):
        return Result(Verdict.DENIED, "a foreign key holds user and tenant together", outcome.statement)
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
