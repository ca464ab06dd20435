"""What does the sealed context cost a statement? The floor's predicate against an explicit one without row security.

    python bench/context.py [--servers embedded 15] [--rounds 9]

Both forms run in turn on the same rows, in one session, and the least of the rounds counts. On Linux the figures are
the backend's own time on a processor (/proc/<pid>/schedstat), else elapsed time. Only the ratios carry over to other
machines. ``signed`` is shown beside it: what verifying the token in each statement costs.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tenantry.context.model import Context, Profile
from tenantry.context.objects import objects
from tenantry.context.token import Minter
from tenantry.session.connect import pin
from tenantry.testing.databases import Database, Workshop
from tenantry.testing.embedded import embedded
from tenantry.testing.servers import Server, ServerNotInstalled, installed

SECRET = bytes(range(32))
TENANT = "00000000-0000-4000-8000-000000000007"
TARGETS = {"ten point lookups": 1.4, "sequential scan": 1.06, "tenant index scan": 1.1}
ROWS = """
    create table public.{name} (id bigint primary key, tenant_id uuid not null, n integer not null);
    insert into public.{name}
    select id, ('00000000-0000-4000-8000-' || lpad((id % 1000)::text, 12, '0'))::uuid, id
    from generate_series(1, {rows}) as id;
    create index on public.{name} (tenant_id);
    vacuum (analyze) public.{name};
    grant select on public.{name} to bench_app;
"""
FLOOR = """
    alter table public.guarded enable row level security;
    alter table public.guarded force row level security;
    create policy floor on public.guarded as restrictive for all to public
        using (tenant_id = (select tenantry.current_org_id()));
    create policy everything on public.guarded for all to public using (true);
"""


@dataclass(frozen=True)
class Way:
    """One way of asking for a tenant's rows: a table, what is said of the tenant, and whether a context is opened."""

    table: str
    predicate: str
    opens: bool


EXPLICIT = Way("bare", f" and tenant_id = '{TENANT}'", opens=False)
GUARDED = Way("guarded", "", opens=True)


def main() -> int:
    """Measure, and print one table."""
    chosen = _arguments()
    print("| server | profile | what | explicit, no RLS | floor | ratio | target |\n|---|---|---|---|---|---|---|")
    for server in _servers(chosen.servers):
        for profile in map(Profile, chosen.profiles):
            with _filled(server, profile, chosen.rows) as database:
                for line in _lines(database, profile, chosen.rounds):
                    print(f"| {server.major} | {profile} | {line} |", flush=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", nargs="+", default=["embedded", "15"], help="embedded, or Debian's by version")
    parser.add_argument("--profiles", nargs="+", default=["sealed", "signed"], choices=["sealed", "signed"])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--rows", type=int, default=1_000_000)
    return parser.parse_args()


def _servers(names: list[str]) -> Iterator[Server]:
    for name in names:
        try:
            with embedded() if name == "embedded" else installed(int(name)) as server:
                yield server
        except ServerNotInstalled as error:
            print(f"left out: {error}", file=sys.stderr)


@contextmanager
def _filled(server: Server, profile: Profile, rows: int) -> Iterator[Database]:
    with Workshop(server).database() as database:
        database.execute("create role bench_app login")
        with database.connect() as connection:
            pin(connection)
            for made in objects(Context(noun="org", profile=profile, app_roles=("bench_app",))):
                for statement in made.create:
                    connection.execute(statement.encode())
            connection.execute("select tenantry.add_key('bench', %s)", [SECRET])
            for name in (EXPLICIT.table, GUARDED.table):
                for statement in ROWS.format(name=name, rows=rows).split(";"):
                    connection.execute(statement.encode())
        database.execute(FLOOR)
        yield database


def _lines(database: Database, profile: Profile, rounds: int) -> Iterator[str]:
    works = {
        "ten point lookups": (_lookups, 60, ""),
        "sequential scan": (_scan, 1, "set enable_indexscan = off; set enable_bitmapscan = off"),
        "tenant index scan": (_scan_index, 20, "set enable_seqscan = off"),
    }
    with database.connect("bench_app") as connection:
        connection.execute("set max_parallel_workers_per_gather = 0; set jit = off")
        for name, (work, times, settings) in works.items():
            connection.execute("set enable_seqscan = on; set enable_indexscan = on; set enable_bitmapscan = on")
            connection.execute(settings.encode())
            explicit, guarded = _least(connection, work, times, rounds)
            target = TARGETS[name] if profile is Profile.SEALED else "-"
            yield f"{name} | {explicit:.1f} µs | {guarded:.1f} µs | {guarded / explicit:.2f} | {target}"
        empty, opened = _least(connection, _nothing, 200, rounds)
        yield f"an empty transaction | {empty:.1f} µs | {opened:.1f} µs | +{opened - empty:.1f} µs | -"


def _least(
    connection: psycopg.Connection, work: Callable[[psycopg.Connection, Way], None], times: int, rounds: int
) -> tuple[float, float]:
    """Give microseconds for the explicit and the guarded way; the first round warms caches and plans."""
    taken: dict[Way, list[float]] = {EXPLICIT: [], GUARDED: []}
    for _ in range(rounds + 1):
        for way, all_taken in taken.items():
            started = _cpu_us(connection)
            for _ in range(times):
                work(connection, way)
            all_taken.append((_cpu_us(connection) - started) / times)
    return min(taken[EXPLICIT][1:]), min(taken[GUARDED][1:])


def _lookups(connection: psycopg.Connection, way: Way) -> None:
    with _opened(connection, way):
        for number in range(10):
            connection.execute(_asked("n", way, "id = %s"), [7 + 1000 * number], prepare=True).fetchall()


def _scan(connection: psycopg.Connection, way: Way) -> None:
    with _opened(connection, way):
        connection.execute(_asked("sum(n)", way, "n > %s"), [0], prepare=True).fetchall()


def _scan_index(connection: psycopg.Connection, way: Way) -> None:
    # why another text: a prepared statement keeps the plan of the settings it was first run under
    with _opened(connection, way):
        connection.execute(_asked("max(n)", way, "n > %s"), [0], prepare=True).fetchall()


def _nothing(connection: psycopg.Connection, way: Way) -> None:
    with _opened(connection, way):
        pass


def _asked(what: str, way: Way, where: str) -> bytes:
    return f"select {what} from public.{way.table} where {where}{way.predicate}".encode()


@contextmanager
def _opened(connection: psycopg.Connection, way: Way) -> Iterator[None]:
    with connection.transaction():
        if way.opens:
            connection.execute("select tenantry.open(%s)", [Minter("bench", SECRET).mint(TENANT)], prepare=True)
        yield


def _cpu_us(connection: psycopg.Connection) -> float:
    """Give the backend's time on a processor so far, or the clock's where Linux does not tell."""
    try:
        spent = Path(f"/proc/{connection.info.backend_pid}/schedstat").read_text(encoding="ascii")
    except OSError:
        return time.perf_counter() * 1e6
    return int(spent.split()[0]) / 1e3


if __name__ == "__main__":
    raise SystemExit(main())
