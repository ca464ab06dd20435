"""Is a difference between two worlds never one of chance, and a comparison that never ended never safe?"""

from __future__ import annotations

import pytest
from verifying import found, report_on

SHOP = """
do $$ begin create role case_web nologin; exception when duplicate_object then null; end $$;
create table public.tenants (id uuid primary key, name text not null);
create table public.notes (id uuid primary key, tenant_id uuid not null references public.tenants, body text not null);
alter table public.tenants enable row level security;
alter table public.notes enable row level security;
grant select on public.tenants to case_web;
grant select, insert, update, delete on public.notes to case_web;
create policy own on public.tenants using (id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own on public.notes using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create view public.totals as select count(*) from public.notes;
"""


@pytest.mark.parametrize(
    "statement", ["select pg_catalog.random()", "select pg_catalog.clock_timestamp()", "select gen_random_uuid()"]
)
def test_an_answer_that_varies_by_itself_is_no_leak_and_is_listed(fresh_database, statement):
    report = report_on(fresh_database(SHOP), f'statements = ["{statement}"]')
    assert found(report, "N01") == []
    assert any(one.what.startswith(statement) and "vary by themselves" in one.why for one in report.skipped)
    assert report.exit_status() != 2


def test_the_order_of_rows_makes_no_difference(fresh_database):
    statement = "select n from pg_catalog.generate_series(1, 50) as n order by pg_catalog.random()"
    report = report_on(fresh_database(SHOP), f'statements = ["{statement}"]')
    assert found(report, "N01") == []
    assert [one for one in report.skipped if one.what.startswith(statement)] == []


@pytest.mark.parametrize("server", [18], indirect=True)
def test_a_statement_that_never_ends_is_unproven_with_its_reason(fresh_database):
    report = report_on(
        fresh_database(SHOP), 'statements = ["select pg_catalog.pg_sleep(60)"]', statement_timeout_ms=250
    )
    assert found(report, "N01") == []
    left = [one for one in report.unproven if one.what.startswith("select pg_catalog.pg_sleep(60)")]
    assert left
    assert all("57014" in one.why for one in left)


@pytest.mark.parametrize("server", [18], indirect=True)
def test_a_view_that_never_answers_is_unproven(fresh_database):
    database = fresh_database(
        SHOP
        + """create view public.slow as select tenant_id, pg_catalog.pg_sleep(60)::text as waited from public.notes;
        grant select on public.slow to case_web;"""
    )
    report = report_on(database, statement_timeout_ms=250)
    assert [one for one in report.unproven if one.what.startswith("public.slow: compared in two worlds by case_web")]
    assert report.exit_status() != 0


@pytest.mark.parametrize("server", [18], indirect=True)
def test_a_difference_that_is_not_chance_is_still_a_leak(fresh_database):
    database = fresh_database(SHOP + "grant select on public.totals to case_web;")
    assert found(report_on(database, 'statements = ["select * from public.totals"]'), "N01")
    assert found(report_on(database), "B01", "public.totals")
