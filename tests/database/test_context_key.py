"""Is the key a context gives always the tenant that was minted, whatever the key's type and the text of the token?"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from grounds import APP, MINTER, OPEN, OURS, context, install, value
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tenantry.context.model import Profile
from tenantry.testing.databases import Workshop

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
ours = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module", params=["uuid", "bigint", "smallint"])
def typed(request: pytest.FixtureRequest, workshop: Workshop) -> Iterator[tuple[psycopg.Connection, str]]:
    """Give one superuser's connection per type of key, with its name, for work that is rolled back."""
    with workshop.database() as database:
        database.execute(f"create role {APP} login")
        install(database, context(Profile.SEALED, key_type=request.param))
        with database.connect() as connection:
            yield connection, request.param


@ours
@given(tenant=st.one_of(texts, st.uuids().map(str), st.integers().map(str)), actor=texts, scope=texts)
@example(tenant="0b000000-0000-0000-0000-000000000101", actor="", scope="")
@example(tenant="12345678123456781234567812345678", actor="", scope="")
@example(tenant="AAAAAAAA-0000-4000-8000-000000000000", actor="", scope="")
@example(tenant="", actor="n7n,u", scope="u")
@example(tenant="-7", actor="", scope="")
@example(tenant="007", actor="", scope="")
@example(tenant="0x7", actor="", scope="")
def test_a_key_is_the_tenant_that_was_minted_or_nobody(
    typed: tuple[psycopg.Connection, str], tenant: str, actor: str, scope: str
) -> None:
    connection, _ = typed
    with connection.transaction(force_rollback=True):
        connection.execute(OPEN, [MINTER.mint(tenant, actor=actor, scope=scope)])
        said = connection.execute("select tenantry.current_tenant(), tenantry.current_actor()").fetchone()
        assert said == (tenant or None, actor or None)
        try:
            key = value(connection, "select tenantry.current_org_id()::text")
        except psycopg.errors.NumericValueOutOfRange:
            return
        assert key in (tenant, None)


def test_a_key_in_the_server_s_own_form_is_read(typed: tuple[psycopg.Connection, str]) -> None:
    connection, key_type = typed
    for key in [OURS] if key_type == "uuid" else ["0", "7", "-7", "32767"]:
        for token in (MINTER.mint(key), str(value(connection, "select tenantry.mint(%s)", key))):
            with connection.transaction(force_rollback=True):
                connection.execute(OPEN, [token])
                assert value(connection, "select tenantry.current_org_id()::text") == key
