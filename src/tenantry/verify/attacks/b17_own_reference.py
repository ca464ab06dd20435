"""Learn which keys exist by a foreign key from a table of one's own: the check sees every row."""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import sql

from tenantry.catalog.model import Relation
from tenantry.catalog.privilege import can, identities
from tenantry.sql.name import identifier, quoted
from tenantry.verify.attack import DatabaseAttack
from tenantry.verify.foreign import one_per_role
from tenantry.verify.gadgets import own_schemas
from tenantry.verify.model import Finding, Kind, Level, Proof
from tenantry.verify.reach import relation_name
from tenantry.verify.report.wording import few
from tenantry.verify.sequence import Step, after
from tenantry.verify.stage import Stage
from tenantry.verify.subject import Asker
from tenantry.verify.synthesis.row import Row, Side

_MISSING = "23503"


def _run(stage: Stage) -> Iterator[Finding]:
    for asker in one_per_role(stage, "sql"):
        homes = own_schemas(stage, asker)
        tables = [table for table in stage.catalog.tables if homes and _is_referable(stage, asker, table)]
        with stage.acting(asker):
            told = tuple(table.title for table in tables if any(_probe(stage, asker, table, home) for home in homes))
        if told:
            yield _finding(asker, told)


def _is_referable(stage: Stage, asker: Asker, table: Relation) -> bool:
    key = stage.catalog.primary_key_of.get(table.oid, ())
    # why: what an owner may do to its own table is B14's to say
    if not key or not all(key) or table.owner in identities(stage.catalog, asker.role):
        return False
    return stage.ownership.is_owned(table.oid) and can(stage.catalog, asker.role, table, "REFERENCES")


def _probe(stage: Stage, asker: Asker, table: Relation, home: str) -> bool:
    """Refer to the other tenant's row, then to none: the answers must not tell them apart."""
    theirs, mine = stage.world.row(table.oid, Side.THEIRS), stage.world.row(table.oid, Side.MINE)
    if theirs is None or mine is None:
        return False
    key = stage.catalog.primary_key_of[table.oid]
    own = identifier(home, "tenantry_probe")
    fields = [
        sql.SQL("{} {}").format(identifier(name), sql.SQL(table.by_column[name].type_name))  # pyright: ignore[reportArgumentType]
        for name in key
    ]
    names = sql.SQL(", ").join(map(identifier, key))
    create = sql.SQL("create table {} ({}, foreign key ({}) references {} ({}))").format(
        own, sql.SQL(", ").join(fields), names, relation_name(table), names
    )
    insert = sql.SQL("insert into {} values ({})").format(own, sql.SQL(", ").join([sql.Placeholder()] * len(key)))
    found = after(stage, asker, [Step(create)], Step(insert, _values(theirs, key)))
    # why: with the row taken away first, the same key refers to nothing
    none = after(
        stage, asker, [Step(create)], Step(insert, _values(theirs, key)),
        meanwhile=lambda: _take_away(stage, theirs),
    )  # fmt: skip
    return not found.failed and none.sqlstate == _MISSING


def _take_away(stage: Stage, row: Row) -> None:
    stage.remove_dependents(row)
    stage.remove(row)


def _values(row: Row, key: tuple[str, ...]) -> tuple[str | None, ...]:
    return tuple(row.values[name] for name in key)


def _finding(asker: Asker, told: tuple[str, ...]) -> Finding:
    return Finding(
        code=ATTACK.code,
        name=ATTACK.name,
        level=Level.WARNING,
        kind=Kind.WEAKNESS,
        proof=Proof.ATTACKED,
        message=f"{asker.title} learns which keys exist in {few(told)} by a foreign key from a table of its own, "
        "and can keep those rows from being deleted.",
        meaning="Foreign-key checks bypass row security; the privilege REFERENCES is all it takes.",
        fix="\n".join(f"revoke references on {title} from {quoted(asker.role.name)};" for title in told),
        role=asker.role.name,
        subject=asker.name,
        statement="create table … (… references …)",
        objects=told,
    )


ATTACK = DatabaseAttack(
    code="B17",
    name="keys_told_by_own_reference",
    claim="The role that serves tenants cannot refer to rows it does not see.",
    expect="error 42501",
    sabotage="grant references on app.note to app_role; grant create on schema app to app_role",
    run=_run,
    needs="the privilege REFERENCES on an owned table, and a schema the role may create tables in",
)
