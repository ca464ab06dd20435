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
_STEP = re.compile(r"'(user_metadata|raw_user_meta_data)'(?:::text)?\)*\s*->>?\s*\(?'([^']+)'")


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
            only=lambda table: "user_meta" in " ".join(texts_behind(stage.catalog, table.oid)),
        )
        for path, value in _claims(stage, paths) if rows else ():
            forged = _forged(asker, path, value)
            with stage.acting(forged):
                found |= {title_of(stage, row): ".".join(path) for row in rows if sees(stage, forged, row)}
        if found:
            yield _finding(asker, found)


def _paths(stage: Stage) -> list[tuple[str, ...]]:
    """Give the claims policies read from what a user may write, however they reach the token."""
    known = [path for path in claim_paths(stage.catalog) if path[0] in _OWN and len(path) > 1]
    named = [found for text in context_texts(stage.catalog) for found in _STEP.findall(text)]
    return list(dict.fromkeys([*known, *named]))


def _claims(stage: Stage, paths: list[tuple[str, ...]]) -> list[tuple[tuple[str, ...], str]]:
    values = [*other_keys(stage, Side.THEIRS)[:4], *_POWERS]
    return [(path, value) for path in paths for value in dict.fromkeys(values)]


def _forged(asker: Asker, path: tuple[str, ...], value: str) -> Asker:
    """Give the subject with one claim of its token changed."""
    settings = dict(asker.settings)
    claims = json.loads(settings[_CLAIMS] or "{}")
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
