"""Change or delete a row that names no tenant, where policies show such rows to every tenant."""

from __future__ import annotations

import re

from tenantry.blueprint.context import texts_behind
from tenantry.blueprint.owner import OwnerKind
from tenantry.verify.attack import RelationAttack, Result, Target
from tenantry.verify.attacks import a04_update, a08_delete
from tenantry.verify.model import Verb, Verdict
from tenantry.verify.restating import restated

_WRITES = (("UPDATE", a04_update.ATTACK, "changed"), ("DELETE", a08_delete.ATTACK, "deleted"))


def _run(target: Target) -> Result | None:
    columns = _columns_left_empty(target)
    if not columns or target.theirs is None:
        return None
    if any(_leaks(attack.run(target)) for _, attack, _ in _WRITES):
        # why: told already, rows with an owner are open as well
        return None
    with restated(target.stage, target.asker, {target.relation.oid: dict.fromkeys(columns)}) as changed:
        return _written(target) if changed else None


def _columns_left_empty(target: Target) -> tuple[str, ...]:
    """Give the columns that name the tenant, where they may be null and the table's policies ask whether they are."""
    stage, relation = target.stage, target.relation
    owner = stage.ownership.owner_of(relation.oid)
    if owner.kind is not OwnerKind.TENANT or not relation.rls:
        return ()
    text = " ".join(texts_behind(stage.catalog, relation.oid))
    asked = [name for name in owner.columns if re.search(rf"\b{re.escape(name)}\"? is null\b", text, re.IGNORECASE)]
    return () if any(relation.by_column[name].not_null for name in owner.columns) or not asked else owner.columns


def _written(target: Target) -> Result | None:
    results = [(attack.run(target), word) for verb, attack, word in _WRITES if target.may_some(verb)]
    for result, word in results:
        if result is not None and _leaks(result):
            return Result(Verdict.LEAK, f"a row that names no tenant was {word}", result.statement)
    return next((one for one, _ in results if one is not None and one.verdict is Verdict.UNPROVEN), None)


def _leaks(result: Result | None) -> bool:
    return result is not None and result.verdict is Verdict.LEAK


ATTACK = RelationAttack(
    code="A14",
    name="ownerless_rows_written",
    verb=Verb.UPDATE,
    claim="A subject writes no row that names no tenant and is there for all.",
    expect="no row changed",
    sabotage="create table app.preset (id uuid primary key, tenant_id uuid references app.tenant (id), title text); "
    "alter table app.preset enable row level security; "
    "create policy own on app.preset using (tenant_id is null or tenant_id = (select "
    "substring(current_setting('backtrace_functions', true) from 't([0-9a-f]{32})')::uuid)); "
    "grant select, update on app.preset to app_role",
    message="{subject} changes or deletes rows in {relation} that name no tenant and are there for all.",
    meaning="One tenant changes what every tenant sees.",
    run=_run,
)
