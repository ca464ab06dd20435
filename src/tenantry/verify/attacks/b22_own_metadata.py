"""Claim another tenant in the part of a token that its user may write: user_metadata."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tenantry.blueprint.context import claim_paths, context_texts, texts_behind
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import hidden_rows, one_per_role, other_keys, sees, title_of
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.report.wording import few
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Side

_CLAIMS = "request.jwt.claims"
_OWN = ("user_metadata", "raw_user_meta_data")
_POWERS = ("admin", "superadmin", "super_admin", "owner", "service_role", "true")
_MOST_ROWS = 40
_MOST_CONSTANTS = 12
_CONSTANT = re.compile(r"'((?:[^']|'')+)'")
_LISTED = r"jsonb?_array_elements(?:_text)?\([^;=]{{0,120}}?'{0}'|'{0}'(?:::text)?\)*(?:::jsonb)?\)* *(?:\?[|&]?|@>) "
_STEP = re.compile(r"'(user_metadata|raw_user_meta_data)'(?:::text)?\)*\s*->>?\s*\(?'([^']+)'")

Claims = dict[tuple[str, ...], Any]


def _run(stage: Stage) -> Iterator[Finding]:
    paths = _paths(stage)
    for asker in one_per_role(stage) if paths else ():
        if asker.side is None or _CLAIMS not in dict(asker.settings):
            continue
        found: dict[str, str] = {}
        rows = hidden_rows(
            stage,
            asker,
            most=_MOST_ROWS,
            only=lambda table: _reads_own(stage, table.oid),
        )
        for claims in _claims(stage, paths) if rows else ():
            forged = _forged(asker, claims)
            said = " and ".join(".".join(path) for path in claims)
            with stage.acting(forged):
                found |= {
                    title: said
                    for row in rows
                    if (title := title_of(stage, row)) not in found and sees(stage, forged, row)
                }
        if found:
            yield _finding(asker, found)


def _paths(stage: Stage) -> list[tuple[str, ...]]:
    """Give the claims policies read from what a user may write, however they reach the token."""
    known = [path for path in claim_paths(stage.catalog) if path[0] in _OWN and len(path) > 1]
    named = [found for text in context_texts(stage.catalog) for found in _STEP.findall(text)]
    return list(dict.fromkeys([*known, *named]))


def _claims(stage: Stage, paths: list[tuple[str, ...]]) -> Iterator[Claims]:
    """Give what to claim: each claim by itself, then with every list of powers beside it filled in."""
    words = _constants(stage)
    values = list(dict.fromkeys([*other_keys(stage, Side.THEIRS)[:4], *_POWERS, *words]))
    lists: Claims = {path: [*words, *_POWERS] for path in _lists(stage, paths)}
    singles: list[Claims] = [{path: value} for path in paths for value in values]
    yield from singles
    if lists:
        yield lists
        yield from ({**lists, **claims} for claims in singles if not lists.keys() & claims.keys())


def _lists(stage: Stage, paths: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Give the claims that are read as lists, such as permissions."""
    texts = context_texts(stage.catalog)
    asked = {path: re.compile(_LISTED.format(re.escape(path[-1])), re.IGNORECASE) for path in paths}
    return [path for path, pattern in asked.items() if any(pattern.search(text) for text in texts)]


def _constants(stage: Stage) -> list[str]:
    """Give the words by which policies that read a user's own claims ask for powers."""
    policies = [policy for policy in stage.catalog.policies if _reads_own(stage, policy.relation)]
    found = (word for policy in policies for text in (policy.using, policy.check) for word in _CONSTANT.findall(text))
    return list(dict.fromkeys(word.replace("''", "'") for word in found if word not in _OWN))[:_MOST_CONSTANTS]


def _reads_own(stage: Stage, oid: int) -> bool:
    return "user_meta" in " ".join(texts_behind(stage.catalog, oid))


def _forged(asker: Asker, wanted: Claims) -> Asker:
    """Give the subject with these claims of its token changed."""
    settings = dict(asker.settings)
    claims = json.loads(settings[_CLAIMS] or "{}")
    for path, value in wanted.items():
        inner: dict[str, Any] = claims
        for step in path[:-1]:
            if not isinstance(inner.get(step), dict):
                inner[step] = {}
            inner = inner[step]
        inner[path[-1]] = value
    settings[_CLAIMS] = json.dumps(claims)
    return replace(asker, settings=tuple(settings.items()))


def _finding(asker: Asker, found: dict[str, str]) -> Finding:
    claims = ", ".join(sorted(set(found.values())))
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"{asker.title} reads rows of another tenant in {few(sorted(found))} by writing {claims} "
        "into its own profile.",
        meaning="Every user may change its own user_metadata, so whatever stands there proves nothing.",
        fix="-- read the tenant from app_metadata, which only the server writes, or from a membership table",
        role=asker.role.name,
        subject=asker.name,
        statement=f"set {_CLAIMS} = …",
        objects=tuple(sorted(found)),
    )


ATTACK = DatabaseAttack(
    code="B22",
    name="tenant_claimed_in_own_metadata",
    claim="What users may write into their own profile does not decide whose rows they see.",
    expect="no row",
    sabotage="alter policy note_floor on app.note using (tenant_id = (select (nullif(current_setting("
    "'request.jwt.claims', true), '')::jsonb -> 'user_metadata' ->> 'tenant_id')::uuid))",
    run=_run,
    needs="policies that read user_metadata from a token, and a subject opened by one",
)
