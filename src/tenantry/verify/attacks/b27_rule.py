"""Write where a rule or an INSTEAD OF trigger writes along, and look at the tables it writes to.

What a rule adds to a statement, or puts in its place, runs with the rights of the relation's owner; a condition
(``where``) lets the statement itself pass for some rows and not for others. So the writes are tried with values of
one's own, with those of the other tenant, and with the very values that conditions ask for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from tenantry.blueprint.context import routines_behind
from tenantry.catalog.model import Relation
from tenantry.catalog.privilege import can, can_any_column, updatable_columns
from tenantry.sql.name import identifier, quoted
from tenantry.verify.attack import DatabaseAttack, Target
from tenantry.verify.foreign import is_declared_open, one_per_role
from tenantry.verify.model import Finding, Kind, Level, Proof, Skipped
from tenantry.verify.outside import Firing, fired_outside
from tenantry.verify.reach import at_row, relation_name
from tenantry.verify.report.wording import listed
from tenantry.verify.sequence import Step
from tenantry.verify.stage import Outcome, Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side
from tenantry.verify.victims import Victims
from tenantry.verify.views import owned_behind

_MOST_ROWS = 100_000
_MOST_COLUMNS = 8
_ASKED_FOR = re.compile(r"\b(?:new|old)\.(\w+) = '([^']*)'::", re.IGNORECASE)

Values = dict[str, str | None]


@dataclass(frozen=True)
class _Door:
    """A relation whose writes are rewritten: by which rules and triggers, and which owned tables those name."""

    relation: Relation
    by: tuple[str, ...]
    text: str
    tables: tuple[Relation, ...]


def _run(stage: Stage) -> Iterator[Finding | Skipped]:
    for door in _doors(stage):
        for asker in one_per_role(stage):
            if not any(can_any_column(stage.catalog, asker.role, door.relation, verb) for verb in _VERBS):
                continue
            if reason := _fired(stage, door):
                yield Skipped(f"attack {ATTACK.code} on {door.relation.title}", reason)
                break
            with stage.acting(asker):
                hits = [hit for hit in _tried(stage, asker, door) if hit.seen]
            if hits:
                yield _finding(asker, door, hits)


_VERBS = ("INSERT", "UPDATE", "DELETE")


def _doors(stage: Stage) -> Iterator[_Door]:
    for relation in stage.catalog.relations.values():
        rules = [rule for rule in stage.catalog.rules if rule.relation == relation.oid]
        triggers = [one for one in stage.catalog.triggers if one.relation == relation.oid and relation.kind == "v"]
        if relation.extension or not (rules or triggers):
            continue
        bodies = routines_behind(stage.catalog, [one.routine for one in triggers])
        text = " ".join([*(rule.definition for rule in rules), *(body.source for body in bodies)])
        tables = _tables_named(stage, relation, text)
        if tables:
            by = (*(f"rule {quoted(rule.name)}" for rule in rules), *(f"trigger {quoted(t.name)}" for t in triggers))
            yield _Door(relation, by, text, tables)


def _tables_named(stage: Stage, relation: Relation, text: str) -> tuple[Relation, ...]:
    """Give the owned tables a text names and, for a view, those behind it; a table's own rows are for others to try."""
    words = set(re.findall(r"\w+", text))
    named = [one for one in stage.catalog.tables if one.name in words and stage.ownership.is_owned(one.oid)]
    behind = owned_behind(stage, relation) if relation.is_view else []
    found = {one.oid: one for one in [*named, *behind] if one.oid != relation.oid and not is_declared_open(stage, one)}
    return tuple(found.values())


def _fired(stage: Stage, door: _Door) -> str:
    if stage.call_outside:
        return ""
    reasons = (fired_outside(stage.catalog, one, Firing.WRITE) for one in (door.relation, *door.tables))
    reason = next((one for one in reasons if one), "")
    return f"{reason}; --call-outside tries it all the same" if reason else ""


# -- the writes -----------------------------------------------------------------------------------------


def _tried(stage: Stage, asker: Asker, door: _Door) -> Iterator[Outcome]:
    rows = [row for one in door.tables if (row := stage.world.row(one.oid, Side.THEIRS)) is not None]
    big = any(one.estimated_rows > _MOST_ROWS for one in (door.relation, *door.tables))
    for step, room in [*_inserts(stage, asker, door), *([] if big else _sweeps(stage, asker, door))]:
        yield _attempt(stage, step, Victims(stage, rows), room)
    for step in _pointed(stage, asker, door):
        yield _attempt(stage, step, Victims(stage, rows), [])


def _attempt(stage: Stage, step: Step, victims: Victims, room: list[Row]) -> Outcome:
    def before() -> None:
        for row in room:
            stage.remove(row)
        victims.count()

    return stage.attempt(step.statement, step.values, before=before, look=victims.harm)


def _inserts(stage: Stage, asker: Asker, door: _Door) -> Iterator[tuple[Step, list[Row]]]:
    """Insert a row of one's own, one that is mostly the other tenant's, and one that is wholly theirs."""
    mine, theirs = _values(stage, door, asker.side), _values(stage, door, Side.THEIRS)
    fixed = _identity(stage, door.relation)
    mixed = {name: value if name not in fixed else mine.get(name, value) for name, value in theirs.items()}
    asked = {name: value for name, value in _ASKED_FOR.findall(door.text) if name in theirs}
    room = [row for side in (Side.MINE, Side.THEIRS) for row in _rows_behind(stage, door, side)]
    for values in (mine, mixed, theirs, {**mine, **asked}, {**mixed, **asked}, {**theirs, **asked}):
        names = [
            column.name
            for column in door.relation.columns
            if values.get(column.name) is not None
            and not column.generated
            and column.identity != "a"
            and can(stage.catalog, asker.role, door.relation, "INSERT", column=column.name)
        ]
        if names:
            statement = sql.SQL("insert into {} ({}) values ({})").format(
                relation_name(door.relation),
                sql.SQL(", ").join(map(identifier, names)),
                sql.SQL(", ").join([sql.Placeholder()] * len(names)),
            )
            yield Step(statement, tuple(values[name] for name in names)), room


def _values(stage: Stage, door: _Door, side: Side | None) -> Values:
    """Give a side's values for the columns of the relation: its own row's, or those of the tables behind."""
    return {name: value for row in reversed(_rows_behind(stage, door, side)) for name, value in row.values.items()}


def _rows_behind(stage: Stage, door: _Door, side: Side | None) -> list[Row]:
    behind = [door.relation] if door.relation.is_table else list(door.tables)
    return [row for one in behind if side and (row := stage.world.row(one.oid, side)) is not None]


def _identity(stage: Stage, relation: Relation) -> set[str]:
    """Give the columns that say which row it is and whose; for a view, the columns that are called so."""
    owned = stage.ownership.owner_of(relation.oid).columns if stage.ownership.is_owned(relation.oid) else ()
    return {*owned, *stage.catalog.primary_key_of.get(relation.oid, ()), *stage.ownership.anchors.tenant_columns}


def _sweeps(stage: Stage, asker: Asker, door: _Door) -> Iterator[tuple[Step, list[Row]]]:
    """Update and delete whatever the statement reaches."""
    name = relation_name(door.relation)
    for column in _settable(stage, asker, door)[:1]:
        statement = sql.SQL("update {} set {} = {}").format(name, identifier(column), identifier(column))
        yield Step(statement), []
    if can(stage.catalog, asker.role, door.relation, "DELETE"):
        yield Step(sql.SQL("delete from {}").format(name)), []


def _pointed(stage: Stage, asker: Asker, door: _Door) -> Iterator[Step]:
    """Change one's own row: one column after the other to what the other tenant's holds, or to what is asked for."""
    mine = stage.world.row(door.relation.oid, asker.side) if asker.side else None
    reached = at_row(Target(stage, asker, door.relation), mine) if mine else None
    if mine is None or reached is None:
        return
    condition, values = reached
    theirs = _values(stage, door, Side.THEIRS)
    for column in _settable(stage, asker, door):
        wanted = [theirs.get(column), *(value for name, value in _ASKED_FOR.findall(door.text) if name == column)]
        for value in dict.fromkeys(one for one in wanted if one is not None):
            statement = sql.SQL("update {} set {} = %s where {}").format(
                relation_name(door.relation), identifier(column), condition
            )
            yield Step(statement, (value, *values))
    if can(stage.catalog, asker.role, door.relation, "DELETE"):
        yield Step(sql.SQL("delete from {} where {}").format(relation_name(door.relation), condition), tuple(values))


def _settable(stage: Stage, asker: Asker, door: _Door) -> list[str]:
    """Give columns the subject may set, those the rules speak of first."""
    relation = door.relation
    names = [
        name
        for name in updatable_columns(stage.catalog, asker.role, relation)
        if not relation.by_column[name].generated and relation.by_column[name].identity != "a"
    ]
    return sorted(names, key=lambda name: not re.search(rf"\b{re.escape(name)}\b", door.text))[:_MOST_COLUMNS]


def _finding(asker: Asker, door: _Door, hits: list[Outcome]) -> Finding:
    harms = tuple(dict.fromkeys(str(hit.seen) for hit in hits))
    title = door.relation.title
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.ERROR,
        kind=Kind.LEAK,
        proof=Proof.ATTACKED,
        message=f"{asker.title} writes to {title}, and by its {listed(door.by)} {listed(harms)}.",
        meaning="What a rule does runs with the rights of the relation's owner, and what a trigger does with those of "
        "its function's: past the policies that hold the one who writes.",
        fix="\n".join(f"drop {one} on {title};" for one in door.by)
        + "\n-- and do what is needed in a trigger function that runs with its caller's rights",
        relation=title,
        verb=hits[0].statement.split(maxsplit=1)[0].lower(),
        role=asker.role.name,
        subject=asker.name,
        statement=hits[0].statement,
        objects=tuple(one.title for one in door.tables),
    )


ATTACK = DatabaseAttack(
    code="B27",
    name="rows_written_by_rule",
    claim="No rule and no INSTEAD OF trigger writes to rows of another tenant than the one who set it off.",
    expect="no row of another tenant changed or added",
    sabotage="create table app.tally (tenant_id uuid primary key references app.tenant (id), notes int not null); "
    "alter table app.tally enable row level security; alter table app.tally owner to app_owner; "
    "create rule count_notes as on insert to app.note do also update app.tally set notes = notes + 1",
    run=_run,
    needs="a rule, or a view with an INSTEAD OF trigger, that names an owned table and that the subject may write to",
)
