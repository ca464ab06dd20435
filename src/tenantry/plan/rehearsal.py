"""What is seen when a plan is applied, taken back and applied again on a copy: dumps, and the locks it really took."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import psycopg
from pydantic import BaseModel, ConfigDict, Field

from tenantry.errors import PlanStale, StepFailed
from tenantry.plan import journal
from tenantry.plan.apply import Limits, apply, undo
from tenantry.plan.model import Plan, Step
from tenantry.plan.refusal import RehearsalFailed, RehearsalImpossible
from tenantry.session.connect import connect
from tenantry.sql import library
from tenantry.sql.name import spoken
from tenantry.sql.parameters import fetch

__all__ = ["Copy", "Rehearsal", "Seen", "rehearse"]

_LONGEST_DIFFERENCE = 12
# From the weakest to the strongest (PostgreSQL, chapter Explicit Locking).
_SPOKEN = {
    "AccessShareLock": "access share",
    "RowShareLock": "row share",
    "RowExclusiveLock": "row exclusive",
    "ShareUpdateExclusiveLock": "share update exclusive",
    "ShareLock": "share",
    "ShareRowExclusiveLock": "share row exclusive",
    "ExclusiveLock": "exclusive",
    "AccessExclusiveLock": "access exclusive",
}
_STRENGTH = {mode: strength for strength, mode in enumerate(_SPOKEN)}


class Seen(BaseModel):
    """A lock that a step held before it committed: the strongest on that relation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: int
    relation: str
    lock: str


class Rehearsal(BaseModel):
    """A plan that was applied, taken back and applied again on a copy, and ended alike each time."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    server_version_num: int = Field(description="Version of the server that had the copy.")
    seen: tuple[Seen, ...]
    left_out: tuple[str, ...] = Field(description="What the copy could not show.")

    def of_step(self, number: int) -> tuple[Seen, ...]:
        """Give the locks of one step."""
        return tuple(one for one in self.seen if one.step == number)


@dataclass(frozen=True)
class Copy:
    """A throw-away copy of a database: its URL, and what gives its dump."""

    url: str
    dump: Callable[[], str]


def rehearse(copy: Copy, plan: Plan, tell: Callable[[str], None]) -> Rehearsal:
    """Apply, undo and apply a plan on a copy.

    Raises ``RehearsalImpossible`` where the copy is not like the database, and ``RehearsalFailed`` where a step is
    refused, undo does not lead back or the second apply leads elsewhere.
    """
    try:
        return _rehearse(copy, plan, lambda words: tell(f"rehearsal: {words}"))
    except PlanStale as error:
        raise RehearsalImpossible("The copy does not look like the database.") from error
    except StepFailed as error:
        raise RehearsalFailed(f"On the copy: {error}") from error


def _rehearse(copy: Copy, plan: Plan, tell: Callable[[str], None]) -> Rehearsal:
    seen: list[Seen] = []
    before = copy.dump()
    version = _apply(copy, plan, seen, tell)
    applied = copy.dump()
    is_first = _undo(copy)
    _demand_alike(before, copy.dump(), "Undo does not lead back", in_order=is_first)
    _apply(copy, plan, [], lambda _: None)
    _demand_alike(applied, copy.dump(), "Applied again, the plan ends otherwise", in_order=True)
    return Rehearsal(server_version_num=version, seen=tuple(seen), left_out=tuple(_left_out(plan)))


def _apply(copy: Copy, plan: Plan, seen: list[Seen], tell: Callable[[str], None]) -> int:
    def watch(connection: psycopg.Connection, step: Step) -> None:
        seen.extend(_seen(connection, step))

    with connect(copy.url) as connection, connect(copy.url) as look:
        apply(connection, look, plan, Limits(), tell, watch=watch)
        return connection.info.server_version


def _undo(copy: Copy) -> bool:
    """Take the plan back; say whether it was the first of its database, after which nothing of tenantry's is left."""
    with connect(copy.url) as connection, connect(copy.url) as look:
        begun = journal.read_journal(connection).last
        if begun is None:
            raise RehearsalFailed("Applied to the copy, the plan is not in its journal.")
        undo(connection, look, begun, Limits(), lambda _: None)
        return not journal.read_journal(connection).is_there


def _seen(connection: psycopg.Connection, step: Step) -> Iterator[Seen]:
    strongest: dict[str, str] = {}
    for found in fetch(connection, _query(), {}):
        relation = spoken(found.schema, found.name)
        strongest[relation] = max(found.mode, strongest.get(relation, found.mode), key=lambda mode: _STRENGTH[mode])
    for relation, mode in strongest.items():
        yield Seen(step=step.number, relation=relation, lock=_SPOKEN[mode])


def _demand_alike(expected: str, found: str, what: str, *, in_order: bool) -> None:
    # why: between two plans the server may list tenantry's own grants in another order
    order: Callable[[list[str]], list[str]] = list if in_order else sorted
    lines = difflib.unified_diff(
        order(expected.splitlines()), order(found.splitlines()), "expected", "found", lineterm="", n=0
    )
    if told := list(lines)[:_LONGEST_DIFFERENCE]:
        raise RehearsalFailed("\n".join([f"{what}:", *told, ""]))


_UNSEEN: Mapping[str, str] = {
    "batches": "rows are filled, and the copy has none",
    "alone": "it is in no transaction, so its lock was not looked at; and the copy has no rows",
}


def _left_out(plan: Plan) -> Iterator[str]:
    for step in plan.steps:
        if step.mode in _UNSEEN:
            yield f"step {step.number}, {step.title}: {_UNSEEN[step.mode]}."
        elif any(change.object.startswith("validity ") for change in step.changes):
            yield f"step {step.number}, {step.title}: rows are looked at, and the copy has none."


@cache
def _query() -> str:
    return library.read(resources.files("tenantry.plan") / "sql" / "seen.query.sql").body
