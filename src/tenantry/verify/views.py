"""Which views show owned rows, and which tables those rows come from."""

from __future__ import annotations

from tenantry.catalog.model import Relation
from tenantry.verify.foreign import is_declared_open
from tenantry.verify.outside import Firing, fired_outside
from tenantry.verify.stage import Stage

__all__ = ["MOST_ROWS", "owned_behind", "views_of_owned_rows"]

MOST_ROWS = 1_000_000


def owned_behind(stage: Stage, view: Relation) -> list[Relation]:
    """Give the owned tables a view reads, itself or through other views."""
    seen: set[int] = set()
    ahead = list(view.reads)
    while ahead:
        oid = ahead.pop()
        if oid not in seen and oid in stage.catalog.relations:
            seen.add(oid)
            ahead.extend(stage.catalog.relations[oid].reads)
    found = (stage.catalog.relations[_root(stage, oid)] for oid in sorted(seen))
    return [relation for relation in found if relation.is_table and stage.ownership.is_owned(relation.oid)]


def views_of_owned_rows(stage: Stage, kinds: str) -> list[Relation]:
    """Give the views of these kinds (``v``, ``m``, ``f``) worth asking: over owned tables, and not too big."""
    return [
        view
        for view in stage.catalog.relations.values()
        if view.kind in kinds
        and not view.extension
        and not is_declared_open(stage, view)
        and (stage.call_outside or not fired_outside(stage.catalog, view, Firing.WRITE))
        and _is_worth_asking(stage, view)
    ]


def _is_worth_asking(stage: Stage, view: Relation) -> bool:
    tables = owned_behind(stage, view)
    undeclared = [table for table in tables if not is_declared_open(stage, table)]
    return bool(undeclared) and all(table.estimated_rows <= MOST_ROWS for table in [view, *tables])


def _root(stage: Stage, oid: int) -> int:
    """Give the table a partition belongs to: ownership knows only that one."""
    relation = stage.catalog.relations[oid]
    while relation.is_partition and relation.parents:
        relation = stage.catalog.relations[relation.parents[0]]
    return relation.oid
