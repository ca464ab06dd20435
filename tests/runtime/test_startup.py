"""Does the runtime refuse to start where it could not keep its promise, and is the key never told?"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import psycopg
import pytest
from bouncer import bouncer
from running import APP, BLUEPRINT, MINTER, OURS, SECRET, THEIRS, tenancy, tenancy_sync

from tenantry.blueprint.model import Blueprint
from tenantry.context.identity import Identity, acting_as
from tenantry.context.key import minter_from
from tenantry.context.missing import Missing
from tenantry.context.seal import SealBroken
from tenantry.context.token import Minter, TokenInvalid
from tenantry.session.refused import (
    ContextRefused,
    DatabaseUnavailable,
    LoginUnfit,
    PoolerUnfit,
    Refusal,
    TenancyUnset,
    TenantMissing,
)
from tenantry.tenancy import Tenancy
from tenantry.tenancy_sync import TenancySync
from tenantry.testing.databases import Database

KEY = f"{MINTER.key_id}:{SECRET.hex()}"
COUNT = "select count(*) from public.booking"


def opened(made: Tenancy) -> None:
    async def work() -> None:
        async with made:
            pass

    asyncio.run(work())


OWNER = (
    "create role runtime_owner; alter table public.room owner to runtime_owner; grant runtime_owner to runtime_unfit"
)
PASSER = "create role runtime_passer bypassrls; grant runtime_passer to runtime_unfit"


@pytest.mark.parametrize(
    ("power", "said"),
    [
        ("alter role runtime_unfit superuser", "is a superuser"),
        ("alter role runtime_unfit bypassrls", "may bypass row security"),
        ("alter table public.room owner to runtime_unfit", "owns tables"),
        (OWNER, "is a member of runtime_owner, which owns tables"),
        (PASSER, "is a member of runtime_passer, which may bypass"),
    ],
)
def test_a_login_that_could_look_past_the_fence_is_refused(fenced: Database, power: str, said: str) -> None:
    fenced.execute(f"create role runtime_unfit login; {power}")
    with pytest.raises(LoginUnfit, match=said):
        opened(tenancy(fenced.url("runtime_unfit")))


def test_the_login_of_the_application_is_not(fenced: Database) -> None:
    opened(tenancy(fenced))


def test_a_context_that_can_be_forged_is_refused(fenced: Database) -> None:
    fenced.execute(f"grant select on tenantry.key_ring to {APP}")
    with pytest.raises(SealBroken, match="key_ring_is_closed"):
        opened(tenancy(fenced))


def test_another_key_is_refused_at_the_start_and_in_a_unit(fenced: Database) -> None:
    with pytest.raises(SealBroken):
        opened(tenancy(fenced, minter=Minter(MINTER.key_id, bytes(32))))

    async def work() -> None:
        async with tenancy(fenced) as made:
            fenced.execute("select tenantry.revoke_key('runtime')")
            with pytest.raises(ContextRefused):
                async with made.acting_for(OURS):
                    pass

    asyncio.run(work())


def test_a_database_without_the_fence_is_refused(fresh_database) -> None:
    with pytest.raises(SealBroken, match="seal_can_be_asked"):
        opened(tenancy(fresh_database(f"create role {APP}_bare login").url(f"{APP}_bare")))


def test_a_pooler_is_noticed_and_told(fenced: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "tenantry")
    with bouncer(fenced) as pooler, tenancy_sync(pooler.url(APP)) as made:
        assert made.behind_pooler
        for _ in range(20):
            for tenant in (OURS, THEIRS):
                with made.acting_for(tenant) as tx:
                    tx.execute("select count(*) from public.booking where room > %s", [0])
    assert "pooler" in caplog.text
    with tenancy_sync(fenced) as made:
        assert not made.behind_pooler


def test_with_prepared_statements_a_pooler_would_mix_them_up(fenced: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenantry.context.startup.stands_between", lambda _: False)
    asked = "select count(*) from public.booking where room > %s"
    with (
        bouncer(fenced) as pooler,
        tenancy_sync(pooler.url(APP)) as first,
        tenancy_sync(pooler.url(APP)) as second,
        pytest.raises(Refusal, match=r"26000|42P05"),
    ):
        for made in (first, second) * 10:
            with made.acting_for(OURS) as tx:
                tx.execute(asked, [0])


def test_a_pooler_of_statements_is_refused(fenced: Database) -> None:
    with bouncer(fenced, "statement") as pooler, pytest.raises(PoolerUnfit):
        opened(tenancy(pooler.url(APP)))


def test_what_another_program_left_in_a_pooled_session_is_scrubbed_first(fenced: Database) -> None:
    with bouncer(fenced) as pooler, tenancy_sync(pooler.url(APP)) as made:
        with psycopg.connect(pooler.url(APP), autocommit=True) as other:
            other.execute("select set_config('app.residue', 'left', false)")
        with made.acting_for(OURS) as tx:
            assert tx.execute("select current_setting('app.residue', true)").fetchone() in [("",), (None,)]


@pytest.mark.parametrize("missing", Missing)
def test_work_of_nobody_is_refused_raises_or_sees_nothing(fenced: Database, missing: Missing) -> None:
    with tenancy_sync(fenced, missing=missing) as made:
        if missing is Missing.EMPTY:
            with made.connection() as tx:
                assert tx.execute(COUNT).fetchone() == (0,)
        else:
            with pytest.raises(TenantMissing) as refusal, made.connection():
                pass
            assert bool(refusal.value.sqlstate) == (missing is Missing.RAISE)
        with acting_as(Identity(THEIRS)), made.connection() as tx:
            assert tx.execute(f"{COUNT} where org_id = %s", [THEIRS]).fetchone() == (5,)


def test_who_is_named_reaches_the_tasks_within_and_nobody_else(fenced: Database) -> None:
    async def seen(made: Tenancy) -> str:
        async with made.connection() as tx:
            row = await (await tx.execute("select tenantry.current_tenant()")).fetchone()
        return str(row[0])

    async def work() -> list[str]:
        async with tenancy(fenced) as made:
            with acting_as(Identity(OURS)):
                ours = asyncio.create_task(seen(made))
            with acting_as(Identity(THEIRS)):
                theirs = asyncio.create_task(seen(made))
            return [await ours, await theirs]

    assert asyncio.run(work()) == [OURS, THEIRS]


def test_a_tenant_no_token_can_hold_costs_no_connection(fenced: Database) -> None:
    with tenancy_sync(fenced) as made:
        with pytest.raises(TokenInvalid), made.acting_for("a\0b"):
            pass
        with made.acting_for(OURS) as tx:
            tx.execute(COUNT)


def test_the_environment_says_all_of_it(fenced: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text(KEY + "\n")
    command = f"{sys.executable} -c 'print(open(\"key\").read())'"
    for key in ({"TENANTRY_KEY": KEY}, {"TENANTRY_KEY_FILE": "key"}, {"TENANTRY_KEY_COMMAND": command}):
        with TenancySync.from_env({"DATABASE_URL": fenced.url(APP), **key}) as made, made.acting_for(OURS) as tx:
            assert tx.execute(COUNT).fetchone() == (5,)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"TENANTRY_KEY": f"{SECRET.hex()}"},
        {"TENANTRY_KEY": f"runtime:{SECRET.hex()}zz"},
        {"TENANTRY_KEY": f"runtime:{SECRET.hex()[:20]}"},
        {"TENANTRY_KEY_FILE": "/nowhere"},
        {"TENANTRY_KEY_COMMAND": f"sh -c 'echo {SECRET.hex()} >&2; echo {SECRET.hex()}; exit 3'"},
        {"TENANTRY_KEY_COMMAND": "/no/such/program"},
    ],
)
def test_what_is_no_key_is_refused_without_repeating_it(said: dict[str, str]) -> None:
    with pytest.raises((TenancyUnset, TokenInvalid)) as refusal:
        minter_from(said)
    assert SECRET.hex()[:16] not in refusal.value.sentence()


def test_the_key_and_the_password_are_in_no_repr() -> None:
    made = Tenancy("postgresql://app:hidden@host/db", BLUEPRINT, minter=MINTER)
    text = repr(made) + repr(vars(made).get("_opener")) + repr(vars(made).get("_pool"))
    assert not any(secret in text for secret in (SECRET.hex(), repr(SECRET), "hidden"))


def test_without_a_database_s_name_nothing_is_guessed() -> None:
    with pytest.raises(TenancyUnset, match="DATABASE_URL"):
        Tenancy.from_env({"TENANTRY_KEY": KEY})
    with pytest.raises(DatabaseUnavailable):
        opened(Tenancy("postgresql://nobody@127.0.0.1:1/none", Blueprint(), minter=MINTER))
