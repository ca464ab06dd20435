"""Where writes are held by other conditions than reads, a write without WHERE that broke off leaves the cell open."""

import pytest
from verifying import cell, report_on

HOLDS = "tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)"
NOTES = f"""
do $$ begin create role case_client nologin; exception when duplicate_object then null; end $$;
create table public.tenants (id uuid primary key, name text not null);
create table public.notes (id uuid primary key, tenant_id uuid not null references public.tenants, label text unique);
create table public.pins (id int primary key, note_id uuid not null references public.notes on delete restrict);
alter table public.tenants enable row level security;
alter table public.notes enable row level security;
alter table public.pins enable row level security;
create policy own on public.tenants using (id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy own on public.notes for select using ({HOLDS});
grant select, delete on public.notes to case_client;
grant update (label) on public.notes to case_client;
grant select on public.tenants to case_client;
insert into public.tenants select md5(number::text)::uuid, 'tenant ' || number from generate_series(1, 3) as number;
insert into public.notes
select md5('note ' || number)::uuid, md5(number::text)::uuid, 'label ' || number from generate_series(1, 3) as number;
insert into public.pins values (1, md5('note 3')::uuid);
"""


@pytest.mark.parametrize(("verb", "policy"), [("update", "using (true)"), ("delete", "using (true)")])
def test_rows_in_the_way_of_a_sweep_do_not_hide_what_it_reaches(fresh_database, verb, policy):
    report = report_on(fresh_database(f"{NOTES} create policy open on public.notes for {verb} {policy};"))

    assert cell(report, "public.notes", verb).verdict == "leak"


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_a_sweep_that_breaks_off_proves_nothing_of_a_policy_of_its_own(fresh_database, verb):
    breaking = (
        "create function public.break_off() returns trigger language plpgsql as $$ begin "
        "if pg_trigger_depth() = 1 and current_query() !~ 'ctid' then raise 'too many at once'; end if; "
        f"return null; end $$; create trigger one_by_one before {verb} on public.notes "
        "for each statement execute function public.break_off();"
    )
    report = report_on(
        fresh_database(f"{NOTES} create policy own_too on public.notes for {verb} using ({HOLDS});{breaking}")
    )

    found = cell(report, "public.notes", verb)
    assert (found.verdict, found.evidence[:5]) == ("unproven", "P0001")


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_one_policy_for_all_is_proven_by_the_row_that_was_not_reached(fresh_database, verb):
    report = report_on(
        fresh_database(f"{NOTES} drop policy own on public.notes; create policy own on public.notes using ({HOLDS});")
    )

    assert cell(report, "public.notes", verb).verdict == "own_rows"
