"""Does a context open once in a transaction, end with it, and is it asked for anew by every statement?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from forgeries import accept_anything
from grounds import MINTER, OPEN, OURS, THEIRS, Ground, ground, refuses, resigned, rows, value, weaken
from psycopg.errors import InsufficientPrivilege

from tenantry.context.model import Profile
from tenantry.context.token import Minter
from tenantry.testing.databases import Database

PROVED = (Profile.SEALED, Profile.SIGNED)


@pytest.fixture(params=PROVED)
def at(request: pytest.FixtureRequest, fresh_database: Callable[[str], Database]) -> Ground:
    """Give a ground of this test's own."""
    return ground(fresh_database, request.param)


def test_a_context_opens_once(at: Ground) -> None:
    with at.connect() as connection, connection.transaction():
        at.open(connection)
        for tenant in (THEIRS, OURS):
            refuses(connection, MINTER.mint(tenant), "already open")
        assert (rows(connection, OURS), rows(connection, THEIRS)) == (50, 0)


def test_without_write_once_a_second_token_would_change_the_tenant(at: Ground) -> None:
    if at.profile is Profile.SEALED:
        weaken(at.database, "tenantry.open(text)", "where current_setting('backtrace_functions') = ''", "")
    else:
        weaken(at.database, "tenantry.open(text)", "<> '' then", "= 'never' then")
    with at.connect() as connection, connection.transaction():
        at.open(connection)
        at.open(connection, THEIRS)
        assert rows(connection, THEIRS) == 50


def test_a_context_ends_with_the_savepoint_it_was_opened_in(at: Ground) -> None:
    with at.connect() as connection, connection.transaction():
        with connection.transaction(force_rollback=True):
            at.open(connection, THEIRS)
        assert rows(connection, THEIRS) == 0
        at.open(connection, OURS)
        with connection.transaction(force_rollback=True):
            refuses(connection, MINTER.mint(THEIRS), "already open")
        assert rows(connection, OURS) == 50


def test_a_context_opened_in_a_released_savepoint_stays_open(at: Ground) -> None:
    with at.connect() as connection, connection.transaction():
        with connection.transaction():
            at.open(connection)
        refuses(connection, MINTER.mint(THEIRS), "already open")
        assert rows(connection, OURS) == 50


def test_a_context_opens_in_a_read_only_transaction(at: Ground) -> None:
    with at.connect() as connection, connection.transaction():
        connection.execute("set transaction read only")
        at.open(connection)
        assert rows(connection, OURS) == 50


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
def test_a_prepared_statement_asks_anew_in_each_context(at: Ground, mode: str) -> None:
    with at.connect() as connection:
        connection.execute(f"set plan_cache_mode = {mode}".encode())
        connection.execute(
            "prepare count as select tenantry.current_org_id()::text, count(*), "
            "count(*) filter (where tenant_id = tenantry.current_org_id()) from public.note"
        )
        for tenant in (OURS, THEIRS, OURS):
            with connection.transaction():
                at.open(connection, tenant)
                assert connection.execute("execute count").fetchone() == (tenant, 50, 50)
        assert connection.execute("execute count").fetchone() == (None, 0, 0)


def test_a_reader_marked_immutable_would_be_folded_into_the_plan(at: Ground) -> None:
    at.database.execute(
        "create or replace function tenantry.current_org_id() returns uuid language sql immutable "
        "return nullif(split_part(tenantry.carrier(), 'u', 2), '')::uuid"
    )
    with at.connect() as connection:
        connection.execute("set plan_cache_mode = force_generic_plan")
        connection.execute("prepare asked as select tenantry.current_org_id()::text")
        with connection.transaction():
            at.open(connection, THEIRS)
            connection.execute("execute asked")
        with connection.transaction():
            at.open(connection, OURS)
            assert connection.execute("execute asked").fetchone() == (THEIRS,)


def test_who_may_not_execute_the_opener_opens_nothing_also_through_anothers_function(at: Ground) -> None:
    at.database.execute(
        """
        create role case_other login; create role case_definer;
        grant usage on schema tenantry to case_other, case_definer;
        grant create on schema public to case_definer; set role case_definer;
        create function public.open_for(token text) returns void language sql security definer
        set search_path = pg_catalog, pg_temp as $$ select tenantry.open(token) $$
        """
    )
    with at.connect("case_other") as connection:
        for opener in ("tenantry.open", "public.open_for"):
            with pytest.raises(InsufficientPrivilege, match="permission denied for function open"):
                connection.execute(f"select {opener}(%s)".encode(), [MINTER.mint(OURS)])


def test_a_token_stays_out_of_sight_as_a_bind_parameter(at: Ground) -> None:
    token, seen = MINTER.mint(OURS), threading.Event()
    with at.connect() as connection, at.connect() as other:
        working = threading.Thread(
            target=lambda: (connection.execute("select tenantry.open(%s), pg_sleep(1)", [token]), seen.set())
        )
        working.start()
        said = ""
        while "tenantry.open" not in said and not seen.is_set():
            said = str(value(other, "select query from pg_stat_activity where pid = %s", connection.info.backend_pid))
        working.join()
    assert "tenantry.open($1)" in said
    assert token not in said


def test_accept_refuses_a_token_whose_mac_is_not_checked_only_when_it_is(at: Ground) -> None:
    forged = Minter("first", bytes(32)).mint(THEIRS)
    with at.connect() as connection:
        refuses(connection, forged)
    accept_anything(at)
    with at.connect() as connection, connection.transaction():
        connection.execute(OPEN, [forged])
        assert rows(connection, THEIRS) == 50


@pytest.mark.parametrize(
    ("because", "old", "new", "change"),
    [
        ("has expired", "= (1)::double precision", "<= (1)::double precision", lambda now: (2, str(now - 1))),
        ("longer than its key", "= (1)::double precision", ">= (1)::double precision", lambda now: (2, str(now + 120))),
        ("another connection", "pg_backend_pid()", "1", lambda _: (3, "1")),
    ],
)
def test_each_refusal_of_a_signed_token_is_the_opener_s_own(
    at: Ground, because: str, old: str, new: str, change: Callable[[int], tuple[int, str]]
) -> None:
    token = resigned(MINTER.mint(OURS), *change(int(time.time())))
    with at.connect() as connection:
        refuses(connection, token, because)
    weaken(at.database, "tenantry.proved(text)", old, new)
    with at.connect() as connection, connection.transaction():
        connection.execute(OPEN, [token])
        assert rows(connection, OURS) == 50
