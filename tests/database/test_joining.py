"""Whether one's own user can be tied to what is another's: joins, and keys that forbid or only hide them."""

from __future__ import annotations

import pytest
from api_clients import GRANTS, PLATFORM
from verifying import cell, found, report_on

ROLE = "do $$ begin create role case_client nologin; exception when duplicate_object then null; end $$;"
MINE = "current_setting('app.tenant_id', true)"
KEYED = f"""
create table public.tenants (id text primary key, name text not null);
create table public.users (tenant_id text not null references public.tenants, id text primary key, name text,
    unique (tenant_id, id));
create table public.groups (tenant_id text not null references public.tenants, id text primary key, name text,
    unique (tenant_id, id));
create table public.members (tenant_id text not null {{tenant}}, group_id text not null {{group}},
    user_id text not null,
    primary key (tenant_id, group_id, user_id) {{keys}},
    foreign key (tenant_id, user_id) references public.users (tenant_id, id));
alter table public.users enable row level security;
alter table public.groups enable row level security;
alter table public.members enable row level security;
create policy own on public.users using (tenant_id = {MINE});
create policy own on public.groups using (tenant_id = {MINE});
create policy own on public.members using (tenant_id = {MINE}) with check ({{check}});
grant select, insert, update, delete on public.users, public.groups, public.members to case_client;
"""
SINGLE = {"tenant": "references public.tenants", "group": "references public.groups", "keys": ""}
PAIRED = {
    "tenant": "",
    "group": "",
    "keys": ", foreign key (tenant_id, group_id) references public.groups (tenant_id, id)",
}


@pytest.mark.parametrize("keys", [SINGLE, PAIRED])
def test_a_key_that_names_the_tenant_too_is_no_way_to_join_it(fresh_database, keys):
    report = report_on(fresh_database(ROLE + KEYED.format(check=f"tenant_id = {MINE}", **keys)))

    assert cell(report, "public.members", "join").verdict == "denied"
    assert found(report, "A03") == []


@pytest.mark.parametrize("keys", [SINGLE, PAIRED])
def test_a_key_that_holds_user_and_tenant_together_acquits_where_the_policy_would_not(fresh_database, keys):
    report = report_on(fresh_database(ROLE + KEYED.format(check="true", **keys)))

    assert "foreign key" in cell(report, "public.members", "join").evidence
    assert cell(report, "public.members", "join").verdict == "denied"
    assert cell(report, "public.members", "insert").verdict == "leak"


COMPANIES = """
create table public.companies (id uuid primary key, name text not null);
create table public.profiles (id uuid primary key references auth.users, company_id uuid references public.companies);
create table public.clients (id uuid primary key, company_id uuid not null references public.companies, name text);
create function public.my_company() returns uuid language sql stable security definer set search_path = public
    as $$ select company_id from profiles where id = auth.uid() $$;
alter table public.companies enable row level security;
alter table public.profiles enable row level security;
alter table public.clients enable row level security;
create policy own on public.companies for select using (id = public.my_company());
create policy own on public.profiles for select using (company_id = public.my_company());
create policy own on public.clients using (company_id = public.my_company());
"""


def test_who_has_no_profile_yet_may_join_where_the_insert_is_open(fresh_database):
    begin = "create policy begin on public.profiles for insert with check (id = auth.uid());"
    report = report_on(fresh_database(PLATFORM + COMPANIES + begin + GRANTS))

    assert cell(report, "public.profiles", "join").verdict == "leak"
    assert found(report, "A03", "public.profiles")[0].level == "error"


SIGNED_UP = """
create function public.begin_user() returns trigger language plpgsql security definer set search_path = public as
    $$ begin insert into public.profiles (id) values (new.id); return new; end $$;
create trigger begin_user after insert on auth.users for each row execute function public.begin_user();
create policy begin on public.profiles for insert with check (id = auth.uid());
"""


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ("", "denied"),
        (
            "create policy leave on public.profiles for delete using (id = auth.uid()); "
            "create policy mine on public.profiles for select using (id = auth.uid());",
            "leak",
        ),
    ],
)
def test_where_a_trigger_makes_the_profile_only_who_can_delete_it_may_join(fresh_database, more, verdict):
    report = report_on(fresh_database(PLATFORM + COMPANIES + SIGNED_UP + more + GRANTS))

    assert cell(report, "public.profiles", "join").verdict == verdict


def test_who_has_no_profile_yet_may_not_join_where_the_insert_is_bound(fresh_database):
    begin = """create policy begin on public.profiles for insert
        with check (id = auth.uid() and company_id = public.my_company());"""
    report = report_on(fresh_database(PLATFORM + COMPANIES + begin + GRANTS))

    assert cell(report, "public.profiles", "join").verdict == "denied"


JOBS = """
create table public.jobs (id uuid primary key, owner_user_id uuid not null references auth.users, title text not null);
create table public.job_activity (id uuid primary key, job_id uuid not null references public.jobs,
    actor_user_id uuid not null references auth.users, kind text not null);
alter table public.jobs enable row level security;
alter table public.job_activity enable row level security;
create policy own on public.jobs using (owner_user_id = auth.uid());
create policy own on public.job_activity for select using (exists (select from public.jobs j
    where j.id = job_id and j.owner_user_id = auth.uid()));
"""
AUTHOR = "create policy write on public.job_activity for insert with check (actor_user_id = auth.uid(){more});"
OF_OWN_JOB = " and exists (select from public.jobs where jobs.id = job_id and jobs.owner_user_id = auth.uid())"


def test_a_row_that_binds_only_its_author_hangs_on_anothers(fresh_database):
    report = report_on(fresh_database(PLATFORM + JOBS + AUTHOR.format(more="") + GRANTS))

    assert [one.level for one in found(report, "A13", "public.job_activity")] == ["error"]
    assert cell(report, "public.job_activity", "insert").verdict == "leak"


@pytest.mark.parametrize(
    ("more", "besides"),
    [(OF_OWN_JOB, ""), ("", "create policy seen on public.jobs for select using (true);")],
)
def test_a_row_hangs_on_nothing_where_its_parent_is_bound_or_seen_by_all(fresh_database, more, besides):
    report = report_on(fresh_database(PLATFORM + JOBS + AUTHOR.format(more=more) + besides + GRANTS))

    assert found(report, "A13") == []
    assert cell(report, "public.job_activity", "insert").verdict == "own_rows"


PUBLISHED = """create type public.job_state as enum ('open', 'draft');
    alter table public.jobs add state public.job_state not null default 'open';
    create policy published on public.jobs for select using (state = 'open');"""


def test_what_is_seen_only_while_it_is_published_is_hung_on_while_it_is_not(fresh_database):
    report = report_on(fresh_database(PLATFORM + JOBS + AUTHOR.format(more="") + PUBLISHED + GRANTS))

    assert [one.level for one in found(report, "A13", "public.job_activity")] == ["error"]


def test_what_nobody_but_its_author_reads_fools_nobody(fresh_database):
    private = """drop policy own on public.job_activity;
        create policy own on public.job_activity for select using (actor_user_id = auth.uid());"""
    report = report_on(fresh_database(PLATFORM + JOBS + AUTHOR.format(more="") + private + GRANTS))

    assert found(report, "A13") == []
