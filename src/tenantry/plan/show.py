"""How a plan is shown: as text for a reader, as SQL that could be run, as JSON that ``apply`` takes back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

from tenantry.plan.lock import ASK_MS
from tenantry.plan.model import Action, Change, Plan, Step
from tenantry.plan.object import Lock

__all__ = ["PlanFormat", "is_own", "shown"]


class PlanFormat(StrEnum):
    """A form a plan can be shown in."""

    TEXT = "text"
    JSON = "json"
    SQL = "sql"


def shown(plan: Plan, form: PlanFormat, *, verbose: bool = False) -> str:
    """Give the plan as text that ends with a newline; only ``verbose`` text spells tenantry's own objects out."""
    if form is PlanFormat.JSON:
        return json.dumps(plan.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
    lines = _text(plan, verbose=verbose) if form is PlanFormat.TEXT else _sql(plan)
    return "\n".join(lines) + "\n"


def _text(plan: Plan, *, verbose: bool) -> Iterator[str]:
    if not plan.steps:
        yield f"Nothing to do: {plan.database} is as the blueprint says."
        yield from _notes(plan)
        return
    total = sum(len(step.changes) for step in plan.steps)
    yield f"{len(plan.steps)} steps, {total} changes in {plan.database}. Each step is one transaction, unless it says."
    for step in plan.steps:
        yield from ("", *_step(step, verbose=verbose))
    yield from _notes(plan)
    yield ""
    yield f"plan {plan.digest[:12]}"


def _notes(plan: Plan) -> Iterator[str]:
    if plan.notes:
        yield ""
        yield "Left as it is:"
        yield from (f"   {note}" for note in plan.notes)


def _step(step: Step, *, verbose: bool) -> Iterator[str]:
    yield f"{step.number}. {step.title}"
    if step.mode in _MODES:
        yield f"   runs: {_MODES[step.mode]}"
    if step.relation and step.lock is not Lock.NONE:
        yield f"   lock: {step.lock} on {step.relation}, asked for {ASK_MS} ms at a time, never queued for"
    for hazard in step.hazards:
        yield f"   mind: {hazard}"
    own = [] if verbose else [change for change in step.changes if is_own(change)]
    for change in step.changes:
        if change not in own:
            yield from _change(change)
    if own:
        yield f"   {_counted(own)} of tenantry's own; --verbose spells them out"


def is_own(change: Change) -> bool:
    """Say whether an object is one every database gets alike: in the schema tenantry, or about its context."""
    name = change.object.partition(" ")[2]
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


def _sql(plan: Plan) -> Iterator[str]:
    yield f"-- plan {plan.digest} for the database {plan.database}"
    for step in plan.steps:
        yield ""
        yield f"-- step {step.number}: {step.title}"
        if step.mode in _MODES:
            yield f"-- runs {_MODES[step.mode]}"
        if step.mode != "alone":
            yield "begin;"
            yield f"set local lock_timeout = '{ASK_MS}ms';"
        for change in step.changes:
            yield f"-- {change.action} {change.object}"
            yield from _statements("", change.statements)
        if step.mode != "alone":
            yield "commit;"
