"""Insert a row of one's own that hangs on somebody else's, which the subject does not even see."""

from __future__ import annotations

from psycopg import sql

from tenantry.blueprint.owner import OwnerKind
from tenantry.blueprint.ownership import is_user_table
from tenantry.blueprint.reference import Reference, as_held
from tenantry.catalog.privilege import can
from tenantry.verify.attack import RelationAttack, Result, Target
from tenantry.verify.model import Verb, Verdict
from tenantry.verify.planting import planted
from tenantry.verify.reach import at_row, no_privilege, refused, relation_name, unbuilt
from tenantry.verify.restating import restated, secluding
from tenantry.verify.synthesis.row import Row, Side


def _run(target: Target) -> Result | None:
    users, parents = _user_references(target), _parents(target)
    if target.asker.side is None or not users or not parents:
        return None
    if not target.may_some("INSERT"):
        return no_privilege("INSERT")
    theirs = target.theirs
    if theirs is None:
        return unbuilt(target)
    values = _as_me(target, theirs, users)
    told = [ref for ref in parents if theirs.values.get(ref.columns[0]) is not None and _is_told(target, ref)]
    results = [_beside(target, values, ref) for ref in told] if values else []
    return next((one for one in results if one and one.verdict is Verdict.LEAK), next(filter(None, results), None))


def _beside(target: Target, values: dict[str, str | None], parent: Reference) -> Result | None:
    """Hang the row on the other's, which is put where no policy shows it if the subject sees it as it is."""
    if _is_hidden(target, parent):
        return _attach(target, values, parent)
    secluded = secluding(target, target.stage.catalog.relations[parent.target])
    with restated(target.stage, target.asker, secluded) as changed:
        return _attach(target, values, parent) if changed and _is_hidden(target, parent) else None


def _user_references(target: Target) -> list[Reference]:
    """Give the references by which the row names its user, where a user is all that owns it."""
    stage = target.stage
    owner = stage.ownership.owner_of(target.relation.oid)
    if owner.kind is not OwnerKind.USER or owner.is_weak or not owner.path:
        return []
    return [
        ref
        for ref in stage.ownership.references.get(target.relation.oid, ())
        if is_user_table(stage.catalog, stage.ownership, ref.target) and (ref.is_bound or not ref.is_audit)
    ]


def _parents(target: Target) -> list[Reference]:
    """Give the references to rows that belong to somebody and are no user."""
    stage = target.stage
    return [
        ref
        for ref in stage.ownership.references.get(target.relation.oid, ())
        if stage.ownership.is_owned(ref.target)
        and ref.target != target.relation.oid
        and not is_user_table(stage.catalog, stage.ownership, ref.target)
    ]


def _is_told(target: Target, parent: Reference) -> bool:
    """Say whether rows here are shown to those who have to do with the parent: else a plant fools nobody."""
    policies = target.stage.catalog.policies_of.get(target.relation.oid, ())
    texts = [policy.using for policy in policies if policy.is_permissive and policy.applies_to("r")]
    return any(name in text for name in parent.columns for text in texts)


def _is_hidden(target: Target, reference: Reference) -> bool:
    """Say whether the subject may read such rows and does not see the other's."""
    stage, parent = target.stage, target.stage.catalog.relations.get(reference.target)
    row = stage.world.row(reference.target, Side.THEIRS)
    if parent is None or row is None or not can(stage.catalog, target.asker.role, parent, "SELECT"):
        return False
    reached = at_row(Target(stage, target.asker, parent), row)
    if reached is None:
        return False
    condition, values = reached
    found = stage.attempt(sql.SQL("select 1 from {} where {}").format(relation_name(parent), condition), values)
    return not found.failed and not found.rows


def _as_me(target: Target, theirs: Row, users: list[Reference]) -> dict[str, str | None]:
    """Give the other's row with the subject in its user's place; nothing where the subject has no such row."""
    values, columns = dict(theirs.values), target.relation.by_column
    for ref in users:
        me = target.stage.world.row(ref.target, target.asker.side) if target.asker.side else None
        for name, wanted in zip(ref.columns, ref.target_columns, strict=True):
            if values.get(name) is not None or ref.is_bound:
                if me is None:
                    return {}
                values[name] = as_held(columns[name], me.values[wanted])
    return values


def _attach(target: Target, values: dict[str, str | None], parent: Reference) -> Result:
    theirs = target.theirs
    if theirs is None:
        return unbuilt(target)
    key = target.stage.catalog.primary_key_of.get(target.relation.oid, ())
    marks = {*parent.columns, *(name for name in key if name)}
    outcome = planted(target, theirs, values, sorted(marks), own=target.mine)
    if outcome.failed:
        return refused(outcome)
    if outcome.seen:
        title = target.stage.catalog.relations[parent.target].title
        return Result(Verdict.LEAK, f"an own row now hangs on another's row of {title}", outcome.statement)
    return Result(Verdict.DENIED, "the row did not land beside the other's")


ATTACK = RelationAttack(
    code="A13",
    name="rows_attached",
    verb=Verb.INSERT,
    claim="A subject hangs no row on one that is another's and that it does not see.",
    expect="error 42501",
    sabotage="create table app.parcel (id uuid primary key, person_id uuid not null references app.person (id)); "
    "create table app.remark (id uuid primary key, parcel_id uuid not null references app.parcel (id), "
    "person_id uuid not null references app.person (id)); "
    "alter table app.parcel enable row level security; alter table app.remark enable row level security; "
    "create policy own on app.parcel using (person_id = (select "
    "substring(current_setting('backtrace_functions', true) from 'a([0-9a-f]{32})$')::uuid)); "
    "create policy told on app.remark for select using (exists (select from app.parcel where id = parcel_id)); "
    "create policy own on app.remark for insert with check (person_id = (select "
    "substring(current_setting('backtrace_functions', true) from 'a([0-9a-f]{32})$')::uuid)); "
    "grant select, insert on app.parcel, app.remark to app_role",
    message="{subject} hangs own rows in {relation} on rows of others that it does not see.",
    meaning="Forged entries appear under what belongs to others: comments, submissions, records of what happened.",
    run=_run,
)
