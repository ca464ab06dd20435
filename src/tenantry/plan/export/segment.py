"""What another tool runs at a time: a plan cut into transactions and lone statements, each with its way back.

Every segment writes the journal itself, so what ran is known wherever it ran. A statement that may stand in no
transaction cannot: the segment after it writes for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from tenantry.plan.export import note
from tenantry.plan.export.batches import looped
from tenantry.plan.model import Plan, Step

__all__ = ["Piece", "Segment", "segments"]


@dataclass(frozen=True)
class Piece:
    """Statements that belong together, and what they are about."""

    about: str
    statements: tuple[str, ...]


@dataclass(frozen=True)
class Segment:
    """One transaction, or one statement outside any (``is_alone``); ``down`` takes back what ``up`` does.

    Run in their order upwards and in the opposite order downwards. One of the two ways may be empty.
    """

    title: str
    up: tuple[Piece, ...]
    down: tuple[Piece, ...]
    is_alone: bool = False


def segments(plan: Plan, *, may_commit: bool = True) -> tuple[Segment, ...]:
    """Cut a plan; without ``may_commit`` rows are changed in one transaction, however many they are."""
    return tuple(segment for step in plan.steps for segment in _segments(plan, step, may_commit=may_commit))


def _segments(plan: Plan, step: Step, *, may_commit: bool) -> Iterator[Segment]:
    if step.mode == "alone":
        yield from _lone(step, step.statements, step.inverse)
        yield Segment(f"journal of {step.title}", (_noted(plan, step),), (_noted_back(plan, step),))
    elif step.mode == "batches" and may_commit:
        yield from _lone(step, tuple(looped(text, commits=True) for text in step.statements), ())
        yield Segment(f"journal of {step.title}", (_noted(plan, step),), (_noted_back(plan, step), *_back(step)))
    else:
        yield Segment(step.title, (*_made(step), _noted(plan, step)), (_noted_back(plan, step), *_back(step)))
    # why: what goes ahead of a step's way back is the last segment of the step, as segments go back in opposite order
    yield from _lone(step, (), step.inverse_alone)


def _lone(step: Step, up: tuple[str, ...], down: tuple[str, ...]) -> Iterator[Segment]:
    """Give a segment for each statement; the first of the way back goes with the last segment."""
    padded = (*(None for _ in range(len(up) - len(down))), *reversed(down))
    for made, unmade in zip_longest(up, padded):
        yield Segment(step.title, _piece(step, made), _piece(step, unmade, "back: "), is_alone=True)


def _piece(step: Step, text: str | None, way: str = "") -> tuple[Piece, ...]:
    return (Piece(f"{way}{', '.join(change.object for change in step.changes)}", (text,)),) if text else ()


def _made(step: Step) -> Iterator[Piece]:
    for change in step.changes:
        texts = change.statements
        if step.mode == "batches":
            texts = tuple(looped(text, commits=False) for text in texts)
        if texts:
            yield Piece(f"{change.action} {change.object}", texts)


def _back(step: Step) -> Iterator[Piece]:
    for change in reversed(step.changes):
        if change.inverse:
            yield Piece(f"back: {change.object}", change.inverse)


def _noted(plan: Plan, step: Step) -> Piece:
    return Piece(f"journal: step {step.number} is done", tuple(note.done(plan, step)))


def _noted_back(plan: Plan, step: Step) -> Piece:
    # why: it comes ahead of the way back, which may take the journal away
    return Piece(f"journal: step {step.number} is taken back", tuple(note.undone(plan, step)))
