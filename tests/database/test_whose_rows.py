"""Which table lists the tenants, and whose a row is, where names and single policies would mislead."""

from __future__ import annotations

import psycopg
import pytest
from api_clients import GRANTS, PLATFORM
from verifying import cell, found, report_on

from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.owner import OwnerKind
from tenantry.blueprint.ownership import ownership
from tenantry.catalog.read import read

MEMBERS = """
create table public.orgs (id uuid primary key, name text not null);
create table public.org_members (org_id uuid not null references public.orgs,
    user_id uuid not null references auth.users, primary key (org_id, user_id));
create function public.mine() returns setof uuid language sql stable security definer set search_path = public as
    $$ select org_id from org_members where user_id = auth.uid() $$;
alter table public.orgs enable row level security; alter table public.org_members enable row level security;
create policy p on public.orgs for select using (id in (select public.mine()));
create policy p on public.org_members for select using (user_id = auth.uid());
"""


@pytest.fixture
def guessed(fresh_database):
    """Give the function that makes a database and gives the table of tenants and whose rows each table holds."""

    def read_it(sql: str):
        database = fresh_database(PLATFORM + sql + GRANTS)
        with psycopg.connect(database.url(), autocommit=True) as connection:
            catalog = read(connection)
        owned = ownership(catalog, Blueprint())
        kinds = {table.name: owned.owner_of(table.oid).kind for table in catalog.tables if table.schema == "public"}
        return catalog.relations[owned.anchors.tenants].name if owned.anchors.tenants > 0 else "", owned, kinds

    return read_it


def test_a_table_that_shares_the_tenants_key_does_not_make_every_id_a_tenants(guessed):
    tenants, owned, kinds = guessed(
        MEMBERS
        + """create table public.org_details (id uuid primary key references public.orgs, plan text);
        create table public.chats (id uuid primary key, user_id uuid not null references auth.users);
        alter table public.chats enable row level security;
        create policy p on public.chats using (user_id = auth.uid());"""
    )
    assert tenants == "orgs"
    assert "id" not in owned.anchors.tenant_columns
    assert (kinds["org_details"], kinds["chats"]) == (OwnerKind.TENANT, OwnerKind.USER)


STRAY = """
create table public.companies (id uuid primary key, owner_id uuid references auth.users, name text not null);
create table public.profiles (id uuid primary key references auth.users, company_id uuid references public.companies);
create table public.jobs (id uuid primary key, company_id uuid not null references public.companies);
create table public.bills (id uuid primary key, company_id uuid not null references public.companies);
create function public.current_company_id() returns uuid language sql stable security definer set search_path = public
    as $$ select company_id from profiles where id = auth.uid() $$;
alter table public.companies enable row level security; alter table public.profiles enable row level security;
alter table public.jobs enable row level security; alter table public.bills enable row level security;
create policy p on public.companies for select using (id = public.current_company_id());
create policy p on public.profiles for select using (company_id = public.current_company_id());
create policy p on public.jobs using (company_id = public.current_company_id());
create policy p on public.bills using (company_id = public.current_company_id());
"""


@pytest.mark.parametrize(
    "stray",
    [
        "create policy q on public.companies for insert with check (id = auth.uid() and owner_id = auth.uid())",
        "create policy q on public.bills for insert with check (company_id = auth.uid())",
    ],
)
def test_one_stray_policy_does_not_make_tenants_users(guessed, stray):
    tenants, owned, kinds = guessed(STRAY + stray + ";")
    assert tenants == "companies"
    assert "company_id" in owned.anchors.tenant_columns
    assert kinds["jobs"] == kinds["bills"] == OwnerKind.TENANT


def test_a_list_of_members_says_more_than_a_table_that_names_a_user(guessed):
    tenants, _, _ = guessed(
        """create table public.families (id uuid primary key, name text not null);
        create table public.family_members (family_id uuid not null references public.families,
            user_id uuid not null references auth.users, primary key (family_id, user_id));
        create table public.invitations (id uuid primary key, family_id uuid not null references public.families);
        create table public.accounts (id uuid primary key, user_id uuid not null references auth.users, name text);
        create table public.mails (id uuid primary key, account_id uuid not null references public.accounts);
        create table public.logins (id uuid primary key, account_id uuid not null references public.accounts,
            user_id uuid not null references auth.users);"""
    )
    assert tenants == "families"


LIKES = (
    MEMBERS
    + """create table public.profiles (id uuid primary key references auth.users, name text);
create table public.posts (id uuid primary key, org_id uuid not null references public.orgs, title text not null);
create table public.likes (id uuid primary key, post_id uuid not null references public.posts,
    user_id uuid not null references public.profiles);
alter table public.posts enable row level security; alter table public.likes enable row level security;
create policy p on public.posts for select using (true);
create policy q on public.posts for insert with check (org_id in (select public.mine()));
create policy p on public.likes using (user_id = auth.uid());
"""
)


def test_a_row_bound_to_a_profile_is_that_users(fresh_database):
    report = report_on(fresh_database(PLATFORM + LIKES + GRANTS))
    assert cell(report, "public.likes", "select").verdict == "own_rows"
    assert [one.code for one in report.findings if one.relation == "public.likes" and one.proof == "attacked"] == []


BLIND = """
create table public.orgs (id uuid primary key, name text not null);
create table public.currencies (id uuid primary key, code text not null);
alter table public.currencies enable row level security; create policy p on public.currencies for select using (true);
alter table public.orgs enable row level security; create policy p on public.orgs using (false);
""" + "".join(
    f"""create table public.t{n} (id uuid primary key, org_id uuid not null references public.orgs);
    alter table public.t{n} enable row level security;
    create policy p on public.t{n} using (current_setting('app.unheard_of', true) = 'x'::text || org_id);"""
    for n in range(4)
)


def test_a_table_everybody_reads_does_not_show_that_a_member_sees_its_own(fresh_database):
    report = report_on(fresh_database(PLATFORM + BLIND + GRANTS))
    assert cell(report, "public.currencies", "select").verdict != "denied"
    assert cell(report, "public.t1", "select").verdict == "unproven"
    assert "sees none of its own rows" in cell(report, "public.t1", "delete").evidence
    assert not found(report, "A01", "public.t1")
