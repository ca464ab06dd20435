"""Forge the settings by which the database learns who asks, in one statement and in several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from psycopg import sql

from tenantry.blueprint.context import custom_settings, server_settings
from tenantry.sql.name import identifier
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import as_side, hidden_rows, one_per_role, other_keys, reading
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.sequence import Step, after
from tenantry.verify.stage import Outcome, Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side

_MOST_ROWS = 12
_UNION = "in one SELECT (set_config in the first branch of a UNION)"
_INSIDE = "inside an expression (query_to_xml)"
_STACKED = "by a SET before the query"

Forgery = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Hit:
    names: tuple[str, ...]
    way: str
    outcome: Outcome


def _run(stage: Stage) -> Iterator[Finding]:
    for asker in one_per_role(stage):
        rows = hidden_rows(stage, asker, most=_MOST_ROWS)
        hits = list(_hits(stage, asker, rows)) if rows else []
        if hits:
            yield _finding(asker, hits)


def _hits(stage: Stage, asker: Asker, rows: list[Row]) -> Iterator[_Hit]:
    """Forge each setting by itself, and all of them together where none is enough."""
    single = _forgeries(stage, asker)
    found = [hit for forgery in single if (hit := _forge(stage, asker, rows, forgery))]
    if found or len(single) < 2:
        yield from {hit.names: hit for hit in found}.values()
        return
    together = _forge(stage, asker, rows, tuple({name: (name, value) for ((name, value),) in single}.values()))
    if together:
        yield together


def _forgeries(stage: Stage, asker: Asker) -> list[Forgery]:
    """Give what may be claimed: the subject's own settings as the other tenant's, and those it leaves unset."""
    theirs = as_side(stage, asker, Side.THEIRS).settings
    changed = [((name, value),) for name, value in theirs if dict(asker.settings)[name] != value]
    # why: a name with nothing before or after a dot is one that nobody can set
    named = [name for name in custom_settings(stage.catalog) if all(name.split("."))]
    unset = [name for name in named if name not in dict(asker.settings)]
    guessed = [((name, key),) for name in unset for key in other_keys(stage, Side.THEIRS)[:4]]
    return [*changed, *guessed, *_sealed(stage, asker)]


def _sealed(stage: Stage, asker: Asker) -> list[Forgery]:
    """Give what the server's own settings hold once the subject is opened, as it would be for the other tenant."""
    with stage.acting(asker):
        held = [(name, _value(stage, name)) for name in server_settings(stage.catalog)]
    meant = [(name, value) for name, value in held if value and name not in dict(asker.settings)]
    theirs = as_side(stage, replace(asker, settings=tuple(meant)), Side.THEIRS).settings
    return [((name, value),) for name, value in theirs if (name, value) not in meant]


def _value(stage: Stage, name: str) -> str:
    rows = stage.attempt("select pg_catalog.current_setting(%s, true)", [name]).rows
    return str(rows[0][0] or "") if rows else ""


def _forge(stage: Stage, asker: Asker, rows: list[Row], forgery: Forgery) -> _Hit | None:
    with stage.acting(asker):
        for row in rows:
            wanted = reading(stage, asker, row)
            for way, outcome in _ways(stage, asker, forgery, wanted) if wanted else ():
                if ("seen",) in outcome.rows:
                    return _Hit(tuple(name for name, _ in forgery), way, outcome)
    return None


def _ways(
    stage: Stage, asker: Asker, forgery: Forgery, wanted: tuple[sql.Composed, list[object]]
) -> Iterator[tuple[str, Outcome]]:
    query, values = wanted
    calls = [sql.SQL("select pg_catalog.set_config({}, {}, true)").format(*map(sql.Literal, one)) for one in forgery]
    branches = sql.SQL(" union all ").join([*calls, query])
    yield _UNION, stage.attempt(_doubled(branches, query), values)
    hidden = [
        sql.SQL("select pg_catalog.query_to_xml({}, true, true, '')::text").format(sql.Literal(call.as_string(None)))
        for call in calls
    ]
    yield _INSIDE, stage.attempt(_doubled(sql.SQL(" union all ").join([*hidden, query]), query), values)
    steps = [
        Step(sql.SQL("set local {} = {}").format(identifier(*name.split(".")), sql.Literal(value)))
        for name, value in forgery
    ]
    yield _STACKED, after(stage, asker, steps, Step(query, tuple(values)))


def _doubled(statement: sql.Composed, query: sql.Composed) -> str:
    """Give the text with percent signs of literals doubled; the query's own placeholders stay."""
    text, own = statement.as_string(None), query.as_string(None)
    return text.removesuffix(own).replace("%", "%%") + own


def _finding(asker: Asker, hits: list[_Hit]) -> Finding:
    names = sorted({name for hit in hits for name in hit.names})
    is_api = asker.channel == "api"
    client = (
        " Clients of the API cannot send it themselves; an injection in any function they call can." if is_api else ""
    )
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.NOTE if is_api else Level.WARNING,
        kind=Kind.WEAKNESS,
        proof=Proof.ATTACKED,
        message=f"{asker.title} becomes another tenant by setting {', '.join(names)} itself, {hits[0].way}.{client}",
        meaning="Whoever can send or inject SQL as this role crosses tenants: policies trust what the role may set.",
        fix="-- carry the tenant where the role cannot write it: a sealed context (a setting only superusers may set, "
        "written by a verified opener), or a signed one",
        role=asker.role.name,
        subject=asker.name,
        statement=hits[0].outcome.statement,
        objects=tuple(names),
    )


ATTACK = DatabaseAttack(
    code="B09",
    name="context_forged",
    claim="A subject cannot tell the database that it is another tenant.",
    expect="error 42501, or the forged setting changes nothing",
    sabotage="alter policy note_floor on app.note "
    "using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))",
    run=_run,
    needs="a subject that is opened by settings, or policies that read settings",
)
