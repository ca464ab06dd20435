"""What the journal is told when another tool runs a step: the same rows as ``tenantry.plan.journal`` writes.

These statements are files, with nobody to bind their values: each value is a literal that psycopg quotes.
The plan's number is drawn where the files run, so they look it up by the plan's digest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

from tenantry.plan.model import Action, Change, Entry, Plan, Step
from tenantry.sql import library
from tenantry.sql.name import literal
from tenantry.sql.template import statements

__all__ = ["done", "undone"]

_PARAMETER = re.compile(r"%\((\w+)\)s")


def done(plan: Plan, step: Step) -> Iterator[str]:
    """Note a step and what is answered for from now on; the first step notes the plan before."""
    if step is plan.steps[0]:
        yield from _filled("begin", digest=plan.digest, document=plan.model_dump(mode="json"))
    yield from _filled("step", digest=plan.digest, step=step.number, status="done")
    for change in step.changes:
        yield from _forget(change) if change.action is Action.REMOVE else _remember(plan, change.object, change.made)
    yield from _filled("status", digest=plan.digest, status="running")


def undone(plan: Plan, step: Step) -> Iterator[str]:
    """Note that a step is taken back and what is answered for without it; the first step ends the plan."""
    yield from _filled("step", digest=plan.digest, step=step.number, status="undone")
    for change in reversed(step.changes):
        yield from _remember(plan, change.object, change.earlier) if change.earlier else _forget(change)
    yield from _filled("status", digest=plan.digest, status="undone" if step is plan.steps[0] else "undoing")


def _remember(plan: Plan, name: str, entry: Entry) -> tuple[str, ...]:
    return _filled("remember", digest=plan.digest, id=name, **entry.model_dump(mode="json"))


def _forget(change: Change) -> tuple[str, ...]:
    return _filled("forget", id=change.object)


def _filled(name: str, **values: object) -> tuple[str, ...]:
    """Write literals where packaged statements have parameters."""
    return tuple(_PARAMETER.sub(lambda hole: _literal(values[hole[1]]), text) for text in _templates(name))


@cache
def _templates(name: str) -> tuple[str, ...]:
    return statements(library.read(resources.files("tenantry.plan.export") / "sql" / f"{name}.query.sql").body)


def _literal(value: object) -> str:
    """Quote a value; what has parts is JSON, in ASCII, so that no file or client encoding changes it."""
    return literal(json.dumps(value) if isinstance(value, (dict, list, tuple)) else value)
