"""Put a table or function of one's own where a policy's function looks for another, by search_path."""

from __future__ import annotations

import re
from collections.abc import Iterator

from psycopg import sql

from tenantry.blueprint.context import routines_behind
from tenantry.catalog.model import Relation, Routine
from tenantry.sql.name import identifier, quoted
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import as_side, hidden_rows, one_per_role, reading
from tenantry.verify.gadgets import TEMPORARY, workshops
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.sequence import Step, after
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side

_MOST_ROWS = 20


def _run(stage: Stage) -> Iterator[Finding]:
    for asker in one_per_role(stage, "sql"):
        homes = workshops(stage, asker)
        rows = hidden_rows(stage, asker, most=_MOST_ROWS, only=lambda table: bool(_open_names(stage, table)))
        hijacked: dict[str, str] = {}
        with stage.acting(asker):
            for row in rows if homes else ():
                for routine in _open_names(stage, stage.catalog.relations[row.relation]):
                    if routine.title not in hijacked and (way := _hijack(stage, asker, row, routine, homes)):
                        hijacked[routine.title] = way
        if hijacked:
            yield _finding(asker, hijacked)


def _open_names(stage: Stage, table: Relation) -> list[Routine]:
    """Give the functions behind a table's policies that resolve names when they run, not when they were made."""
    policies = stage.catalog.policies_of.get(table.oid, ())
    found = routines_behind(stage.catalog, (oid for policy in policies for oid in policy.routines))
    return [one for one in found if not one.has_parsed_body and one.language in ("sql", "plpgsql")]


def _hijack(stage: Stage, asker: Asker, row: Row, routine: Routine, homes: list[str]) -> str:
    """Try every gadget this function is open to; say which one showed the row."""
    wanted = reading(stage, asker, row)
    if wanted is None:
        return ""
    path = next((setting for setting in routine.settings if setting.startswith("search_path=")), "")
    last = Step(wanted[0], tuple(wanted[1]))
    for home in homes:
        if home == TEMPORARY and "pg_temp" not in path:
            for table in _tables_named(stage, routine):
                if after(stage, asker, _shadow_table(stage, asker, table), last).rows:
                    return f"a temporary table {table.name}"
        is_open = home != TEMPORARY and not path
        if is_open and after(stage, asker, _shadow_setting(stage, asker, home), last).rows:
            return f"a function {home}.current_setting and its own search_path"
    return ""


def _tables_named(stage: Stage, routine: Routine) -> list[Relation]:
    """Give tables the body names without a schema: the temporary schema is searched for them before all others."""
    return [
        table
        for table in stage.catalog.tables
        if re.search(rf"(?<![\w.\"]){re.escape(table.name)}(?!\w|\s*\()", routine.source)
        and stage.world.row(table.oid, Side.THEIRS) is not None
    ]


def _shadow_table(stage: Stage, asker: Asker, table: Relation) -> list[Step]:
    """Make a table of that name with the other tenant's row, in which its user is the subject's own."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(identifier(column.name), sql.SQL(column.type_name))  # pyright: ignore[reportArgumentType]
        for column in table.columns
    )
    name = identifier(TEMPORARY, table.name)
    values = tuple(_as_me(stage, asker, table).values())
    marks = sql.SQL(", ").join([sql.Placeholder()] * len(values))
    return [
        Step(sql.SQL("create temporary table {} ({})").format(identifier(table.name), columns)),
        Step(sql.SQL("insert into {} values ({})").format(name, marks), values),
        Step(sql.SQL("grant select on {} to public").format(name)),
    ]


def _as_me(stage: Stage, asker: Asker, table: Relation) -> dict[str, str | None]:
    anchors = stage.ownership.anchors
    theirs = stage.world.row(table.oid, Side.THEIRS)
    me = stage.world.row(anchors.users, asker.side) if asker.side else None
    assert theirs is not None
    values = dict(theirs.values)
    if me is not None and table.oid == anchors.users:
        values[anchors.user_key] = me.values[anchors.user_key]
    for ref in stage.ownership.references.get(table.oid, ()) if me is not None else ():
        if me is not None and ref.target == anchors.users and not ref.is_audit:
            values.update({ours: me.values[name] for ours, name in zip(ref.columns, ref.target_columns, strict=True)})
    return values


def _shadow_setting(stage: Stage, asker: Asker, home: str) -> list[Step]:
    """Make a current_setting that answers with the other tenant's context, and search it first."""
    theirs = as_side(stage, asker, Side.THEIRS).settings
    cases = sql.SQL(" ").join(
        sql.SQL("when {} then {}").format(sql.Literal(name), sql.Literal(value)) for name, value in theirs
    )
    body = sql.SQL("select case $1 when '' then '' {} else pg_catalog.current_setting($1, true) end").format(cases)
    text = sql.Literal(body.as_string(None))
    name = identifier(home, "current_setting")
    path = f"{quoted(home)}, pg_catalog, {stage.catalog.server.search_path}"
    return [
        Step(sql.SQL("create function {}(text) returns text language sql stable as {}").format(name, text)),
        Step(sql.SQL("create function {}(text, boolean) returns text language sql stable as {}").format(name, text)),
        Step("select pg_catalog.set_config('search_path', %s, true)", (path,)),
    ]


def _finding(asker: Asker, hijacked: dict[str, str]) -> Finding:
    first = next(iter(hijacked))
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.WARNING,
        kind=Kind.WEAKNESS,
        proof=Proof.ATTACKED,
        message=f"{asker.title} makes {first}, which policies call, look at {hijacked[first]} "
        "instead of the real one, and reads rows of another tenant.",
        meaning="A function without a pinned search_path finds what its caller puts in its way; the temporary "
        "schema is searched for tables before all others unless it is named last.",
        fix="\n".join(f"alter function {title} set search_path = pg_catalog, public, pg_temp;" for title in hijacked)
        + "\n-- better: name every object with its schema, and set search_path = ''",
        role=asker.role.name,
        subject=asker.name,
        statement=f"create {hijacked[first]}",
        objects=tuple(hijacked),
    )


ATTACK = DatabaseAttack(
    code="B18",
    name="policy_name_hijacked",
    claim="What policies call finds what its author meant, whatever the caller creates and sets.",
    expect="no row",
    sabotage="create function app.current_tenant() returns uuid language sql stable as $$ select "
    "substring(current_setting('backtrace_functions', true) from 't([0-9a-f]{32})')::uuid $$; "
    "alter policy note_floor on app.note using (tenant_id = (select app.current_tenant())); "
    "grant create on schema app to app_role",
    run=_run,
    needs="policies that call functions without a pinned search_path, and a schema to create in (temporary may do)",
)
