"""How a plan is applied and taken back: step by step, each noted in the transaction that makes it.

A step is done, or it is not: the journal is written in the same transaction. So whatever ends the process, the next
``apply`` goes on with the steps that are not noted, and ``undo`` takes back those that are.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import psycopg

from tenantry.catalog.read import read
from tenantry.errors import LockNotGranted, PlanStale, StepFailed
from tenantry.plan import journal
from tenantry.plan.difference import fingerprint
from tenantry.plan.live import digest, live
from tenantry.plan.lock import ASK_MS, BLOCKING, await_turn, exclusively, pause
from tenantry.plan.model import Plan, Step
from tenantry.plan.object import Kind
from tenantry.sql.refusal import told

__all__ = ["Limits", "apply", "undo"]

Tell = Callable[[str], None]
Watch = Callable[[psycopg.Connection, Step], None]
_PART = re.compile(r"grants (?!on ).* to .*", re.DOTALL)
_AGAIN = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
_GRACE_S = 5.0
_TRANSACTION_TIMEOUT_FROM = 170_000


@dataclass(frozen=True)
class Limits:
    """How long a statement may run, how long a step may wait for its lock, and how long hold one that writers wait for.

    All in seconds.
    """

    statement_s: float = 600.0
    wait_s: float = 900.0
    hold_s: float = 30.0


def _unwatched(_connection: psycopg.Connection, _step: Step) -> None:
    """Look at nothing."""


def apply(
    connection: psycopg.Connection,
    look: psycopg.Connection,
    plan: Plan,
    limits: Limits,
    tell: Tell,
    *,
    watch: Watch = _unwatched,
) -> None:
    """Apply a plan, or go on with the one that was begun; both connections are in autocommit mode.

    ``watch`` is called in each step's transaction, once its statements have run. Raises ``OperatorBusy``, ``PlanStale``
    when the database is not what the plan was made for, and ``LockNotGranted``; what was done until then stands and
    is noted.
    """
    exclusively(connection)
    begun = journal.read_journal(connection).unfinished
    if begun is None:
        _demand_fresh(connection, plan)
    doing = _Doing(connection, look, begun.plan if begun else plan, begun.number if begun else 0, limits, tell, watch)
    for step in doing.plan.steps:
        if begun and step.number in begun.done:
            continue
        doing = replace(doing, number=_do(doing, step))
    if doing.number:
        _note_became(connection, doing.plan)
        journal.note_end(connection, doing.number, "applied")


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
    doing = _Doing(connection, look, begun.plan, begun.number, limits, tell)
    for step in reversed(begun.plan.steps):
        if step.number in begun.done:
            _undo(doing, step)
    _note_shared(connection, begun.plan)
    journal.note_end(connection, begun.number, "undone")


@dataclass(frozen=True)
class _Doing:
    """A plan under way: on which connections, under which number in the journal, and who is told."""

    connection: psycopg.Connection
    look: psycopg.Connection
    plan: Plan
    number: int
    limits: Limits
    tell: Tell
    watch: Watch = _unwatched


@dataclass(frozen=True)
class _Work:
    """What is done in one transaction: statements, then a note with the number of attempts.

    ``count`` gets the number of rows of each statement; where ``is_silent``, triggers do not fire.
    """

    statements: Sequence[str] = ()
    note: Callable[[int], None] = lambda _: None
    count: Callable[[int], object] = lambda _: None
    is_silent: bool = False


def _demand_fresh(connection: psycopg.Connection, plan: Plan) -> None:
    catalog = read(connection)
    if catalog.server.database != plan.database or fingerprint(catalog, plan.steps) != plan.catalog:
        raise PlanStale


def _do(doing: _Doing, step: Step) -> int:
    """Run a step and note it; give the plan's number, which the first step's transaction draws."""
    doing.tell(f"step {step.number} of {len(doing.plan.steps)}: {step.title}")
    connection, drawn = doing.connection, doing.number

    def note(attempts: int) -> None:
        nonlocal drawn
        drawn = doing.number or journal.begin(connection, doing.plan)
        journal.note_step(connection, drawn, step, "done", attempts)
        journal.note_changes(connection, drawn, step.changes)

    if step.mode == "alone":
        _run_alone(doing, step, step.statements)
    elif step.mode == "batches":
        _run_batches(doing, step)
    _run(doing, step, _Work(step.statements if step.mode == "transaction" else (), note))
    return drawn


def _undo(doing: _Doing, step: Step) -> None:
    doing.tell(f"taking back step {step.number} of {len(doing.plan.steps)}: {step.title}")

    def note(attempts: int) -> None:
        journal.note_step(doing.connection, doing.number, step, "undone", attempts)
        journal.note_changes_back(doing.connection, doing.number, reversed(step.changes))

    _run_alone(doing, step, step.inverse_alone)
    if step.mode == "alone":
        _run_alone(doing, step, step.inverse)
        _run(doing, step, _Work(note=note))
    else:
        _run(doing, step, _Work(step.inverse, note))


def _run_batches(doing: _Doing, step: Step) -> None:
    """Repeat the step's statement, each time in a transaction of its own, until it changes no row.

    Triggers of the table are silent where the role may silence them: nothing happened to the row that they tell of.
    """
    changed, total = 1, 0
    while changed:
        counted: list[int] = []
        _run(doing, step, _Work(step.statements, count=counted.append, is_silent=True))
        changed = sum(counted)
        total += changed
        if changed:
            doing.tell(f"  {total} rows")


def _run_alone(doing: _Doing, step: Step, statements: Sequence[str]) -> None:
    """Run statements that may be in no transaction, one by one; each is written so that it can be run again.

    Building an index concurrently waits for others' transactions and blocks nobody, so it may wait long.
    """
    for name, value in (("lock_timeout", "0"), ("statement_timeout", _ms(doing.limits.wait_s))) if statements else ():
        doing.connection.execute("select pg_catalog.set_config(%s, %s, false)", [name, value])
    try:
        for text in statements:
            doing.connection.execute(text.encode())
    except psycopg.DatabaseError as error:
        if doing.connection.broken:
            raise
        raise _failure(step, error) from error


def _run(doing: _Doing, step: Step, work: _Work) -> None:
    """Run statements and the note in one transaction, as often as the lock is not to be had."""
    connection, until, attempts = doing.connection, time.monotonic() + doing.limits.wait_s, 0
    while True:
        attempts += 1
        if work.statements:
            await_turn(doing.look, step, until=until, tell=doing.tell)
        try:
            with connection.transaction():
                _bound(doing, step, is_silent=work.is_silent)
                _execute(doing, step, work)
                doing.watch(connection, step)
                work.note(attempts)
                return
        except psycopg.DatabaseError as error:
            if connection.broken:
                raise
            if not _is_passing(error):
                raise _failure(step, error) from error
            if time.monotonic() > until:
                raise LockNotGranted(f"{step.title} was never free ({told(error)}).") from error
        pause(attempts)


def _is_passing(error: psycopg.Error) -> bool:
    """Say whether the same statements may go through a moment later.

    Two who grant at once write the same row of the catalog, and the second is told so as an internal error; it is
    known by the server's own function, as the text is translated.
    """
    is_same_row = error.sqlstate == "XX000" and error.diag.source_function in (
        "simple_heap_update",
        "simple_heap_delete",
    )
    return isinstance(error, _AGAIN) or is_same_row


def _failure(step: Step, error: psycopg.Error) -> StepFailed:
    return StepFailed(f"Step {step.number}, {step.title}, was refused: {told(error)}.")


def _bound(doing: _Doing, step: Step, *, is_silent: bool) -> None:
    """Bound what the server does in this transaction; what blocks writers must also end if this process sleeps."""
    limit_s = _longest_s(doing, step)
    # why: a body that stood before may name things by a search path that is not this connection's
    settings = {
        "lock_timeout": f"{ASK_MS}ms",
        "statement_timeout": _ms(limit_s),
        "idle_in_transaction_session_timeout": _ms(limit_s),
        "check_function_bodies": "off",
        # why: who is held by a policy would fill no row, and be told that all went well
        "row_security": "off",
    }
    if doing.connection.info.server_version >= _TRANSACTION_TIMEOUT_FROM and step.lock in BLOCKING:
        settings["transaction_timeout"] = _ms(limit_s + _GRACE_S)
    for name, value in settings.items():
        doing.connection.execute("select pg_catalog.set_config(%s, %s, true)", [name, value])
    if is_silent:
        doing.connection.execute(
            "select pg_catalog.set_config('session_replication_role', 'replica', true) from pg_catalog.pg_roles "
            "where rolname = current_user and rolsuper"
        )


def _execute(doing: _Doing, step: Step, work: _Work) -> None:
    """Run the statements; where writers wait for them, together in no more time than one may take."""
    until = time.monotonic() + _longest_s(doing, step)
    for text in work.statements:
        work.count(doing.connection.execute(text.encode()).rowcount)
        if step.lock in BLOCKING and time.monotonic() > until:
            raise psycopg.errors.QueryCanceled(f"longer than {doing.limits.hold_s} s")


def _longest_s(doing: _Doing, step: Step) -> float:
    return min(doing.limits.hold_s, doing.limits.statement_s) if step.lock in BLOCKING else doing.limits.statement_s


def _ms(seconds: float) -> str:
    return f"{max(1, round(seconds * 1000))}ms"


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
