"""How results of attacks become cells of the matrix and findings. Values in, values out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tenantry.blueprint.ownership import Ownership
from tenantry.blueprint.write import toml_string
from tenantry.catalog.model import Catalog, Relation, Role
from tenantry.verify.attack import RelationAttack, Result
from tenantry.verify.fix import mending, reading_revoked
from tenantry.verify.intended import says_open
from tenantry.verify.model import Cell, Finding, Kind, Level, Proof, Verb, Verdict
from tenantry.verify.pointer import is_pointer
from tenantry.verify.report.masking import masked
from tenantry.verify.subject import Asker

__all__ = ["Try", "cells", "findings", "prefer"]

_STRENGTH = (Verdict.LEAK, Verdict.OWN_ROWS, Verdict.DENIED, Verdict.UNPROVEN)
_WEIGHT = (Verdict.LEAK, Verdict.UNPROVEN, Verdict.OWN_ROWS, Verdict.DENIED)
_MOST_SHOWN = 6
_REMEMBERS = " No policy, function or view asks there which tenant it is: the row only remembers one."


@dataclass(frozen=True)
class Try:
    """One attack by one subject on one relation, and how it ended; ``conditions`` made it possible, if any."""

    attack: RelationAttack
    asker: Asker
    relation: Relation
    result: Result
    conditions: tuple[str, ...] = ()


def prefer(first: Try | None, second: Try) -> Try:
    """Keep the answer that says more: a leak, then a seen fence, then a refusal, then nothing known."""
    if first is None:
        return second
    return min(first, second, key=lambda one: _STRENGTH.index(one.result.verdict))


def cells(tries: Iterable[Try]) -> Iterator[Cell]:
    """Give the matrix: one cell for each relation, verb, role and subject, though several attacks may try the verb."""
    kept: dict[tuple[str, Verb, str, str], Try] = {}
    for one in tries:
        place = (one.relation.title, one.attack.verb, one.asker.role.name, one.asker.name)
        before = kept.get(place, one)
        kept[place] = min(before, one, key=lambda each: _WEIGHT.index(each.result.verdict))
    for one in kept.values():
        yield Cell(
            relation=one.relation.title,
            verb=one.attack.verb,
            role=one.asker.role.name,
            subject=one.asker.name,
            verdict=one.result.verdict,
            evidence=one.result.evidence,
        )


def findings(catalog: Catalog, ownership: Ownership, tries: Iterable[Try]) -> list[Finding]:
    """Give a finding for each relation, verb and role that leaked, its subjects joined."""
    tries = tuple(tries)
    roles = tuple({one.asker.role.oid: one.asker.role for one in tries}.values())
    leaks: dict[tuple[int, str, int], list[Try]] = {}
    for one in tries:
        if one.result.verdict is Verdict.LEAK:
            leaks.setdefault((one.relation.oid, one.attack.code, one.asker.role.oid), []).append(one)
    return [_finding(catalog, ownership, group, roles) for group in leaks.values()]


def _finding(catalog: Catalog, ownership: Ownership, group: list[Try], roles: tuple[Role, ...]) -> Finding:
    first = group[0]
    relation, attack, result = first.relation, first.attack, first.result
    shared = not ownership.is_owned(relation.oid)
    subjects = sorted({one.asker.name for one in group})
    intended = _is_intended(catalog, ownership, group)
    remembers = attack.verb in (Verb.JOIN, Verb.MOVE) and is_pointer(catalog, ownership, relation)
    who = f"{first.asker.role.name} ({', '.join(subjects)})"
    message = attack.message.format(relation=relation.title, subject=who, count=result.count)
    if shared:
        message = f"{who} may {attack.verb} in {relation.title}, whose rows belong to no tenant and are seen by all."
    return Finding(
        code="A10" if shared else attack.code,
        name=_shared_name(attack.verb) if shared else attack.name,
        level=Level.WARNING if intended or remembers else attack.level,
        kind=Kind.WEAKNESS if shared else attack.kind,
        proof=Proof.ATTACKED,
        message=message + _note(first, result) + (_REMEMBERS if remembers else ""),
        meaning=_shared_meaning(attack.verb) if shared else attack.meaning,
        fix=reading_revoked(relation, first.asker)
        if shared and attack.verb is Verb.SELECT
        else mending(catalog, ownership, relation, attack.verb, first.asker, roles),
        relation=relation.title,
        verb=str(attack.verb),
        role=first.asker.role.name,
        subject=", ".join(subjects),
        statement=result.statement,
        stolen=_shown(result.stolen),
        intended=intended,
        declare=_declaration(relation, attack.verb, shared=shared) if intended else "",
    )


def _shared_name(verb: Verb) -> str:
    return "personal_rows_shared" if verb is Verb.SELECT else "shared_rows_written"


def _shared_meaning(verb: Verb) -> str:
    if verb is Verb.SELECT:
        return "They hold what is somebody's by its nature, and everybody with the role reads it."
    return "One tenant changes what every tenant sees."


def _note(one: Try, result: Result) -> str:
    count = f" ({result.count} rows in sight.)" if result.count > 1 else ""
    state = f" This holds for rows where {', '.join(one.conditions)} is so set." if one.conditions else ""
    return count + state


def _shown(stolen: tuple[str, ...]) -> tuple[str, ...]:
    """Show some of a stolen row's values, masked; what may be a name of a person first."""
    pairs = [text.partition("=") for text in stolen]
    speaking = sorted(pairs, key=lambda pair: 0 if re.search(r"name|mail|phone|title|amount|code", pair[0]) else 1)
    return tuple(f"{name} = {masked(value)}" for name, _, value in speaking[:_MOST_SHOWN])


def _declaration(relation: Relation, verb: Verb, *, shared: bool) -> str:
    word = "shared" if shared else "public"
    extra = "\nwritable = true" if shared and verb is not Verb.SELECT else ""
    return f'[tables.{toml_string(relation.title)}]\n{word} = "why everyone may use it"{extra}'


def _is_intended(catalog: Catalog, ownership: Ownership, group: list[Try]) -> bool:
    """Say whether the database itself says that this is open.

    It does by a policy for just this verb without a condition, by rows in a state that policies name,
    by a table that is nobody's and was not left bare, or where only audit columns name an owner.
    """
    first = group[0]
    if not ownership.is_owned(first.relation.oid):
        return not any(_is_bare(one) for one in group)
    if ownership.owner_of(first.relation.oid).is_weak:
        return True
    if all(one.conditions for one in group):
        return True
    return says_open(catalog, ownership, first.relation, first.attack.verb, first.asker)


def _is_bare(one: Try) -> bool:
    """Say whether clients of the API who are nobody may write here, because row security was never switched on."""
    is_nobody = one.asker.channel == "api" and one.asker.side is None
    return is_nobody and not one.relation.rls and one.attack.verb is not Verb.SELECT
