"""Whether another tenant's rows change what a subject is told: the same statements in two worlds.

The worlds differ only in the other tenant's rows that were built or chosen: they are there, and they are
gone. Any difference in result, row count or error is a leak, however it comes about (Goguen and Meseguer,
"Security Policies and Security Models", 1982: non-interference).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from psycopg import sql

from tenantry.catalog.model import Relation
from tenantry.catalog.privilege import can
from tenantry.sql.name import identifier
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.reach import relation_name
from tenantry.verify.sequence import Step
from tenantry.verify.stage import Outcome, Stage
from tenantry.verify.subject import Asker
from tenantry.verify.worlds import Answers, Question, compare

__all__ = ["interference"]

_LEAKS = "The answer depends on rows the subject must not know of: it leaks their existence, number or content."
_BREAKS = "The code behind the policies names what does not exist, and fails as soon as it meets another tenant's row."

_MOST_ROWS = 200_000
# Code that names what does not exist (PostgreSQL, appendix A): column, table, function; an ambiguous name, a type.
_MISTAKES = frozenset({"42703", "42P01", "42883", "42702", "42804"})


def interference(stage: Stage, relations: Iterable[Relation], known: frozenset[tuple[str, str]]) -> Iterator[Finding]:
    """Ask every subject's statements in both worlds and give a finding for each answer that differs.

    ``known`` holds (relation, role) pairs that leak already: they would only be told twice.
    """
    relations = tuple(relations)
    told: set[tuple[str, str]] = set()
    for asker in stage.askers:
        own = [Question(asker, 0, Step(statement)) for statement in stage.blueprint.statements]
        for answers in compare(stage, [*_about_relations(stage, asker, relations, known), *own]):
            key = (str(answers.question.step.statement), asker.role.name)
            if key not in told:
                told.add(key)
                yield _finding(stage, answers)


def _about_relations(
    stage: Stage, asker: Asker, relations: Iterable[Relation], known: frozenset[tuple[str, str]]
) -> Iterator[Question]:
    for relation in relations:
        is_small = relation.estimated_rows <= _MOST_ROWS
        is_new = (relation.title, asker.role.name) not in known
        if is_new and is_small and can(stage.catalog, asker.role, relation, "SELECT"):
            counting = sql.SQL("select count(*) from {}").format(relation_name(relation))
            for statement in (counting, *_joins(stage, asker, relation)):
                yield Question(asker, relation.oid, Step(statement.as_string(None)))


def _joins(stage: Stage, asker: Asker, relation: Relation) -> Iterator[sql.Composed]:
    """Ask for rows together with what they refer to: joins meet two fences at once."""
    for reference in stage.ownership.references.get(relation.oid, ()):
        target = stage.catalog.relations.get(reference.target)
        if target is None or not reference.is_declared or not stage.ownership.is_owned(target.oid):
            continue
        if target.estimated_rows > _MOST_ROWS or not can(stage.catalog, asker.role, target, "SELECT"):
            continue
        pairs = zip(reference.columns, reference.target_columns, strict=True)
        matches = sql.SQL(" and ").join(
            sql.SQL("child.{} = parent.{}").format(identifier(ours), identifier(theirs)) for ours, theirs in pairs
        )
        yield sql.SQL("select count(*) from {} as child left join {} as parent on {}").format(
            relation_name(relation), relation_name(target), matches
        )


def _told(outcome: Outcome) -> str:
    """Give what the client is told, as one value without those of rows: the rows in any order, or the error."""
    if outcome.failed:
        return f"{outcome.reason} ({hashlib.sha256(outcome.message.encode()).hexdigest()[:8]})"
    rows = sorted(repr(row) for row in outcome.rows)
    return f"{len(rows)} row(s), {hashlib.sha256(repr(rows).encode()).hexdigest()[:12]}"


def _finding(stage: Stage, answers: Answers) -> Finding:
    asker, statement = answers.question.asker, str(answers.question.step.statement)
    relation = stage.catalog.relations.get(answers.question.about)
    title = relation.title if relation else ""
    where = f" over {title}" if title else " of the application"
    breaks = any(one.sqlstate in _MISTAKES and not one.is_raised for one in (answers.present, answers.absent))
    return Finding(
        code="N01",
        name="answers_differ",
        level=Level.WARNING if breaks else Level.ERROR,
        kind=Kind.BROKEN if breaks else Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"A query{where} answers {asker.title} differently when another tenant's rows are gone "
        f"(with them: {_told(answers.present)}; without: {_told(answers.absent)}).",
        meaning=_BREAKS if breaks else _LEAKS,
        relation=title,
        verb="select",
        role=asker.role.name,
        subject=asker.name,
        statement=statement,
        objects=() if title else (statement,),
    )
