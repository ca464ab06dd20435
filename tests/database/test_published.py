"""Rows that others see because their tenant published them are asked about; what lets members in by mistake is not."""

from __future__ import annotations

import pytest
from api_clients import GRANTS, PLATFORM
from test_whose_rows import MEMBERS
from verifying import cell, found, report_on

PARENT = """
create table public.projects (id uuid primary key, org_id uuid not null references public.orgs,
    visibility text not null default '{visibility}', is_active boolean not null default true);
create table public.stages (id uuid primary key, project_id uuid not null references public.projects);
alter table public.projects enable row level security; alter table public.stages enable row level security;
create policy own on public.projects for select using (org_id in (select public.mine()));
create policy own on public.stages using (exists (select from public.projects p
    where p.id = stages.project_id and p.org_id in (select public.mine())));
"""
SHOWN = """create policy shown on public.stages for select using (auth.uid() is not null and exists (
    select from public.projects p where p.id = stages.project_id and {condition}));
create policy shown on public.projects for select using (auth.uid() is not null and {condition});"""
PUBLISHED = "visibility = 'public'"


def levels(report, relation: str) -> set[str]:
    """Give the levels at which reading a table is told."""
    return {str(one.level) for one in found(report, "A01", relation)}


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_children_of_a_published_row_are_as_open_as_the_row(fresh_database, visibility):
    sql = MEMBERS + PARENT.format(visibility=visibility) + SHOWN.format(condition=PUBLISHED)
    report = report_on(fresh_database(PLATFORM + sql + GRANTS))
    assert cell(report, "public.stages", "select").verdict == "leak"
    assert (levels(report, "public.projects"), levels(report, "public.stages")) == ({"warning"}, {"warning"})
    assert all("projects.visibility" in one.message for one in found(report, "A01", "public.stages"))


def test_a_row_in_use_is_not_published(fresh_database):
    sql = MEMBERS + PARENT.format(visibility="private") + SHOWN.format(condition="is_active")
    assert levels(report_on(fresh_database(PLATFORM + sql + GRANTS)), "public.stages") == {"error"}


def test_what_the_state_of_the_subjects_own_rows_opens_is_an_error(fresh_database):
    sql = """
    create table public.passes (id uuid primary key, user_id uuid not null references auth.users,
        status text not null default 'accepted');
    alter table public.passes enable row level security;
    create policy own on public.passes for select using (user_id = auth.uid());
    create policy p on public.stages for select using (exists (select from public.passes
        where passes.user_id = auth.uid() and passes.status = 'paid'));"""
    report = report_on(fresh_database(PLATFORM + MEMBERS + PARENT.format(visibility="private") + sql + GRANTS))
    assert levels(report, "public.stages") == {"error"}
