"""Does the file that init writes parse, explain itself, and change no verdict?"""

from __future__ import annotations

import tomllib

import psycopg
import pytest
from verifying import report_on

from tenantry.blueprint.model import Blueprint, Dismissal, Roles, Subject, Table, Tenant, Users
from tenantry.blueprint.write import written
from tenantry.catalog.read import read

pytestmark = pytest.mark.parametrize("server", [18], indirect=True)

ROLE = "do $$ begin create role case_web nologin; exception when duplicate_object then null; end $$;"
TABLES = """
create table public.{tenants} (id uuid primary key, name text not null);
create table public.users (id uuid primary key, email text not null);
create table public.notes (id uuid primary key, {column} uuid not null references public.{tenants},
    user_id uuid not null references public.users, body text not null);
alter table public.notes enable row level security;
grant select, insert, update, delete on public.notes to case_web;
"""
PLAIN = ROLE + TABLES.format(tenants="companies", column="company_id")
CASES = {
    "one setting": PLAIN
    + "create policy own on public.notes using (company_id = current_setting('app.company_id', true)::uuid);",
    "a setting whose meaning only trying tells": PLAIN
    + "create policy own on public.notes using (user_id = nullif(current_setting('app.ident', true), '')::uuid);",
    "no policy": PLAIN,
    "names that want quotes": ROLE
    + TABLES.format(tenants='"My.Companies"', column='"Company Id"')
    + """create policy own on public.notes
        using ("Company Id" = nullif(current_setting('app.company', true), '')::uuid);""",
    "no role to attack": TABLES.format(tenants="companies", column="company_id").replace("grant", "--"),
}


def file_of(database) -> str:
    with psycopg.connect(database.url(), autocommit=True) as connection:
        return written(read(connection), Blueprint())


@pytest.mark.parametrize("schema", CASES.values(), ids=CASES.keys())
def test_the_file_gives_the_same_verdict_as_none(fresh_database, schema):
    database = fresh_database(schema)
    text = file_of(database)
    declared, guessed = report_on(database, text), report_on(database)
    assert declared.matrix == guessed.matrix
    assert {one.fingerprint for one in declared.findings} == {one.fingerprint for one in guessed.findings}
    assert declared.unproven == guessed.unproven


def test_every_key_is_explained_in_the_file_itself(fresh_database):
    text = file_of(fresh_database(PLAIN))
    words = " ".join(line.lstrip("# ") for line in text.splitlines())
    for section in (Blueprint, Tenant, Users, Roles, Subject, Table, Dismissal):
        for name, field in section.model_fields.items():
            assert name in words
            assert " ".join((field.description or "?").split()) in words
    assert "docs/" not in text


def test_the_explanations_are_comments_only(fresh_database):
    text = file_of(fresh_database(PLAIN))
    assert tomllib.loads(text.partition("# Every key:")[2]) == {}


MEMBERS = """
create table public.orgs (id uuid primary key, name text not null);
create table public.users (id uuid primary key, email text not null);
create table public.memberships (org_id uuid references public.orgs, user_id uuid references public.users,
    is_active boolean not null, left_at timestamptz, primary key (org_id, user_id));
create table public.notes (id uuid primary key, org_id uuid not null references public.orgs);
"""


def test_members_are_suggested_and_not_yet_demanded(fresh_database):
    text = file_of(fresh_database(MEMBERS))
    assert Blueprint.model_validate(tomllib.loads(text)).membership.table == ""
    suggested = text[text.index("# [membership]") :].partition("\n\n")[0].replace("# ", "")
    assert tomllib.loads(suggested)["membership"] == {
        "table": "public.memberships",
        "tenant": "org_id",
        "user": "user_id",
        "active": ["is_active"],
        "ended": ["left_at"],
    }


def test_columns_with_an_index_for_searches_are_suggested(fresh_database):
    index = "alter table public.notes add column doc jsonb; create index on public.notes using gin (doc);"
    text = file_of(fresh_database(PLAIN + index))
    suggested = text[text.index('# [tables."public.notes"]\n# search') :].partition("\n\n")[0].replace("# ", "")
    assert tomllib.loads(suggested)["tables"] == {"public.notes": {"search": ["doc"]}}
    assert not any(said.search for said in Blueprint.model_validate(tomllib.loads(text)).tables.values())
