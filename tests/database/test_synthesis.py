"""Rows for two tenants can be built in tables that make it hard, and what cannot be built is never called safe."""

import psycopg
import pytest
from verifying import cell, report_on

from tenantry.blueprint.model import Blueprint
from tenantry.blueprint.ownership import ownership
from tenantry.catalog.read import read
from tenantry.verify.synthesis.build import Builder
from tenantry.verify.synthesis.row import Side

TENANTS = "create table public.tenants (id uuid primary key default gen_random_uuid(), name text not null);"

TABLES = {
    "not null and checks": """create table public.booking (
        id uuid primary key, tenant_id uuid not null references public.tenants,
        guests int not null check (guests between 3 and 8), code text not null check (code ~ '^[A-Z]{3}-[0-9]{3}$'),
        mail text not null check (position('@' in mail) > 1),
        total numeric not null check (total > 10 and total < 12))""",
    "several columns in one check": """create table public.booking (
        id uuid primary key, tenant_id uuid not null references public.tenants,
        kind text not null check (kind in ('a', 'b')), size int not null,
        check ((kind = 'a' and size = 7) or (kind = 'b' and size = 9)))""",
    "enum, domain, array, range, json": """
        create type public.mood as enum ('glad', 'sad');
        create domain public.zip as text check (value ~ '^[0-9]{5}$');
        create table public.booking (id uuid primary key, tenant_id uuid not null references public.tenants,
        mood public.mood not null, zip public.zip not null, tags text[] not null, during tstzrange not null,
        extra jsonb not null, address inet not null, raw bytea not null, wait interval not null, at time not null)""",
    "identity and generated columns": """create table public.booking (
        id bigint generated always as identity primary key, tenant_id uuid not null references public.tenants,
        net int not null, gross int generated always as (net * 2) stored)""",
    "unique by expression and partly": """create table public.booking (
        id uuid primary key, tenant_id uuid not null references public.tenants,
        mail text not null, active boolean not null);
        create unique index on public.booking (lower(mail)) where active""",
    "exclusion": """create extension btree_gist; create table public.booking (
        id uuid primary key, tenant_id uuid not null references public.tenants, room int not null,
        during tstzrange not null, exclude using gist (room with =, during with &&))""",
    "short texts": """create table public.booking (
        id uuid primary key, tenant_id uuid not null references public.tenants,
        code varchar(4) not null unique, country char(2) not null)""",
    "partitions without one for today": """create table public.booking (
        id uuid, tenant_id uuid not null references public.tenants, at date not null, primary key (id, at))
        partition by range (at);
        create table public.booking_old partition of public.booking for values from ('2001-01-01') to ('2001-02-01')""",
    "a trigger that fills the tenant from nowhere": """create table public.booking (
        id uuid primary key, tenant_id uuid not null references public.tenants);
        create function public.fill() returns trigger language plpgsql as $$
        begin new.tenant_id := null; return new; end $$;
        create trigger fill before insert on public.booking for each row execute function public.fill()""",
    "a self reference": """create table public.booking (
        id uuid primary key, tenant_id uuid not null references public.tenants,
        parent_id uuid not null references public.booking)""",
}

CYCLE = """
create table public.store (store_id int primary key, manager_id int not null);
create table public.staff (staff_id int primary key, store_id int not null references public.store, mail text not null);
alter table public.store add foreign key (manager_id) references public.staff (staff_id);
"""


def built(database, blueprint: Blueprint | None = None):
    with psycopg.connect(database.url(), autocommit=True) as connection:
        catalog = read(connection)
        with connection.transaction(force_rollback=True):
            builder = Builder(connection, catalog, ownership(catalog, blueprint or Blueprint()))
            builder.begin()
            world = builder.build()
            return {catalog.relations[oid].name: side for oid, side in world.rows}, world, catalog


@pytest.mark.parametrize("title", TABLES)
def test_rows_are_built_for_both_tenants(fresh_database, title):
    database = fresh_database(TENANTS + TABLES[title])

    _, world, catalog = built(database)

    booking = catalog.relation_named["public", "booking"].oid
    assert world.missing == {}
    mine, theirs = world.row(booking, Side.MINE), world.row(booking, Side.THEIRS)
    assert mine is not None
    assert theirs is not None
    assert mine.values["tenant_id"] != theirs.values["tenant_id"]


def test_a_cycle_of_mandatory_foreign_keys_is_closed(fresh_database):
    _, world, catalog = built(fresh_database(CYCLE))

    store, staff = (catalog.relation_named["public", name].oid for name in ("store", "staff"))
    theirs = world.row(store, Side.THEIRS)
    assert world.missing == {}
    assert theirs.values["manager_id"] == world.row(staff, Side.THEIRS).values["staff_id"]


def test_existing_tenants_and_their_rows_are_preferred(fresh_database):
    database = fresh_database(
        TENANTS
        + """create table public.booking (id int primary key, tenant_id uuid not null references public.tenants);
        insert into public.tenants (name) values ('one'), ('two');
        insert into public.booking select row_number() over (), id from public.tenants"""
    )

    _, world, _ = built(database)

    assert all(row.is_existing for row in world.rows.values())


def test_no_sequence_is_drawn_from(fresh_database):
    database = fresh_database(
        TENANTS
        + "create table public.booking (id serial primary key, tenant_id uuid not null references public.tenants)"
    )

    built(database)

    with database.connect() as connection:
        assert connection.execute("select is_called from public.booking_id_seq").fetchone() == (False,)


def test_what_cannot_be_built_is_unproven_and_never_safe(fresh_database):
    database = fresh_database(
        TENANTS
        + """create table public.booking (id uuid primary key, tenant_id uuid not null references public.tenants,
        secret text not null check (md5(secret) = 'cannot be guessed'));
        alter table public.booking enable row level security;
        do $$ begin create role case_synthesis nologin; exception when duplicate_object then null; end $$;
        grant select, insert, update, delete on public.booking, public.tenants to case_synthesis"""
    )

    report = report_on(database)

    assert cell(report, "public.booking", "select").verdict == "unproven"
    assert any("public.booking" in one.what and "check" in one.why for one in report.unproven)
    assert report.exit_status() != 0
