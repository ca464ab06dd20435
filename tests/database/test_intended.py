"""When an open door is asked about, and when it is an error: what the database says in its own words."""

from __future__ import annotations

import pytest
from api_clients import GRANTS, PLATFORM
from test_whose_rows import MEMBERS
from verifying import found, report_on

ITEMS = """
create table public.items (id uuid primary key, org_id uuid not null references public.orgs{more});
alter table public.items enable row level security;
"""
BOUND = "create policy own on public.items for select using (org_id in (select public.mine()));"


def levels(database, code: str, relation: str = "public.items") -> set[str]:
    """Give the levels of the findings with a code on a table."""
    return {str(one.level) for one in found(report_on(database), code, relation)}


@pytest.mark.parametrize(
    ("policies", "level"),
    [
        ("create policy p on public.items for insert to authenticated with check (true)", "warning"),
        (BOUND + "create policy p on public.items for insert to authenticated with check (true)", "error"),
        (BOUND + "create policy p on public.items for insert with check (true)", "warning"),
        (
            BOUND + "create policy p on public.items for insert with check (true);"
            "create policy q on public.items for insert with check (org_id in (select public.mine()))",
            "error",
        ),
    ],
    ids=["a log", "reading is bound", "a form for everybody", "beside a bound check"],
)
def test_an_insert_without_a_check_is_a_slip_where_other_policies_bind_the_row(fresh_database, policies, level):
    assert levels(fresh_database(PLATFORM + MEMBERS + ITEMS.format(more="") + policies + ";" + GRANTS), "A02") == {
        level
    }


@pytest.mark.parametrize(
    ("columns", "policies", "level"),
    [
        (", title text", "create policy p on public.items for select using (true)", "warning"),
        (", title text", "create policy p on public.items for select using (auth.role() = 'authenticated')", "warning"),
        (", token text", "create policy p on public.items for select using (true)", "error"),
        (", email text", "create policy p on public.items for select using (true)", "error"),
        (", title text", BOUND + "create policy p on public.items for select using (true)", "error"),
        (", title text", BOUND + "create policy p on public.items for select to anon using (true)", "warning"),
    ],
    ids=["plain", "signed in", "token", "mail", "beside a narrower", "beside a narrower, for another role"],
)
def test_reading_by_all_is_a_slip_where_rows_hold_secrets_or_a_narrower_policy_stands(
    fresh_database, columns, policies, level
):
    database = fresh_database(PLATFORM + SIGNED_IN + MEMBERS + ITEMS.format(more=columns) + policies + ";" + GRANTS)
    assert levels(database, "A01") == {level}


SIGNED_IN = """
create function auth.role() returns text language sql stable as
    $$ select nullif(current_setting('request.jwt.claims', true), '')::json ->> 'role' $$;
"""


POINTER = """
create table public.users (id uuid primary key references auth.users, org_id uuid references public.orgs);
alter table public.users enable row level security;
create policy p on public.users for select using (id = auth.uid());
create policy q on public.users for update using (id = auth.uid());
"""
READERS = {
    "nobody": "",
    "a policy": """create policy own on public.items
        using (org_id = (select users.org_id from public.users where users.id = auth.uid()));""",
    "a function": """create function public.shown() returns uuid language sql stable security definer
        set search_path = public as $$ select org_id from users where id = auth.uid() $$;""",
    "a view": "create view public.profiles as select id, org_id from public.users;",
    "a function that fills it": """create function public.begin(org uuid) returns void language sql security definer
        set search_path = public as $$ insert into users (id, org_id) values (auth.uid(), null) $$;
        revoke execute on function public.begin from public;""",
}
LEVELS = ("warning", "error", "error", "error", "warning")


@pytest.mark.parametrize(("reader", "level"), list(zip(READERS, LEVELS, strict=True)))
def test_a_users_row_that_only_remembers_a_tenant_gives_no_rights(fresh_database, reader, level):
    sql = MEMBERS + ITEMS.format(more="") + POINTER + READERS[reader]
    assert levels(fresh_database(PLATFORM + sql + GRANTS), "A05", "public.users") == {level}


@pytest.mark.parametrize(("fence", "level"), [("", "error"), ("alter table public.plans enable row level security;"
    "create policy p on public.plans using (true);", "warning")])  # fmt: skip
def test_a_shared_table_left_bare_to_everybody_is_an_error(fresh_database, fence, level):
    sql = MEMBERS + "create table public.plans (id uuid primary key, title text not null);" + fence
    report = report_on(fresh_database(PLATFORM + sql + GRANTS))
    assert {str(one.level) for one in found(report, "A10", "public.plans") if one.role == "anon"} == {level}
