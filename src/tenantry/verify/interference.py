"""Whether another tenant's rows change what a subject is told: the same statements in two worlds.

The worlds differ only in the other tenant's rows that were built or chosen: they are there, and they are
gone. Any difference in result, row count or error is a leak, however it comes about (Goguen and Meseguer,
"Security Policies and Security Models", 1982: non-interference).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from psycopg import sql

from tenantry.catalog.model import Relation
from tenantry.catalog.privilege import can
from tenantry.sql.name import identifier
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.reach import relation_name
from tenantry.verify.stage import Outcome, Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Side

__all__ = ["interference"]

_MOST_ROWS = 200_000


@dataclass(frozen=True)
class _Question:
    """A statement to ask in both worlds, and the relation it is about (none for the application's own)."""

    statement: str
    relation: Relation | None = None


def interference(stage: Stage, relations: Iterable[Relation], known: frozenset[tuple[str, str]]) -> Iterator[Finding]:
    """Ask every subject's statements in both worlds and give a finding for each answer that differs.

    ``known`` holds (relation, role) pairs that leak already: they would only be told twice.
    """
    relations = tuple(relations)
    told: set[tuple[str, str]] = set()
    for asker in stage.askers:
        questions = [*_about_relations(stage, asker, relations, known), *map(_Question, stage.blueprint.statements)]
        with_them = _answers(stage, asker, questions)
        with stage.undone():
            stage.remove_side(Side.THEIRS)
            without = _answers(stage, asker, questions)
        for question, before, after in zip(questions, with_them, without, strict=True):
            key = (question.statement, asker.role.name)
            if _differ(before, after) and key not in told:
                told.add(key)
                yield _finding(asker, question, before, after)


def _about_relations(
    stage: Stage, asker: Asker, relations: Iterable[Relation], known: frozenset[tuple[str, str]]
) -> Iterator[_Question]:
    for relation in relations:
        is_small = relation.estimated_rows <= _MOST_ROWS
        is_new = (relation.title, asker.role.name) not in known
        if is_new and is_small and can(stage.catalog, asker.role, relation, "SELECT"):
            name = relation_name(relation)
            yield _Question(sql.SQL("select count(*) from {}").format(name).as_string(None), relation)
            yield from _joins(stage, asker, relation)


def _joins(stage: Stage, asker: Asker, relation: Relation) -> Iterator[_Question]:
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
        statement = sql.SQL("select count(*) from {} as child left join {} as parent on {}").format(
            relation_name(relation), relation_name(target), matches
        )
        yield _Question(statement.as_string(None), relation)


def _differ(before: str, after: str) -> bool:
    """Say whether the answers differ; one that never came is no answer."""
    return bool(before) and bool(after) and before != after


def _answers(stage: Stage, asker: Asker, questions: Iterable[_Question]) -> list[str]:
    with stage.acting(asker):
        return [_told(stage.attempt(question.statement)) for question in questions]


def _told(outcome: Outcome) -> str:
    """Give what the client is told, as one value: the rows in any order, or the error; empty if unfinished."""
    if outcome.is_unfinished:
        return ""
    if outcome.failed:
        # why: the text may hold values, so it is compared by its hash and told without them
        return f"{outcome.reason} ({hashlib.sha256(outcome.message.encode()).hexdigest()[:8]})"
    rows = sorted(repr(row) for row in outcome.rows)
    return f"{len(rows)} row(s), {hashlib.sha256(repr(rows).encode()).hexdigest()[:12]}"


def _finding(asker: Asker, question: _Question, before: str, after: str) -> Finding:
    title = question.relation.title if question.relation else ""
    where = f" over {title}" if title else " of the application"
    return Finding(
        code="N01",
        name="answers_differ",
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"A query{where} answers {asker.title} differently when another tenant's rows are gone "
        f"(with them: {before}; without: {after}).",
        meaning="The answer depends on rows the subject must not know of: it leaks their existence, number or content.",
        relation=title,
        verb="select",
        role=asker.role.name,
        subject=asker.name,
        statement=question.statement,
        objects=() if title else (question.statement,),
    )
