"""Is a server that hangs, or is gone, an error in bounded time, and the next unit served once it is back?"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import psycopg
import pytest
from proxy import proxy
from running import APP, OURS, tenancy, tenancy_sync

from tenantry.session.checkout import Size
from tenantry.session.deadline import Deadlines
from tenantry.session.refused import (
    DatabaseUnavailable,
    DeadlinePassed,
    OutcomeUnknown,
    PoolExhausted,
    Refusal,
    UnitEnded,
)
from tenantry.tenancy import Tenancy
from tenantry.tenancy_sync import TenancySync
from tenantry.testing.databases import Database

SHORT = Deadlines(connect_s=0.5, checkout_s=0.5, begin_s=0.5, statement_s=0.5, commit_s=0.5)
BOUND_S = 2.5
PIDS = "select pid from pg_stat_activity where usename = %s and datname = current_database()"


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Demand that what is done takes no longer."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


@contextmanager
def stopped(database: Database) -> Iterator[None]:
    """Stop the application's sessions, as a server that hangs."""
    with database.connect() as connection:
        pids = [pid for (pid,) in connection.execute(PIDS, [APP]).fetchall()]
    assert pids
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def raised(work: Callable[[], Awaitable[Any]]) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        await work()
    return refusal.value


async def unit(made: Tenancy, statement: str = "select 1") -> None:
    async with made.acting_for(OURS) as tx:
        await tx.execute(statement)


async def is_served(made: Tenancy) -> bool:
    with suppress(Refusal):
        await unit(made)
        return True
    return False


def is_served_sync(made: TenancySync) -> bool:
    with suppress(Refusal), made.acting_for(OURS):
        return True
    return False


def test_a_server_that_hangs_before_a_unit(fenced: Database) -> None:
    async def work() -> None:
        async with tenancy(fenced, deadlines=SHORT) as made:
            with stopped(fenced), within(BOUND_S):
                assert isinstance(await raised(lambda: unit(made)), DatabaseUnavailable)
            async with asyncio.timeout(5):
                while not await is_served(made):
                    await asyncio.sleep(0.1)

    asyncio.run(work())


def test_a_server_that_hangs_with_the_deadlines_it_comes_with(fenced: Database) -> None:
    async def work() -> None:
        async with tenancy(fenced) as made:
            with stopped(fenced), within(BOUND_S):
                await raised(lambda: unit(made))

    asyncio.run(work())


def test_a_server_that_hangs_within_a_statement_or_the_commit(fenced: Database) -> None:
    async def work() -> None:
        async with tenancy(fenced, deadlines=SHORT) as made:

            async def hung_within() -> None:
                async with made.acting_for(OURS) as tx:
                    with stopped(fenced):
                        await tx.execute("select 1")

            async def hung_at_commit() -> None:
                async with made.acting_for(OURS) as tx:
                    await tx.execute("select 1")
                    stack.enter_context(stopped(fenced))

            with within(BOUND_S):
                assert isinstance(await raised(hung_within), DeadlinePassed)
            with ExitStack() as stack, within(BOUND_S):
                assert isinstance(await raised(hung_at_commit), OutcomeUnknown)

    asyncio.run(work())


def test_a_server_that_hangs_under_a_thread(fenced: Database) -> None:
    with tenancy_sync(fenced, deadlines=SHORT) as made:
        with stopped(fenced), within(BOUND_S), pytest.raises(DatabaseUnavailable), made.acting_for(OURS):
            pass
        with within(BOUND_S):
            while not is_served_sync(made):
                time.sleep(0.01)
        with within(BOUND_S), pytest.raises(DeadlinePassed), made.acting_for(OURS) as tx:
            tx.execute("select pg_sleep(30)")
        with made.acting_for(OURS) as tx:
            assert tx.execute("select 1").fetchone() == (1,)


def test_a_statement_that_takes_too_long_is_stopped_on_the_server_too(fenced: Database) -> None:
    async def work() -> None:
        async with tenancy(fenced, deadlines=SHORT) as made:
            assert isinstance(await raised(lambda: unit(made, "select pg_sleep(30)")), DeadlinePassed)
            await unit(made)

    asyncio.run(work())
    with fenced.connect() as connection:
        assert connection.execute(PIDS, [APP]).fetchall() == []


def test_a_network_that_swallows_everything(fenced: Database) -> None:
    async def work() -> None:
        with proxy(fenced) as between:
            async with tenancy(between.url(fenced, APP), deadlines=SHORT) as made:
                await unit(made)
                between.is_stalled = True
                for _ in range(3):
                    with within(BOUND_S):
                        assert isinstance(await raised(lambda: unit(made)), DatabaseUnavailable)
                between.is_stalled = False

    asyncio.run(work())


def test_a_statement_left_waiting_on_a_dead_network_takes_no_other_connection_with_it(fenced: Database) -> None:
    async def work() -> None:
        with proxy(fenced) as between:
            async with tenancy(between.url(fenced, APP)) as made:
                with pytest.raises(UnitEnded):
                    async with made.acting_for(OURS) as tx:
                        left = asyncio.create_task(tx.execute("select pg_sleep(30)"))
                        await asyncio.sleep(0.1)
                        between.is_stalled = True
                await asyncio.wait({left}, timeout=4)
                assert left.done()
                assert isinstance(left.exception(), psycopg.Error)
                between.is_stalled = False
                async with asyncio.timeout(10):
                    while not await is_served(made):
                        await asyncio.sleep(0.1)
                for _ in range(5):
                    await unit(made)

    asyncio.run(work())


@pytest.mark.parametrize("after", [0, 2, 4, 8])
def test_a_server_that_hangs_at_the_start(fenced: Database, after: int) -> None:
    async def work() -> None:
        with proxy(fenced) as between:
            between.stalls_after = after
            with within(2 * BOUND_S):
                refusal = await raised(tenancy(between.url(fenced, APP), deadlines=SHORT).open)
            assert isinstance(refusal, DatabaseUnavailable)

    asyncio.run(work())


def test_no_server_at_all_is_told_at_once_and_without_the_password() -> None:
    made = tenancy("postgresql://somebody:secret-word@127.0.0.1:1/nowhere", deadlines=SHORT)
    with within(BOUND_S):
        refusal = asyncio.run(raised(made.open))
    assert isinstance(refusal, DatabaseUnavailable)
    assert "secret-word" not in refusal.sentence()
    assert "secret-word" not in repr(made)


def test_connections_that_died_in_the_pool_are_replaced_unseen(fenced: Database) -> None:
    async def work() -> None:
        async with tenancy(fenced, size=Size(3, 3)) as made:
            await unit(made)
            with fenced.connect() as connection:
                connection.execute(f"select pg_terminate_backend(pid) from ({PIDS}) as mine".encode(), [APP])
            await asyncio.gather(*(unit(made) for _ in range(6)))

    asyncio.run(work())


def test_a_pool_in_use_is_told_apart_from_a_database_that_is_gone(fenced: Database) -> None:
    async def work() -> None:
        async with tenancy(fenced, deadlines=SHORT) as made, made.acting_for(OURS):
            with within(BOUND_S):
                assert isinstance(await raised(lambda: unit(made)), PoolExhausted)

    asyncio.run(work())
