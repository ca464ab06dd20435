"""How an answer is compared in two worlds: as the database is, and without the other tenant's rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tenantry.verify.sequence import Step
from tenantry.verify.stage import Outcome, Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Side

__all__ = ["Answers", "Question", "compare", "said"]


@dataclass(frozen=True)
class Question:
    """What one subject asks, in words for the finding's reader and as a statement; ``about`` is an oid."""

    asker: Asker
    about: int
    step: Step
    note: str = ""


@dataclass(frozen=True)
class Answers:
    """The answer to one question with the other tenant's rows, and without."""

    question: Question
    present: Outcome
    absent: Outcome

    @property
    def differ(self) -> bool:
        """Say whether the other tenant's rows made a difference."""
        if self.present.is_unfinished or self.absent.is_unfinished:
            return False
        return said(self.present) != said(self.absent)


def compare(
    stage: Stage, questions: Sequence[Question], *, refresh: Callable[[], None] = lambda: None
) -> list[Answers]:
    """Give the questions whose answers differ between the worlds, and not by chance within one.

    ``refresh`` is called with full rights when a world has been set.
    """
    if not questions:
        return []
    with stage.undone():
        refresh()
        return _compare(stage, questions, refresh)


def _compare(stage: Stage, questions: Sequence[Question], refresh: Callable[[], None]) -> list[Answers]:
    present = _ask_all(stage, questions)
    with stage.undone():
        stage.remove_side(Side.THEIRS)
        refresh()
        absent = _ask_all(stage, questions)
    found = [Answers(*one) for one in zip(questions, present, absent, strict=True)]
    differing = [answers for answers in found if answers.differ]
    again = dict(zip(map(id, differing), _ask_all(stage, [one.question for one in differing]), strict=True))
    return [answers for answers in differing if said(again[id(answers)]) == said(answers.present)]


def said(outcome: Outcome) -> tuple[object, ...]:
    """Give what the subject learns: rows, or the refusal."""
    return (outcome.rows, outcome.sqlstate, outcome.message)


def _ask_all(stage: Stage, questions: Sequence[Question]) -> list[Outcome]:
    """Ask in order, opening each subject once."""
    asked: dict[int, Outcome] = {}
    for asker in {id(one.asker): one.asker for one in questions}.values():
        with stage.acting(asker):
            for number, question in enumerate(questions):
                if question.asker is asker:
                    asked[number] = stage.attempt(question.step.statement, question.step.values)
    return [asked[number] for number in range(len(questions))]
