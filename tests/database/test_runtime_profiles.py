"""Does the runtime open the context under each profile, and through connections that are somebody else's?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import pytest
from grounds import APP, MINTER, OURS, SETTING, THEIRS, Ground, ground, rows

from tenantry.adapters.psycopg import acting, acting_async
from tenantry.blueprint.model import Blueprint
from tenantry.context.identity import Identity
from tenantry.context.model import Profile, Source
from tenantry.context.opening import PlainOpener, TokenOpener
from tenantry.tenancy_sync import TenancySync
from tenantry.testing.databases import Database

COUNT = "select count(*), min(tenant_id::text) from public.note"


def blueprint(profile: Profile) -> Blueprint:
    plain = {"tenant": SETTING} if profile is Profile.PLAIN else {}
    return Blueprint.model_validate({"context": {"profile": profile.value, **plain}})


@pytest.fixture(params=Profile)
def at(request: pytest.FixtureRequest, fresh_database: Callable[[str], Database]) -> Ground:
    """Give a ground of this test's own."""
    return ground(fresh_database, request.param)


def test_units_serve_their_tenant(at: Ground) -> None:
    with TenancySync(at.database.url(APP), blueprint(at.profile), minter=MINTER) as made:
        for tenant in (OURS, THEIRS, OURS):
            with made.acting_for(tenant) as tx:
                assert tx.execute(COUNT).fetchone() == (50, tenant)
        with made.connection(missing="empty") as tx:
            assert tx.execute(COUNT).fetchone() == (0, None)


def test_one_s_own_connections_too(at: Ground) -> None:
    opener = PlainOpener(Source(SETTING)) if at.profile is Profile.PLAIN else TokenOpener(MINTER)
    with at.connect() as connection:
        for tenant in (OURS, THEIRS):
            with acting(connection, opener, Identity(tenant)):
                assert rows(connection, tenant) == 50
            assert rows(connection, tenant) == 0

    async def work() -> None:
        connection = await psycopg.AsyncConnection.connect(at.database.url(APP), autocommit=True)
        async with connection, acting_async(connection, opener, Identity(OURS)):
            assert await (await connection.execute(COUNT)).fetchone() == (50, OURS)

    asyncio.run(work())


def test_claims_are_json_at_their_paths() -> None:
    opener = PlainOpener(Source("request.jwt.claims", ("app", "org")), Source("request.jwt.claims", ("sub",)))
    said = opener.statements(Identity('a"b', "ann"))
    assert [values for _, values in said] == [(b"request.jwt.claims", b'{"app": {"org": "a\\"b"}, "sub": "ann"}')]
