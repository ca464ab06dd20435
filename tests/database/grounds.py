"""A small database that stands on a tenant context: two tenants with fifty notes each, one role of an application."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tenantry.context.model import Context, Profile, Source
from tenantry.context.objects import objects
from tenantry.context.token import Minter
from tenantry.session.connect import pin
from tenantry.testing.databases import Database

APP = "case_app"
OURS = "aaaaaaaa-0000-4000-8000-000000000000"
THEIRS = "bbbbbbbb-0000-4000-8000-000000000000"
SECRET = bytes(range(32))
MINTER = Minter("first", SECRET)
OPEN = "select tenantry.open(%s)"
SETTING = "app.tenant_id"
NOTES = f"""
    create table public.note (id integer primary key, tenant_id uuid not null, body text not null);
    insert into public.note
    select id, case when id <= 50 then '{OURS}'::uuid else '{THEIRS}'::uuid end, repeat('x', 20)
    from generate_series(1, 100) as id;
    alter table public.note enable row level security;
    alter table public.note force row level security;
    create policy floor on public.note as restrictive for all to public
        using (tenant_id = (select tenantry.current_org_id()))
        with check (tenant_id = (select tenantry.current_org_id()));
    create policy everything on public.note for all to public using (true) with check (true);
    grant select, insert, update, delete on public.note to {APP};
    alter table public.note set (parallel_workers = 2);
"""


@dataclass(frozen=True)
class Ground:
    """A database under one profile."""

    database: Database
    profile: Profile

    def connect(self, user: str = APP) -> psycopg.Connection:
        """Connect as a role, in autocommit."""
        return self.database.connect(user)

    def open(self, connection: psycopg.Connection, tenant: str = OURS) -> None:
        """Open a tenant's context in the transaction, as this profile's application does."""
        if self.profile is Profile.PLAIN:
            connection.execute("select set_config(%s, %s, true)", [SETTING, tenant])
        else:
            connection.execute(OPEN, [MINTER.mint(tenant)])


def context(profile: Profile, **more: object) -> Context:
    """Give the context of the ground under a profile."""
    tenant = Source(SETTING) if profile is Profile.PLAIN else None
    return Context(**{"noun": "org", "profile": profile, "app_roles": (APP,), "tenant": tenant, **more})


def install(database: Database, wanted: Context) -> None:
    """Make every object of a context, and add a key where the profile has keys."""
    with database.connect() as connection:
        pin(connection)
        with connection.transaction():
            for made in objects(wanted):
                for statement in made.create:
                    connection.execute(statement.encode())
        if wanted.profile is not Profile.PLAIN:
            connection.execute("select tenantry.add_key('first', %s)", [SECRET])


def ground(make: Callable[[str], Database], profile: Profile) -> Ground:
    """Make the ground."""
    database = make(f"create role {APP} login")
    install(database, context(profile))
    database.execute(NOTES)
    return Ground(database, profile)


def rows(connection: psycopg.Connection, tenant: str) -> int:
    """Count the notes of a tenant that a connection sees."""
    row = connection.execute("select count(*) from public.note where tenant_id = %s", [tenant]).fetchone()
    assert row is not None
    return int(row[0])


def value(connection: psycopg.Connection, query: str, *values: object) -> object:
    """Ask for one value."""
    row = connection.execute(query.encode(), values or None).fetchone()
    assert row is not None
    return row[0]


def weaken(database: Database, function: str, old: str, new: str) -> None:
    """Replace a piece of a function's text; the piece must be there."""
    with database.connect() as connection:
        text = str(value(connection, "select pg_get_functiondef(%s::regprocedure)", function))
        assert old in text, text
        connection.execute(text.replace(old, new).encode())


def refuses(connection: psycopg.Connection, token: str | None, because: str = "token is not valid") -> None:
    """Demand that a token opens nothing, for this reason."""
    with pytest.raises(InsufficientPrivilege, match=because), connection.transaction(force_rollback=True):
        connection.execute(OPEN, [token])


def resigned(token: str, place: int, text: str, secret: bytes = SECRET) -> str:
    """Change a field of a token and sign it anew, as only a holder of the key can."""
    parts = token.split(".")[:-1]
    parts[place] = text
    payload = ".".join(parts)
    return f"{payload}.{hmac.digest(secret, payload.encode(), 'sha256').hex()}"
