"""Verifying comes to an end, and says where, when the database's own code does not."""

from __future__ import annotations

import time

import psycopg
import pytest
from verifying import report_on

from tenantry.errors import StatementStuck
from tenantry.session.watch import watched

_GROUND = """
create role stuck_role nologin;
create table tenants (id uuid primary key default gen_random_uuid(), name text not null);
create table notes (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants, t text);
create table bills (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants, t text);
alter table notes enable row level security;
alter table bills enable row level security;
create policy own on notes using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy own on bills using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert, update, delete on notes, bills to stuck_role;
create function deaf() returns boolean language plpgsql volatile as $$ begin
  loop begin loop begin perform count(*) from generate_series(1, 100000);
  exception when query_canceled then null; end; end loop; exception when query_canceled then null; end; end loop;
end $$;
"""
_CLOCKLESS = """
create function clockless() returns text language plpgsql volatile as $$ begin
  execute 'set statement_' || 'timeout = 0'; loop perform count(*) from generate_series(1, 100000); end loop; end $$;
"""


def _open_questions(report) -> str:
    return "\n".join(f"{one.what}: {one.why}" for one in report.unproven)


def test_a_policy_that_catches_every_cancel_is_left_open_and_the_rest_is_judged(fresh_database):
    database = fresh_database(_GROUND + "create policy slow on notes as restrictive using (deaf());")
    report = report_on(database, statement_timeout_ms=500)
    verdicts = {str(c.verdict) for c in report.matrix if c.relation.endswith("notes")}
    assert verdicts <= {"unproven", "denied"}, verdicts
    assert "did not end when told to" in _open_questions(report)
    assert {str(c.verdict) for c in report.matrix if c.relation.endswith("bills")} >= {"own_rows"}


def test_a_default_that_switches_the_timeout_off_is_left_open(fresh_database):
    database = fresh_database(
        _GROUND + _CLOCKLESS + "alter table notes alter t set default clockless(), alter t set not null;"
        "alter table notes add check (t <> clockless());"
    )
    report = report_on(database, statement_timeout_ms=500)
    assert "notes" in _open_questions(report)
    assert {str(c.verdict) for c in report.matrix if c.relation.endswith("bills")} >= {"own_rows"}


def test_a_function_that_catches_every_cancel_is_left_open(fresh_database):
    database = fresh_database(
        _GROUND + "alter function deaf() security definer; grant execute on function deaf() to stuck_role;"
    )
    report = report_on(database, statement_timeout_ms=500)
    assert "function public.deaf(): a statement here did not end when told to" in _open_questions(report)
    assert "attack B04" not in _open_questions(report)
    assert {str(c.verdict) for c in report.matrix} >= {"own_rows"}


def test_a_relation_where_statements_run_out_of_time_is_given_up_after_a_few(fresh_database):
    slow = (
        "create function slow() returns boolean language sql volatile "
        "as 'select count(*) >= 0 from generate_series(1, 1000000000)';"
    )
    database = fresh_database(_GROUND + slow + "create policy slow on notes as restrictive using (slow());")
    started = time.monotonic()
    report = report_on(database, statement_timeout_ms=100)
    assert "ran out of time" in _open_questions(report)
    assert time.monotonic() - started < 60


def test_a_statement_that_cannot_be_cancelled_is_cut_off(fresh_database):
    database = fresh_database(_GROUND)
    with psycopg.connect(database.url(), autocommit=True) as connection:
        with watched(connection, 0.5), pytest.raises(StatementStuck):
            connection.execute("select deaf()")
        assert connection.broken


def test_a_statement_that_hears_the_cancel_keeps_its_connection(fresh_database):
    database = fresh_database()
    with psycopg.connect(database.url(), autocommit=True) as connection, watched(connection, 0.5):
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("select pg_sleep(60)")
        assert connection.execute("select 1").fetchone() == (1,)


def test_an_opener_that_never_ends_on_a_second_connection_is_cut_off(fresh_database):
    opener = """create function enter(t uuid) returns void language plpgsql as $$ begin
        if current_setting('transaction_read_only') = 'on' then perform deaf(); end if;
        perform set_config('app.tenant_id', t::text, true); end $$;"""
    blueprint = '[[subject]]\nrole = "stuck_role"\nsql = ["select public.enter({tenant}::uuid)"]\n'
    database = fresh_database(_GROUND + opener)
    report = report_on(database, blueprint, statement_timeout_ms=500)
    assert "attack B11" in _open_questions(report)
    assert {str(c.verdict) for c in report.matrix} >= {"own_rows"}
