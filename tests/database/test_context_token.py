"""Does the database take exactly the tokens it should, and read in them what Python wrote, and the other way round?"""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest
from grounds import APP, MINTER, OPEN, OURS, SECRET, THEIRS, context, install, refuses, resigned, value
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg.errors import InsufficientPrivilege

from tenantry.context.model import Profile
from tenantry.context.token import Minter, TokenInvalid, read
from tenantry.testing.databases import Workshop

PROVED = (Profile.SEALED, Profile.SIGNED)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
roles = st.lists(texts.filter(lambda text: text and "," not in text), max_size=4).map(tuple)
ours = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module", params=PROVED)
def shared(request: pytest.FixtureRequest, workshop: Workshop) -> Iterator[psycopg.Connection]:
    """Give one superuser's connection per profile, for work that is rolled back."""
    with workshop.database() as database:
        database.execute(f"create role {APP} login")
        install(database, context(request.param, key_type="text"))
        with database.connect() as connection:
            yield connection


@ours
@given(tenant=texts, actor=texts, roles=roles, scope=texts, secret=st.binary(min_size=32, max_size=200))
@example(tenant="", actor="", roles=(), scope="", secret=bytes(64))
@example(tenant="مرحبا 🧨", actor="'; --", roles=("a b", '"'), scope="\\", secret=bytes(65))
def test_the_database_reads_what_python_minted(
    shared: psycopg.Connection, tenant: str, actor: str, roles: tuple[str, ...], scope: str, secret: bytes
) -> None:
    with shared.transaction(force_rollback=True):
        shared.execute("select tenantry.add_key('drawn', %b)", [secret])
        token = Minter("drawn", secret).mint(tenant, actor=actor, roles=roles, scope=scope)
        shared.execute(OPEN, [token])
        said = shared.execute(
            "select tenantry.current_tenant(), tenantry.current_org_id(), tenantry.current_actor(), "
            "tenantry.current_roles(), tenantry.current_scope()"
        ).fetchone()
    assert said == (tenant or None, tenant or None, actor or None, list(roles) or None, scope or None)


@ours
@given(tenant=texts, actor=texts, roles=roles, scope=texts, ttl_s=st.integers(1, 60))
def test_python_reads_what_the_database_minted(
    shared: psycopg.Connection, tenant: str, actor: str, roles: tuple[str, ...], scope: str, ttl_s: int
) -> None:
    values = (tenant, actor, ",".join(roles), scope, ttl_s)
    token = str(value(shared, "select tenantry.mint(%s, %s, %s, %s, %s)", *values))
    said = read(token, SECRET, now_s=0)
    assert (said.tenant, said.actor, said.roles, said.scope) == (tenant, actor, roles, scope)
    assert ttl_s - 2 <= said.expires_s - time.time() <= ttl_s


@ours
@given(place=st.integers(0), digit=st.sampled_from("0123456789abcdef.v\n"))
def test_a_changed_token_opens_nothing(shared: psycopg.Connection, place: int, digit: str) -> None:
    token = MINTER.mint(OURS, actor="ann")
    place %= len(token)
    changed = token[:place] + digit + token[place + 1 :]
    if changed == token:
        return
    refuses(shared, changed)


@pytest.mark.parametrize("broken", [None, "", ".", "v1", "v1.first.......", "x" * 5000, "\n"])
def test_what_is_no_token_opens_nothing(shared: psycopg.Connection, broken: str | None) -> None:
    refuses(shared, broken)


def test_a_spliced_token_opens_nothing(shared: psycopg.Connection) -> None:
    own, other = MINTER.mint(OURS), MINTER.mint(THEIRS)
    mac = own.rpartition(".")[2]
    refuses(shared, f"{other.rpartition('.')[0]}.{mac}")
    refuses(shared, own[:-1])
    refuses(shared, own + "0")
    refuses(shared, own + "\n")
    refuses(shared, " " + own)
    refuses(shared, own.upper())


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (0, "v2"),
        (2, "-1"),
        (2, "1" * 1000),
        (3, "x"),
        (3, "9" * 1000),
        *((4, said) for said in ("", "00,,,,0", "xzzx,,,,0", "x00x,00,,,,0", "x00x,,,0", "x00x,é,,,0", "x00x, ,,,0")),
    ],
)
def test_a_token_out_of_form_opens_nothing_however_it_is_signed(
    shared: psycopg.Connection, place: int, text: str
) -> None:
    refuses(shared, resigned(MINTER.mint(OURS), place, text), "the context token")


def test_a_token_ends_and_lives_no_longer_than_its_key_allows(shared: psycopg.Connection) -> None:
    now = int(value(shared, "select extract(epoch from clock_timestamp())::bigint") or 0)
    refuses(shared, resigned(MINTER.mint(OURS), 2, str(now - 1)), "has expired")
    refuses(shared, resigned(MINTER.mint(OURS), 2, str(now + 120)), "longer than its key allows")


def test_the_bound_of_a_tokens_life_is_its_keys(shared: psycopg.Connection) -> None:
    with shared.transaction(force_rollback=True):
        shared.execute("select tenantry.add_key('long', %b, now(), 'infinity', 600)", [SECRET])
        shared.execute(OPEN, [Minter("long", SECRET, longest_s=600).mint(OURS, ttl_s=590)])
    with pytest.raises(psycopg.errors.CheckViolation), shared.transaction(force_rollback=True):
        shared.execute("select tenantry.add_key('endless', %b, now(), 'infinity', 3601)", [SECRET])


def test_a_token_for_another_connection_opens_nothing(shared: psycopg.Connection) -> None:
    pid = shared.info.backend_pid
    refuses(shared, MINTER.mint(OURS, backend_pid=pid + 1), "another connection")
    with shared.transaction(force_rollback=True):
        shared.execute(OPEN, [MINTER.mint(OURS, backend_pid=pid)])


@pytest.mark.parametrize(
    ("statement", "because"),
    [
        ("select tenantry.add_key('k', %b, now() + interval '1 hour')", "key of the context token is not valid yet"),
        (
            "select tenantry.add_key('k', %b, now() - interval '2 hours', now() - interval '1 hour')",
            "is not valid any more",
        ),
        ("select tenantry.add_key('k', %b), tenantry.revoke_key('k')", "is revoked"),
        ("select tenantry.add_key('k', %b, now() - interval '1 hour'), tenantry.retire_key('k')", "not valid any more"),
        ("select %b::bytea", "token is not valid"),
    ],
)
def test_a_key_opens_only_in_its_time(shared: psycopg.Connection, statement: str, because: str) -> None:
    with shared.transaction(force_rollback=True):
        shared.execute(statement.encode(), [SECRET])
        with pytest.raises(InsufficientPrivilege, match=because):
            shared.execute(OPEN, [Minter("k", SECRET).mint(OURS)])


def test_keys_turn_over_without_a_refused_token(shared: psycopg.Connection) -> None:
    newer = bytes(reversed(SECRET))
    with shared.transaction(force_rollback=True):
        before = str(value(shared, "select tenantry.mint('us')"))
        shared.execute("select tenantry.add_key('second', %b, now())", [newer])
        assert read(str(value(shared, "select tenantry.mint('us')")), newer).tenant == "us"
        for token in (before, MINTER.mint("us"), Minter("second", newer).mint("us")):
            with shared.transaction(force_rollback=True):
                shared.execute(OPEN, [token])
        shared.execute("select tenantry.retire_key('first')")
        refuses(shared, before, "not valid any more")
        listed = shared.execute("select id, is_valid from tenantry.keys()").fetchall()
        assert listed == [("second", True), ("first", False)]


def test_a_secret_is_long_enough_and_no_error_shows_it(shared: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue) as short:
        shared.execute("select tenantry.add_key('k', %b)", [SECRET[:31]])
    with pytest.raises(psycopg.errors.UniqueViolation) as twice:
        shared.execute("select tenantry.add_key('first', %b)", [SECRET])
    for error in (short.value, twice.value):
        assert SECRET[:31].hex() not in f"{error} {error.diag.context} {error.diag.message_detail}"


def test_python_refuses_a_token_of_another_key() -> None:
    with pytest.raises(TokenInvalid):
        read(MINTER.mint(OURS), bytes(reversed(SECRET)))
