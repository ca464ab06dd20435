"""What do forms of a floor cost that lets background work cross tenants? For the application first of all.

    python bench/crossing.py [--servers embedded 15] [--rounds 7] [--rows 1000000]

Four forms of the same floor stand on the same rows in turn: ``plain`` crosses nowhere; ``or`` adds ``or crosses()``;
``list`` compares with an array of the tenants that may be reached; ``two`` is ``or`` with a second floor, without it,
for roles that never cross (docs/decisions/0007). Figures are the backend's own time on a processor, the least of the
rounds; only their ratios carry over to other machines.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import psycopg
from context import ROWS, SECRET, TENANT, _cpu_us, _servers

from tenantry.context.model import Context
from tenantry.context.objects import objects
from tenantry.context.token import CROSSING, Minter
from tenantry.session.connect import pin
from tenantry.testing.databases import Database, Workshop

APP, WORKER = "bench_app", "bench_worker"
OWN = "tenant_id = (select tenantry.current_org_id())"
ACROSS = "(select tenantry.crosses())"
LIST = "tenant_id = any (array(select tenantry.reachable_org_ids()))"
FORMS = {
    "plain": (f"for all to public using ({OWN})",),
    "or": (f"for all to public using ({OWN} or {ACROSS})",),
    "list": (f"for all to public using ({LIST})",),
    "two": (f"for all to public using ({OWN} or {ACROSS})", f"for all to {APP} using ({OWN})"),
}
TENANTS = """
    create table public.orgs (id uuid primary key);
    insert into public.orgs select distinct tenant_id from public.jobs;
    analyze public.orgs;
    create function tenantry.reachable_org_ids() returns setof uuid language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp as $$
    begin
        if tenantry.carried(tenantry.carrier(), 4) = 'crossing' then return query select id from public.orgs;
        else return next tenantry.current_org_id(); end if;
    end $$
"""
GUARD = """
    alter table public.jobs enable row level security;
    alter table public.jobs force row level security;
    create policy everything on public.jobs for all to public using (true);
    create index on public.jobs (n) where n <= 20;
    grant select on public.jobs to bench_worker
"""
WORKS = {
    "application, its tenant's rows": (APP, "select max(n) from public.jobs where n > %s", 0, 20),
    "application, one row by key": (APP, "select n from public.jobs where id = %s", 1007, 200),
    "worker, its tenant's rows": (WORKER, "select max(n) from public.jobs where n > %s", 0, 3),
    "worker, across, next by index": (WORKER, "select n from public.jobs where n <= 20 and n > %s limit 5", 0, 100),
    "worker, across, all rows": (WORKER, "select count(*) from public.jobs where n > %s", 0, 1),
}


def main() -> int:
    """Measure, and print one table for each server."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", nargs="+", default=["embedded", "15"], help="embedded, or Debian's by version")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--rows", type=int, default=1_000_000)
    chosen = parser.parse_args()
    for server in _servers(chosen.servers):
        with Workshop(server).database() as database:
            _fill(database, chosen.rows)
            print(f"\n| {server.major}: processor time in µs | {' | '.join(FORMS)} |\n|---|{'---|' * len(FORMS)}")
            figures = {form: _measured(database, form, chosen.rounds) for form in FORMS}
            for work in WORKS:
                print(f"| {work} | {' | '.join(f'{figures[form][work]:,.0f}' for form in FORMS)} |", flush=True)
    return 0


def _fill(database: Database, rows: int) -> None:
    database.execute(f"create role {APP} login; create role {WORKER} login")
    with database.connect() as connection:
        pin(connection)
        for made in objects(Context(noun="org", app_roles=(APP, WORKER), background_roles=(WORKER,))):
            for statement in made.create:
                connection.execute(statement.encode())
        connection.execute("select tenantry.add_key('bench', %s)", [SECRET])
        for statement in ROWS.format(name="jobs", rows=rows).split(";"):
            connection.execute(statement.encode())
    database.execute(TENANTS)
    database.execute(GUARD)


def _measured(database: Database, form: str, rounds: int) -> dict[str, float]:
    names = [f"floor{number}" for number in range(len(FORMS[form]))]
    for name, clauses in zip(names, FORMS[form], strict=True):
        database.execute(f"create policy {name} on public.jobs as restrictive {clauses}")
    database.execute("analyze public.jobs")
    found = {work: min(_rounds(database, work, form, rounds)) for work in WORKS}
    for name in names:
        database.execute(f"drop policy {name} on public.jobs")
    return found


def _rounds(database: Database, work: str, form: str, rounds: int) -> Iterator[float]:
    role, statement, value, times = WORKS[work]
    crosses = "across" in work and form != "plain"
    with database.connect(role) as connection, connection.transaction():
        connection.execute("set local max_parallel_workers_per_gather = 0; set local jit = off")
        token = Minter("bench", SECRET).mint(TENANT, actor="bench", scope=CROSSING if crosses else "")
        connection.execute("select tenantry.open(%s)", [token])
        for number in range(rounds + 1):
            spent = _spent(connection, statement, value, times)
            if number:
                yield spent


def _spent(connection: psycopg.Connection, statement: str, value: int, times: int) -> float:
    started = _cpu_us(connection)
    for _ in range(times):
        connection.execute(statement.encode(), [value], prepare=True).fetchall()
    return (_cpu_us(connection) - started) / times


if __name__ == "__main__":
    raise SystemExit(main())
