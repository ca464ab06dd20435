"""How a plan that another tool ran is closed: the server is asked what each object became, and the journal told.

Only what was never asked for is read. So what changed after an apply, or after an earlier reconcile, stays drift.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import psycopg

from tenantry.catalog.model import Catalog
from tenantry.catalog.read import read
from tenantry.errors import NothingApplied, PlanUnfinished
from tenantry.plan import journal
from tenantry.plan.live import digest, live
from tenantry.plan.lock import exclusively
from tenantry.plan.model import Entry, Plan
from tenantry.plan.object import Kind
from tenantry.plan.refusal import PlanUnknown
from tenantry.sql import library
from tenantry.sql.parameters import fetch

__all__ = ["reconcile"]

# Kinds that are there once made; of others, what was made may since have become another object, or is a state.
_LASTING = frozenset({Kind.SCHEMA, Kind.TABLE, Kind.FUNCTION, Kind.TRIGGER, Kind.POLICY})


def reconcile(connection: psycopg.Connection, plan: Plan | None = None) -> int:
    """Note what the objects of every plan that ran elsewhere became; give how many were read.

    Raises ``NothingApplied``, ``PlanUnknown`` where ``plan`` is given and never ran here, and ``PlanUnfinished``
    where steps are to come or their objects are not there; then nothing was noted.
    """
    exclusively(connection)
    known = journal.read_journal(connection)
    if known.last is None:
        raise NothingApplied
    begun = fetch(connection, _query(), {})
    if plan and plan.digest not in {one.digest for one in begun}:
        raise PlanUnknown
    _demand_finished(begun)
    unread = {name: known.entries[name] for one in begun for name in one.unread}
    return _note(connection, unread, [one.number for one in begun if one.status != "applied"])


def _demand_finished(begun: list[Any]) -> None:
    for one in begun:
        if one.missing:
            raise PlanUnfinished(f"Plan {one.digest[:12]} is not done: {one.missing} is still to come.")


def _note(connection: psycopg.Connection, unread: Mapping[str, Entry], numbers: list[int]) -> int:
    catalog = read(connection)
    if wrong := list(_wrong(catalog, unread)):
        raise PlanUnfinished(f"The database does not have what was asked for: {', '.join(wrong)}.")
    became = {name: live(catalog, name) for name in unread}
    with connection.transaction():
        journal.note_became(connection, {name: (digest(text), text) for name, text in became.items()})
        for number in numbers:
            journal.note_end(connection, number, "applied")
    return len(unread)


def _wrong(catalog: Catalog, unread: Mapping[str, Entry]) -> Iterator[str]:
    """Give the objects that are not there though asked for, or there though their absence was."""
    for name, entry in unread.items():
        if Kind(name.split(" ", 1)[0]) in _LASTING and bool(live(catalog, name)) != bool(entry.asked):
            yield name


@cache
def _query() -> str:
    return library.read(resources.files("tenantry.plan") / "sql" / "begun.query.sql").body
