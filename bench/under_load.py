"""How long do writers wait while a plan is applied, and does any of them fail or lose a row?

python bench/under_load.py [--rows N] [--version 15]    on a private server; 1,000,000 rows unless told otherwise

The control writer does the same in another database of the same server, in the same seconds: what it waits, the machine
made it wait.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from tenantry.blueprint.model import Blueprint
from tenantry.plan.apply import Limits, apply
from tenantry.session.connect import connect
from tenantry.testing.embedded import embedded
from tenantry.testing.servers import Server, installed
from tenantry.wanted import planned

SCHEMA = """
create table public.tenants (id uuid primary key, name text not null);
create table public.orders (
    id bigint primary key, tenant_id uuid not null references public.tenants, total int not null);
create table public.lines (
    id bigint primary key, order_id bigint not null references public.orders, quantity int not null);
insert into public.tenants select md5(n::text)::uuid, 'tenant ' || n from generate_series(1, 1000) as n;
insert into public.orders select n, md5((n % 1000 + 1)::text)::uuid, 1 from generate_series(1, {rows}) as n;
insert into public.lines select n, n, 1 from generate_series(1, {rows} / 5) as n;
grant select, insert, update, delete on public.orders, public.lines to load_app;
analyze;
"""
BLUEPRINT = Blueprint.model_validate(
    {
        "tenant": {"table": "public.tenants", "columns": ["tenant_id"]},
        "roles": {"attack": ["load_app"]},
        "isolation": {"unknown": "share"},
    }
)


@dataclass
class Writer:
    """One session that updates orders and adds lines, one row a transaction, as fast as it may."""

    url: str
    rows: int
    first: int
    waits_ms: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    added: int = 0

    def run(self, stopped: threading.Event) -> None:
        chance = random.Random(self.first)
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not stopped.is_set():
                order, began = chance.randrange(1, self.rows), time.perf_counter()
                try:
                    if chance.random() < 0.5:
                        connection.execute("update public.orders set total = total + 1 where id = %s", [order])
                    else:
                        number = self.first + self.added
                        connection.execute(
                            "insert into public.lines (id, order_id, quantity) values (%s, %s, 1)", [number, order]
                        )
                        self.added += 1
                except psycopg.Error as error:
                    self.failed.append(str(error).splitlines()[0])
                self.waits_ms.append((time.perf_counter() - began) * 1000)
                time.sleep(0.002)


@contextmanager
def writing(writers: list[Writer]) -> Iterator[None]:
    stopped = threading.Event()
    threads = [threading.Thread(target=writer.run, args=[stopped]) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        time.sleep(1)
        yield
        time.sleep(1)
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def main() -> None:
    """Run once and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--version", type=int, default=18)
    chosen = options.parse_args()
    with embedded() if chosen.version == 18 else installed(chosen.version) as server:
        measure(server, chosen.rows)


def measure(server: Server, rows: int) -> None:
    """Load two databases, apply to one of them under load, and print what the writers met."""
    with server.connect() as connection:
        # why: the writers stand for sessions from before, which no row security holds yet
        connection.execute("create role load_app login superuser")
        for name in ("load", "control"):
            connection.execute(f"create database {name}".encode())
    for name in ("load", "control"):
        with server.connect(name) as connection:
            connection.execute(SCHEMA.replace("{rows}", str(rows)).encode())
    with server.connect() as connection:
        connection.execute("create role writer login superuser")
        connection.execute("alter role load_app nosuperuser")
    writers = [Writer(server.dsn("load", "writer"), rows, 10**9 * number) for number in (1, 2)]
    control = Writer(server.dsn("control", "writer"), rows, 10**9 * 3)
    url = server.dsn("load")
    with connect(url) as connection, connect(url) as look, writing([*writers, control]):
        plan = planned(connection, BLUEPRINT)
        began = time.perf_counter()
        apply(connection, look, plan, Limits(), lambda _: None)
        took_s = time.perf_counter() - began
    report(server, plan.steps, took_s, writers, control, rows)


def report(server: Server, steps: object, took_s: float, writers: list[Writer], control: Writer, rows: int) -> None:
    """Print waits, failures and rows."""
    print(f"PostgreSQL {server.major}, {rows:,} orders, {rows // 5:,} lines; {len(steps)} steps in {took_s:.1f} s")  # type: ignore[arg-type]
    print(f"{'writer':<10} {'writes':>8} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8} {'failed':>7}")
    for title, some in (("beside", writers), ("control", [control])):
        waits = sorted(wait for one in some for wait in one.waits_ms)
        failed = sum(len(one.failed) for one in some)
        figures = [waits[len(waits) // 2], waits[len(waits) * 99 // 100], waits[-1]]
        print(f"{title:<10} {len(waits):>8} " + " ".join(f"{one:>8.1f}" for one in figures) + f" {failed:>7}")
    with server.connect("load") as connection:
        found = connection.execute(
            "select count(*), count(distinct id), count(*) filter (where tenant_id is null) from public.lines"
        ).fetchone()
    wanted = rows // 5 + sum(one.added for one in writers)
    print(f"lines: {wanted:,} written, {found[0]:,} there, {found[1]:,} distinct, {found[2]:,} without a tenant")  # type: ignore[index]
    for text in dict.fromkeys(text for one in writers for text in one.failed):
        print(f"  failed: {text}")


if __name__ == "__main__":
    main()
