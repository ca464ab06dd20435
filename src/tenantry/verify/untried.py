"""Which conditions on a row's own columns let it through, and were never true for the row that attacks look for?

``published_at <= now()`` beside the tenant's own condition opens rows that no row built here may be. Where such a
branch of a policy was false for the other tenant's row, that the row was not seen says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import psycopg
from psycopg import sql

from tenantry.catalog.model import Policy, Relation
from tenantry.sql.name import qualified, spelled
from tenantry.verify.conditions import compared
from tenantry.verify.stage import Stage
from tenantry.verify.synthesis.row import Row, Side

__all__ = ["untried"]

# What asks for more than the row: a context, another table, a function of the database, or an operator of its own.
_ASKS_MORE = re.compile(r"\bselect\b|current_|session_user|\boperator\(|\b\w+\.\w+\(|\bauth\b", re.IGNORECASE)
# What would run code of the database with the verifier's rights: names in quotes that are called, types with checks.
_RUNS_CODE = re.compile(r'"\s*\(|::\s*(?:"|\w+\.)')
_COMMANDS = {"r": "select", "w": "update", "d": "delete"}


def untried(stage: Stage) -> Mapping[tuple[str, str], str]:
    """Give, for relations and verbs, the first condition that no row of the other tenant's here ever met."""
    tried = compared(stage.catalog)
    found: dict[tuple[str, str], str] = {}
    for relation in stage.catalog.tables:
        row = stage.world.row(relation.oid, Side.THEIRS)
        if row is None or not relation.rls or not stage.ownership.is_owned(relation.oid):
            continue
        known = frozenset(name for oid, name in tried if oid == relation.oid)
        for command, verb in _COMMANDS.items():
            for text in _openings(stage, relation, command):
                columns = _columns(relation, text)
                if not columns <= known and not _is_met(stage, relation, row, text):
                    found.setdefault((relation.title, verb), text)
    return found


def _openings(stage: Stage, relation: Relation, command: str) -> Iterator[str]:
    """Give branches that need nothing but the row; none where a restrictive policy has no such branch."""
    policies = [one for one in stage.catalog.policies_of.get(relation.oid, ()) if one.applies_to(command)]
    strict = [list(_branches_of(stage, relation, one)) for one in policies if not one.is_permissive]
    if strict and not all(strict):
        return
    yield from (text for texts in strict for text in texts)
    for policy in policies if not strict else ():
        if policy.is_permissive:
            yield from _branches_of(stage, relation, policy)


def _branches_of(stage: Stage, relation: Relation, policy: Policy) -> Iterator[str]:
    owner = set(stage.ownership.owner_of(relation.oid).columns)
    for text in _branches(policy.using):
        columns = _columns(relation, text)
        if columns and not columns & owner and not _ASKS_MORE.search(text):
            yield text


def _branches(text: str) -> Iterator[str]:
    """Split a deparsed condition at its outermost OR, as often as there is one."""
    bare = _unwrapped(text.strip())
    parts = list(_split(bare))
    if len(parts) == 1:
        yield bare
        return
    for part in parts:
        yield from _branches(part)


def _split(text: str) -> Iterator[str]:
    depth, start, is_quoted = 0, 0, False
    for place, char in enumerate(text):
        if char == "'":
            is_quoted = not is_quoted
        elif not is_quoted:
            depth += (char == "(") - (char == ")")
            if depth == 0 and text.startswith(" OR ", place):
                yield text[start:place]
                start = place + 4
    yield text[start:]


def _unwrapped(text: str) -> str:
    """Take away parentheses around the whole."""
    while text.startswith("(") and text.endswith(")") and _closes_at(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closes_at(text: str) -> int:
    depth, is_quoted = 0, False
    for place, char in enumerate(text):
        is_quoted = is_quoted != (char == "'")
        if not is_quoted:
            depth += (char == "(") - (char == ")")
            if depth == 0:
                return place
    return -1


def _columns(relation: Relation, text: str) -> frozenset[str]:
    words = set(re.findall(r"\w+", re.sub(r"'(?:[^']|'')*'", "", text)))
    return frozenset(words & relation.by_column.keys())


def _is_met(stage: Stage, relation: Relation, row: Row, text: str) -> bool:
    if _RUNS_CODE.search(text):
        return False
    query = sql.SQL("select 1 from {} where tableoid = {} and ctid = {}::tid and ({})").format(
        qualified(relation.schema, relation.name), sql.Literal(row.tableoid), sql.Literal(row.ctid), spelled(text)
    )
    try:
        with stage.undone():
            return stage.connection.execute(query).fetchone() is not None
    except psycopg.DatabaseError:
        return False
