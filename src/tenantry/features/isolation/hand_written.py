"""What a team wrote before: readers of the old context, which get the new one, and policies that ask it directly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tenantry.blueprint.context import custom_settings
from tenantry.blueprint.subjects import setting_options
from tenantry.catalog.model import PUBLIC, Policy, Relation, Routine
from tenantry.features.isolation.rights import is_right
from tenantry.plan.object import Lock, Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, spelled, spoken
from tenantry.sql.statement import statement

__all__ = ["SUPERSEDED", "dead_policies", "readers", "retired", "superseded"]

_FORGEABLE = "It decides by a setting that any session can make; the floor decides by the proved context instead."
SUPERSEDED = "It lets rows through by a rule of its own; within the floor, grants and personas decide instead."
_SETTING = re.compile(r"current_setting\(\s*'([^']+)'", re.IGNORECASE)


def readers(scope: Scope, *, noun: str) -> Iterator[Object]:
    """Give the functions that answer who asks from an old setting, made to answer from the context."""
    for routine, meaning in _readers(scope).items():
        source = {"{tenant}": f"current_{noun}_id", "{user}": "current_actor"}[meaning]
        kind = spelled(routine.returns)
        yield Object(
            id=f"function {routine.signature}",
            phase=Phase.READERS,
            why="Policies and statements that ask it get what was proved, not what anybody can set.",
            create=(
                statement(
                    "create or replace function {name}() returns {kind} language sql stable parallel safe "
                    "return nullif({source}()::text, '')::{kind}",
                    name=qualified(routine.schema, routine.name),
                    kind=kind,
                    source=qualified("tenantry", source),
                ),
            ),
            drop=(),
            is_kept=True,
            hazards=(
                "From here on a session has to open the context with tenantry.open(token); the settings it made "
                "before mean nothing.",
            ),
        )


def dead_policies(scope: Scope) -> tuple[tuple[Relation, Policy], ...]:
    """Give the policies that ask an old setting themselves, or by a function that is not given the new context."""
    alive = {routine.oid for routine in _readers(scope)}
    settings = frozenset(custom_settings(scope.catalog))
    return tuple(
        (table, policy)
        for table in scope.fenced
        for policy in scope.catalog.policies_of.get(table.oid, ())
        if _said(scope, table) != "keep" and _asks(scope, policy, settings, alive)
    )


def superseded(scope: Scope) -> tuple[tuple[Relation, Policy], ...]:
    """Give the policies that would let roles do what no persona was given, and those that the blueprint replaces."""
    serving = {PUBLIC, *(role.oid for role in scope.catalog.roles.values() if role.name in scope.roles)}
    giving = ("mend", "replace") if scope.blueprint.personas else ("replace",)
    going = [table for table in scope.fenced if _said(scope, table) in giving]
    tables = {one.oid: one for table in going for one in (table, *scope.catalog.children_of(table.oid))}
    return tuple(
        (table, policy)
        for table in tables.values()
        for policy in scope.catalog.policies_of.get(table.oid, ())
        if policy.is_permissive and serving & set(policy.roles) and not is_right(policy)
    )


def _said(scope: Scope, table: Relation) -> str:
    """Say what the blueprint wants of the policies that the team wrote for a table."""
    said = scope.ownership.declared.get(table.oid)
    return (said.policies if said else "") or scope.blueprint.isolation.policies


def retired(policies: Iterable[tuple[Relation, Policy]], *, why: str = _FORGEABLE) -> Iterator[Object]:
    """Ask for the absence of policies that would let nothing through any more, or too much."""
    for table, policy in policies:
        name = qualified(table.schema, table.name)
        yield Object(
            id=f"policy {spoken(policy.name)} on {table.title}",
            phase=Phase.FENCES,
            why=why,
            create=(),
            drop=(statement("drop policy {} on {}", identifier(policy.name), name),),
            relation=table.title,
            lock=Lock.ACCESS_EXCLUSIVE,
            is_kept=True,
            hazards=(f"What else it asked is lost: {policy.using or policy.check}.",),
        )


def _readers(scope: Scope) -> Mapping[Routine, str]:
    """Give functions without arguments whose only way to an answer is one setting of known meaning."""
    found: dict[Routine, str] = {}
    for routine in scope.catalog.routines.values():
        settings = set(_SETTING.findall(routine.source))
        is_reader = routine.input_count == 0 and routine.volatility != "v" and not routine.extension
        if is_reader and len(settings) == 1 and routine.schema != "tenantry" and not routine.returns_set:
            meaning = setting_options(scope.catalog, scope.ownership, settings.pop())[0]
            if meaning in ("{tenant}", "{user}") and _is_scalar(routine):
                found[routine] = meaning
    return found


def _is_scalar(routine: Routine) -> bool:
    return routine.returns in ("uuid", "text", "integer", "bigint", "character varying")


def _asks(scope: Scope, policy: Policy, settings: frozenset[str], alive: set[int]) -> bool:
    """Say whether a policy, or a function it calls that keeps its old body, reads one of the settings."""
    routines = [scope.catalog.routines[oid] for oid in policy.routines if oid in scope.catalog.routines]
    texts = [policy.using, policy.check, *(one.source for one in routines if one.oid not in alive)]
    return any(set(_SETTING.findall(text)) & settings for text in texts)
