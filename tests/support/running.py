"""A database that ``tenantry apply`` has fenced, and the handle of an application that uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from tenantry.blueprint.model import Blueprint
from tenantry.context.token import Minter
from tenantry.plan.apply import Limits
from tenantry.plan.apply import apply as run_plan
from tenantry.session.checkout import Size
from tenantry.session.connect import connect
from tenantry.tenancy import Tenancy
from tenantry.tenancy_sync import TenancySync
from tenantry.testing.databases import Database, Workshop
from tenantry.wanted import planned

APP = "runtime_app"
TENANTS = tuple(f"{number:08d}-0000-4000-8000-000000000000" for number in range(1, 51))
OURS, THEIRS = TENANTS[:2]
SECRET = bytes(range(32))
MINTER = Minter("runtime", SECRET)
BLUEPRINT = Blueprint.model_validate(
    {"tenant": {"table": "public.org", "columns": ["org_id"]}, "roles": {"app": [APP]}}
)
SCHEMA = f"""
do $$ begin create role {APP} login; exception when duplicate_object then null; end $$;
create table public.org (id uuid primary key, name text not null);
create table public.room (
    id integer not null, org_id uuid not null references public.org, primary key (org_id, id)
);
create table public.booking (
    id bigint generated always as identity, org_id uuid not null references public.org, guest text not null,
    room integer not null, constraint booking_once unique (org_id, room) deferrable initially immediate,
    check (room >= 0), foreign key (org_id, room) references public.room (org_id, id), primary key (org_id, id)
);
insert into public.org select ('{{' || lpad(n::text, 8, '0') || '-0000-4000-8000-000000000000}}')::uuid, 'org ' || n
from generate_series(1, {len(TENANTS)}) as n;
insert into public.room select room, org.id from public.org cross join generate_series(0, 1000) as room;
insert into public.booking (org_id, guest, room) select org.id, 'guest', room
from public.org cross join generate_series(1, 5) as room;
"""

MakeTemplate = Callable[[str, Callable[[psycopg.Connection], object]], str]


def template(workshop: Workshop) -> str:
    """Give the name of a database that was fenced and has a key."""
    return workshop.template("runtime", lambda connection: fence(Database(workshop.server, connection.info.dbname)))


def fence(database: Database) -> None:
    """Make the schema, apply the plan and add the key."""
    database.execute(SCHEMA)
    with connect(database.url()) as connection, connect(database.url()) as look:
        run_plan(connection, look, planned(connection, BLUEPRINT), Limits(), lambda _: None)
        connection.execute("select tenantry.add_key(%s, %s)", [MINTER.key_id, SECRET])


def tenancy(database: Database | str, **options: Any) -> Tenancy:
    """Give the handle of an application, not open yet."""
    return Tenancy(*_arguments(database), **_options(options))


def tenancy_sync(database: Database | str, **options: Any) -> TenancySync:
    """Give the handle for plain threads, not open yet."""
    return TenancySync(*_arguments(database), **_options(options))


def _arguments(database: Database | str) -> tuple[str, Blueprint]:
    return database if isinstance(database, str) else database.url(APP), BLUEPRINT


def _options(options: dict[str, Any]) -> dict[str, Any]:
    return {"minter": MINTER, "size": Size(1, 1), **options}
