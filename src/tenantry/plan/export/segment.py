"""What another tool runs at a time: a plan cut into transactions and lone statements, each with its way back.

Every segment writes the journal itself, so what ran is known wherever it ran. A statement that may stand in no
transaction cannot: the segment after it writes for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tenantry.errors import ExportRefused
from tenantry.plan.export import note
from tenantry.plan.model import Plan, Step

__all__ = ["Piece", "Segment", "segments"]


@dataclass(frozen=True)
class Piece:
    """Statements that belong together, and what they are about."""

    about: str
    statements: tuple[str, ...]


@dataclass(frozen=True)
class Segment:
    """One transaction, or one statement outside any (``is_alone``); ``down`` takes back what ``up`` does."""

    title: str
    up: tuple[Piece, ...]
    down: tuple[Piece, ...]
    is_alone: bool = False


def segments(plan: Plan) -> tuple[Segment, ...]:
    """Cut a plan. Raises ``ExportRefused`` where a step that stands alone is more than one statement."""
    return tuple(segment for step in plan.steps for segment in _segments(plan, step))


def _segments(plan: Plan, step: Step) -> Iterator[Segment]:
    if step.mode == "transaction":
        yield _bundled(plan, step)
        return
    if len(step.statements) != 1 or len(step.inverse) > 1:
        raise ExportRefused(f"Step {step.number}, {step.title}, is more than one statement outside a transaction.")
    yield Segment(step.title, (_made(step),), (_unmade(step),) if step.inverse else (), is_alone=True)
    yield Segment(f"journal of {step.title}", (_noted(plan, step),), (_noted_back(plan, step),))


def _bundled(plan: Plan, step: Step) -> Segment:
    up = (Piece(f"{change.action} {change.object}", change.statements) for change in step.changes)
    down = (Piece(f"back: {change.object}", change.inverse) for change in reversed(step.changes))
    return Segment(
        title=step.title,
        up=(*(piece for piece in up if piece.statements), _noted(plan, step)),
        # why: the way back may take the journal away, so it is written first
        down=(_noted_back(plan, step), *(piece for piece in down if piece.statements)),
    )


def _made(step: Step) -> Piece:
    return Piece(", ".join(f"{change.action} {change.object}" for change in step.changes), step.statements)


def _unmade(step: Step) -> Piece:
    return Piece(", ".join(f"back: {change.object}" for change in step.changes), step.inverse)


def _noted(plan: Plan, step: Step) -> Piece:
    return Piece(f"journal: step {step.number} is done", tuple(note.done(plan, step)))


def _noted_back(plan: Plan, step: Step) -> Piece:
    return Piece(f"journal: step {step.number} is taken back", tuple(note.undone(plan, step)))
