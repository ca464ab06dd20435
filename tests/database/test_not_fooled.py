"""Is a database that leaks in a way no attack can take called unproven, and are its own tricks not trusted?"""

from __future__ import annotations

from pathlib import Path

import pytest
from verifying import cell, report_on

from tenantry.verify.model import Verdict

GROUND = """
create role fooled_role login;
create table public.tenants (id uuid primary key default gen_random_uuid(), name text not null);
create table public.notes (id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants, body text not null);
alter table public.notes enable row level security;
grant select, insert, update, delete on public.notes to fooled_role;
"""
OWN = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"


@pytest.fixture
def trap(server) -> Path:
    """Give a file that the server's own programs could make, and that is not there."""
    made = server.directory / "trap"
    made.unlink(missing_ok=True)
    return made


@pytest.mark.parametrize(
    "condition",
    [
        "session_user = 'fooled_role'",
        "current_setting('application_name') = 'backoffice'",
        "current_setting('role') = 'none'",
        "inet_client_addr() is not null",
    ],
)
def test_a_policy_that_asks_who_logged_in_is_left_open(fresh_database, condition):
    report = report_on(fresh_database(GROUND + f"create policy own on public.notes using ({OWN} or {condition});"))
    assert cell(report, "public.notes", "select").verdict in (Verdict.UNPROVEN, Verdict.LEAK)
    assert report.exit_status() != 0


def test_a_policy_that_asks_for_a_setting_of_its_own_is_judged(fresh_database):
    report = report_on(fresh_database(GROUND + f"create policy own on public.notes using ({OWN});"))
    assert cell(report, "public.notes", "select").verdict is Verdict.OWN_ROWS


def test_a_definer_function_that_is_not_called_and_names_tenants_rows_is_unproven(fresh_database):
    shown = """create function public.all_notes() returns setof public.notes language plpgsql security definer as $$
        begin perform pg_sleep(0); return query select * from public.notes; end $$;"""
    report = report_on(fresh_database(GROUND + f"create policy own on public.notes using ({OWN});" + shown))
    assert [one.what for one in report.unproven if "all_notes" in one.what]
    assert report.exit_status() != 0


def test_a_table_of_the_team_in_a_platforms_schema_is_attacked(fresh_database):
    hidden = """create schema auth; grant usage on schema auth to fooled_role;
        create table auth.device (id uuid primary key default gen_random_uuid(),
            tenant_id uuid not null references public.tenants, token text not null);
        grant select on auth.device to fooled_role;"""
    report = report_on(fresh_database(GROUND + f"create policy own on public.notes using ({OWN});" + hidden))
    assert cell(report, "auth.device", "select").verdict is Verdict.LEAK


def test_a_context_that_somebody_made_up_does_not_run_with_full_rights(fresh_database, trap: Path):
    made_up = f"""create schema tenantry; create role schemer; grant usage on schema tenantry to fooled_role;
        create table tenantry.key_ring (is_revoked boolean, not_before timestamptz, not_after timestamptz);
        create function tenantry.add_key(text, bytea) returns void language sql as 'select';
        create function tenantry.mint(text, text, text, text, integer) returns text language sql as $$ select '' $$;
        create function tenantry.mint(text) returns text language sql as $$ select '' $$;
        create function tenantry.mint(text, text) returns text language sql as $$ select '' $$;
        create function tenantry.open(text) returns void language plpgsql as $$
            begin execute 'copy (select 1) to prog' || 'ram ' || quote_literal('touch {trap}'); end $$;
        alter schema tenantry owner to schemer; alter function tenantry.open(text) owner to schemer;"""
    report_on(fresh_database(GROUND + f"create policy own on public.notes using ({OWN});" + made_up))
    assert not trap.exists()


def test_an_opener_of_the_blueprint_that_reaches_outside_is_not_opened(fresh_database, trap: Path):
    opener = f"""create function public.enter(t uuid) returns void language plpgsql as $$
        begin copy (select ';') to program 'touch {trap}'; end $$;"""
    blueprint = '[[subject]]\nrole = "fooled_role"\nsql = ["select public.enter({tenant}::uuid)"]\n'
    report = report_on(fresh_database(GROUND + f"create policy own on public.notes using ({OWN});" + opener), blueprint)
    assert not trap.exists()
    assert [one for one in report.unproven if "not opened" in one.why]


def test_names_that_a_statement_says_are_left_out_of_error_texts(fresh_database):
    told = """create function public.ask(said text) returns boolean language plpgsql stable as $$
        begin execute format('select %I', 'SECRETVALUE ' || said); return true; end $$;
        create policy asked on public.notes using (public.ask(body));"""
    report = report_on(fresh_database(GROUND + told))
    assert "42703" in repr(report)
    assert "SECRETVALUE" not in repr(report.matrix) + repr(report.unproven)


@pytest.mark.parametrize(
    "condition",
    ["amount >= 100000", "published_at <= now()", "tags @> '{shared}'", "title like 'demo%'", "meta->>'seen' = 'all'"],
)
@pytest.mark.parametrize("kind", ["one policy", "a policy of its own", "a floor"])
def test_a_state_that_no_built_row_has_is_left_open(fresh_database, condition, kind):
    columns = """alter table public.notes add amount numeric, add published_at timestamptz, add tags text[],
        add title text, add meta jsonb;"""
    policies = {
        "one policy": f"create policy own on public.notes using ({OWN} or {condition});",
        "a policy of its own": f"create policy own on public.notes using ({OWN});"
        f"create policy more on public.notes for select using ({condition});",
        "a floor": "create policy all_of_it on public.notes using (true);"
        f"create policy floor on public.notes as restrictive using ({OWN} or {condition});",
    }
    report = report_on(fresh_database(GROUND + columns + policies[kind]))
    assert cell(report, "public.notes", "select").verdict in (Verdict.UNPROVEN, Verdict.LEAK)


def test_a_state_behind_a_floor_opens_nothing(fresh_database):
    policies = f"""alter table public.notes add published_at timestamptz;
        create policy more on public.notes using (published_at <= now());
        create policy own on public.notes using ({OWN});
        create policy floor on public.notes as restrictive using ({OWN});"""
    report = report_on(fresh_database(GROUND + policies))
    assert cell(report, "public.notes", "select").verdict is Verdict.OWN_ROWS


def test_a_condition_that_calls_the_databases_code_is_not_asked_with_full_rights(fresh_database, trap: Path):
    spied = f"""create function public.spy(text) returns boolean language plpgsql as $$ begin
        if (select rolsuper from pg_roles where rolname = current_user) then
            execute 'copy (select 1) to prog' || 'ram ' || quote_literal('touch {trap}'); end if;
        return true; end $$;
        create domain public.spied as text check (public.spy(value));
        create policy own on public.notes using ({OWN} or (body::public.spied) like 'x%');"""
    report_on(fresh_database(GROUND + spied))
    assert not trap.exists()


def test_a_made_up_context_of_roles_named_like_ours_does_not_run_with_full_rights(fresh_database, trap: Path):
    # why: roles belong to the whole server, and another test's template may have made them
    shaped = f"""do $$ declare own text; begin
            foreach own in array array['tenantry_owner', 'tenantry_context'] loop
                if not exists (select from pg_roles where rolname = own) then
                    execute format('create role %I', own); end if;
            end loop;
        end $$;
        create schema tenantry authorization tenantry_owner; grant usage on schema tenantry to fooled_role;
        create table tenantry.key_ring (is_revoked boolean, not_before timestamptz, not_after timestamptz);
        create function tenantry.add_key(text, bytea, timestamptz default now(), timestamptz default 'infinity',
            integer default 60) returns void language sql security definer as 'select';
        create function tenantry.mint(text, text default '', text default '', text default '', integer default 30)
            returns text language sql security definer as $$ select '' $$;
        create function tenantry.open(text) returns void language plpgsql as $$
            begin execute 'copy (select 1) to prog' || 'ram ' || quote_literal('touch {trap}'); end $$;
        alter table tenantry.key_ring owner to tenantry_context;
        do $$ declare made regprocedure; begin
            for made in select oid from pg_proc where pronamespace = 'tenantry'::regnamespace loop
                execute format('alter function %s owner to tenantry_context', made);
            end loop;
        end $$;"""
    report_on(fresh_database(GROUND + f"create policy own on public.notes using ({OWN});" + shaped))
    assert not trap.exists()
