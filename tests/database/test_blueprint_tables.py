"""Does a blueprint's table mean the relation that SQL would mean, in every place where it is asked?"""

from __future__ import annotations

import psycopg
import pytest
from verifying import found, report_on

from tenantry.blueprint.tables import find_table
from tenantry.catalog.read import read
from tenantry.errors import BlueprintInvalid

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

NAMES = """
create schema "odd.schema"; create schema app; create schema auth;
create table public.plans (id int); create table public."Plans" (id int);
create table "odd.schema"."a ""b"" c" (id int);
create table app.stock (id int); create table auth.stock (id int);
create table app.twice (id int); create table "odd.schema".twice (id int);
create table public."Orders" (id int);
"""


@pytest.fixture
def catalog(fresh_database):
    with psycopg.connect(fresh_database(NAMES).url(), autocommit=True) as connection:
        return read(connection)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("public.plans", ("public", "plans")),
        ("PUBLIC.Plans", ("public", "plans")),
        ("plans", ("public", "plans")),
        ('"Plans"', ("public", "Plans")),
        ('"public" . "Plans"', ("public", "Plans")),
        ('"odd.schema"."a ""b"" c"', ("odd.schema", 'a "b" c')),
        ('"a ""b"" c"', ("odd.schema", 'a "b" c')),
        ('odd.schema.a "b" c', ("odd.schema", 'a "b" c')),
        ("stock", ("app", "stock")),
        ("auth.stock", ("auth", "stock")),
        ("public.Orders", ("public", "Orders")),
    ],
)
def test_a_name_is_read_as_sql_reads_it(catalog, name, meant):
    relation = find_table(catalog, name)
    assert (relation.schema, relation.name) == meant


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("twice", ('app.twice or "odd.schema".twice', "schema")),
        ("orders", ('Did you mean public."Orders"?',)),
        ("billing.plans", ("does not have", "public.plans")),
        ("public.plams", ("does not have", "public.plans")),
        ("a.b.c.d", ("does not have",)),
        ("pg_class", ("does not have",)),
        ("", ("does not have",)),
    ],
)
def test_a_name_that_means_none_or_several_is_refused_with_what_it_may_have_meant(catalog, name, words):
    with pytest.raises(BlueprintInvalid) as refused:
        find_table(catalog, name)
    assert [word for word in words if word not in str(refused.value)] == []


ODD = '"my.shop"."Price ""List"""'
SHOP = f"""
do $$ begin create role case_web nologin; exception when duplicate_object then null; end $$;
create schema "my.shop";
create table public.tenants (id uuid primary key, name text not null);
create table {ODD} (
    id uuid primary key, tenant_id uuid not null references public.tenants, body text not null);
create table public.notes (id uuid primary key, tenant_id uuid not null references public.tenants, body text not null);
grant usage on schema "my.shop" to case_web;
grant select, insert, update, delete on {ODD}, public.notes to case_web;
"""


def declared(name: str, word: str) -> str:
    return f"[tables.'{name}']\n{word} = 'on purpose'\n"


@pytest.mark.parametrize("name", [ODD, '"Price ""List"""'])
def test_a_declaration_reaches_a_table_of_any_name(fresh_database, name):
    database = fresh_database(SHOP)
    assert found(report_on(database), "A01", ODD)

    assert found(report_on(database, declared(name, "public")), "A01", ODD) == []
    assert [one for one in report_on(database, declared(name, "shared")).findings if one.code == "A01"] != []
    assert found(report_on(database, declared(name, "shared")), "A01", ODD) == []


def test_a_skipped_table_is_not_attacked_and_listed_with_its_reason(fresh_database):
    report = report_on(fresh_database(SHOP), declared("notes", "skip"))
    assert [cell for cell in report.matrix if cell.relation == "public.notes"] == []
    assert ("public.notes", "left out by the blueprint: on purpose") in [(s.what, s.why) for s in report.skipped]


def test_what_a_finding_says_to_declare_can_be_declared(fresh_database):
    database = fresh_database(
        SHOP
        + f"""alter table {ODD} enable row level security;
        create policy p on {ODD} for select using (true);"""
    )
    (finding,) = found(report_on(database), "A01", ODD)
    assert finding.intended
    assert found(report_on(database, finding.declare), "A01", ODD) == []


@pytest.mark.parametrize(
    ("blueprint", "words"),
    [
        (declared("notes", "skip") + declared("public.notes", "public"), ("two entries", "notes and public.notes")),
        ("[tables.notes]\nowner = 'nothing'", ("owner column nothing", "public.notes")),
        ("[[subject]]\nrole = 'case_wep'", ("acts as", "case_wep", "Did you mean case_web?")),
        ("[roles]\nattack = ['case_wep']", ("attacks", "case_wep", "Did you mean case_web?")),
    ],
)
def test_what_cannot_be_meant_is_refused(fresh_database, blueprint, words):
    database = fresh_database(SHOP)
    with pytest.raises(BlueprintInvalid) as refused:
        report_on(database, blueprint)
    assert [word for word in words if word not in str(refused.value)] == []
