"""PostGraphile keeps a token's claims in settings of their own, lists among them, and sends no SQL of its clients."""

from __future__ import annotations

import pytest
from verifying import cell, found, report_on

SCHEMA = """
do $$ begin create role case_anonymous nologin; exception when duplicate_object then null; end $$;
create table public.tenant (id int primary key, name text not null);
create table public.person (id int primary key, tenant_id int not null references public.tenant, name text not null);
create table public.note (id int primary key, tenant_id int not null references public.tenant, body text not null,
    person_id int not null references public.person);
create function public.current_tenant_id() returns int language sql stable as
    $$ select nullif(current_setting('jwt.claims.tenant_id', true), '')::int $$;
create function public.current_person_ids() returns int[] language sql stable as $$ select {ids} $$;
alter table public.tenant enable row level security;
alter table public.person enable row level security;
alter table public.note enable row level security;
create policy own on public.tenant for select using (id = public.current_tenant_id());
create policy own on public.person using (tenant_id = public.current_tenant_id());
create policy floor on public.note as restrictive using (tenant_id = public.current_tenant_id());
create policy own on public.note using (person_id = any (public.current_person_ids()));
grant select, insert, update, delete, truncate on public.tenant, public.person, public.note to case_anonymous;
"""
SETTING = "nullif(current_setting('jwt.claims.my_person_ids', true), '')"


@pytest.mark.parametrize(
    "ids",
    [
        f"translate({SETTING}, '[]', '{{}}')::int[]",
        f"{SETTING}::int[]",
        f"array(select jsonb_array_elements_text({SETTING}::jsonb)::int)",
        f"string_to_array({SETTING}, ',')::int[]",
    ],
)
def test_a_claim_that_holds_a_list_is_given_one(fresh_database, ids):
    report = report_on(fresh_database(SCHEMA.replace("{ids}", ids)))

    assert cell(report, "public.note", "select").verdict == "own_rows"
    assert cell(report, "public.note", "insert").verdict == "own_rows"
    assert found(report, "A11") == []


def test_clients_of_graphql_send_no_truncate(fresh_database):
    report = report_on(fresh_database(SCHEMA.replace("{ids}", "array[]::int[]")))

    assert found(report, "A09") == []
