"""Rows that name no tenant and are shown to all of them: reading is meant, writing is one tenant over all."""

from __future__ import annotations

import pytest
from api_clients import GRANTS, PLATFORM
from verifying import cell, found, report_on

PLANS = """
create table public.orgs (id uuid primary key, name text not null);
create table public.org_members (org_id uuid references public.orgs, user_id uuid references auth.users,
    primary key (org_id, user_id));
create table public.plans (id uuid primary key, org_id uuid {null} references public.orgs, name text not null);
create function public.mine() returns setof uuid language sql stable security definer set search_path = public
    as $$ select org_id from org_members where user_id = auth.uid() $$;
alter table public.orgs enable row level security;
alter table public.org_members enable row level security;
alter table public.plans enable row level security;
create policy own on public.orgs for select using (id in (select public.mine()));
create policy own on public.org_members for select using (user_id = auth.uid());
"""
ALL = "create policy own on public.plans to authenticated using (org_id is null or org_id in (select public.mine()));"
SELECT = ALL.replace(" own ", " read ").replace(" to ", " for select to ")
OWN = "create policy {verb}_own on public.plans for {verb} to authenticated using (org_id in (select public.mine()));"
WRITES = OWN.format(verb="update") + OWN.format(verb="delete")
ANY = "create policy drop on public.plans for delete to authenticated using (org_id is null);"


@pytest.mark.parametrize("policies", [ALL, SELECT + WRITES + ANY])
def test_rows_without_a_tenant_that_every_tenant_may_write_are_found(fresh_database, policies):
    report = report_on(fresh_database(PLATFORM + PLANS.format(null="") + policies + GRANTS))

    assert [one.level for one in found(report, "A14", "public.plans")] == ["error"]
    assert cell(report, "public.plans", "update").verdict == "leak"


@pytest.mark.parametrize(("null", "policies"), [("", SELECT + WRITES), ("not null", ALL)])
def test_rows_without_a_tenant_that_all_read_and_nobody_writes_are_no_finding(fresh_database, null, policies):
    report = report_on(fresh_database(PLATFORM + PLANS.format(null=null) + policies + GRANTS))

    assert found(report, "A14") == []
    assert cell(report, "public.plans", "update").verdict == "own_rows"
