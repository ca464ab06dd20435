"""What does a tenant context cost a statement? The sealed floor and the usual policy forms against no row security.

    python bench/context.py [--servers embedded 15] [--rounds 9] [--rows 1000000]

Every form asks for the same tenant's rows of one table, as a role of its own, each on its own connection; the forms
take turns within a round, and the least of the rounds counts. Statements are prepared, and sent by libpq with nothing
between them. The figures are the backend's own time on a processor (/proc/<pid>/schedstat; elapsed time where there is
none), with BEGIN, opening the context, and COMMIT. Only the ratios carry over to other machines.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tenantry.context.model import Context
from tenantry.context.objects import objects
from tenantry.context.token import Minter
from tenantry.session.connect import pin
from tenantry.testing.databases import Database, Workshop
from tenantry.testing.embedded import embedded
from tenantry.testing.servers import Server, ServerNotInstalled, installed

SECRET = bytes(range(32))
TENANT = "00000000-0000-4000-8000-000000000007"
USER = "11111111-0000-4000-8000-000000000007"
LONGEST_S = 3600
SETTING = "nullif(current_setting('app.tenant_id', true), '')::uuid"
GROUND = """
    create table public.item (id bigint primary key, tenant_id uuid not null, n integer not null);
    insert into public.item
    select id, ('00000000-0000-4000-8000-' || lpad((id % 1000)::text, 12, '0'))::uuid, id
    from generate_series(1, {rows}) as id;
    create index on public.item (tenant_id);
    create table public.member (user_id uuid, tenant_id uuid, primary key (user_id, tenant_id));
    insert into public.member
    select ('11111111-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
        ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid from generate_series(0, 999) as n;
    create table public.tenant (id uuid primary key, login name not null unique);
    insert into public.tenant
    select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'bench_tenant_' || n
    from generate_series(0, 999) as n;
    create function public.uid() returns uuid language sql stable
    return (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid;
    create function public.verified_tenant() returns uuid language plpgsql stable security definer
    set search_path = pg_catalog, pg_temp as $$
    begin
        return substr((select carrier from tenantry.proved(current_setting('app.token', true))), 2, 32)::uuid;
    end $$;
    alter function public.verified_tenant() owner to tenantry_context;
    alter table public.item enable row level security;
    alter table public.item force row level security;
    create role bench_tenant_7;
    grant select on public.item, public.member, public.tenant to public
"""
BIG = """
    create table public.big (id bigint primary key, tenant_id uuid not null, n integer not null);
    insert into public.big
    select id, case when id % 2 = 0 then '{tenant}' else
        ('00000000-0000-4000-8000-' || lpad((id % 1000)::text, 12, '0')) end::uuid, id
    from generate_series(1, 400000) as id;
    create index on public.big (tenant_id);
    create table public.line (id bigint primary key, big_id bigint not null, n integer not null);
    insert into public.line select id, id, id from generate_series(1, 400000) as id;
    create index on public.line (big_id);
    alter table public.big enable row level security;
    create policy sealed on public.big to bench_sealed using (tenant_id = (select tenantry.current_org_id()));
    grant select on public.big, public.line to bench_sealed
"""
BIG_QUERY = "select sum(line.n) from public.big join public.line on line.big_id = big.id where big.n > 0"


@dataclass(frozen=True)
class Form:
    """One way of asking for a tenant's rows: how it is opened, and what its policy or its own condition says."""

    name: str
    role: str
    opening: str = ""
    value: str = ""
    policy: str = ""
    condition: str = ""


@dataclass(frozen=True)
class Work:
    """What is asked within a transaction, and under which settings it is planned."""

    name: str
    query: str
    settings: str
    transactions: int
    values: tuple[str, ...]
    target: float


EXPLICIT = Form("hand-written condition, no row security", "bench_none", condition=f" and tenant_id = '{TENANT}'")
SEALED = Form(
    "tenantry, sealed",
    "bench_sealed",
    "select tenantry.open($1)",
    "token",
    "tenant_id = (select tenantry.current_org_id())",
)
_SET = "select set_config('app.tenant_id', $1, true)"
FORMS = (
    EXPLICIT,
    SEALED,
    Form("current_setting, bare", "bench_bare", _SET, TENANT, f"tenant_id = {SETTING}"),
    Form("current_setting, wrapped", "bench_wrapped", _SET, TENANT, f"tenant_id = (select {SETTING})"),
    Form(
        "claims and membership",
        "bench_claims",
        "select set_config('request.jwt.claims', $1, true)",
        f'{{"sub": "{USER}", "role": "authenticated"}}',
        "tenant_id in (select member.tenant_id from public.member where member.user_id = (select public.uid()))",
    ),
    Form(
        "role per tenant",
        "bench_switch",
        "set local role bench_tenant_7",
        policy="tenant_id = (select tenant.id from public.tenant where tenant.login = current_user)",
    ),
    Form(
        "token verified in each statement",
        "bench_verified",
        "select set_config('app.token', $1, true)",
        "token",
        "tenant_id = (select public.verified_tenant())",
    ),
)
LOOKUP = Work("ten point lookups", "select n from public.item where id = $1", "", 60, ("7",) * 10, 1.4)
WORKS = (
    LOOKUP,
    Work(
        "sequential scan",
        "select sum(n) from public.item where n > $1",
        "set enable_indexscan = off; set enable_bitmapscan = off",
        1,
        ("0",),
        1.06,
    ),
    Work(
        "tenant index scan", "select max(n) from public.item where n > $1", "set enable_seqscan = off", 20, ("0",), 1.1
    ),
    Work("nothing but the opening", "", "", 200, (), 0),
)


def main() -> int:
    """Measure, and print one table and the big tenant's plans for each server."""
    chosen = _arguments()
    for server in _servers(chosen.servers):
        with _filled(server, chosen.rows) as database:
            print(f"\n### PostgreSQL {server.major}\n")
            print("| form | " + " | ".join(work.name for work in WORKS) + " |\n|---|" + "---|" * len(WORKS))
            columns = [_column(database, work, chosen.rounds) for work in WORKS]
            for form in FORMS:
                print(f"| {form.name} | " + " | ".join(column[form] for column in columns) + " |", flush=True)
            _show_big(database, chosen.rounds)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", nargs="+", default=["embedded", "15"], help="embedded, or Debian's by version")
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
def _filled(server: Server, rows: int) -> Iterator[Database]:
    with Workshop(server).database() as database:
        database.execute("; ".join(f"create role {form.role} login" for form in FORMS))
        with database.connect() as connection:
            pin(connection)
            for made in objects(Context(noun="org", app_roles=(SEALED.role,))):
                for statement in made.create:
                    connection.execute(statement.encode())
            connection.execute("select tenantry.add_key('bench', %s, now(), 'infinity', %s)", [SECRET, LONGEST_S])
        database.execute(GROUND.format(rows=rows))
        database.execute(f"alter role {EXPLICIT.role} bypassrls; grant bench_tenant_7 to bench_switch")
        for form in FORMS:
            _protect(database, form)
        database.execute(BIG.format(tenant=TENANT))
        database.execute("vacuum (analyze)")
        yield database


def _protect(database: Database, form: Form) -> None:
    if form.policy:
        role = "bench_tenant_7" if form.role == "bench_switch" else form.role
        database.execute(f"create policy {form.role} on public.item to {role} using ({form.policy})")


# -- measuring ------------------------------------------------------------------------------------------


def _column(database: Database, work: Work, rounds: int) -> dict[Form, str]:
    with ExitStack() as connections:
        opened = {form: connections.enter_context(database.connect(form.role)) for form in FORMS}
        for form, connection in opened.items():
            connection.execute("set max_parallel_workers_per_gather = 0; set jit = off")
            connection.execute(work.settings.encode())
            _prepare(connection, form, work)
        taken: dict[Form, list[float]] = {form: [] for form in FORMS}
        for _ in range(rounds + 1):
            for form, connection in opened.items():
                taken[form].append(_round_us(connection, form, work))
    least = {form: min(all_taken[1:]) for form, all_taken in taken.items()}
    return {form: _cell(least[form], least[EXPLICIT], work) for form in FORMS}


def _cell(took_us: float, explicit_us: float, work: Work) -> str:
    if not work.query:
        return f"+{took_us - explicit_us:.1f} µs"
    shown = f"{took_us / 1000:.1f} ms" if took_us > 10_000 else f"{took_us:.0f} µs"
    return f"{shown} ({took_us / explicit_us:.2f})"


def _prepare(connection: psycopg.Connection, form: Form, work: Work) -> None:
    statements = {b"begin": "begin", b"commit": "commit"}
    if form.opening:
        statements[b"open"] = form.opening
    if work.query:
        statements[b"ask"] = work.query + form.condition
    for name, text in statements.items():
        _demand(connection.pgconn.prepare(name, text.encode()), connection)


def _round_us(connection: psycopg.Connection, form: Form, work: Work) -> float:
    # why: a token is minted by the application, whose time is not the server's
    value = (
        Minter("bench", SECRET, longest_s=LONGEST_S).mint(TENANT, ttl_s=600) if form.value == "token" else form.value
    )
    values = [value.encode()] if value else []
    started = _cpu_us(connection)
    for _ in range(work.transactions):
        _run(connection, form, values, work)
    return (_cpu_us(connection) - started) / work.transactions


def _run(connection: psycopg.Connection, form: Form, values: Sequence[bytes], work: Work) -> None:
    ask = connection.pgconn.exec_prepared
    ask(b"begin", [])
    if form.opening:
        _demand(ask(b"open", values), connection)
    for asked in work.values:
        result = ask(b"ask", [asked.encode()])
        if result.ntuples != 1 or result.get_value(0, 0) is None:
            raise SystemExit(f"{form.name}: no row for {work.name}: {result.error_message!r}")
    _demand(ask(b"commit", []), connection)


def _demand(result: psycopg.pq.abc.PGresult, connection: psycopg.Connection) -> None:
    if result.status not in (psycopg.pq.ExecStatus.COMMAND_OK, psycopg.pq.ExecStatus.TUPLES_OK):
        raise SystemExit(connection.pgconn.error_message.decode())


def _cpu_us(connection: psycopg.Connection) -> float:
    """Give the backend's time on a processor so far, or the clock's where Linux does not tell."""
    try:
        spent = Path(f"/proc/{connection.info.backend_pid}/schedstat").read_text(encoding="ascii")
    except OSError:
        return time.perf_counter() * 1e6
    return int(spent.split()[0]) / 1e3


# -- a tenant that owns half the table ------------------------------------------------------------------


def _show_big(database: Database, rounds: int) -> None:
    literal = f" and big.tenant_id = '{TENANT}'"
    print(f"\nA tenant with 200,000 of 400,000 rows: `{BIG_QUERY}`\n")
    with database.connect(SEALED.role) as connection:
        connection.execute("set max_parallel_workers_per_gather = 0; set jit = off")
        for name, query in (("the floor alone", BIG_QUERY), ("the tenant as a literal beside it", BIG_QUERY + literal)):
            least = min(_big_us(connection, query) for _ in range(rounds))
            plan = _plan(connection, query)
            print(f"{name}: {least / 1000:.0f} ms\n")
            print("\n".join(f"    {line}" for line in plan), end="\n\n")


@contextmanager
def _opened(connection: psycopg.Connection) -> Iterator[None]:
    with connection.transaction():
        connection.execute("select tenantry.open(%s)", [Minter("bench", SECRET).mint(TENANT)])
        yield


def _big_us(connection: psycopg.Connection, query: str) -> float:
    with _opened(connection):
        started = _cpu_us(connection)
        connection.execute(query.encode()).fetchall()
        return _cpu_us(connection) - started


def _plan(connection: psycopg.Connection, query: str) -> list[str]:
    with _opened(connection):
        lines = connection.execute(f"explain {query}".encode()).fetchall()
    return [str(line) for (line,) in lines]


if __name__ == "__main__":
    raise SystemExit(main())
