"""Call functions that write with their owner's rights, and see whether rows of another tenant come into sight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tenantry.blueprint.context import routines_behind, texts_behind
from tenantry.catalog.model import Catalog, Routine
from tenantry.catalog.privilege import can_execute
from tenantry.sql.name import quoted
from tenantry.verify.attack import DatabaseAttack, Target
from tenantry.verify.calls import calling, filled, is_callable
from tenantry.verify.foreign import is_declared_open
from tenantry.verify.model import Finding, Kind, Level, Proof, Verb
from tenantry.verify.reach import sees
from tenantry.verify.restating import restated
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side

_MOST_VICTIMS = 4
_WRITES = re.compile(r"\b(insert|update|merge|execute)\b", re.IGNORECASE)
_COMPARED = re.compile(r"\b(\w+)\s*=\s*'([^']+)'")
_TEXT = ("text", "character varying")


def _run(stage: Stage) -> Iterator[Finding]:
    texts = {one.oid: _text_of(stage, one) for one in stage.catalog.routines.values() if _may_lift(stage, one)}
    told: set[tuple[int, int]] = set()
    for asker in stage.askers:
        if asker.side is None or not texts:
            continue
        with stage.acting(asker):
            for oid, text in texts.items():
                routine = stage.catalog.routines[oid]
                if (oid, asker.role.oid) in told or not can_execute(stage.catalog, asker.role, routine):
                    continue
                stage.doing = routine.title
                if finding := _called(stage, asker, routine, text):
                    told.add((oid, asker.role.oid))
                    yield finding


def _may_lift(stage: Stage, routine: Routine) -> bool:
    return (
        routine.is_definer
        and routine.volatility == "v"
        and not routine.extension
        and is_callable(stage, routine)
        and bool(_WRITES.search(_text_of(stage, routine)))
    )


def _text_of(stage: Stage, routine: Routine) -> str:
    return " ".join(one.source for one in routines_behind(stage.catalog, [routine.oid]))


def _called(stage: Stage, asker: Asker, routine: Routine, text: str) -> Finding | None:
    """Call it with the subject's own keys, the rows it looks for being there."""
    if asker.side is None or not _victims(stage, asker, text):
        return None
    with (
        restated(stage, asker, _looked_for(stage, text, Side.SHARED), side=Side.SHARED),
        restated(stage, asker, _looked_for(stage, text, Side.THEIRS), side=Side.THEIRS),
        restated(stage, asker, _mail(stage, asker.side), side=asker.side),
    ):
        step = calling(routine, filled(stage, routine, asker.side))
        hidden = [(target, row) for target, row in _victims(stage, asker, text) if not sees(target, row)]
        shown = [target for target, row in hidden if sees(target, row, after=(step.statement, step.values))]
    call = step.statement if isinstance(step.statement, str) else step.statement.as_string(None)
    return _finding(asker, routine, shown[0].relation.title, call) if shown else None


def _victims(stage: Stage, asker: Asker, text: str) -> list[tuple[Target, Row]]:
    """Give the other tenant's rows in tables whose policies read a table that the function names."""
    named = {table.name for table in stage.catalog.tables} & set(re.findall(r"\w+", text))
    asked = _words_behind(stage.catalog)
    found = (
        (Target(stage, asker, relation), row)
        for relation in stage.catalog.tables
        if not is_declared_open(stage, relation)
        and named & asked.get(relation.oid, frozenset())
        and (row := stage.world.row(relation.oid, Side.THEIRS)) is not None
    )
    return [(target, row) for target, row in found if target.may("SELECT")][:_MOST_VICTIMS]


@lru_cache(maxsize=1)
def _words_behind(catalog: Catalog) -> dict[int, frozenset[str]]:
    return {oid: frozenset(re.findall(r"\w+", " ".join(texts_behind(catalog, oid)))) for oid in catalog.policies_of}


def _looked_for(stage: Stage, text: str, side: Side) -> dict[int, dict[str, str | None]]:
    """Give what a side's rows must hold for the function to find them: the constants it compares with."""
    words, wanted = set(re.findall(r"\w+", text)), _COMPARED.findall(text)
    found: dict[int, dict[str, str | None]] = {}
    for oid, whose in stage.world.rows:
        relation = stage.catalog.relations[oid]
        if whose is not side or relation.name not in words:
            continue
        for name, value in wanted:
            column = relation.by_column.get(name)
            if column is not None and (column.type_name in _TEXT or stage.catalog.types[column.type_oid].labels):
                found.setdefault(oid, {}).setdefault(name, value)
    return found


def _mail(stage: Stage, side: Side) -> dict[int, dict[str, str | None]]:
    """Give the subject's user an address where it has none: functions look users up by it."""
    users = stage.ownership.anchors.users
    row, relation = stage.world.row(users, side), stage.catalog.relations.get(users)
    if row is None or relation is None:
        return {}
    names = [one.name for one in relation.columns if "mail" in one.name and one.type_name in _TEXT]
    return {users: {name: f"{side}@example.com" for name in names[:1] if row.values[name] is None}}


def _finding(asker: Asker, routine: Routine, title: str, call: str) -> Finding:
    role = quoted(asker.role.name)
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"{asker.title} calls the function {routine.title}, and then reads rows of another tenant in {title}.",
        meaning="It runs with its owner's rights and gives whoever may call it a standing above the tenants.",
        fix=f"-- let it ask who calls, or close it:\n"
        f"revoke execute on {'procedure' if routine.kind == 'p' else 'function'} {routine.title} from {role}, public;",
        relation=routine.title,
        verb=str(Verb.EXECUTE),
        role=asker.role.name,
        subject=asker.name,
        statement=call,
        objects=(routine.title,),
    )


ATTACK = DatabaseAttack(
    code="B28",
    name="power_taken_by_function",
    claim="No function a subject may call gives it a standing that shows another tenant's rows.",
    expect="the same rows in sight after the call as before",
    sabotage="create table app.operator (person_id uuid primary key); "
    "alter table app.operator enable row level security; "
    "create function app.is_operator() returns boolean language sql stable security definer "
    "set search_path = pg_catalog, pg_temp as $$ select exists (select from app.operator where person_id = "
    "substring(current_setting('backtrace_functions', true) from 'a([0-9a-f]{32})$')::uuid) $$; "
    "create function app.become_operator() returns void language sql security definer "
    "set search_path = pg_catalog, pg_temp as $$ insert into app.operator values "
    "(substring(current_setting('backtrace_functions', true) from 'a([0-9a-f]{32})$')::uuid) $$; "
    "grant execute on function app.is_operator(), app.become_operator() to app_role; "
    "drop policy note_floor on app.note; alter policy note_use on app.note using (app.is_operator() or tenant_id = "
    "(select substring(current_setting('backtrace_functions', true) from 't([0-9a-f]{32})')::uuid))",
    run=_run,
    needs="a function with its owner's rights that the subject's role may call, and that writes",
)
