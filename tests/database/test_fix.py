"""The SQL a finding suggests closes the leak and leaves tenants their own rows."""

import pytest
from verifying import cell, found, report_on

SHOP = """
do $$ begin create role case_web nologin; exception when duplicate_object then null; end $$;
do $$ begin create role case_reporting nologin; exception when duplicate_object then null; end $$;
create table public.tenants (id uuid primary key, name text not null);
create table public.invoices (
    id uuid primary key, tenant_id uuid not null references public.tenants, total int not null);
create table public.lines (
    id uuid primary key, invoice_id uuid not null references public.invoices, what text not null);
create table public.notes (id uuid primary key, tenant_id uuid not null references public.tenants);
alter table public.notes enable row level security;
create policy own on public.notes using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
grant select, insert, update, delete on all tables in schema public to case_web;
grant select on all tables in schema public to case_reporting;
"""


def test_applied_again_and_again_the_fixes_close_the_tables_and_keep_own_rows(fresh_database):
    database = fresh_database(SHOP)
    fixes = [one.fix for one in report_on(database).findings if one.relation in ("public.invoices", "public.lines")]
    assert fixes

    for fix in fixes:
        if "policy" in fix:
            database.execute(fix)
    after = report_on(database)

    for table in ("public.invoices", "public.lines"):
        assert [one for code in ("A01", "A02", "A04", "A05", "A08") for one in found(after, code, table)] == []
        cells = [c for c in after.matrix if (c.relation, c.verb, c.subject) == (table, "select", "member")]
        assert {c.role: c.verdict for c in cells} == {"case_web": "own_rows", "case_reporting": "own_rows"}


def test_a_table_of_members_is_not_given_a_policy_that_asks_itself(fresh_database):
    database = fresh_database(
        """
        do $$ begin create role anon nologin; exception when duplicate_object then null; end $$;
        do $$ begin create role authenticated nologin; exception when duplicate_object then null; end $$;
        create schema auth;
        create table auth.users (id uuid primary key, email text);
        create function auth.uid() returns uuid language sql stable as
            $f$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $f$;
        grant usage on schema auth to anon, authenticated;
        create table public.teams (id uuid primary key, name text not null);
        create table public.team_members (team_id uuid references public.teams, user_id uuid references auth.users,
            primary key (team_id, user_id));
        grant select, insert, update, delete on public.teams, public.team_members to authenticated;
        grant select on public.teams to anon;
        """
    )

    report = report_on(database)

    assert cell(report, "public.team_members", "join").verdict == "leak"
    for finding in found(report, "A01", "public.team_members"):
        assert "create policy" not in finding.fix


def test_the_upsert_leak_is_closed_by_keys_that_lead_with_the_tenant_and_by_nothing_beside_them(fresh_database):
    database = fresh_database(SHOP)
    first = report_on(database)
    if 150020 <= first.server.version_num < 160000:
        pytest.skip("this release repaired CVE-2026-120154")
    (leak,) = found(first, "B07")
    assert "public.notes" in leak.objects
    assert 'public.notes: primary key ("id") becomes ("tenant_id", "id")' in leak.fix
    assert all(line.startswith("--") for line in leak.fix.splitlines())
    assert ("Release 15.20 mends" in leak.fix) == (first.server.version_num < 160000)

    database.execute("create unique index on public.notes (tenant_id, id)")
    assert "public.notes" in found(report_on(database), "B07")[0].objects

    database.execute("alter table public.notes drop constraint notes_pkey, add primary key (tenant_id, id)")
    assert [one for one in found(report_on(database), "B07") if "public.notes" in one.objects] == []
