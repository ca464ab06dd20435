"""How far the floor reaches: one tenant, and on tables that say so every tenant, for background work with such a scope.

The floor holds everyone and knows the exception; a second one without it holds every role that serves tenants and does
no background work, so that their statements find the tenant by index (docs/decisions/0007). A verb that may not cross
has a floor of its own without the exception.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from psycopg import sql

from tenantry.blueprint.personas import VERBS
from tenantry.catalog.model import Policy, Relation
from tenantry.features.isolation.floor import asks, telling
from tenantry.features.isolation.stays import stays_anyway
from tenantry.plan.object import Lock, Object, Phase
from tenantry.plan.scope import Scope
from tenantry.sql.name import identifier, qualified, spelled
from tenantry.sql.statement import listed, statement

__all__ = ["FLOOR", "floors", "is_floor"]

FLOOR = "tenantry_floor"
_SERVING = f"{FLOOR}_serving"
_NARROW = {verb: f"{FLOOR}_{verb}" for verb in VERBS}
_STAYS = "tenantry_stays"
_SEEING, _CHECKING = frozenset({"select", "update", "delete"}), frozenset({"insert", "update"})
_NOBODY_ELSE = "Nobody reads or writes rows of another tenant, whatever other policies allow."


def is_floor(policy: Policy) -> bool:
    """Say whether a policy is one of those made here."""
    return policy.name in (FLOOR, _SERVING, *_NARROW.values())


def floors(scope: Scope, table: Relation, condition: sql.Composable, *, named: Relation) -> Iterator[Object]:
    """Give the floors of a table; ``named`` is the table that the blueprint speaks of, a parent for its child."""
    verbs = frozenset(scope.crossing(named))
    if any("select" in scope.crossing(other) for other in asks(scope, named)):
        # why: it asks whether it sees a row there, and whoever crosses there sees every tenant's
        condition = sql.SQL("({}) and not {}").format(condition, _crosses())
    if not verbs:
        yield _floor(table, FLOOR, "all", condition, condition, why=_NOBODY_ELSE)
        return
    wide = sql.SQL("({}) or {}").format(condition, _crosses())
    using, check = (wide if verbs & clause else condition for clause in (_SEEING, _CHECKING))
    why = f"Nobody reaches rows of another tenant but background work whose token says so: {', '.join(sorted(verbs))}."
    unhelped = (
        f"Background work that stays in its tenant should name it where it reads {table.title}: no index answers "
    )
    floor = _floor(table, FLOOR, "all", using, check, why=why)
    yield replace(floor, hazards=(f"{unhelped}the floor for it.",))
    for verb in VERBS:
        if verb not in verbs:
            why = f"Background work crosses tenants here, but not to {verb}."
            yield _floor(table, _NARROW[verb], verb, condition, condition, why=why)
    if serving := [role for role in scope.roles if role not in scope.crossing_roles]:
        why = "These roles never cross; a condition without the exception is one that an index can answer."
        yield _floor(table, _SERVING, "all", condition, condition, why=why, roles=serving)
    if "update" in verbs and not table.is_partition and not stays_anyway(scope, named):
        yield _stays(table, telling(scope, named))


def _crosses() -> sql.Composable:
    return sql.SQL("(select {}())").format(qualified("tenantry", "crosses"))


def _floor(
    table: Relation,
    policy: str,
    verb: str,
    using: sql.Composable,
    check: sql.Composable,
    *,
    why: str,
    roles: list[str] | None = None,
) -> Object:
    name = qualified(table.schema, table.name)
    clauses = [sql.SQL("using ({})").format(using)] if verb == "all" or verb in _SEEING else []
    clauses += [sql.SQL("with check ({})").format(check)] if verb == "all" or verb in _CHECKING else []
    return Object(
        id=f"policy {policy} on {table.title}",
        phase=Phase.FENCES,
        why=why,
        create=(
            statement(
                "create policy {policy} on {table} as restrictive for {verb} to {roles} {clauses}",
                policy=identifier(policy),
                table=name,
                verb=spelled(verb),
                roles=listed(map(identifier, roles)) if roles else sql.SQL("public"),
                clauses=sql.SQL(" ").join(clauses),
            ),
        ),
        drop=(statement("drop policy {} on {}", identifier(policy), name),),
        relation=table.title,
        lock=Lock.ACCESS_EXCLUSIVE,
    )


def _stays(table: Relation, columns: tuple[str, ...]) -> Object:
    """Let no row be given to another tenant: a policy sees the row before, or after, and never both."""
    name = qualified(table.schema, table.name)
    moved = sql.SQL(" or ").join(
        sql.SQL("old.{0} is distinct from new.{0}").format(identifier(column)) for column in columns
    )
    return Object(
        id=f"trigger {_STAYS} on {table.title}",
        phase=Phase.FENCES,
        why="Work that crosses tenants may change rows of each, and give none of them to another.",
        create=(
            statement(
                "create trigger {trigger} before update on {table} for each row "
                "when (({moved}) and {crosses}()) execute function {function}()",
                trigger=identifier(_STAYS),
                table=name,
                moved=moved,
                crosses=qualified("tenantry", "crosses"),
                function=qualified("tenantry", "refuse_move"),
            ),
        ),
        drop=(statement("drop trigger {} on {}", identifier(_STAYS), name),),
        relation=table.title,
        lock=Lock.SHARE_ROW_EXCLUSIVE,
    )
