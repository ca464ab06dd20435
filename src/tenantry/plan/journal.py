"""What the database remembers of plans: which were begun, which steps are done, what every object became."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from tenantry.blueprint.memory import Memory
from tenantry.plan.model import Action, Change, Entry, Plan, Step
from tenantry.sql import library
from tenantry.sql.parameters import fetch, run

__all__ = [
    "Begun",
    "Journal",
    "begin",
    "note_became",
    "note_changes",
    "note_changes_back",
    "note_end",
    "note_step",
    "read_journal",
]


@dataclass(frozen=True)
class Begun:
    """A plan in the journal and the steps of it that stand."""

    number: int
    plan: Plan
    status: str
    done: frozenset[int]


@dataclass(frozen=True)
class Journal:
    """Everything remembered; empty where nothing was ever applied. ``last`` is the latest plan not taken back."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    last: Begun | None = None
    is_there: bool = False

    @property
    def memory(self) -> Memory:
        """Give whose rows the tables were found to hold by the latest plan."""
        return self.last.plan.whose if self.last else Memory()

    @property
    def unfinished(self) -> Begun | None:
        """Give the plan that was begun and is neither applied nor taken back."""
        return self.last if self.last and self.last.status != "applied" else None


def read_journal(connection: psycopg.Connection) -> Journal:
    """Read the journal, if the database has one."""
    if not _is_there(connection):
        return Journal()
    entries = {row.id: _entry(row) for row in fetch(connection, _query("objects"), {})}
    plans = fetch(connection, _query("last_plan"), {})
    return Journal(entries=entries, last=_begun(connection, plans[0]) if plans else None, is_there=True)


def _entry(row: Any) -> Entry:
    return Entry(
        asked=row.asked,
        asked_text=tuple(row.asked_text),
        is_kept=row.is_kept,
        became=row.became,
        became_text=tuple(row.became_text),
        before=tuple(row.before),
        removal=tuple(row.removal),
    )


def _begun(connection: psycopg.Connection, row: Any) -> Begun:
    done = fetch(connection, _query("steps_done"), {"plan": row.number})
    return Begun(row.number, Plan.model_validate(row.document), row.status, frozenset(each.number for each in done))


def _is_there(connection: psycopg.Connection) -> bool:
    return bool(fetch(connection, _query("is_there"), {})[0].is_there)


def begin(connection: psycopg.Connection, plan: Plan) -> int:
    """Note that a plan is begun; give its number."""
    said = {"digest": plan.digest, "document": Jsonb(plan.model_dump(mode="json"))}
    return int(fetch(connection, _query("begin"), said)[0].number)


def note_step(connection: psycopg.Connection, number: int, step: Step, status: str, attempts: int) -> None:
    """Note that a step is ``done`` or ``undone``; nothing where undoing it took the journal itself away."""
    if _is_there(connection):
        said = {"plan": number, "step": step.number, "status": status, "attempts": attempts}
        run(connection, _query("note_step"), said)


def note_changes(connection: psycopg.Connection, number: int, changes: Iterable[Change]) -> None:
    """Note what is answered for from now on, and what no longer is."""
    for change in changes:
        if change.action is Action.REMOVE:
            _forget(connection, change.object)
        else:
            _remember(connection, number, change.object, change.made)


def note_changes_back(connection: psycopg.Connection, number: int, changes: Iterable[Change]) -> None:
    """Note what is answered for once the changes are taken back."""
    if not _is_there(connection):
        return
    for change in changes:
        if change.earlier is None:
            _forget(connection, change.object)
        else:
            _remember(connection, number, change.object, change.earlier)


def _forget(connection: psycopg.Connection, name: str) -> None:
    run(connection, _query("forget"), {"id": name})


def _remember(connection: psycopg.Connection, number: int, name: str, entry: Entry) -> None:
    said = entry.model_dump(mode="json").items()
    values = {key: Jsonb(value) if isinstance(value, list) else value for key, value in said}
    run(connection, _query("remember"), {**values, "id": name, "plan": number})


def note_became(connection: psycopg.Connection, became: Mapping[str, tuple[str, tuple[str, ...]]]) -> None:
    """Note what the server says each object became: hash and text."""
    for name, (hashed, text) in became.items():
        run(connection, _query("note_became"), {"id": name, "became": hashed, "became_text": Jsonb(list(text))})


def note_end(connection: psycopg.Connection, number: int, status: str) -> None:
    """Note how a plan ended; nothing where undoing it took the journal itself away."""
    if _is_there(connection):
        run(connection, _query("note_end"), {"plan": number, "status": status})


def _query(name: str) -> str:
    return _queries()[name]


@cache
def _queries() -> Mapping[str, str]:
    file = library.read(resources.files("tenantry.plan") / "queries.sql", section="query")
    return {section.title: section.body for section in file.sections}
