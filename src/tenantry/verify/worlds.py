"""How an answer is compared in two worlds: as the database is, and without the other tenant's rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tenantry.verify.model import Skipped
from tenantry.verify.sequence import Step
from tenantry.verify.stage import Outcome, Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Side

__all__ = ["Answers", "Question", "compare", "said"]

_NO_STATE = "55000"  # not in the state that was asked for: an answer like any other
_VARIES = "its answers vary by themselves, so two worlds cannot be compared by them"


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
    def unfinished(self) -> str:
        """Say why one of the answers never came; empty if both did."""
        return next((one.reason for one in (self.present, self.absent) if _never_came(one)), "")

    @property
    def differ(self) -> bool:
        """Say whether the other tenant's rows made a difference."""
        return not self.unfinished and said(self.present) != said(self.absent)


def compare(
    stage: Stage, questions: Sequence[Question], *, refresh: Callable[[], None] = lambda: None
) -> list[Answers]:
    """Give the questions whose answers differ between the worlds, and not by chance within one.

    ``refresh`` is called with full rights when a world has been set. What cannot be compared
    is left with the stage: an answer that never came is unproven, one that varies by itself is skipped.
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
    again = _ask_all(stage, [one.question for one in differing])
    steady = [said(one.present) == said(once_more) for one, once_more in zip(differing, again, strict=True)]
    stage.unproven += _told(stage, ((one.question, one.unfinished) for one in found if one.unfinished))
    varying = (one.question for one, is_steady in zip(differing, steady, strict=True) if not is_steady)
    stage.skipped += _told(stage, ((question, _VARIES) for question in varying))
    return [answers for answers, is_steady in zip(differing, steady, strict=True) if is_steady]


def said(outcome: Outcome) -> tuple[object, ...]:
    """Give what the subject learns: rows, in whatever order, or the refusal."""
    return (sorted(map(repr, outcome.rows)), outcome.sqlstate, outcome.message)


def _never_came(outcome: Outcome) -> bool:
    return outcome.is_unfinished and outcome.sqlstate != _NO_STATE


def _told(stage: Stage, left: Iterable[tuple[Question, str]]) -> Iterator[Skipped]:
    """Say once for each relation or function, and reason, who asked it."""
    askers: dict[tuple[str, str], list[str]] = {}
    for question, why in left:
        who = askers.setdefault((_subject_of(stage, question), why), [])
        who.extend([question.asker.title] if question.asker.title not in who else [])
    for (what, why), names in askers.items():
        yield Skipped(f"{what}: compared in two worlds by {', '.join(names)}", why)


def _subject_of(stage: Stage, question: Question) -> str:
    thing = stage.catalog.relations.get(question.about) or stage.catalog.routines.get(question.about)
    return thing.title if thing else str(question.step.statement)


def _ask_all(stage: Stage, questions: Sequence[Question]) -> list[Outcome]:
    """Ask in order, opening each subject once."""
    asked: dict[int, Outcome] = {}
    for asker in {id(one.asker): one.asker for one in questions}.values():
        with stage.acting(asker):
            for number, question in enumerate(questions):
                if question.asker is asker:
                    stage.doing = _subject_of(stage, question)
                    asked[number] = stage.attempt(question.step.statement, question.step.values)
    return [asked[number] for number in range(len(questions))]
