"""Does a quoted name mean to the server exactly the name it was made from, in every way we send it?"""

from __future__ import annotations

import psycopg
import pytest
from hostile import NAMES
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tenantry.errors import UnsafeName
from tenantry.session.cursor import NameSafeCursor
from tenantry.sql.name import identifier, literal, qualified, quoted

LONGEST_BYTES = 63

characters = st.characters(codec="utf-8", exclude_characters="\0")
names = st.one_of(
    st.sampled_from(sorted(NAMES.values())),
    st.text(characters, min_size=1, max_size=LONGEST_BYTES).filter(lambda name: len(name.encode()) <= LONGEST_BYTES),
)
ours = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def one(connection: psycopg.Connection, query: sql.Composable | str, *values: object) -> object:
    """Ask for one value, as an attack does: composed, and with values beside it or not."""
    text = query.encode() if isinstance(query, str) else sql.Composed([query])
    with NameSafeCursor(connection) as cursor:
        row = cursor.execute(text, values or None).fetchone()
    assert row is not None
    return row[0]


@ours
@given(schema=names, table=names, column=names)
def test_a_name_survives_the_server(scratch: psycopg.Connection, schema: str, table: str, column: str) -> None:
    if schema.startswith("pg_") or schema in ("public", "information_schema"):
        return
    with scratch.transaction(force_rollback=True):
        scratch.execute(f"create schema {quoted(schema)}".encode())
        scratch.execute(f"create table {quoted(schema, table)} ({quoted(column)} text)".encode())
        asked = sql.SQL("insert into {} ({}) values (%s) returning {}").format(
            qualified(schema, table), identifier(column), identifier(column)
        )
        assert one(scratch, asked, "100% %s") == "100% %s"
        read = sql.SQL("select {} from {}").format(identifier(column), qualified(schema, table))
        assert one(scratch, read) == "100% %s"
        found = scratch.execute(
            "select schema.nspname::text, class.relname::text, attribute.attname::text "
            "from pg_class as class join pg_attribute as attribute on attribute.attrelid = class.oid and attnum = 1 "
            "join pg_namespace as schema on schema.oid = class.relnamespace where class.oid = %s::regclass",
            [quoted(schema, table)],
        ).fetchone()
        assert found is not None
        assert found == (schema, table, column)


@ours
@given(text=st.text(characters))
@example("\\'; drop table x; --")
def test_a_literal_survives_the_server(scratch: psycopg.Connection, text: str) -> None:
    assert one(scratch, f"select {literal(text)}") == text


@pytest.mark.parametrize("name", ["", "\0", "a\0b"])
def test_what_no_name_can_be_is_refused(name: str) -> None:
    with pytest.raises(UnsafeName):
        quoted("public", name)
