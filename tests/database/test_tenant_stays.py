"""Does every row keep its tenant once a plan is applied, whoever writes, by whatever path, at whatever place?"""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from planning import apply_to

from tenantry.blueprint.model import Blueprint
from tenantry.testing.databases import Database

STAYS = "TN050"
BEFORE = """
    create role stays_app login;
    create role stays_super superuser;
    create role stays_past nologin bypassrls;
    create table public.tenants (id bigint primary key);
    create table public.notes (
        id bigint primary key, tenant_id bigint references public.tenants on update cascade, body text
    );
    create table public.notes_old () inherits (public.notes);
    create table public.readings (tenant_id bigint not null, id bigint, day int) partition by range (day);
    create table public.readings_1 partition of public.readings for values from (1) to (10);
    create table public.readings_2 partition of public.readings for values from (10) to (20);
    create table public.pages (tenant_id bigint not null, id bigint) partition by list (tenant_id);
    create table public.pages_1 partition of public.pages for values in (1);
    create table public.pages_rest partition of public.pages default;
    create function public.give_away() returns trigger language plpgsql as $$
        begin if new.body = 'away' then new.tenant_id := 2; end if; return new; end $$;
    create trigger zz_give_away before update on public.notes for each row execute function public.give_away();
    insert into public.tenants values (1), (2);
    insert into public.notes values (1, 1, ''), (2, 2, ''), (3, null, '');
    insert into public.notes_old values (4, 1, '');
    insert into public.readings values (1, 1, 5);
    insert into public.pages values (1, 1);
    grant select, insert, update on all tables in schema public to stays_app, stays_past;
"""
BLUEPRINT = Blueprint.model_validate(
    {"tenant": {"table": "public.tenants"}, "roles": {"attack": ["stays_app"], "trusted": ["stays_past"]}}
)
MOVES = {
    "named": "update public.notes set tenant_id = 2 where id = 1",
    "to_nobody": "update public.notes set tenant_id = null where id = 1",
    "rewritten_by_a_trigger": "update public.notes set body = 'away' where id = 1",
    "child": "update public.notes set tenant_id = 2 where id = 4",
    "child_itself": "update public.notes_old set tenant_id = 2",
    "upserted": "insert into public.notes values (1, 1) on conflict (id) do update set tenant_id = 2",
    "merged": "merge into public.notes using public.tenants as one on one.id = 2 and notes.id = 1 "
    "when matched then update set tenant_id = one.id",
    "within_a_partition": "update public.readings set tenant_id = 2",
    "to_another_partition": "update public.readings set tenant_id = 2, day = 15",
    "in_a_partition": "update public.readings_1 set tenant_id = 2",
    "to_the_partition_of_another": "update public.pages set tenant_id = 2",
    "cascaded": "update public.tenants set id = 3 where id = 1",
    "key_of_a_tenant": "update public.tenants set id = 4 where id = 2",
}
ROLES = ("postgres", "stays_super", "stays_past")


@pytest.fixture
def tight(fresh_database: Callable[[str], Database]) -> Database:
    """Give a database after apply."""
    database = fresh_database(BEFORE)
    apply_to(database, BLUEPRINT)
    return database


def state_of(connection: psycopg.Connection, statement: str) -> str | None:
    """Give the SQLSTATE a statement ends with, none where it goes through; nothing of it stays."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
    except psycopg.Error as error:
        return error.sqlstate
    return None


def test_nobody_moves_a_row_to_another_tenant(tight: Database) -> None:
    with tight.connect() as connection:
        for role in ROLES:
            connection.execute(f"set role {role}".encode())
            found = {name: state_of(connection, statement) for name, statement in MOVES.items()}
            refused = {"42501"} if role == "stays_past" else set()
            # why: who is no owner may not write a partition or child itself
            assert {name for name, state in found.items() if state not in {STAYS, *refused}} == set(), found
            assert found["named"] == STAYS


def test_the_owner_of_the_table_is_held_by_it_also_without_row_security(tight: Database) -> None:
    tight.execute("alter table public.notes no force row level security")
    with tight.connect() as connection:
        connection.execute("set role tenantry_app_owner")
        assert state_of(connection, MOVES["named"]) == STAYS


def test_the_error_names_the_table_and_no_value(tight: Database) -> None:
    with tight.connect() as connection, pytest.raises(psycopg.Error, match=r"public\.notes cannot change") as refused:
        connection.execute(MOVES["named"].encode())
    assert (refused.value.sqlstate, refused.value.diag.table_name) == (STAYS, "notes")
    assert refused.value.diag.message_detail is None


def test_what_keeps_the_tenant_goes_through(tight: Database) -> None:
    with tight.connect() as connection:
        for statement in (
            "update public.notes set body = 'x', tenant_id = tenant_id",
            "update public.notes set tenant_id = 2 where id = 3",
            "update public.readings set day = 15",
            "update public.pages set id = 9",
        ):
            assert state_of(connection, statement) is None, statement


@pytest.mark.parametrize("name", MOVES)
def test_without_its_trigger_each_move_goes_through(tight: Database, name: str) -> None:
    with tight.connect() as connection:
        for table in ("tenants", "notes", "notes_old", "readings", "pages"):
            connection.execute(f"alter table public.{table} disable trigger user".encode())
        connection.execute("alter table public.notes enable trigger zz_give_away")
        assert state_of(connection, MOVES[name]) in (None, "23503")
        assert name not in ("named", "to_another_partition") or state_of(connection, MOVES[name]) is None


@pytest.mark.parametrize(
    ("trigger", "name"),
    [
        ("tenantry_tenant_stays on public.notes", "rewritten_by_a_trigger"),
        ('"~tenantry_tenant_stays" on public.readings', "to_another_partition"),
        ('"~tenantry_tenant_stays" on public.pages', "to_the_partition_of_another"),
        ("tenantry_tenant_stays on public.notes_old", "child"),
    ],
)
def test_each_trigger_is_what_refuses(tight: Database, trigger: str, name: str) -> None:
    tight.execute(f"drop trigger {trigger}")
    with tight.connect() as connection:
        assert state_of(connection, MOVES[name]) is None


def test_a_partition_attached_later_is_held_as_well(tight: Database) -> None:
    tight.execute(
        "create table public.later (like public.readings); insert into public.later values (1, 2, 25);"
        "alter table public.readings attach partition public.later for values from (20) to (30)"
    )
    with tight.connect() as connection:
        assert state_of(connection, "update public.later set tenant_id = 2") == STAYS


def test_an_update_of_other_columns_calls_no_function(tight: Database) -> None:
    with tight.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute("set local track_functions = 'all'")
        connection.execute("update public.readings set id = 2; update public.pages set id = 2")
        connection.execute("update public.notes set body = 'y'")
        found = connection.execute(
            "select calls from pg_stat_xact_user_functions where funcname = 'keep_tenant'"
        ).fetchone()
    assert found is None
