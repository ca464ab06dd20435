"""Do many tenants on few connections, cancelled and cut off at random, ever see each other's rows?

In seconds by default; with TENANTRY_CHAOS=1 a hundred thousand units.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from running import APP, TENANTS, tenancy

from tenantry.session.checkout import Size
from tenantry.session.deadline import Deadlines
from tenantry.session.refused import Refusal
from tenantry.tenancy import Tenancy
from tenantry.testing.databases import Database

IS_LONG = os.environ.get("TENANTRY_CHAOS") == "1"
UNITS = 100_000 if IS_LONG else 1_500
AT_ONCE = 16
SEEN = "select distinct org_id::text from public.booking"
ROOM_FOR_MISTAKES = (
    "set role runtime_nobody",
    "select set_config('app.tenant_id', 'x', false)",
    "select 1 / 0",
    "rollback",
)
KILL = "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s order by random() limit 1"


async def one(made: Tenancy, luck: random.Random, seen: Counter[str]) -> None:
    """Run a unit of a random tenant that reads, writes, errs or dawdles."""
    tenant = luck.choice(TENANTS)
    async with made.acting_for(tenant) as tx:
        await note(tx, tenant, seen)
        fate = luck.random()
        if fate < 0.2:
            await tx.execute("update public.booking set guest = %s", [tenant])
        elif fate < 0.3:
            await tx.execute("select pg_sleep(0.01)")
        elif fate < 0.4:
            await tx.execute(luck.choice(ROOM_FOR_MISTAKES))
        await note(tx, tenant, seen)
    seen["done"] += 1


async def note(tx: Any, tenant: str, seen: Counter[str]) -> None:
    rows = await (await tx.execute(SEEN)).fetchall()
    seen["foreign"] += sum(1 for (owner,) in rows if owner != tenant)
    # why: what is right on an empty answer would be right on a broken one too
    seen["own"] += sum(1 for (owner,) in rows if owner == tenant)


async def worker(made: Tenancy, luck: random.Random, left: list[int], seen: Counter[str]) -> None:
    while left[0] > 0:
        left[0] -= 1
        task = asyncio.create_task(one(made, luck, seen))
        if luck.random() < 0.1:
            await asyncio.sleep(luck.random() * 0.01)
            task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            seen["cancelled"] += 1
        except (Refusal, psycopg.Error) as error:
            seen[type(error).__name__] += 1


async def killer(database: Database, seen: Counter[str], ends: asyncio.Event) -> None:
    with database.connect() as connection:
        while not ends.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ends.wait(), 0.1)
            seen["killed"] += connection.execute(KILL, [APP]).rowcount


async def chaos(database: Database, seed: int) -> Counter[str]:
    luck, seen, ends, left = random.Random(seed), Counter[str](), asyncio.Event(), [UNITS]
    deadlines = Deadlines(checkout_s=10)
    async with tenancy(database, size=Size(4, 4), deadlines=deadlines) as made:
        killing = asyncio.create_task(killer(database, seen, ends))
        await asyncio.gather(*(worker(made, luck, left, seen) for _ in range(AT_ONCE)))
        ends.set()
        await killing
        # nothing is lost for good: the pool still serves as many as it has
        async with asyncio.timeout(20):
            await asyncio.gather(*(one(made, random.Random(0), seen) for _ in range(8)))
    return seen


def test_no_tenant_ever_sees_another_s_rows(fenced: Database) -> None:
    seed = time.time_ns()
    seen = asyncio.run(chaos(fenced, seed))
    print(seed, dict(seen))
    assert seen["foreign"] == 0, f"seed {seed}: {dict(seen)}"
    assert seen["own"] > UNITS
    assert seen["cancelled"] > 0
    assert seen["killed"] > 0
    assert set(seen) <= {
        *("foreign", "own", "done", "cancelled", "killed", "InsufficientPrivilege", "RetryLater", "OutcomeUnknown"),
        *("ValueRefused", "UnitEnded", "DatabaseUnavailable", "PermissionMissing", "ReadOnly", "PoolExhausted"),
    }, f"seed {seed}: {dict(seen)}"


@pytest.mark.parametrize("server", [18], indirect=True)
def test_without_the_fence_foreign_rows_would_be_counted(fenced: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    fenced.execute("alter table public.booking disable row level security")
    monkeypatch.setattr("test_chaos.UNITS", 50)
    seen = asyncio.run(chaos(fenced, 1))
    assert seen["foreign"] > 0
