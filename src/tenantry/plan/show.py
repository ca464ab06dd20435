"""How a plan is shown: as text for a reader, as SQL that could be run, as JSON that ``apply`` takes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

from tenantry.plan.apply import Limits
from tenantry.plan.export import plain
from tenantry.plan.export.write import Target
from tenantry.plan.lock import ASK_MS, BLOCKING
from tenantry.plan.model import Action, Change, Plan, Step
from tenantry.plan.object import Lock
from tenantry.plan.rehearsal import Rehearsal

__all__ = ["PlanFormat", "is_own", "shown"]


class PlanFormat(StrEnum):
    """A form a plan can be shown in, or written in for another tool."""

    TEXT = "text"
    JSON = "json"
    SQL = "sql"
    DBMATE = "dbmate"
    SUPABASE = "supabase"
    ALEMBIC = "alembic"

    @property
    def target(self) -> Target | None:
        """Give the tool that files in this form are for, if one is."""
        return Target(self.value) if self.value in {each.value for each in Target} else None


def shown(plan: Plan, form: PlanFormat, *, verbose: bool = False, rehearsal: Rehearsal | None = None) -> str:
    """Give the plan as text that ends with a newline; only ``verbose`` text spells tenantry's own objects out.

    Where the plan was rehearsed, its locks are told as they were seen.

    Forms that are files of another tool are shown as plain SQL; JSON is a file's, ``tenantry.plan.file``.
    """
    if form is not PlanFormat.TEXT:
        return plain.script(plan)
    return "\n".join(_text(plan, rehearsal, verbose=verbose)) + "\n"


def _text(plan: Plan, rehearsal: Rehearsal | None, *, verbose: bool) -> Iterator[str]:
    if not plan.steps:
        yield f"Nothing to do: {plan.database} is as the blueprint says."
        yield from _notes(plan)
        return
    total = sum(len(step.changes) for step in plan.steps)
    yield f"{len(plan.steps)} steps, {total} changes in {plan.database}. Each step is one transaction, unless it says."
    for step in plan.steps:
        yield from ("", *_step(step, rehearsal, verbose=verbose))
    yield from _notes(plan)
    if rehearsal:
        yield ""
        yield "Rehearsed on a copy without rows: applied, taken back and applied again, with the same dumps. Not seen:"
        yield from (f"   {one}" for one in rehearsal.left_out or ("nothing.",))
    yield ""
    yield f"plan {plan.digest[:12]}"


def _notes(plan: Plan) -> Iterator[str]:
    if plan.notes:
        yield ""
        yield "Left as it is:"
        yield from (f"   {note}" for note in plan.notes)


def _step(step: Step, rehearsal: Rehearsal | None, *, verbose: bool) -> Iterator[str]:
    yield f"{step.number}. {step.title}"
    if step.mode in _MODES:
        yield f"   runs: {_MODES[step.mode]}"
    yield from _locks(step, rehearsal)
    for hazard in step.hazards:
        yield f"   mind: {hazard}"
    own = [] if verbose else [change for change in step.changes if is_own(change)]
    for change in step.changes:
        if change not in own:
            yield from _change(change)
    if own:
        yield f"   {_counted(own)} of tenantry's own; --verbose spells them out"


def _locks(step: Step, rehearsal: Rehearsal | None) -> Iterator[str]:
    """Tell the lock a step is known to take; where it was rehearsed, those it was seen to hold."""
    seen = {one.relation: one.lock for one in rehearsal.of_step(step.number)} if rehearsal else {}
    lock = seen.pop(step.relation, step.lock.value)
    is_felt = step.lock is not Lock.NONE or lock not in (Lock.NONE, *_HARMLESS)
    if step.relation and is_felt:
        how = f" ({_how(step, lock)})" if rehearsal else ""
        yield f"   lock: {lock} on {step.relation}{how}, {_bound(step)}"
    for relation, other in seen.items():
        if other not in _HARMLESS:
            yield f"   lock: {other} on {relation} (seen), asked for {ASK_MS} ms at a time"


def _bound(step: Step) -> str:
    """Say how long at most others may have to wait for a step's lock, and it for them."""
    limits = Limits()
    if step.mode == "alone":
        return f"waits for transactions of others, {limits.wait_s:.0f} s at most, and keeps nobody from writing"
    asked = f"asked for {ASK_MS} ms at a time, never queued for"
    if step.lock in BLOCKING:
        return f"{asked}, held for {limits.hold_s:.0f} s at most"
    return f"{asked}; a statement runs for {limits.statement_s:.0f} s at most"


def _how(step: Step, lock: str) -> str:
    if step.mode == "alone":
        return "not seen"
    return "seen" if lock == step.lock else f"seen; {step.lock} was expected"


# Locks that nobody waits for who reads and writes.
_HARMLESS = frozenset({"access share", "row share", "row exclusive"})
# Functions in the schema tenantry that name tables of the application.
_OF_THE_APPLICATION = ("tenantry.admitted(", "tenantry.member_roles(", "tenantry.search_", 'tenantry."search_')


def is_own(change: Change) -> bool:
    """Say whether an object is one every database gets alike: in the schema tenantry, or about its context."""
    name = change.object.partition(" ")[2]
    if name.startswith(_OF_THE_APPLICATION):
        return False
    return " on " not in name and name.startswith(("tenantry", "backtrace_functions"))


def _counted(changes: list[Change]) -> str:
    kinds = Counter(change.object.partition(" ")[0] for change in changes)
    return ", ".join(
        f"{number} {kind}{'' if number == 1 or kind == 'grants' else 's'}" for kind, number in kinds.items()
    )


def _change(change: Change) -> Iterator[str]:
    yield f"   {_SIGNS[change.action]} {change.object}"
    yield f"     why: {change.why}"
    yield from _statements("      ", change.statements)
    if change.inverse_alone:
        yield "     back, first and outside any transaction:"
        yield from _statements("      ", change.inverse_alone)
    if change.inverse:
        yield "     back:"
        yield from _statements("      ", change.inverse)


_MODES = {
    "alone": "outside any transaction, so that nobody has to wait",
    "batches": "again and again until no row is left, each time in a transaction of its own",
}
_SIGNS = {
    Action.CREATE: "+",
    Action.REPLACE: "~",
    Action.RESTORE: "!",
    Action.DROP: "-",
    Action.REMOVE: "-",
    Action.NOTE: "=",
}


def _statements(margin: str, statements: tuple[str, ...]) -> Iterator[str]:
    for text in statements:
        for line in f"{text.strip().removesuffix(';')};".splitlines():
            yield f"{margin}{line}".rstrip()
