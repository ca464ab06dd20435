"""Is nothing left to do after apply, and nothing changed after undo, whatever the tables are called and look like?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planning import apply_to, plan_of, schema_dump, undo_on
from psycopg import sql

from tenantry.blueprint.model import Blueprint
from tenantry.testing.databases import Database, Workshop

HOSTILE = ("order", "100%", 'say "no"', "a b", "Mixed", "tänzerin", "x;drop", "it's", "$$", "n.m", "%s", "{}", "é" * 30)
KEYS = {"uuid": "gen_random_uuid()", "bigint": "1", "text": "'k'"}


@dataclass(frozen=True)
class Table:
    """A table of a tenant, directly or by way of the one before it."""

    name: str
    is_direct: bool
    has_policy: bool
    has_rls: bool


@dataclass(frozen=True)
class Schema:
    """A schema with tenants, a role, and some tables."""

    schema: str
    tenants: str
    column: str
    key: str
    tables: tuple[Table, ...]


names = st.sampled_from(HOSTILE)
tables = st.builds(Table, name=names, is_direct=st.booleans(), has_policy=st.booleans(), has_rls=st.booleans())
schemas = st.builds(
    Schema,
    schema=names,
    tenants=names,
    column=names,
    key=st.sampled_from(sorted(KEYS)),
    tables=st.lists(tables, min_size=1, max_size=4, unique_by=lambda table: table.name).map(tuple),
).filter(lambda schema: schema.tenants not in {table.name for table in schema.tables} and schema.column != "k")


def statements(schema: Schema) -> list[sql.Composed]:
    name = sql.Identifier
    kind = sql.SQL(schema.key)  # type: ignore[arg-type]
    made = [
        sql.SQL("create schema {}").format(name(schema.schema)),
        sql.SQL("create table {} (k {} primary key, label text unique)").format(
            name(schema.schema, schema.tenants), kind
        ),
    ]
    before = ""
    for table in schema.tables:
        title = name(schema.schema, table.name)
        is_direct = table.is_direct or not before
        if is_direct:
            reference = sql.SQL("{} {} not null references {} (k)").format(
                name(schema.column), kind, name(schema.schema, schema.tenants)
            )
        else:
            reference = sql.SQL("parent bigint not null references {} (id) on delete cascade").format(
                name(schema.schema, before)
            )
        made.append(sql.SQL("create table {} (id bigint primary key, note text, {})").format(title, reference))
        if table.has_rls:
            made.append(sql.SQL("alter table {} enable row level security").format(title))
        if table.has_policy:
            made.append(sql.SQL("create policy {} on {} using (note is not null)").format(name(table.name), title))
        made.append(sql.SQL("grant all on {} to any_app").format(title))
        before = table.name
    return made


def blueprint(schema: Schema) -> Blueprint:
    def quoted(part: str) -> str:
        return '"' + part.replace('"', '""') + '"'

    return Blueprint.model_validate(
        {
            "tenant": {
                "table": f"{quoted(schema.schema)}.{quoted(schema.tenants)}",
                "key": "k",
                "columns": [schema.column],
            },
            "context": {"noun": "tenant"},
            "roles": {"attack": ["any_app"]},
            "isolation": {"unknown": "share"},
        }
    )


@pytest.fixture
def emptied(workshop: Workshop) -> Callable[[], Database]:
    return workshop.database


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(schema=schemas)
def test_apply_leaves_nothing_to_do_and_undo_nothing_changed(emptied, schema: Schema) -> None:
    with emptied() as database:
        with database.connect() as connection:
            connection.execute("create role any_app login")
            for statement in statements(schema):
                connection.execute(statement)
        before = schema_dump(database)
        apply_to(database, blueprint(schema))
        again = plan_of(database, blueprint(schema))
        assert again.steps == (), [change.object for step in again.steps for change in step.changes]
        assert "tenantry_floor" in schema_dump(database)
        undo_on(database)
        assert schema_dump(database) == before
