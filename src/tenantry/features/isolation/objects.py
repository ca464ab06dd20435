"""What isolation wants of a database."""

from __future__ import annotations

from tenantry.features.isolation.columns import columns, unfilled
from tenantry.features.isolation.doors import doors
from tenantry.features.isolation.fence import fences
from tenantry.features.isolation.hand_written import SUPERSEDED, dead_policies, readers, retired, superseded
from tenantry.features.isolation.keys import keys, keys_kept
from tenantry.features.isolation.lists import keys_of_lists
from tenantry.features.isolation.owners import owners
from tenantry.features.isolation.search import searches
from tenantry.features.isolation.stays import stays
from tenantry.plan.object import Object
from tenantry.plan.scope import Scope

__all__ = ["kept", "objects"]


def kept(scope: Scope) -> tuple[str, ...]:
    """Say what stays as it is though it should not, and why."""
    keys = (*keys_kept(scope), *keys_of_lists(scope)) if scope.blueprint.isolation.keys == "lead" else ()
    return (*unfilled(scope), *keys)


def objects(scope: Scope, noun: str) -> tuple[Object, ...]:
    """Give fences, doors and owners, and what becomes of what the team wrote before."""
    dead = dead_policies(scope)
    wide = tuple(pair for pair in superseded(scope) if pair not in dead)
    return (
        *owners(scope),
        *columns(scope, noun=noun),
        *readers(scope, noun=noun),
        *retired(dead),
        *retired(wide, why=SUPERSEDED),
        *fences(scope, noun=noun, replaced=frozenset(policy.oid for _, policy in (*dead, *wide))),
        *stays(scope),
        *doors(scope),
        *searches(scope, noun=noun),
        *(keys(scope) if scope.blueprint.isolation.keys == "lead" else ()),
    )
