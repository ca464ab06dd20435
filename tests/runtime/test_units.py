"""Is a unit of work one transaction of one tenant: committed before its value is there, rolled back on any error?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from proxy import proxy
from running import APP, OURS, TENANTS, THEIRS, tenancy, tenancy_sync

from tenantry.session.checkout import Size
from tenantry.session.refused import (
    ConflictFound,
    RetryLater,
    RowSecurityRefused,
    TenantMissing,
    UnitAborted,
    UnitEnded,
)
from tenantry.session.retry import Retry
from tenantry.tenancy import Tenancy
from tenantry.testing.databases import Database

COUNT = "select count(*), count(distinct org_id), min(org_id::text) from public.booking"
ADD = "insert into public.booking (org_id, guest, room) values (%s, 'new', %s)"
QUICK = Retry(first_s=0.001)


def count(database: Database, guest: str = "new") -> int:
    with database.connect() as connection:
        row = connection.execute("select count(*) from public.booking where guest = %s", [guest]).fetchone()
    assert row is not None
    return int(row[0])


def within(made: Tenancy, work: Callable[[Tenancy], Awaitable[Any]]) -> Any:
    """Run work with an open handle."""

    async def opened() -> Any:
        async with made:
            return await work(made)

    return asyncio.run(opened())


def test_a_unit_sees_the_rows_of_its_tenant_and_who_acts(fenced: Database) -> None:
    async def work(made: Tenancy) -> None:
        for tenant in (OURS, THEIRS, OURS):
            async with made.acting_for(tenant, actor="ann", role="manager") as tx:
                assert await (await tx.execute(COUNT)).fetchone() == (5, 1, tenant)
                said = await tx.execute("select tenantry.current_actor(), tenantry.current_roles()")
                assert await said.fetchone() == ("ann", ["manager"])

    within(tenancy(fenced), work)


def test_plain_threads_have_the_same(fenced: Database) -> None:
    with tenancy_sync(fenced) as made:
        for tenant in (OURS, THEIRS):
            with made.acting_for(tenant) as tx:
                assert tx.execute(COUNT).fetchone() == (5, 1, tenant)
        with pytest.raises(RowSecurityRefused), made.acting_for(OURS) as tx:
            tx.execute(ADD, [THEIRS, 7])
        assert made.run(lambda tx: tx.execute(ADD, [OURS, 7]).rowcount, OURS) == 1
    assert count(fenced) == 1


def test_a_unit_is_committed_before_its_value_is_given(fenced: Database) -> None:
    async def work(made: Tenancy) -> None:
        async def add(tx: Any) -> int:
            done = await tx.execute(ADD, [OURS, 7])
            assert count(fenced) == 0
            return int(done.rowcount)

        assert await made.run(add, OURS) == 1
        assert count(fenced) == 1

    within(tenancy(fenced), work)


def test_any_error_rolls_back_and_leaves_as_itself(fenced: Database) -> None:
    async def work(made: Tenancy) -> None:
        with pytest.raises(KeyError):
            async with made.acting_for(OURS) as tx:
                await tx.execute(ADD, [OURS, 7])
                raise KeyError

    within(tenancy(fenced), work)
    assert count(fenced) == 0


def test_a_commit_that_fails_gives_no_value(fenced: Database) -> None:
    async def work(made: Tenancy) -> None:
        async def clash(tx: Any) -> str:
            await tx.execute("set constraints all deferred")
            await tx.execute(ADD, [OURS, 1])
            return "done"

        with pytest.raises(ConflictFound) as refusal:
            await made.run(clash, OURS)
        assert refusal.value.constraint == "booking_once"
        async with made.acting_for(OURS) as tx:
            await tx.execute(COUNT)

    within(tenancy(fenced), work)
    assert count(fenced) == 0


def test_an_error_that_was_swallowed_is_no_commit(fenced: Database) -> None:
    async def work(made: Tenancy) -> None:
        with pytest.raises(UnitAborted):
            async with made.acting_for(OURS) as tx:
                await tx.execute(ADD, [OURS, 7])
                with pytest.raises(psycopg.errors.UniqueViolation):
                    await tx.execute(ADD, [OURS, 1])

    within(tenancy(fenced), work)
    assert count(fenced) == 0


def test_a_part_that_fails_in_its_savepoint_leaves_the_rest(fenced: Database) -> None:
    async def work(made: Tenancy) -> None:
        async with made.acting_for(OURS) as tx:
            await tx.execute(ADD, [OURS, 7])
            with pytest.raises(psycopg.errors.UniqueViolation):
                async with tx.transaction():
                    await tx.execute(ADD, [OURS, 1])

    within(tenancy(fenced), work)
    assert count(fenced) == 1


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_sql_that_ends_the_transaction_is_refused(fenced: Database, end: str) -> None:
    async def work(made: Tenancy) -> None:
        with pytest.raises(UnitEnded):
            async with made.acting_for(OURS) as tx:
                await tx.execute(end)
        async with made.acting_for(THEIRS) as tx:
            assert await (await tx.execute(COUNT)).fetchone() == (5, 1, THEIRS)

    within(tenancy(fenced), work)


def test_nothing_of_an_ended_unit_reaches_the_next_one(fenced: Database) -> None:
    async def work(made: Tenancy) -> None:
        async with made.acting_for(OURS) as old:
            cursor = old.cursor()
            await cursor.execute(COUNT)
        async with made.acting_for(THEIRS):
            with pytest.raises(UnitEnded):
                await old.execute(COUNT)
            with pytest.raises(psycopg.InterfaceError, match="closed"):
                await cursor.execute(COUNT)

    within(tenancy(fenced), work)


def test_work_still_under_way_at_the_end_is_no_commit_and_costs_the_connection(fenced: Database) -> None:
    async def work(made: Tenancy) -> None:
        with pytest.raises(UnitEnded):
            async with made.acting_for(OURS) as tx:
                left = asyncio.create_task(tx.execute("select pg_sleep(30)"))
                queued = asyncio.create_task(tx.execute(COUNT))
                await asyncio.sleep(0.1)
        async with made.acting_for(THEIRS) as tx:
            assert await (await tx.execute(COUNT)).fetchone() == (5, 1, THEIRS)
        for task in (left, queued):
            with pytest.raises(psycopg.Error):
                await task

    within(tenancy(fenced), work)


def test_a_cancelled_unit_costs_the_connection_and_its_statement_ends(fenced: Database) -> None:
    async def work(made: Tenancy) -> None:
        pids = []

        async def slow() -> None:
            async with made.acting_for(OURS) as tx:
                pids.append((await (await tx.execute("select pg_backend_pid()")).fetchone())[0])
                await tx.execute("select pg_sleep(30)")

        task = asyncio.create_task(slow())
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with made.acting_for(THEIRS) as tx:
            row = await (await tx.execute("select pg_backend_pid()")).fetchone()
        assert row is not None
        assert row[0] != pids[0]
        with fenced.connect() as connection:
            for _ in range(100):
                if not connection.execute("select from pg_stat_activity where pid = %s", pids).fetchall():
                    return
                await asyncio.sleep(0.05)
        pytest.fail("the cancelled statement still runs")

    within(tenancy(fenced), work)


def test_cancelled_while_it_is_given_back_a_connection_is_not_lost(fenced: Database) -> None:
    async def work(made: Tenancy) -> None:
        pool = made._pool
        assert pool is not None
        in_use, may_end = asyncio.Event(), asyncio.Event()

        async def one() -> None:
            async with made.acting_for(OURS):
                in_use.set()
                await may_end.wait()

        task = asyncio.create_task(one())
        await in_use.wait()
        async with pool._connections._lock:
            may_end.set()
            await asyncio.sleep(0.2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        async with made.acting_for(THEIRS) as tx:
            await tx.execute("select 1")

    within(tenancy(fenced), work)


def test_the_token_is_out_of_sight_of_other_sessions(fenced: Database) -> None:
    async def work(made: Tenancy) -> None:
        async with made.acting_for(OURS):
            with fenced.connect(APP) as other:
                shown = other.execute("select query from pg_stat_activity where usename = %s", [APP]).fetchall()
        assert ("select tenantry.open($1)",) in shown

    within(tenancy(fenced), work)


@pytest.mark.parametrize("statements", [1, 3])
def test_a_unit_costs_no_round_trip_more_than_a_bare_transaction(fenced: Database, statements: int) -> None:
    async def work(made: Tenancy) -> int:
        for times in (1, statements):
            before = between.round_trips
            async with made.acting_for(OURS) as tx:
                for _ in range(times):
                    await tx.execute("select 1")
        return between.round_trips - before

    with proxy(fenced) as between:
        with psycopg.connect(between.url(fenced, APP), autocommit=True) as bare:
            before = between.round_trips
            for statement in ("begin", *["select 1"] * statements, "commit"):
                bare.execute(statement.encode())
            bare_trips = between.round_trips - before
        assert within(tenancy(between.url(fenced, APP)), work) == bare_trips == statements + 2


def test_only_idempotent_work_is_done_again_after_a_deadlock(fenced: Database) -> None:
    tries: list[str] = []

    def deadlocking(name: str) -> Callable[[Any], Awaitable[int]]:
        async def work(tx: Any) -> int:
            tries.append(name)
            if tries.count(name) < 3:
                await tx.execute("do $$ begin raise deadlock_detected; end $$")
            return tries.count(name)

        return work

    async def work(made: Tenancy) -> None:
        assert await made.run(deadlocking("idempotent"), OURS, idempotent=True) == 3
        with pytest.raises(RetryLater) as refusal:
            await made.run(deadlocking("once"), OURS)
        assert refusal.value.retryable
        assert tries.count("once") == 1

    within(tenancy(fenced, retry=QUICK), work)


def test_doing_again_is_bounded(fenced: Database) -> None:
    tries: list[int] = []

    async def work(made: Tenancy) -> None:
        async def never(tx: Any) -> None:
            tries.append(1)
            await tx.execute("do $$ begin raise serialization_failure; end $$")

        with pytest.raises(RetryLater):
            await made.run(never, OURS, idempotent=True)

    within(tenancy(fenced, retry=Retry(times=2, first_s=0.001)), work)
    assert len(tries) == 3


def test_two_serializable_units_that_cross_both_get_done(fenced: Database) -> None:
    async def work(made: Tenancy) -> None:
        async def add(tx: Any) -> None:
            room = (await (await tx.execute("select max(room) + 1 from public.booking")).fetchone())[0]
            await asyncio.sleep(0.05)
            await tx.execute(ADD, [OURS, room])

        await asyncio.gather(
            *(made.run(add, OURS, idempotent=True, isolation="serializable") for _ in range(2)),
        )

    within(tenancy(fenced, size=Size(2, 2), retry=Retry(times=9)), work)
    assert count(fenced) == 2


def test_a_read_only_unit_writes_nothing(fenced: Database) -> None:
    async def work(made: Tenancy) -> None:
        with pytest.raises(Exception, match="25006"):
            async with made.acting_for(OURS, read_only=True) as tx:
                await tx.execute(ADD, [OURS, 7])

    within(tenancy(fenced), work)


@pytest.mark.parametrize("nobody", [None, "", " "])
def test_nobody_is_refused_before_any_sql(fenced: Database, nobody: object) -> None:
    async def work(made: Tenancy) -> None:
        with pytest.raises(TenantMissing):
            async with made.acting_for(nobody):
                pass

    within(tenancy(fenced), work)


def test_a_handle_that_is_not_open_says_so() -> None:
    async def work() -> None:
        with pytest.raises(UnitEnded, match="not open"):
            async with tenancy("postgresql:///nowhere").acting_for(TENANTS[0]):
                pass

    asyncio.run(work())
