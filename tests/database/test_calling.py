"""How functions are called by one who knows only their names and arguments."""

from __future__ import annotations

from api_clients import GRANTS, PLATFORM
from verifying import found, report_on

TEAMS = """
create table public.teams (id uuid primary key, name text not null);
create table public.team_members (team_id uuid references public.teams, user_id uuid references auth.users,
    primary key (team_id, user_id));
create function public.is_mine(team uuid) returns boolean language sql stable security definer set search_path = public
    as $$ select exists (select from team_members where team_id = team and user_id = auth.uid()) $$;
alter table public.teams enable row level security;
alter table public.team_members enable row level security;
create policy own on public.teams for select using (public.is_mine(id));
create policy own on public.team_members for select using (user_id = auth.uid());
"""


def test_an_argument_named_after_a_table_of_keys_gets_such_a_key(fresh_database):
    keys = """create table public.provider_keys (id uuid primary key, team_id uuid not null references public.teams,
            label text not null);
        alter table public.provider_keys enable row level security;
        create policy own on public.provider_keys using (public.is_mine(team_id));
        create schema vault;
        create table vault.server_keys (id uuid primary key, content text not null,
            provider_key_id uuid not null references public.provider_keys);
        create function public.server_key(p_provider_key_id uuid) returns text language sql security definer
            set search_path = vault as
            $$ select content from server_keys where provider_key_id = p_provider_key_id $$;"""
    report = report_on(fresh_database(PLATFORM + TEAMS + keys + GRANTS))

    shown = [one for one in found(report, "B04") if one.relation.startswith("public.server_key(")]
    assert [one.level for one in shown if one.role == "authenticated"] == ["error"]


def test_a_function_that_names_what_does_not_exist_is_broken_and_no_leak(fresh_database):
    jobs = """create table public.jobs (id uuid primary key, team_id uuid not null references public.teams, name text);
        create table public.helpers (user_id uuid primary key references auth.users);
        alter table public.jobs enable row level security; alter table public.helpers enable row level security;
        create function public.may_see(job uuid) returns boolean language plpgsql stable security definer
            set search_path = public as $$ begin
            if exists (select from jobs join team_members using (team_id) where id = job and user_id = auth.uid())
                then return true; end if;
            return exists (select from helpers where helpers.job_id = job); end $$;
        create policy own on public.jobs for select using (public.may_see(id));"""
    report = report_on(fresh_database(PLATFORM + TEAMS + jobs + GRANTS))

    assert {(one.level, one.kind) for one in found(report, "N01", "public.jobs")} == {("warning", "broken")}


ADMINS = """
create table public.roles (id uuid primary key, name text not null unique);
create table public.user_roles (user_id uuid references auth.users, role_id uuid references public.roles,
    primary key (user_id, role_id));
alter table public.roles enable row level security;
alter table public.user_roles enable row level security;
create policy own on public.user_roles for select using (user_id = auth.uid());
create policy everyone on public.roles for select using (true);
create policy above on public.teams for select using (exists (select from public.user_roles held
    join public.roles on roles.id = held.role_id where held.user_id = auth.uid() and roles.name = 'super_admin'));
create function public.make_admin(p_email text) returns void language plpgsql security definer set search_path = public
    as $$ declare who uuid; what uuid; begin
    select id into who from auth.users where email = p_email;
    select id into what from roles where name = 'super_admin';
    if who is null or what is null {asks} then raise exception 'not found'; end if;
    insert into user_roles values (who, what); end $$;
"""


def test_a_function_that_makes_an_administrator_of_its_caller_is_found(fresh_database):
    report = report_on(fresh_database(PLATFORM + TEAMS + ADMINS.format(asks="") + GRANTS))

    assert [(one.level, one.relation) for one in found(report, "B28")] == [("error", "public.make_admin(p_email text)")]


def test_a_function_that_asks_who_calls_makes_no_administrator(fresh_database):
    asks = "or not exists (select from user_roles where user_id = auth.uid())"
    report = report_on(fresh_database(PLATFORM + TEAMS + ADMINS.format(asks=asks) + GRANTS))

    assert found(report, "B28") == []
