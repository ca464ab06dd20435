"""Database away or hanging: is it told fast, once, and over as soon as it is back? What do the health endpoints say?"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator

import pytest
from outage import Outage
from running import APP, BLUEPRINT, MINTER, OURS, fence, tenancy, tenancy_sync

from tenantry.adapters.asyncpg import AsyncpgTenancy
from tenantry.ops.health import (
    Answer,
    Dependency,
    Health,
    State,
    health,
    livez,
    of_breaker,
    readyz,
    startupz,
    unavailable,
)
from tenantry.ops.watch import Watch
from tenantry.ops.watch_sync import Watch as WatchSync
from tenantry.session.breaker import Breaker, Cooling
from tenantry.session.checkout import Size
from tenantry.session.refused import DatabaseUnavailable, PoolExhausted, Refusal
from tenantry.tenancy import Tenancy
from tenantry.tenancy_sync import TenancySync
from tenantry.testing.databases import Database
from tenantry.testing.embedded import embedded
from tenantry.testing.servers import Server, ServerNotInstalled, installed

FIRST_S, OPEN_S, BACK_S = 2.5, 0.02, 5.0
OUTAGES = ("hung", "gone")
GONE = {"error": "database_unavailable"}


@pytest.fixture(scope="module", params=[18, 15])
def outage(request: pytest.FixtureRequest) -> Iterator[Outage]:
    """Give a fenced database on a server that nobody else uses."""
    try:
        with embedded() if request.param == 18 else installed(15) as server:
            yield Outage(_fenced(server))
    except ServerNotInstalled as missing:
        pytest.skip(missing.sentence())


def _fenced(server: Server) -> Database:
    with server.connect() as connection:
        connection.execute("create database outage")
    database = Database(server, "outage")
    fence(database)
    # why: the server does not wait for its disk, and is to come back with what it had
    database.execute("checkpoint")
    return database


async def took_s(made: Tenancy | AsyncpgTenancy) -> tuple[float, Refusal | None]:
    """Give how long a unit of work took, and what refused it."""
    began = time.monotonic()
    try:
        async with made.acting_for(OURS) as tx:
            await tx.execute("select 1")
    except Refusal as refusal:
        return time.monotonic() - began, refusal
    return time.monotonic() - began, None


def took_sync_s(made: TenancySync) -> tuple[float, Refusal | None]:
    began = time.monotonic()
    try:
        with made.acting_for(OURS) as tx:
            tx.execute("select 1")
    except Refusal as refusal:
        return time.monotonic() - began, refusal
    return time.monotonic() - began, None


async def back_s(made: Tenancy | AsyncpgTenancy) -> float:
    """Give how long it took until a unit was served again."""
    began = time.monotonic()
    while (await took_s(made))[1] is not None:
        assert time.monotonic() - began < BACK_S
        await asyncio.sleep(0.05)
    return time.monotonic() - began


async def all_while_open(made: Tenancy | AsyncpgTenancy, seconds: float) -> list[float]:
    """Give how long each of the units took that were tried for so many seconds; all have to be refused."""
    ends, seen = time.monotonic() + seconds, []
    while time.monotonic() < ends:
        took, refusal = await took_s(made)
        assert isinstance(refusal, DatabaseUnavailable)
        seen.append(took)
        await asyncio.sleep(0.05)
    return seen


@pytest.mark.parametrize("what", OUTAGES)
def test_first_told_in_time_then_at_once_then_over(outage: Outage, what: str) -> None:
    async def work() -> None:
        async with tenancy(outage.database, size=Size(2, 4)) as made:
            assert (await took_s(made))[1] is None
            with getattr(outage, what)():
                first, refusal = await took_s(made)
                assert isinstance(refusal, DatabaseUnavailable)
                assert first < FIRST_S
                assert max(await all_while_open(made, 4)) < OPEN_S
            await back_s(made)

    asyncio.run(work())


@pytest.mark.parametrize("outage", [18], indirect=True)
def test_after_a_longer_outage_a_full_pool_is_back_as_soon(outage: Outage) -> None:
    async def work() -> None:
        async with tenancy(outage.database, size=Size(1, 1)) as made:
            with outage.gone():
                await took_s(made)
                # why so long: pauses that double would come to their eight seconds within it
                await all_while_open(made, 6)
            await back_s(made)

    asyncio.run(work())


@pytest.mark.parametrize("what", OUTAGES)
def test_the_same_over_asyncpg(outage: Outage, what: str) -> None:
    async def work() -> None:
        async with AsyncpgTenancy(outage.database.url(APP), BLUEPRINT, minter=MINTER, size=Size(2, 4)) as made:
            watch = Watch(made, every_s=0)
            assert (await watch.look()).is_ready
            assert (await took_s(made))[1] is None
            with getattr(outage, what)():
                first, refusal = await took_s(made)
                assert isinstance(refusal, DatabaseUnavailable)
                assert first < FIRST_S
                assert max(await all_while_open(made, 4)) < OPEN_S
                assert readyz(await watch.look()).body == GONE
            await back_s(made)

    asyncio.run(work())


@pytest.mark.parametrize("what", OUTAGES)
def test_the_same_under_threads(outage: Outage, what: str) -> None:
    with tenancy_sync(outage.database, size=Size(2, 4)) as made:
        assert took_sync_s(made)[1] is None
        with getattr(outage, what)():
            first, refusal = took_sync_s(made)
            assert isinstance(refusal, DatabaseUnavailable)
            assert first < FIRST_S
            for _ in range(30):
                took, refusal = took_sync_s(made)
                assert (took < OPEN_S, type(refusal)) == (True, DatabaseUnavailable)
                time.sleep(0.1)
        began = time.monotonic()
        while took_sync_s(made)[1] is not None:
            assert time.monotonic() - began < BACK_S
            time.sleep(0.05)


def test_without_the_breaker_everybody_would_wait(outage: Outage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Breaker, "failed", lambda self: None)

    async def work() -> None:
        async with tenancy(outage.database, size=Size(2, 4)) as made:
            with outage.hung():
                await took_s(made)
                with pytest.raises(AssertionError, match=r"\d < 0.02"):
                    assert max(await all_while_open(made, 0.1)) < OPEN_S
            await back_s(made)

    asyncio.run(work())


def test_a_pool_whose_units_all_hang_is_found_out_too(outage: Outage) -> None:
    async def work() -> None:
        async with tenancy(outage.database, size=Size(1, 1)) as made, made.acting_for(OURS):
            with outage.hung():
                took, refusal = await took_s(made)
                assert isinstance(refusal, PoolExhausted)
                assert took < FIRST_S
                async with asyncio.timeout(3 * FIRST_S):
                    while not isinstance((await took_s(made))[1], DatabaseUnavailable):
                        pass
                assert max(await all_while_open(made, 1)) < OPEN_S

    asyncio.run(work())


def test_one_connection_that_hangs_keeps_nobody_out(outage: Outage) -> None:
    async def work() -> None:
        async with tenancy(outage.database, size=Size(2, 2)) as made:
            await took_s(made)
            with outage.sessions_hung(APP):
                assert isinstance((await took_s(made))[1], DatabaseUnavailable)
                assert await back_s(made) < 1

    asyncio.run(work())


@pytest.mark.parametrize("what", OUTAGES)
def test_what_the_endpoints_answer(outage: Outage, what: str) -> None:
    async def work() -> None:
        made = tenancy(outage.database, size=Size(1, 2))
        watch = Watch(made, every_s=0)
        assert startupz(await watch.look()).status == readyz(await watch.look()).status == 503
        async with made:
            found = await watch.look()
            assert (startupz(found).status, readyz(found).status) == (200, 200)
            assert (health(found).status, health(found).body["status"]) == (200, "ok")
            with getattr(outage, what)():
                began = time.monotonic()
                found = await watch.look()
                assert time.monotonic() - began < FIRST_S
                assert (livez().status, startupz(found).status) == (200, 200)
                assert (readyz(found).status, readyz(found).body) == (503, GONE)
                assert int(readyz(found).headers["Retry-After"]) >= 1
                assert (health(found).status, health(found).body["error"]) == (503, "database_unavailable")
                assert health(found).body["dependencies"] == {"database": "down"}
                refusal = (await took_s(made))[1]
                assert refusal
                told = unavailable(refusal)
                assert (told.status, told.body, told.headers["Retry-After"]) == (503, GONE, "1")
            async with asyncio.timeout(BACK_S):
                while not (await watch.look()).is_ready:
                    await asyncio.sleep(0.05)
        assert startupz(await watch.look()).status == 503

    asyncio.run(work())


def test_it_is_asked_once_in_a_while_and_not_by_each_probe(outage: Outage) -> None:
    now = 0.0
    with tenancy_sync(outage.database) as made:
        watch = WatchSync(made, every_s=1.0, clock=lambda: now)
        assert watch.look().is_ready
        with outage.gone():
            assert watch.look().is_ready
            now = 1.0
            assert not watch.look().is_ready


def test_a_pool_in_use_is_busy_and_ready(outage: Outage) -> None:
    async def work() -> Health:
        async with tenancy(outage.database) as made, made.acting_for(OURS):
            return await Watch(made).look()

    found = asyncio.run(work())
    assert (found.dependencies[0].state, readyz(found).status, health(found).body["status"]) == (
        State.BUSY,
        200,
        "degraded",
    )


def test_the_log_is_told_once_that_it_went_and_once_that_it_is_back(
    outage: Outage, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        async with tenancy(outage.database) as made:
            with outage.gone():
                await all_while_open(made, 3)
            await back_s(made)

    with caplog.at_level(logging.INFO, logger="tenantry"):
        asyncio.run(work())
    assert [record.message for record in caplog.records if record.name == "tenantry"] == [
        "database does not answer: left alone until it does",
        "database answers again",
    ]


def test_without_a_cache_the_program_goes_on() -> None:
    cache = Breaker("cache")
    cache.failed()
    found = Health(is_started=True, dependencies=(Dependency("database", State.UP), of_breaker(cache)))
    assert readyz(found).status == 200
    assert health(found) == Answer(200, {"status": "degraded", "dependencies": {"database": "up", "cache": "down"}})


def test_a_breaker_lets_one_through_after_each_pause() -> None:
    now = 0.0
    breaker = Breaker("cache", Cooling(first_s=1, longest_s=4, chance=lambda: 0), clock=lambda: now)
    assert breaker.admits()
    pauses = []
    for _ in range(4):
        breaker.failed()
        assert not breaker.admits()
        pauses.append(breaker.pause_s)
        now += breaker.pause_s
        assert [breaker.admits(), breaker.admits()] == [True, False]
        now += breaker.pause_s
    assert pauses == [1, 2, 4, 4]
    breaker.answered()
    assert (breaker.is_open, breaker.admits(), breaker.pause_s) == (False, True, 0)
