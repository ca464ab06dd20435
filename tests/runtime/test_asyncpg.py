"""Does work over asyncpg keep the same promises: somebody's, clean, bounded in time, no round trip more?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from typing import Any

import asyncpg
import pytest
from bouncer import bouncer
from proxy import proxy
from running import APP, BLUEPRINT, MINTER, OURS, THEIRS
from test_hung import SHORT, stopped, within
from test_leaks import ENDS, RESIDUE, prepared

from tenantry.adapters.asyncpg import AsyncpgTenancy
from tenantry.adapters.asyncpg_wire import sent_together
from tenantry.context.identity import Identity, acting_as
from tenantry.context.missing import Missing
from tenantry.context.token import Minter
from tenantry.session import scrub
from tenantry.session.checkout import Size
from tenantry.session.refused import (
    ConflictFound,
    ContextRefused,
    DatabaseUnavailable,
    DeadlinePassed,
    LoginUnfit,
    OutcomeUnknown,
    PoolExhausted,
    Refusal,
    RowSecurityRefused,
    TenantMissing,
    UnitAborted,
    UnitEnded,
)
from tenantry.testing.databases import Database

ADD = "insert into public.booking (org_id, guest, room) values ($1, 'Ann Example', $2)"
COUNT = "select count(*) from public.booking"
Work = Callable[[AsyncpgTenancy], Awaitable[Any]]


class _StoppedError(Exception):
    """What an application's own code raises."""


def over_asyncpg(database: Database | str, **options: Any) -> AsyncpgTenancy:
    dsn = database if isinstance(database, str) else database.url(APP)
    return AsyncpgTenancy(dsn, BLUEPRINT, **{"minter": MINTER, "size": Size(1, 1), **options})


def done(made: AsyncpgTenancy, work: Work) -> Any:
    async def opened() -> Any:
        async with made:
            return await work(made)

    return asyncio.run(opened())


async def is_served(made: AsyncpgTenancy) -> bool:
    with suppress(Refusal):
        async with made.acting_for(OURS):
            return True
    return False


def added(database: Database) -> int:
    with database.connect() as connection:
        row = connection.execute("select count(*) from public.booking where guest = 'Ann Example'").fetchone()
        return row[0]


def sessions(database: Database) -> list[Any]:
    with database.connect() as connection:
        asked = "select pid from pg_stat_activity where usename = %s and datname = current_database()"
        return connection.execute(asked, [APP]).fetchall()


# -- somebody's -------------------------------------------------------------------------------------------


def test_each_unit_sees_its_tenant_and_writes_for_no_other(fenced: Database) -> None:
    async def work(made: AsyncpgTenancy) -> None:
        async with made.acting_for(OURS) as tx:
            assert await tx.fetchval(COUNT) == 5
            assert await tx.fetchval("select tenantry.current_org_id()::text") == OURS
            await tx.execute(ADD, OURS, 7)
            assert (await tx.fetchrow("select guest from public.booking where room = 7"))["guest"] == "Ann Example"
        async with made.acting_for(THEIRS) as tx:
            assert len(await tx.fetch("select from public.booking")) == 5
        with pytest.raises(RowSecurityRefused):
            async with made.acting_for(OURS) as tx:
                await tx.execute(ADD, THEIRS, 8)

    done(over_asyncpg(fenced), work)
    assert added(fenced) == 1


def test_where_nobody_is_named_it_refuses_or_is_empty(fenced: Database) -> None:
    async def work(made: AsyncpgTenancy) -> None:
        with acting_as(Identity(OURS)):
            async with made.connection() as tx:
                assert await tx.fetchval(COUNT) == 5
        with pytest.raises(TenantMissing):
            async with made.connection():
                pass

    async def nobody(made: AsyncpgTenancy) -> int:
        async with made.connection() as tx:
            return await tx.fetchval(COUNT)

    done(over_asyncpg(fenced), work)
    assert done(over_asyncpg(fenced, missing=Missing.EMPTY), nobody) == 0


def test_a_login_with_powers_and_a_key_that_is_not_on_the_ring_are_refused(fenced: Database) -> None:
    with pytest.raises(LoginUnfit):
        done(over_asyncpg(fenced.url()), lambda made: asyncio.sleep(0))

    async def forged(made: AsyncpgTenancy) -> None:
        made._opener = type(made._opener)(Minter("runtime", bytes(32)))
        with pytest.raises(ContextRefused):
            async with made.acting_for(OURS):
                pass
        made._opener = type(made._opener)(MINTER)
        async with made.acting_for(OURS) as tx:
            assert await tx.fetchval(COUNT) == 5

    done(over_asyncpg(fenced), forged)


# -- committed or not -------------------------------------------------------------------------------------


def test_what_fails_is_rolled_back_and_told_by_a_code(fenced: Database) -> None:
    async def work(made: AsyncpgTenancy) -> None:
        with pytest.raises(_StoppedError):
            async with made.acting_for(OURS) as tx:
                await tx.execute(ADD, OURS, 7)
                raise _StoppedError
        with pytest.raises(ConflictFound) as refusal:
            async with made.acting_for(OURS) as tx:
                await tx.execute("set constraints all deferred")
                await tx.execute(ADD, OURS, 1)
        assert refusal.value.constraint == "booking_once"
        assert "Ann" not in refusal.value.sentence()
        with pytest.raises(UnitAborted):
            async with made.acting_for(OURS) as tx:
                with suppress(asyncpg.PostgresError):
                    await tx.execute(ADD, OURS, 1)
        with pytest.raises(UnitEnded):
            async with made.acting_for(OURS) as tx:
                await tx.execute(ADD, OURS, 9)
                await tx.execute("rollback")
        with pytest.raises(UnitEnded):
            await tx.execute("select 1")

    done(over_asyncpg(fenced), work)
    assert added(fenced) == 0


def test_errors_of_the_application_itself_leave_as_themselves(fenced: Database) -> None:
    async def work(made: AsyncpgTenancy) -> None:
        for kind in (FileNotFoundError, TimeoutError, KeyError):
            with pytest.raises(kind):
                async with made.acting_for(OURS) as tx:
                    await tx.execute(ADD, OURS, 7)
                    raise kind

    done(over_asyncpg(fenced), work)
    assert added(fenced) == 0


def test_a_part_that_fails_in_its_savepoint_leaves_the_rest(fenced: Database) -> None:
    async def work(made: AsyncpgTenancy) -> None:
        async with made.acting_for(OURS) as tx:
            await tx.execute(ADD, OURS, 7)
            with pytest.raises(asyncpg.UniqueViolationError):
                async with tx.transaction():
                    await tx.execute(ADD, OURS, 1)
            async with tx.transaction():
                await tx.execute(ADD, OURS, 8)

    done(over_asyncpg(fenced), work)
    assert added(fenced) == 2


# -- no round trip more -----------------------------------------------------------------------------------


@pytest.mark.parametrize("statements", [1, 3])
def test_a_unit_costs_no_round_trip_more_than_a_bare_transaction(fenced: Database, statements: int) -> None:
    async def bare() -> int:
        connection = await asyncpg.connect(between.url(fenced, APP))
        for _ in range(2):
            before = between.round_trips
            async with connection.transaction():
                for _ in range(statements):
                    await connection.execute("select 1")
        trips = between.round_trips - before
        await connection.close()
        return trips

    async def work(made: AsyncpgTenancy) -> int:
        for _ in range(2):
            before = between.round_trips
            async with made.acting_for(OURS) as tx:
                for _ in range(statements):
                    await tx.execute("select 1")
        return between.round_trips - before

    with proxy(fenced) as between:
        assert done(over_asyncpg(between.url(fenced, APP)), work) == asyncio.run(bare()) == statements + 2


def test_several_settings_of_a_plain_context_travel_together_too(fenced: Database) -> None:
    async def work() -> tuple[Any, bool]:
        connection = await asyncpg.connect(fenced.url(APP))
        setting = b"select pg_catalog.set_config($1, $2, true)"
        values = [(b"app.one", "ä'\\".encode()), (b"app.two", b"")]
        for _ in range(2):
            await sent_together(connection, {}, [(b"begin", ()), *((setting, pair) for pair in values)], 2)
            row = await connection.fetchrow("select current_setting('app.one'), current_setting('app.two')")
            is_within = connection.is_in_transaction()
            await connection.execute("rollback")
        await connection.close()
        return tuple(row), is_within

    assert asyncio.run(work()) == (("ä'\\", ""), True)


def test_the_token_is_not_shown_to_other_sessions(fenced: Database) -> None:
    async def work(made: AsyncpgTenancy) -> list[Any]:
        async with made.acting_for(OURS):
            with fenced.connect(APP) as other:
                return other.execute("select query from pg_stat_activity where usename = %s", [APP]).fetchall()

    assert ("select tenantry.open($1)",) in done(over_asyncpg(fenced), work)


# -- clean ------------------------------------------------------------------------------------------------


async def leave(made: AsyncpgTenancy, residue: str, end: str) -> None:
    """Run a unit that leaves something, and end it in one of the ways a unit ends."""
    with suppress(Exception, asyncio.CancelledError):
        async with made.acting_for(OURS) as tx:
            await tx.execute(RESIDUE[residue][0])
            if end == "error":
                raise _StoppedError
            if end == "aborted":
                await tx.execute("select 1 / 0")
            if end == "failed commit":
                await tx.execute("set constraints all deferred")
                await tx.execute(ADD, OURS, 1)
            if end == "cancelled":
                task = asyncio.create_task(tx.execute("select pg_sleep(30)"))
                await asyncio.sleep(0.05)
                task.cancel()
                await task
            if end == "timeout":
                async with asyncio.timeout(0.05):
                    await tx.execute("select pg_sleep(30)")


async def found(made: AsyncpgTenancy, residue: str) -> bool:
    """Say whether the next tenant's unit finds it."""
    try:
        if residue == "context":
            async with made.connection() as tx:
                return await tx.fetchval(f"select {RESIDUE[residue][1]}")
        async with made.acting_for(THEIRS) as tx:
            return await tx.fetchval(f"select {RESIDUE[residue][1]}")
    except Refusal as refusal:
        if refusal.sqlstate == "55000":  # lastval is not yet defined
            return False
        raise


def leaks(database: Database | str, ends: tuple[str, ...] = ENDS, only: tuple[str, ...] = tuple(RESIDUE)) -> list[str]:
    """Give every cell of the matrix in which something was found."""

    async def matrix(made: AsyncpgTenancy) -> list[str]:
        seen = []
        for end in ends:
            for residue in only:
                await leave(made, residue, end)
                if await found(made, residue):
                    seen.append(f"{residue} after {end}")
        return seen

    return done(over_asyncpg(database, missing=Missing.EMPTY), matrix)


def test_nothing_leaks_to_the_next_tenant(fenced: Database) -> None:
    assert leaks(prepared(fenced)) == []


def test_nothing_leaks_through_a_pooler(fenced: Database) -> None:
    with bouncer(prepared(fenced)) as pooler:
        ends = ("commit", "error", "aborted", "failed commit", "cancelled")
        assert leaks(pooler.url(APP), ends) == []


@pytest.mark.parametrize("server", [18], indirect=True)
def test_without_the_scrub_everything_but_the_context_leaks(fenced: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrub, "PARTS", (b"select 1",))
    prepared(fenced)
    seen = [leak for residue in RESIDUE for leak in leaks(fenced, ("commit",), (residue,))]
    assert seen == [f"{residue} after commit" for residue in RESIDUE if residue != "context"]


@pytest.mark.parametrize("server", [18], indirect=True)
@pytest.mark.parametrize("end", ["cancelled", "timeout"])
def test_what_was_cancelled_is_stopped_on_the_server_and_its_connection_not_used_again(
    fenced: Database, end: str
) -> None:
    async def work(made: AsyncpgTenancy) -> None:
        async with made.acting_for(OURS) as tx:
            before = await tx.fetchval("select pg_backend_pid()")
        await leave(made, "advisory lock", end)
        async with made.acting_for(THEIRS) as tx:
            assert await tx.fetchval("select pg_backend_pid()") != before

    done(over_asyncpg(fenced), work)
    assert sessions(fenced) == []


# -- bounded in time --------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", [18], indirect=True)
def test_a_server_that_hangs_is_an_error_in_time(fenced: Database) -> None:
    async def work(made: AsyncpgTenancy) -> None:
        async with made.acting_for(OURS):
            pass
        with stopped(fenced), within(2.5), pytest.raises(DatabaseUnavailable):
            async with made.acting_for(OURS):
                pass
        while not await is_served(made):
            await asyncio.sleep(0.01)
        with within(2.5), pytest.raises(DeadlinePassed):
            async with made.acting_for(OURS) as tx:
                await tx.execute("select pg_sleep(30)")
        with within(2.5), pytest.raises(OutcomeUnknown):
            async with made.acting_for(OURS) as tx:
                await tx.execute("select 1")
                halted.enter_context(stopped(fenced))
        halted.close()
        async with made.acting_for(OURS):
            with within(2.5), pytest.raises(PoolExhausted):
                async with made.acting_for(OURS):
                    pass

    with ExitStack() as halted:
        done(over_asyncpg(fenced, deadlines=SHORT), work)


@pytest.mark.parametrize("server", [18], indirect=True)
def test_connections_that_died_in_the_pool_are_replaced_unseen(fenced: Database) -> None:
    async def work(made: AsyncpgTenancy) -> None:
        async with made.acting_for(OURS):
            pass
        with fenced.connect() as connection:
            asked = "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s"
            connection.execute(asked, [APP])
        for _ in range(3):
            async with made.acting_for(OURS) as tx:
                assert await tx.fetchval(COUNT) == 5

    done(over_asyncpg(fenced, size=Size(3, 3)), work)


@pytest.mark.parametrize("server", [18], indirect=True)
def test_many_tenants_at_once_with_cancels_see_no_foreign_row(fenced: Database) -> None:
    async def one(made: AsyncpgTenancy, number: int) -> int:
        tenant = (OURS, THEIRS)[number % 2]
        with suppress(TimeoutError):
            async with asyncio.timeout(0.004 if number % 5 == 0 else 20), made.acting_for(tenant) as tx:
                asked = "select count(*) from public.booking where org_id <> $1::text::uuid or pg_sleep(0.001) is null"
                return await tx.fetchval(asked, tenant)
        return 0

    async def work(made: AsyncpgTenancy) -> int:
        return sum([sum(await asyncio.gather(*(one(made, n) for n in range(40)))) for _ in range(10)])

    assert done(over_asyncpg(fenced, size=Size(4, 4)), work) == 0


PLANTING = """
    do $$ declare client text; begin
        for client in select name from pg_prepared_statements where not from_sql and strpos(statement, 'guest') > 0 loop
            execute 'deallocate ' || quote_ident(client);
            execute 'prepare ' || quote_ident(client) || ' (smallint) as select ''planted''::text';
        end loop;
    end $$
"""


@pytest.mark.parametrize("end", ["commit", "error"])
@pytest.mark.parametrize("is_asked", [True, False])
def test_a_session_on_which_sql_prepared_statements_is_not_lent_again(
    fenced: Database, monkeypatch: pytest.MonkeyPatch, end: str, is_asked: bool
) -> None:
    if not is_asked:
        monkeypatch.setattr("tenantry.adapters.asyncpg._PLANTED", b"; select from pg_catalog.pg_class limit 0")

    async def session(made: AsyncpgTenancy) -> int:
        async with made.acting_for(THEIRS) as tx:
            return int(await tx.fetchval("select pg_catalog.pg_backend_pid()"))

    async def work(made: AsyncpgTenancy) -> bool:
        before = await session(made)
        with suppress(Refusal):
            async with made.acting_for(OURS) as tx:
                await tx.fetch("select guest from public.booking where room >= $1", 0)
                await tx.execute(PLANTING)
                await tx.execute("select 1" if end == "commit" else "select 1 / 0")
        return await session(made) == before

    assert done(over_asyncpg(fenced), work) is not is_asked
