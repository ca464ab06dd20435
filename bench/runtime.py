"""What does a guarded unit of work cost beside a bare transaction with the same query on a table without row security?

    python bench/runtime.py [--servers embedded 15] [--rounds 7] [--units 200]

Three ways to look: one after the other over a connection with 4 ms round trips (what a network does), the processor
time of this process and of the server's sessions, and eight at once on a pool of eight. All forms run in turn in each
round, and the least of the rounds counts. Only the ratios carry over to other machines. At 4 ms the proxy is a pair of
threads in this process: its own cost is in both figures. Processor time is read from /proc, so on Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path

from psycopg_pool import AsyncConnectionPool
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))

from proxy import proxy
from running import APP, MINTER, OURS, template, tenancy

from tenantry.adapters.sqlalchemy import guard
from tenantry.context.identity import Identity, acting_as
from tenantry.context.opening import TokenOpener
from tenantry.session.checkout import Size
from tenantry.testing.databases import Database, Workshop
from tenantry.testing.embedded import embedded
from tenantry.testing.servers import Server, installed

Unit = Callable[[], Awaitable[None]]
Meter = Callable[[Unit, int], Awaitable[float]]
AT_ONCE = 8
RTT_S = 0.004
QUERY = "select guest from public.{table} where org_id = %s and room = %s"
BARE, FENCED = QUERY.format(table="bare"), QUERY.format(table="booking")
OF_SQLALCHEMY = {
    name: text(f"select guest from public.{name} where org_id = :org and room = :room") for name in ("bare", "booking")
}
SETUP = f"""
    create table public.bare as select * from public.booking;
    create unique index on public.bare (org_id, room);
    grant select on public.bare to {APP};
"""


@asynccontextmanager
async def forms(url: str) -> AsyncIterator[dict[str, tuple[Unit, Unit]]]:
    """Give for each way of connecting the bare unit and the guarded one."""
    size = Size(AT_ONCE, AT_ONCE)
    bare_pool = AsyncConnectionPool(url, min_size=AT_ONCE, max_size=AT_ONCE, open=False)
    engines = [_engine(url) for _ in range(2)]
    guard(engines[1], TokenOpener(MINTER))
    async with bare_pool, tenancy(url, size=size) as made:

        async def bare() -> None:
            async with bare_pool.connection() as connection:
                await (await connection.execute(BARE, [OURS, 3])).fetchall()

        async def guarded() -> None:
            async with made.acting_for(OURS, actor="bench") as tx:
                await (await tx.execute(FENCED, [OURS, 3])).fetchall()

        yield {
            "Tenancy, beside psycopg_pool": (bare, guarded),
            "SQLAlchemy, beside itself": (_of_engine(engines[0], "bare"), _of_engine(engines[1], "booking")),
        }
    for engine in engines:
        await engine.dispose()


def _engine(url: str) -> AsyncEngine:
    return create_async_engine(url.replace("postgresql://", "postgresql+psycopg://"), pool_size=AT_ONCE, max_overflow=0)


def _of_engine(engine: AsyncEngine, table: str) -> Unit:
    async def unit() -> None:
        with acting_as(Identity(OURS)):
            async with engine.begin() as connection:
                (await connection.execute(OF_SQLALCHEMY[table], {"org": OURS, "room": 3})).all()

    return unit


async def seconds(unit: Unit, units: int, at_once: int) -> float:
    """Give the time that so many units take, so many at once."""

    async def worker() -> None:
        for _ in range(units // at_once):
            await unit()

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(at_once)))
    return time.perf_counter() - began


async def elapsed(unit: Unit, units: int) -> float:
    """Give the time of so many units, one after the other."""
    return await seconds(unit, units, 1)


async def at_once(unit: Unit, units: int) -> float:
    """Give the time of so many units, eight at once."""
    return await seconds(unit, units, AT_ONCE)


def of_processors(database: Database) -> Meter:
    """Give what measures the processor time of this process and of the application's sessions."""

    async def meter(unit: Unit, units: int) -> float:
        before = time.process_time() + _of_sessions(database)
        await seconds(unit, units, 1)
        return time.process_time() + _of_sessions(database) - before

    return meter


def _of_sessions(database: Database) -> float:
    with database.connect() as connection:
        found = connection.execute("select pid from pg_stat_activity where usename = %s", [APP]).fetchall()
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for (pid,) in found) / 1e9


async def measured(url: str, units: int, rounds: int, meter: Meter) -> dict[str, tuple[float, float]]:
    """Give for each form the least that the meter shows for bare and guarded units, in milliseconds a unit."""
    async with forms(url) as found:
        least = {name: [float("inf")] * 2 for name in found}
        for number in range(rounds + 1):
            for name, pair in found.items():
                for place, unit in enumerate(pair):
                    took = await meter(unit, units)
                    # why not the first: statements are being prepared
                    least[name][place] = min(least[name][place], took) if number else float("inf")
    return {name: (bare / units * 1000, guarded / units * 1000) for name, (bare, guarded) in least.items()}


def show(title: str, found: dict[str, tuple[float, float]], *, as_rate: bool) -> None:
    """Print one row for each form."""
    for name, (bare, guarded) in found.items():
        ratio = bare / guarded if as_rate else guarded / bare
        print(f"| {title} | {name} | {bare:.2f} | {guarded:.2f} | {ratio:.2f} |", flush=True)


def run(server: Server, units: int, rounds: int) -> None:
    """Measure on one server."""
    workshop = Workshop(server)
    with workshop.database(template(workshop)) as database:
        database.execute(SETUP)
        print(f"\nPostgreSQL {server.major}, {units} units a round, {rounds} rounds\n")
        print("| how | through | bare ms | guarded ms | ratio |\n|---|---|---|---|---|")
        _over_a_network(database, max(20, units // 4), rounds)
        here = asyncio.run(measured(database.url(APP), units, rounds, of_processors(database)))
        show("processor time", here, as_rate=False)
        together = asyncio.run(measured(database.url(APP), units, rounds, at_once))
        show(f"{AT_ONCE} at once, units/s", together, as_rate=True)


def _over_a_network(database: Database, units: int, rounds: int) -> None:
    with proxy(database, RTT_S) as between:
        far = asyncio.run(measured(between.url(database, APP), units, rounds, elapsed))
    show(f"{RTT_S * 1000:.0f} ms round trip, time", far, as_rate=False)


def main() -> None:
    """Read the arguments and measure on each server."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", nargs="+", default=["embedded"])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--units", type=int, default=200)
    given = parser.parse_args()
    for name in given.servers:
        starter: AbstractContextManager[Server] = embedded() if name == "embedded" else installed(int(name))
        with starter as server:
            run(server, given.units, given.rounds)


if __name__ == "__main__":
    main()
