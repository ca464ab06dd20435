"""Does what the blueprint says of a table hold for every role, and still when the table changes after the plan?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from offices import APP, READER, SCHEMA, WORKER, add_key, count, declared, session
from planning import apply_to, plan_of

from tenantry.testing.databases import Database

READ_ONLY = '[tables.notes]\nread_only = ["id"]\n'
SHARED = '[tables.kinds]\nshared = "the same for all"\nread_only = ["id"]\n'
KINDS = "create table kinds (id integer primary key default 1, name text); insert into kinds values (0, 'a');"
UNKNOWN = '[isolation]\nunknown = "share"\n'


@pytest.mark.parametrize("role", [APP, WORKER])
def test_nobody_who_serves_tenants_writes_a_read_only_column(
    fresh_database: Callable[[str], Database], role: str
) -> None:
    database = fresh_database(SCHEMA)
    apply_to(database, declared(READ_ONLY))
    add_key(database)
    with session(database, role) as connection:
        assert count(connection, "insert into notes (id, office_id, body) values (99, 1, 'x')") == -1
        assert count(connection, "update notes set id = 99") == -1
        assert count(connection, "insert into notes (office_id, body) values (1, 'x')") == 1
    assert plan_of(database, declared(READ_ONLY)).steps == ()


@pytest.mark.parametrize("role", [APP, WORKER])
def test_what_is_withheld_is_withheld_on_tables_that_inherit(
    fresh_database: Callable[[str], Database], role: str
) -> None:
    """Their rows are rows of the table they inherit from."""
    database = fresh_database(
        f"{SCHEMA} create role {APP} login; create table short_notes (again text) inherits (notes);"
        f"create table tiny (more text) inherits (short_notes); grant all on short_notes, tiny to {APP};"
    )
    said = declared('[tables.notes]\nwithhold = ["delete"]\nread_only = ["body"]\n')
    apply_to(database, said)
    add_key(database)
    with session(database, role) as connection:
        for table in ("notes", "short_notes", "tiny"):
            assert count(connection, f"delete from {table}") == -1
            assert count(connection, f"update {table} set body = 'x'") == -1
            assert count(connection, f"update {table} set id = id") >= 0
    assert plan_of(database, said).steps == ()


@pytest.mark.parametrize("role", [APP, WORKER, READER])
def test_a_read_only_column_opens_no_other_of_a_shared_table(
    fresh_database: Callable[[str], Database], role: str
) -> None:
    database = fresh_database(SCHEMA + KINDS)
    apply_to(database, declared(SHARED))
    add_key(database)
    with session(database, role) as connection:
        assert count(connection, "select from kinds") == 1
        assert count(connection, "insert into kinds (name) values ('x')") == -1
        assert count(connection, "update kinds set name = 'x'") == -1


@pytest.mark.parametrize(
    "change",
    [
        "alter table kinds add office_id bigint references offices; update kinds set office_id = 2",
        "drop table kinds; create table kinds (id integer primary key, office_id bigint not null references offices); "
        f"insert into kinds values (0, 2); grant select on kinds to {APP}",
    ],
    ids=["altered", "made anew"],
)
def test_a_table_that_was_nobody_s_is_fenced_once_a_column_names_its_tenant(
    fresh_database: Callable[[str], Database], change: str
) -> None:
    database = fresh_database(SCHEMA + KINDS)
    apply_to(database, declared(UNKNOWN))
    add_key(database)
    database.execute(change)
    with session(database, APP) as connection:
        assert count(connection, "select from kinds") == 1, "another tenant's row"
    apply_to(database, declared(UNKNOWN))
    with session(database, APP) as connection:
        assert count(connection, "select from kinds") == 0


@pytest.mark.parametrize("name", ["log on day", 'a on "b', "on", "x on public.notes"])
def test_a_name_that_holds_the_word_on_hides_no_policy(fresh_database: Callable[[str], Database], name: str) -> None:
    """The ids of what stands on a table are parted at that word."""
    table = '"' + name.replace('"', '""') + '"'
    database = fresh_database(
        f"{SCHEMA} create role {APP} login; create table {table} (id int primary key, office_id bigint not null "
        f"references offices); insert into {table} values (1, 1), (2, 2); grant select, delete on {table} to {APP};"
        f"alter table {table} enable row level security; create policy {table} on {table} using (true);"
    )
    personas = declared('[personas.manager]\nall = ["*"]\n')
    apply_to(database, personas)
    add_key(database)
    for roles, seen in (((), 0), (("manager",), 1)):
        with session(database, APP, roles=roles) as connection:
            assert count(connection, f"select from {table}") == seen
    apply_to(database, declared())
    assert plan_of(database, declared()).steps == ()
    with session(database, APP) as connection:
        assert count(connection, f"select from {table}") == 1
    database.execute(f"drop policy tenantry_floor on {table}")
    assert plan_of(database, declared()).steps != ()
