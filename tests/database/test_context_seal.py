"""Does the seal's own test pass on a sound database, and name the condition where a defence was taken away?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from grounds import APP, MINTER, OURS, SETTING, Ground, ground, value, weaken
from psycopg.errors import InsufficientPrivilege

from tenantry.context.model import Profile
from tenantry.context.seal import SealBroken, SealFailure, check_seal, require_seal
from tenantry.testing.databases import Database

PROVED = (Profile.SEALED, Profile.SIGNED)
MINT = "tenantry.mint(text, text, text, text, integer)"


def failed(at: Ground, user: str = APP) -> set[str]:
    with at.connect(user) as connection:
        return {failure.condition for failure in check_seal(connection, MINTER.mint(OURS))}


@pytest.mark.parametrize("profile", PROVED)
def test_a_sound_seal_holds_and_asking_leaves_nothing(
    fresh_database: Callable[[str], Database], profile: Profile
) -> None:
    at = ground(fresh_database, profile)
    with at.connect() as connection:
        require_seal(connection, MINTER.mint(OURS))
        assert value(connection, "select tenantry.current_tenant()") is None


@pytest.mark.parametrize("profile", PROVED)
def test_the_owner_may_ask_too(fresh_database: Callable[[str], Database], profile: Profile) -> None:
    at = ground(fresh_database, profile)
    with at.connect("postgres") as connection:
        connection.execute("set role tenantry_owner")
        assert check_seal(connection) == ()


@pytest.mark.parametrize(
    ("profile", "sabotage", "named"),
    [
        (
            Profile.SEALED,
            f"grant set on parameter backtrace_functions to {APP}",
            {"carrier_refuses_set", "carrier_refuses_set_local", "carrier_refuses_set_config"},
        ),
        *((profile, f"grant select on tenantry.key_ring to {APP}", {"key_ring_is_closed"}) for profile in PROVED),
        *((profile, f"grant execute on function {MINT} to {APP}", {"mint_is_closed"}) for profile in PROVED),
        *((profile, f"grant tenantry_owner to {APP}", {"role_is_ordinary", "mint_is_closed"}) for profile in PROVED),
        (Profile.SEALED, f"alter role {APP} set backtrace_functions = 'pg_foo'", {"carrier_is_clean"}),
        (Profile.SIGNED, "drop function tenantry.check_seal()", {"seal_can_be_asked"}),
    ],
)
def test_a_defence_taken_away_is_named(
    fresh_database: Callable[[str], Database], profile: Profile, sabotage: str, named: set[str]
) -> None:
    at = ground(fresh_database, profile)
    at.database.execute(sabotage)
    assert named <= failed(at)


@pytest.mark.parametrize("profile", PROVED)
def test_a_role_that_makes_roles_could_join_the_owner_before_16(
    fresh_database: Callable[[str], Database], profile: Profile
) -> None:
    at = ground(fresh_database, profile)
    at.database.execute(f"alter role {APP} createrole")
    assert ("role_is_ordinary" in failed(at)) == (at.database.server.major < 16)
    with at.connect() as connection:
        try:
            connection.execute(f"grant tenantry_context to {APP}".encode())
            joined = True
        except InsufficientPrivilege:
            joined = False
    assert joined == (at.database.server.major < 16)


@pytest.mark.parametrize(
    ("function", "old", "new", "named"),
    [
        ("tenantry.open(text)", "perform tenantry.refuse(token)", "perform 1", "opener_demands_proof"),
        ("tenantry.open(text)", "carrier, true", "carrier, false", "carrier_ends_with_transaction"),
        ("tenantry.open(text)", "perform set_config", "perform concat", "context_opens"),
    ],
)
def test_an_opener_gone_wrong_is_named(
    fresh_database: Callable[[str], Database], function: str, old: str, new: str, named: str
) -> None:
    at = ground(fresh_database, Profile.SEALED)
    weaken(at.database, function, old, new)
    assert named in failed(at)


def test_a_superuser_s_connection_holds_no_seal(fresh_database: Callable[[str], Database]) -> None:
    at = ground(fresh_database, Profile.SEALED)
    assert {"role_is_ordinary", "carrier_refuses_set", "key_ring_is_closed"} <= failed(at, "postgres")


def test_the_plain_profile_is_a_standing_finding(fresh_database: Callable[[str], Database]) -> None:
    at = ground(fresh_database, Profile.PLAIN)
    with at.connect() as connection:
        assert check_seal(connection) == (SealFailure("context_is_proved", "plain"),)
        with pytest.raises(SealBroken, match="context_is_proved"):
            require_seal(connection)
        connection.execute("select set_config(%s, %s, false)", [SETTING, OURS])
        assert "carrier_is_empty_outside" in {failure.condition for failure in check_seal(connection)}


def test_a_connection_within_a_transaction_is_not_asked(fresh_database: Callable[[str], Database]) -> None:
    at = ground(fresh_database, Profile.SEALED)
    with at.connect() as connection, connection.transaction():
        assert check_seal(connection) == (SealFailure("connection_is_idle", "a transaction is open"),)


def test_the_seal_can_be_asked_on_a_read_only_connection(fresh_database: Callable[[str], Database]) -> None:
    at = ground(fresh_database, Profile.SEALED)
    with at.connect() as connection:
        connection.execute("set default_transaction_read_only = on")
        assert check_seal(connection, MINTER.mint(OURS)) == ()
