"""A fenced database with members, what an application over HTTP needs to serve it, and the tokens of its users."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey
from running import MINTER, OURS, SECRET, THEIRS

from tenantry.blueprint.model import Blueprint
from tenantry.plan.apply import Limits
from tenantry.plan.apply import apply as run_plan
from tenantry.session.checkout import Size
from tenantry.session.connect import connect
from tenantry.tenancy import Tenancy
from tenantry.tenancy_sync import TenancySync
from tenantry.testing.databases import Database, Workshop
from tenantry.wanted import planned
from tenantry.web.errors import Codes
from tenantry.web.keys import Secret
from tenantry.web.refusals import Code
from tenantry.web.tokens import Tokens

__all__ = ["OURS", "THEIRS", "ask", "bearer", "count", "template", "tokens"]

APP = "web_app"
ISSUER_SECRET = b"issuer and application share this"
BLUEPRINT = Blueprint.model_validate(
    {
        "tenant": {"table": "public.org", "columns": ["org_id"]},
        "users": {"table": "public.person"},
        "roles": {"app": [APP]},
        "membership": {"table": "public.member", "role": "role", "active": ["is_active"]},
        "personas": {
            "manager": {"all": ["*"]},
            "staff": {"select": ["*"], "own": {}},
        },
    }
)
SCHEMA = f"""
do $$ begin create role {APP} login; exception when duplicate_object then null; end $$;
create table public.org (id uuid primary key, name text not null);
create table public.person (id text primary key);
create table public.member (
    org_id uuid not null references public.org, user_id text not null references public.person, role text not null,
    is_active boolean not null default true, primary key (org_id, user_id)
);
create table public.booking (
    id integer not null, org_id uuid not null references public.org, guest text not null, room integer not null,
    constraint booking_once unique (org_id, room) deferrable initially deferred, check (room >= 0),
    primary key (org_id, id)
);
insert into public.org values ('{OURS}', 'ours'), ('{THEIRS}', 'theirs');
insert into public.person values ('ann'), ('bob'), ('eve'), ('sam');
insert into public.member values
    ('{OURS}', 'ann', 'manager', true), ('{THEIRS}', 'ann', 'staff', true), ('{OURS}', 'sam', 'staff', true),
    ('{THEIRS}', 'bob', 'manager', true), ('{OURS}', 'eve', 'manager', false);
insert into public.booking select number, org.id, 'Ann Example', number
from public.org cross join generate_series(1, 5) as number;
insert into public.booking values (6, '{THEIRS}', 'Bob Example', 6);
"""
COUNT = "select count(*), count(distinct org_id), min(org_id::text) from public.booking"
ADD = "insert into public.booking (id, org_id, guest, room) values (%s, %s, %s, %s)"
CODES = Codes(constraints={"booking_once": Code("BOOKING_CONFLICT", 409, "The room is taken.")})


def template(workshop: Workshop) -> str:
    """Give the name of a database with members that was fenced and has a key."""
    return workshop.template("web", lambda connection: _fence(Database(workshop.server, connection.info.dbname)))


def _fence(database: Database) -> None:
    database.execute(SCHEMA)
    with connect(database.url()) as connection, connect(database.url()) as look:
        run_plan(connection, look, planned(connection, BLUEPRINT), Limits(), lambda _: None)
        connection.execute("select tenantry.add_key(%s, %s)", [MINTER.key_id, SECRET])


def tenancy(database: Database, blueprint: Blueprint = BLUEPRINT) -> Tenancy:
    """Give the application's handle; one connection, so that a second one in a request would wait for itself."""
    return Tenancy(database.url(APP), blueprint, minter=MINTER, size=Size(1, 1))


def tenancy_sync(database: Database) -> TenancySync:
    """Give the same for plain threads."""
    return TenancySync(database.url(APP), BLUEPRINT, minter=MINTER, size=Size(1, 1))


def tokens(**options: Any) -> Tokens:
    """Give what checks the tokens of ``bearer``."""
    said = {"keys": Secret(ISSUER_SECRET), "audience": "web", "issuer": "tests", "algorithms": ("HS256",), **options}
    return Tokens(**said)


def bearer(actor: str = "ann", tenant: str = "", roles: tuple[str, ...] = (), **claims: Any) -> dict[str, str]:
    """Give the header with a user's token."""
    said = {"sub": actor, "aud": "web", "iss": "tests", "exp": int(time.time()) + 3600, "tenant": tenant}
    token = jwt.encode({"alg": "HS256"}, {**said, "roles": list(roles), **claims}, OctKey.import_key(ISSUER_SECRET))
    return {"authorization": f"Bearer {token}"}


def ask(app: Any, opened: Tenancy, work: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    """Let a client ask an application whose tenancy is open."""

    async def asked() -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with opened, httpx.AsyncClient(transport=transport, base_url="http://app.example") as client:
            await work(client)

    asyncio.run(asked())


def count(database: Database, room: int) -> int:
    """Give how many bookings of a room there are."""
    with database.connect() as connection:
        row = connection.execute("select count(*) from public.booking where room = %s", [room]).fetchone()
    assert row is not None
    return int(row[0])
