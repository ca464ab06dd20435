"""What the database remembers of plans: which were begun, which steps are done, what every object became."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from tenantry.blueprint.memory import Memory
from tenantry.plan.model import Action, Change, Entry, Plan, Step

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
    entries = connection.execute(
        "select id, asked, asked_text, is_kept, became, became_text, before, removal from tenantry.object order by id"
    ).fetchall()
    last = connection.execute(
        "select number, document, status from tenantry.plan where status <> 'undone' order by number desc limit 1"
    ).fetchone()
    return Journal(
        entries={row[0]: _entry(row[1:]) for row in entries},
        last=_begun(connection, last) if last else None,
        is_there=True,
    )


def _entry(row: tuple[Any, ...]) -> Entry:
    asked, asked_text, is_kept, became, became_text, before, removal = row
    return Entry(
        asked=asked,
        asked_text=tuple(asked_text),
        is_kept=is_kept,
        became=became,
        became_text=tuple(became_text),
        before=tuple(before),
        removal=tuple(removal),
    )


def _begun(connection: psycopg.Connection, row: tuple[int, object, str]) -> Begun:
    number, document, status = row
    done = connection.execute("select number from tenantry.step where plan = %s and status = 'done'", [number])
    return Begun(number, Plan.model_validate(document), status, frozenset(each[0] for each in done.fetchall()))


def _is_there(connection: psycopg.Connection) -> bool:
    found = connection.execute("select pg_catalog.to_regclass('tenantry.object') is not null").fetchone()
    return bool(found and found[0])


def begin(connection: psycopg.Connection, plan: Plan) -> int:
    """Note that a plan is begun; give its number."""
    row = connection.execute(
        "insert into tenantry.plan (digest, document, status) values (%s, %s, 'running') returning number",
        [plan.digest, Jsonb(plan.model_dump(mode="json"))],
    ).fetchone()
    return int(row[0]) if row else 0


def note_step(connection: psycopg.Connection, number: int, step: Step, status: str, attempts: int) -> None:
    """Note that a step is ``done`` or ``undone``; nothing where undoing it took the journal itself away."""
    if _is_there(connection):
        connection.execute(
            "insert into tenantry.step (plan, number, status, attempts) values (%s, %s, %s, %s) "
            "on conflict (plan, number) do update set status = excluded.status, changed_at = now()",
            [number, step.number, status, attempts],
        )


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
    connection.execute("delete from tenantry.object where id = %s", [name])


def _remember(connection: psycopg.Connection, number: int, name: str, entry: Entry) -> None:
    connection.execute(
        "insert into tenantry.object (id, asked, asked_text, is_kept, became, became_text, before, removal, plan) "
        "values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (id) do update "
        "set asked = excluded.asked, asked_text = excluded.asked_text, is_kept = excluded.is_kept, "
        "became = excluded.became, became_text = excluded.became_text, before = excluded.before, "
        "removal = excluded.removal, plan = excluded.plan",
        [
            name,
            entry.asked,
            Jsonb(list(entry.asked_text)),
            entry.is_kept,
            entry.became,
            Jsonb(list(entry.became_text)),
            Jsonb(list(entry.before)),
            Jsonb(list(entry.removal)),
            number,
        ],
    )


def note_became(connection: psycopg.Connection, became: Mapping[str, tuple[str, tuple[str, ...]]]) -> None:
    """Note what the server says each object became: hash and text."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "update tenantry.object set became = %s, became_text = %s where id = %s",
            [(hashed, Jsonb(list(text)), name) for name, (hashed, text) in became.items()],
        )


def note_end(connection: psycopg.Connection, number: int, status: str) -> None:
    """Note how a plan ended; nothing where undoing it took the journal itself away."""
    if _is_there(connection):
        connection.execute("update tenantry.plan set status = %s, ended_at = now() where number = %s", [status, number])
