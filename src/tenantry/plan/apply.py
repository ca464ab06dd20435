"""How a plan is applied and taken back: step by step, each noted in the transaction that makes it.

A step is done, or it is not: the journal is written in the same transaction. So whatever ends the process, the next
``apply`` goes on with the steps that are not noted, and ``undo`` takes back those that are.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import psycopg

from tenantry.catalog.read import read
from tenantry.errors import LockNotGranted, PlanStale, StepFailed
from tenantry.plan import journal
from tenantry.plan.difference import fingerprint
from tenantry.plan.live import digest, live
from tenantry.plan.lock import ASK_MS, await_turn, exclusively, pause
from tenantry.plan.model import Plan, Step
from tenantry.plan.object import Kind
from tenantry.sql.refusal import told

__all__ = ["Limits", "apply", "undo"]

Tell = Callable[[str], None]
_PART = re.compile(r"grants (?!on ).* to .*", re.DOTALL)
_AGAIN = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)


@dataclass(frozen=True)
class Limits:
    """How long a statement may run, and how long a step may wait for its lock, in seconds."""

    statement_s: float = 600.0
    wait_s: float = 900.0


def apply(connection: psycopg.Connection, look: psycopg.Connection, plan: Plan, limits: Limits, tell: Tell) -> None:
    """Apply a plan, or go on with the one that was begun; both connections are in autocommit mode.

    Raises ``OperatorBusy``, ``PlanStale`` when the database is not what the plan was made for, and
    ``LockNotGranted``; what was done until then stands and is noted.
    """
    exclusively(connection)
    begun = journal.read_journal(connection).unfinished
    if begun is None:
        _demand_fresh(connection, plan)
    number = begun.number if begun else 0
    todo = begun.plan if begun else plan
    for step in todo.steps:
        if begun and step.number in begun.done:
            continue
        number = _do(connection, look, step, _Doing(todo, number, limits, tell))
    if number:
        _note_became(connection, todo)
        journal.note_end(connection, number, "applied")


def undo(
    connection: psycopg.Connection, look: psycopg.Connection, begun: journal.Begun, limits: Limits, tell: Tell
) -> None:
    """Take a plan back, the last step first; what remains of an earlier plan is as that plan left it.

    Raises ``OperatorBusy``, and ``PlanStale`` when somebody else changed the journal since ``begun`` was read.
    """
    exclusively(connection)
    if journal.read_journal(connection).last != begun:
        raise PlanStale
    journal.note_end(connection, begun.number, "undoing")
    for step in reversed(begun.plan.steps):
        if step.number in begun.done:
            _undo(connection, look, step, _Doing(begun.plan, begun.number, limits, tell))
    _note_shared(connection, begun.plan)
    journal.note_end(connection, begun.number, "undone")


@dataclass(frozen=True)
class _Doing:
    plan: Plan
    number: int
    limits: Limits
    tell: Tell


def _demand_fresh(connection: psycopg.Connection, plan: Plan) -> None:
    catalog = read(connection)
    if catalog.server.database != plan.database or fingerprint(catalog, plan.steps) != plan.catalog:
        raise PlanStale


def _do(connection: psycopg.Connection, look: psycopg.Connection, step: Step, doing: _Doing) -> int:
    """Run a step and note it; give the plan's number, which the first step's transaction draws."""
    doing.tell(f"step {step.number} of {len(doing.plan.steps)}: {step.title}")
    drawn = doing.number

    def note(attempts: int) -> None:
        nonlocal drawn
        drawn = doing.number or journal.begin(connection, doing.plan)
        journal.note_step(connection, drawn, step, "done", attempts)
        journal.note_changes(connection, drawn, step.changes)

    if step.mode == "alone":
        _run_alone(connection, step, step.statements, doing)
    elif step.mode == "batches":
        _run_batches(connection, look, step, doing)
    _run(connection, look, step, step.statements if step.mode == "transaction" else (), note, doing)
    return drawn


def _undo(connection: psycopg.Connection, look: psycopg.Connection, step: Step, doing: _Doing) -> None:
    doing.tell(f"taking back step {step.number} of {len(doing.plan.steps)}: {step.title}")

    def note(attempts: int) -> None:
        journal.note_step(connection, doing.number, step, "undone", attempts)
        journal.note_changes_back(connection, doing.number, reversed(step.changes))

    _run_alone(connection, step, step.inverse_alone, doing)
    if step.mode == "alone":
        _run_alone(connection, step, step.inverse, doing)
        _run(connection, look, step, (), note, doing)
    else:
        _run(connection, look, step, step.inverse, note, doing)


def _run_batches(connection: psycopg.Connection, look: psycopg.Connection, step: Step, doing: _Doing) -> None:
    """Repeat the step's statement, each time in a transaction of its own, until it changes no row.

    Triggers of the table are silent where the role may silence them: nothing happened to the row that they tell of.
    """
    changed, total = 1, 0
    while changed:
        counted: list[int] = []
        _run(connection, look, step, step.statements, lambda _: None, doing, count=counted.append, silent=True)
        changed = sum(counted)
        total += changed
        if changed:
            doing.tell(f"  {total} rows")


def _run_alone(connection: psycopg.Connection, step: Step, statements: Sequence[str], doing: _Doing) -> None:
    """Run statements that may be in no transaction, one by one; each is written so that it can be run again.

    Building an index concurrently waits for others' transactions and blocks nobody, so it may wait long.
    """
    if not statements:
        return
    for name, value in (("lock_timeout", "0"), ("statement_timeout", f"{round(doing.limits.wait_s)}s")):
        connection.execute("select pg_catalog.set_config(%s, %s, false)", [name, value])
    try:
        _execute(connection, statements)
    except psycopg.DatabaseError as error:
        if connection.broken:
            raise
        raise StepFailed(f"Step {step.number}, {step.title}, was refused: {told(error)}.") from error


def _run(
    connection: psycopg.Connection,
    look: psycopg.Connection,
    step: Step,
    statements: Sequence[str],
    note: Callable[[int], None],
    doing: _Doing,
    *,
    count: Callable[[int], object] = lambda _: None,
    silent: bool = False,
) -> None:
    """Run statements and the note in one transaction, as often as the lock is not to be had."""
    until = time.monotonic() + doing.limits.wait_s
    attempts = 0
    while True:
        attempts += 1
        if statements:
            await_turn(look, step, until=until, tell=doing.tell)
        try:
            with connection.transaction():
                _bound(connection, doing.limits, silent=silent)
                _execute(connection, statements, count)
                note(attempts)
                return
        except _AGAIN as error:
            if time.monotonic() > until:
                raise LockNotGranted(f"{step.title} was never free ({told(error)}).") from error
        except psycopg.DatabaseError as error:
            if connection.broken:
                raise
            raise StepFailed(f"Step {step.number}, {step.title}, was refused: {told(error)}.") from error
        pause(attempts)


def _bound(connection: psycopg.Connection, limits: Limits, *, silent: bool) -> None:
    # why: a body that stood before may name things by a search path that is not this connection's; rows that policies
    # hide from the role would be passed over in silence, so looking at them is an error
    settings = {
        "lock_timeout": f"{ASK_MS}ms",
        "statement_timeout": f"{round(limits.statement_s)}s",
        "check_function_bodies": "off",
        "row_security": "off",
    }
    for name, value in settings.items():
        connection.execute("select pg_catalog.set_config(%s, %s, true)", [name, value])

    if silent:
        connection.execute(
            "select pg_catalog.set_config('session_replication_role', 'replica', true) from pg_catalog.pg_roles "
            "where rolname = current_user and rolsuper"
        )


def _execute(
    connection: psycopg.Connection, statements: Iterable[str], count: Callable[[int], object] = lambda _: None
) -> None:
    for text in statements:
        count(connection.execute(text.encode()).rowcount)


def _note_became(connection: psycopg.Connection, plan: Plan) -> None:
    """Ask the server what every object of the plan became."""
    catalog = read(connection)
    became = {change.object: live(catalog, change.object) for step in plan.steps for change in step.changes}
    became |= {name: live(catalog, name) for name in _shared(plan)}
    with connection.transaction():
        journal.note_became(connection, {name: (digest(text), text) for name, text in became.items()})


def _note_shared(connection: psycopg.Connection, plan: Plan) -> None:
    """Ask the server what became of objects of earlier plans whose access lists this one had changed."""
    names = _shared(plan) if journal.read_journal(connection).entries else ()
    catalog = read(connection) if names else None
    for name in names:
        text = live(catalog, name) if catalog else ()
        journal.note_became(connection, {name: (digest(text), text)})


def _shared(plan: Plan) -> tuple[str, ...]:
    """Give the objects of whose access lists the plan changes one role's part: it is no change behind our back."""
    parts = [change.object for step in plan.steps for change in step.changes if _PART.fullmatch(change.object)]
    targets = dict.fromkeys(part.removeprefix("grants ").rpartition(" to ")[0] for part in parts)
    return tuple(f"{kind} {target}" for target in targets for kind in (Kind.SCHEMA, Kind.FUNCTION))
