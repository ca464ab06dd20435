"""Does our judgement of who may do what agree with the server's own, whatever was granted to whom?"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenantry.catalog.model import Catalog
from tenantry.catalog.privilege import (
    can,
    can_any_column,
    can_execute,
    can_use_schema,
    identities,
    reachable,
    updatable_columns,
)
from tenantry.catalog.read import read_here

ROLES = [f"case_r{number}" for number in range(5)]
COLUMNS = ["a", "b", "c"]
TABLE_PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
COLUMN_PRIVILEGES = ["SELECT", "INSERT", "UPDATE", "REFERENCES"]
PREDEFINED = ["pg_read_all_data", "pg_write_all_data", "pg_monitor"]
OBJECTS = """
    create schema guarded;
    create table guarded.things (a integer, b integer, c integer);
    create function guarded.answer() returns integer language sql as 'select 42';
    revoke all on function guarded.answer() from public;
"""


@dataclass(frozen=True)
class Membership:
    """One grant of a role; the options count on PostgreSQL 16 and later."""

    role: str
    member: str
    inherit: bool
    is_settable: bool

    def statement(self, version: int) -> str:
        """Give the GRANT for a server's major version."""
        options = f" with inherit {self.inherit}, set {self.is_settable}" if version >= 16 else ""
        return f"grant {self.role} to {self.member}{options};"


roles = st.sampled_from(ROLES)
grantees = st.sampled_from([*ROLES, "public"])
attributes = st.lists(st.sampled_from(["", "noinherit", "superuser", "bypassrls"]), min_size=5, max_size=5)
privileges = st.one_of(
    st.builds("grant usage on schema guarded to {};".format, grantees),
    st.builds("grant execute on function guarded.answer() to {};".format, grantees),
    st.builds("grant {} on guarded.things to {};".format, st.sampled_from(TABLE_PRIVILEGES), grantees),
    st.builds(
        "grant {} ({}) on guarded.things to {};".format,
        st.sampled_from(COLUMN_PRIVILEGES),
        st.sampled_from(COLUMNS),
        grantees,
    ),
    st.builds("alter table guarded.things owner to {};".format, roles),
    st.builds("alter schema guarded owner to {};".format, roles),
    st.builds("alter function guarded.answer() owner to {};".format, roles),
    st.builds("grant {} to {};".format, st.sampled_from(PREDEFINED), roles),
)


@st.composite
def memberships(draw: st.DrawFn) -> list[Membership]:
    """Give memberships without a circle: a role is granted only to those before it."""
    pairs = draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6, unique=True))
    return [
        Membership(ROLES[role], ROLES[member], draw(st.booleans()), draw(st.booleans()))
        for role, member in pairs
        if member < role
    ]


@pytest.fixture
def prepared(scratch: psycopg.Connection) -> psycopg.Connection:
    """Give a connection whose transactions are rolled back."""
    return scratch


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    attributes=attributes,
    granted=memberships(),
    privileges=st.lists(privileges, max_size=12),
)
def test_rights_agree_with_the_server(
    prepared: psycopg.Connection, attributes: list[str], granted: list[Membership], privileges: list[str]
) -> None:
    version = prepared.info.server_version // 10_000
    statements = [
        *(f"create role {role} {attribute};" for role, attribute in zip(ROLES, attributes, strict=True)),
        OBJECTS,
        *(membership.statement(version) for membership in granted),
        *privileges,
    ]
    with prepared.transaction(force_rollback=True):
        prepared.execute("".join(statements).encode())
        catalog = read_here(prepared)
        for role in ROLES:
            assert our_answers(catalog, role) == server_answers(prepared, role, version)


def our_answers(catalog: Catalog, name: str) -> dict[str, object]:
    role = catalog.role_named[name]
    things = catalog.relation_named["guarded", "things"]
    (answer,) = catalog.routines_named["answer"]
    named = {catalog.role_named[each].oid: each for each in ROLES}
    return {
        "usage": can_use_schema(catalog, role, "guarded"),
        "execute": can_execute(catalog, role, answer),
        "table": {one for one in TABLE_PRIVILEGES if can(catalog, role, things, one)},
        "any column": {one for one in COLUMN_PRIVILEGES if can_any_column(catalog, role, things, one)},
        "columns": {
            (one, column)
            for one in COLUMN_PRIVILEGES
            for column in COLUMNS
            if can(catalog, role, things, one, column=column)
        },
        "updatable": updatable_columns(catalog, role, things),
        "inherits": {named[oid] for oid in identities(catalog, role) & named.keys()},
        "may become": {named[oid] for oid in reachable(catalog, role) & named.keys()},
    }


def server_answers(connection: psycopg.Connection, role: str, version: int) -> dict[str, object]:
    def holds(query: str, *values: str) -> bool:
        found = connection.execute(f"select {query}".encode(), values).fetchone()
        return bool(found and found[0])

    usage = holds("has_schema_privilege(%s, 'guarded', 'usage')", role)
    table = "has_table_privilege(%s, 'guarded.things', %s)"
    column = "has_column_privilege(%s, 'guarded.things', %s, %s)"
    any_column = "has_any_column_privilege(%s, 'guarded.things', %s)"
    columns = {(one, name) for one in COLUMN_PRIVILEGES for name in COLUMNS if usage and holds(column, role, name, one)}
    is_superuser = holds("rolsuper from pg_roles where rolname = %s", role)
    becoming = "set" if version >= 16 else "member"
    return {
        "usage": usage,
        "execute": usage and holds("has_function_privilege(%s, 'guarded.answer()', 'execute')", role),
        "table": {one for one in TABLE_PRIVILEGES if usage and holds(table, role, one)},
        "any column": {one for one in COLUMN_PRIVILEGES if usage and holds(any_column, role, one)},
        "columns": columns,
        "updatable": tuple(name for name in COLUMNS if ("UPDATE", name) in columns),
        # why: a superuser is asked nothing, so the server calls it a member of all; we count grants
        "inherits": _members(connection, role, "usage") if not is_superuser else _granted(connection, role, "usage"),
        "may become": _members(connection, role, becoming)
        if not is_superuser
        else _granted(connection, role, becoming),
    }


def _members(connection: psycopg.Connection, role: str, way: str) -> set[str]:
    query = "select each from unnest(%s::text[]) as each where pg_has_role(%s, each, %s)"
    return {each for (each,) in connection.execute(query, [ROLES, role, way])}


def _granted(connection: psycopg.Connection, role: str, way: str) -> set[str]:
    """Ask as if the role were no superuser."""
    with connection.transaction(force_rollback=True):
        connection.execute(f"alter role {role} nosuperuser".encode())
        return _members(connection, role, way)
