"""Set what opens every tenant: settings that policies compare with a constant, such as a bypass or a role's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from psycopg import sql

from tenantry.blueprint.context import context_texts, custom_settings, texts_behind
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import as_side, hidden_rows, one_per_role, reading
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.stage import Outcome, Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Side

_USUAL = ("true", "on", "1", "t", "yes", "admin", "system", "service", "superuser", "superadmin", "bypass", "internal")
_CLIENTS = "request."  # what PostgREST sets itself, from a token the client cannot write
_MOST_ROWS = 6


def _run(stage: Stage) -> Iterator[Finding]:
    for asker in one_per_role(stage, "sql"):
        opened = {name: found for name in _names(stage, asker) if (found := _open(stage, asker, name)) is not None}
        if opened:
            yield _finding(asker, opened)


def _names(stage: Stage, asker: Asker) -> list[str]:
    """Give the settings policies read that do not say which tenant the subject is."""
    theirs = dict(as_side(stage, asker, Side.THEIRS).settings)
    telling = {name for name, value in asker.settings if theirs[name] != value}
    return [name for name in custom_settings(stage.catalog) if name not in telling and not name.startswith(_CLIENTS)]


def _open(stage: Stage, asker: Asker, name: str) -> tuple[str, Outcome] | None:
    rows = hidden_rows(
        stage,
        asker,
        most=_MOST_ROWS,
        only=lambda table: name in " ".join(texts_behind(stage.catalog, table.oid)),
    )
    with stage.acting(asker):
        for row in rows:
            wanted = reading(stage, asker, row)
            for value in _values(stage, name) if wanted else ():
                assert wanted is not None
                outcome = stage.attempt(
                    sql.SQL("select pg_catalog.set_config(%s, %s, true) union all {}").format(wanted[0]),
                    [name, value, *wanted[1]],
                )
                if ("seen",) in outcome.rows:
                    return value, outcome
    return None


def _values(stage: Stage, name: str) -> list[str]:
    """Give the constants that stand near the setting in any text, then what such settings usually hold."""
    near = (
        constant.replace("''", "'")
        for text in context_texts(stage.catalog)
        for found in re.finditer(rf"current_setting\(\s*'{re.escape(name)}'", text, re.IGNORECASE)
        for constant in re.findall(r"'((?:[^']|'')*)'", text[found.end() : found.end() + 120])
    )
    return list(dict.fromkeys([*near, *_USUAL]))


def _finding(asker: Asker, opened: dict[str, tuple[str, Outcome]]) -> Finding:
    name, (value, outcome) = next(iter(opened.items()))
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"{asker.title} opens every tenant by setting {name} to {value!r}.",
        meaning="Any session of the role may set it, and so may injected SQL: policies guard against mistakes only.",
        fix="-- take the setting out of the policies; let jobs that serve all tenants use a role of their own",
        role=asker.role.name,
        subject=asker.name,
        statement=outcome.statement,
        objects=tuple(opened),
    )


ATTACK = DatabaseAttack(
    code="B21",
    name="bypass_setting",
    claim="No setting that the role may make opens other tenants.",
    expect="no row",
    sabotage="alter policy note_floor on app.note using (tenant_id = (select substring(current_setting("
    "'backtrace_functions', true) from 't([0-9a-f]{32})')::uuid) or current_setting('app.bypass_rls', true) = 'on')",
    run=_run,
    needs="policies that read a setting which does not name a tenant or user",
)
