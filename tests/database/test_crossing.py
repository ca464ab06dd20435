"""Does work cross tenants only as a background role, with a token that says so, where a table allows it, by its verbs?

Each way across is refused with the defence in place, and gets through without it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from offices import APP, MINTER, OURS, READER, SCHEMA, THEIRS, WORKER, add_key, count, declared, offices, session
from planning import apply_to, plan_of, schema_dump, undo_on
from psycopg.errors import InsufficientPrivilege

from tenantry.context.token import CROSSING, Minter, TokenInvalid
from tenantry.session.connect import connect
from tenantry.testing.databases import Database
from tenantry.testing.servers import Server
from tenantry.verify.model import Level
from tenantry.verify.options import Options
from tenantry.verify.run import verify

PLACE = '[tables.jobs.crossing]\nverbs = ["select", "update"]\nreason = "a worker takes whichever job is next"\n'
TAKE = "update jobs set state = 'taken' where state = 'new'"
FORGED = f"n{THEIRS}n,{b'x'.hex()},,{CROSSING.encode().hex()},{'0' * 32}"
READ = "select from jobs"
ALL, OWN = 3, 1


@pytest.fixture
def database(fresh_database: Callable[[str], Database]) -> Database:
    return offices(fresh_database, PLACE)


def test_background_work_with_a_scope_crosses_and_says_who(database: Database) -> None:
    with session(database, WORKER, scope=CROSSING, actor="job-7") as connection:
        assert count(connection, READ) == ALL
        assert count(connection, TAKE) == 2
        said = connection.execute("select tenantry.current_actor(), tenantry.current_scope()").fetchone()
        assert said == ("job-7", CROSSING)
    with session(database, WORKER, tenant="", scope=f"nightly {CROSSING}", actor="job-7") as connection:
        assert count(connection, READ) == ALL


def test_without_such_a_token_background_work_stays_in_its_tenant(database: Database) -> None:
    for scope in ("", "cross", "crossings", "Crossing", "nightly"):
        with session(database, WORKER, scope=scope) as connection:
            assert count(connection, READ) == OWN
            assert count(connection, TAKE) == 1
    with database.connect(WORKER) as connection:
        assert count(connection, READ) == 0


@pytest.mark.parametrize("role", [APP, READER])
def test_a_stolen_scope_gives_other_roles_nothing(database: Database, role: str) -> None:
    with session(database, role, scope=CROSSING) as connection:
        assert count(connection, READ) == OWN
        assert connection.execute("select tenantry.crosses()").fetchone() == (False,)
        for takes in (f"set role {WORKER}", f"set session authorization {WORKER}"):
            assert count(connection, takes) == -1
    with session(database, role, tenant="", scope=CROSSING) as connection:
        assert count(connection, READ) == 0


def test_were_roles_not_asked_for_a_stolen_scope_would_do(database: Database) -> None:
    """Both floors have to go: the one for roles that serve, and what crosses() asks of the session."""
    database.execute("drop policy tenantry_floor_serving on jobs")
    with session(database, APP, scope=CROSSING) as connection:
        assert count(connection, READ) == OWN
    database.execute(
        "create or replace function tenantry.crosses() returns boolean language sql stable "
        "return coalesce(tenantry.carried(tenantry.carrier(), 4) = 'crossing', false)"
    )
    with session(database, APP, scope=CROSSING) as connection:
        assert count(connection, READ) == ALL


def test_a_function_of_the_worker_s_does_not_lend_its_role(database: Database) -> None:
    """Neither to a caller with a stolen scope, nor the other way round: the worker's session in another's function."""
    database.execute(
        f"grant create on schema public to {WORKER}, {APP}; grant usage on schema public to {APP}, {WORKER};"
        f"set role {WORKER}; create function seen_by_worker() returns bigint language sql stable security definer "
        "set search_path = pg_catalog, public, pg_temp as 'select count(*) from public.jobs';"
        f"reset role; set role {APP}; create function seen_by_app() returns bigint language sql stable "
        "security definer set search_path = pg_catalog, public, pg_temp as 'select count(*) from public.jobs'"
    )
    with session(database, APP, scope=CROSSING) as connection:
        assert connection.execute("select seen_by_worker()").fetchone() == (OWN,)
    with session(database, WORKER, scope=CROSSING) as connection:
        assert connection.execute("select seen_by_worker(), seen_by_app()").fetchone() == (ALL, OWN)


def test_were_only_the_running_role_asked_the_worker_s_function_would_lend_it(database: Database) -> None:
    database.execute("drop policy tenantry_floor_serving on jobs")
    database.execute(
        f"grant create on schema public to {WORKER}; set role {WORKER}; create function seen_by_worker() "
        "returns bigint language sql stable security definer set search_path = pg_catalog, public, pg_temp "
        "as 'select count(*) from public.jobs'; reset role; "
        "create or replace function tenantry.crosses() returns boolean language sql stable "
        f"return current_user::text = '{WORKER}' and tenantry.carried(tenantry.carrier(), 4) = 'crossing'"
    )
    with session(database, APP, scope=CROSSING) as connection:
        assert connection.execute("select seen_by_worker()").fetchone() == (ALL,)


def test_only_the_declared_verbs_cross(database: Database) -> None:
    with session(database, WORKER, scope=CROSSING) as connection:
        assert count(connection, "delete from jobs") == OWN
        assert count(connection, f"insert into jobs (office_id, state) values ({THEIRS}, 'new')") == -1
        assert (
            count(connection, f"insert into jobs values (2, {THEIRS}, '') on conflict (office_id, id) do nothing") == -1
        )
        assert count(connection, "select from jobs for update") == ALL - 1
        for table in ("notes", "shifts", "people", "offices"):
            column = "id" if table == "offices" else "office_id"
            assert count(connection, f"select from {table} where {column} = {THEIRS}") == 0


@pytest.mark.parametrize(
    ("floor", "statement"),
    [
        ("tenantry_floor_delete", f"delete from jobs where office_id = {THEIRS}"),
        ("tenantry_floor_insert", f"insert into jobs (office_id, state) values ({THEIRS}, 'new')"),
    ],
)
def test_without_its_narrow_floor_another_verb_would_cross(database: Database, floor: str, statement: str) -> None:
    with session(database, WORKER, scope=CROSSING) as connection:
        assert count(connection, statement) < 1
    database.execute(f"drop policy {floor} on jobs")
    with session(database, WORKER, scope=CROSSING) as connection:
        assert count(connection, statement) > 0


def test_a_crossing_for_reading_changes_nothing_elsewhere(fresh_database: Callable[[str], Database]) -> None:
    database = offices(fresh_database, PLACE.replace(', "update"', ""))
    with session(database, WORKER, scope=CROSSING) as connection:
        assert count(connection, READ) == ALL
        assert count(connection, TAKE) == OWN
        assert count(connection, f"update jobs set office_id = {OURS}") == OWN
        assert count(connection, "select from jobs for update") == OWN


def test_without_their_narrow_floors_readings_would_become_updates(fresh_database: Callable[[str], Database]) -> None:
    """Two defences: rows to update are not found, and the floor checks what would become of them."""
    database = offices(fresh_database, PLACE.replace(', "update"', ""))
    change = f"update jobs set state = 'x' where office_id = {THEIRS}"
    for floor, changed in (("tenantry_floor_update", -1), ("tenantry_floor", 2)):
        database.execute(f"drop policy {floor} on jobs")
        with session(database, WORKER, scope=CROSSING) as connection:
            assert count(connection, change) == changed


def test_no_row_is_given_to_another_tenant(database: Database) -> None:
    moves = (f"update jobs set office_id = {OURS}", f"update jobs set office_id = {THEIRS} where office_id = {OURS}")
    for move in moves:
        with session(database, WORKER, scope=CROSSING) as connection:
            assert count(connection, move) == -1
    database.execute("alter table jobs disable trigger tenantry_stays, disable trigger tenantry_tenant_stays")
    for move, moved in zip(moves, (ALL, OWN), strict=True):
        with session(database, WORKER, scope=CROSSING) as connection:
            assert count(connection, move) == moved


def test_a_scope_cannot_be_forged_by_union_nor_by_setting(database: Database) -> None:
    forge = "select set_config('backtrace_functions', %s, true)"
    with session(database, WORKER) as connection:
        for statement in (forge, f"select count(*) from ({forge} union all select state from jobs) as joined"):
            with pytest.raises(InsufficientPrivilege), connection.transaction():
                connection.execute(statement.encode(), [FORGED])
        with pytest.raises(InsufficientPrivilege), connection.transaction():
            connection.execute(
                "select tenantry.open(%s)", [Minter("first", bytes(32)).mint(THEIRS, actor="x", scope=CROSSING)]
            )
        assert count(connection, READ) == OWN
    database.execute(f"grant set on parameter backtrace_functions to {WORKER}")
    try:
        with session(database, WORKER) as connection:
            connection.execute(forge, [FORGED])
            assert count(connection, READ) == ALL
    finally:
        database.execute(f"revoke set on parameter backtrace_functions from {WORKER}")


def test_a_scope_of_nobody_s_opens_nothing(database: Database) -> None:
    with pytest.raises(TokenInvalid, match="actor"):
        MINTER.mint(OURS, scope=CROSSING)
    with connect(database.url()) as owner:
        row = owner.execute("select tenantry.mint(%s, '', '', %s)", [OURS, f"nightly {CROSSING}"]).fetchone()
    assert row is not None
    with database.connect(WORKER) as connection, connection.transaction():
        with pytest.raises(InsufficientPrivilege, match="must name its actor"), connection.transaction():
            connection.execute("select tenantry.open(%s)", [row[0]])
        assert count(connection, READ) == 0


def test_the_application_finds_its_rows_by_index(database: Database) -> None:
    database.execute("insert into jobs (office_id, state) select 1 + i % 2, 'x' from generate_series(1, 20000) as i")
    database.execute("insert into offices select i, '' from generate_series(3, 300) as i; ")
    database.execute("insert into jobs (office_id, state) select 3 + i % 297, 'x' from generate_series(1, 20000) as i")
    database.execute("create index on jobs (office_id); analyze jobs")
    ask = "explain select * from jobs"
    with session(database, APP, tenant="7") as connection:
        text = "\n".join(row[0] for row in connection.execute(ask))
        assert "Index" in text
        assert "Seq Scan" not in text
    database.execute("drop policy tenantry_floor_serving on jobs")
    with session(database, APP, tenant="7") as connection:
        assert "Seq Scan" in "\n".join(row[0] for row in connection.execute(ask))


def test_a_table_fenced_by_way_of_a_crossing_one_does_not_cross_with_it(
    fresh_database: Callable[[str], Database],
) -> None:
    schema = SCHEMA + (
        "create table tries (id int primary key, job_id bigint not null references jobs);"
        "insert into tries select id, id from jobs;"
    )
    more = '[isolation]\ncolumns = "keep"\n'
    database = fresh_database(schema)
    apply_to(database, declared(PLACE + more))
    add_key(database)
    with session(database, WORKER) as connection:
        assert count(connection, "select from tries") == OWN
    with session(database, WORKER, scope=CROSSING) as connection:
        assert count(connection, "select from tries") == 0
    database.execute(
        "alter policy tenantry_floor on tries using (exists (select from jobs where jobs.id = tries.job_id))"
    )
    with session(database, WORKER, scope=CROSSING) as connection:
        assert count(connection, "select from tries") == ALL
    apply_to(database, declared(PLACE + more))
    with session(database, WORKER, scope=CROSSING) as connection:
        assert count(connection, "select from tries") == 0


def test_a_crossing_comes_and_goes_with_the_blueprint(fresh_database: Callable[[str], Database]) -> None:
    database = fresh_database(SCHEMA)
    before = schema_dump(database)
    for more in ("", PLACE, ""):
        apply_to(database, declared(more))
        assert plan_of(database, declared(more)).steps == ()
    add_key(database)
    with session(database, WORKER, scope=CROSSING) as connection:
        assert count(connection, READ) == OWN
    for _ in range(3):
        undo_on(database)
    assert schema_dump(database) == before


def test_verify_attacks_others_with_the_scope_and_finds_nothing(database: Database) -> None:
    with connect(database.url()) as connection:
        second = lambda: connect(database.url())  # noqa: E731
        report = verify(connection, declared(PLACE), Options(may_write=True, second=second))
    harm = [one for one in report.findings if one.level is not Level.NOTE and one.code != "T21"]
    assert {(one.code, one.relation, one.message) for one in harm} == set()
    assert report.unproven == ()


def test_verify_finds_a_crossing_that_is_open_to_the_application(database: Database) -> None:
    database.execute("drop policy tenantry_floor_serving on jobs")
    database.execute(
        "create or replace function tenantry.crosses() returns boolean language sql stable "
        "return coalesce(tenantry.carried(tenantry.carrier(), 4) = 'crossing', false)"
    )
    with connect(database.url()) as connection:
        second = lambda: connect(database.url())  # noqa: E731
        report = verify(connection, declared(PLACE), Options(may_write=True, second=second))
    assert ("A01", "public.jobs") in {(one.code, one.relation) for one in report.findings}


def test_under_the_signed_profile_it_is_the_same(fresh_database: Callable[[str], Database]) -> None:
    database = offices(fresh_database, PLACE + '[context]\nprofile = "signed"\n')
    with session(database, WORKER, scope=CROSSING) as connection:
        assert count(connection, TAKE) == 2
    with session(database, APP, scope=CROSSING) as connection:
        assert count(connection, READ) == OWN
    with database.connect(WORKER) as connection, connection.transaction():
        connection.execute("select set_config('tenantry.token', %s, true)", [MINTER.mint(OURS)])
        assert count(connection, READ) == OWN
    token = MINTER.mint("", actor="x", scope=CROSSING)
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    with database.connect(WORKER) as connection, connection.transaction():
        connection.execute("select set_config('tenantry.token', %s, true)", [forged])
        assert count(connection, READ) == -1


def test_a_role_is_known_by_its_whole_name(fresh_database: Callable[[str], Database]) -> None:
    """Names that end a literal or an item of an array lend nothing to their parts."""
    hostile = """o'ff"ice\\, {office_x}"""
    said = declared(PLACE)
    database = fresh_database(SCHEMA + "create role office_x login; grant select on jobs to office_x;")
    roles = said.roles.model_copy(update={"background": (hostile,), "app": (APP, "office_x")})
    apply_to(database, said.model_copy(update={"roles": roles}))
    add_key(database)
    with session(database, hostile, scope=CROSSING) as connection:
        assert count(connection, READ) == ALL
    with session(database, "office_x", scope=CROSSING) as connection:
        assert count(connection, READ) == OWN


def test_workers_of_a_parallel_statement_know_the_same(database: Database, server: Server) -> None:
    setting = "debug_parallel_query" if server.major >= 16 else "force_parallel_mode"
    for role, scope, seen in ((WORKER, CROSSING, ALL), (WORKER, "", OWN), (APP, CROSSING, OWN)):
        with session(database, role, scope=scope) as connection:
            connection.execute(f"set local {setting} = on; set local parallel_leader_participation = off".encode())
            assert count(connection, READ) == seen
            asked = connection.execute("select bool_and(tenantry.crosses()) from jobs").fetchone()
            assert asked == (seen == ALL,)
