"""Are roles of background work and readers held like the application's, and can a reader write nothing?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from offices import APP, OURS, READER, SCHEMA, WORKER, add_key, count, declared, offices, session
from planning import apply_to, plan_of, schema_dump, undo_on

from tenantry.catalog.read import read
from tenantry.plan.scope import scope
from tenantry.session.connect import connect
from tenantry.testing.databases import Database
from tenantry.verify.model import Level
from tenantry.verify.options import Options
from tenantry.verify.run import verify

WRITES = {
    "insert": f"insert into jobs (office_id, state) values ({OURS}, 'new')",
    "update": "update jobs set state = 'done'",
    "delete": "delete from jobs",
}


@pytest.fixture
def database(fresh_database: Callable[[str], Database]) -> Database:
    return offices(fresh_database)


def test_every_kind_of_role_is_attacked_and_held(database: Database) -> None:
    with connect(database.url()) as connection:
        second = lambda: connect(database.url())  # noqa: E731
        report = verify(connection, declared(), Options(may_write=True, second=second))
    assert {cell.role for cell in report.matrix} == {APP, WORKER, READER}
    assert [one for one in report.findings if one.level is not Level.NOTE and one.code != "T21"] == []
    assert report.unproven == ()


def test_each_reads_its_own_tenant_and_a_reader_writes_nothing(database: Database) -> None:
    for role, written in ((APP, 1), (WORKER, 1), (READER, -1)):
        with session(database, role) as connection:
            assert count(connection, "select from jobs") == 1
            assert {verb: count(connection, text) for verb, text in WRITES.items()} == {
                "insert": written,
                "update": 2 if written == 1 else -1,
                "delete": 2 if written == 1 else -1,
            }


def test_without_its_narrow_grants_a_reader_would_write(database: Database) -> None:
    database.execute(f"grant insert on jobs to {READER}")
    with session(database, READER) as connection:
        assert count(connection, WRITES["insert"]) == 1
    apply_to(database, declared())
    with session(database, READER) as connection:
        assert count(connection, WRITES["insert"]) == -1


def test_roles_beside_leave_it_to_the_guess_who_serves_tenants(fresh_database: Callable[[str], Database]) -> None:
    """Else the roles attacked before the plan would be others than after it."""
    database = fresh_database(f"{SCHEMA} create role office_web login; grant select, insert on jobs to office_web")
    said = declared().model_copy(update={"roles": declared().roles.model_copy(update={"app": ()})})
    before = schema_dump(database)
    apply_to(database, said)
    add_key(database)
    with connect(database.url()) as connection:
        assert set(scope(read(connection), said).roles) == {"office_web", WORKER, READER}
    assert plan_of(database, said).steps == ()
    undo_on(database)
    assert schema_dump(database) == before


def test_a_role_that_bypassed_row_security_does_so_no_longer(fresh_database: Callable[[str], Database]) -> None:
    database = fresh_database(f"{SCHEMA} create role {WORKER} login bypassrls createrole;")
    powers = f"select rolbypassrls, rolcreaterole from pg_roles where rolname = '{WORKER}'"
    apply_to(database, declared())
    add_key(database)
    with session(database, WORKER) as connection:
        assert count(connection, "select from jobs") == 1
        assert connection.execute(powers.encode()).fetchone() == (False, False)
    assert plan_of(database, declared()).steps == ()
    database.execute(f"alter role {WORKER} bypassrls")
    with session(database, WORKER) as connection:
        assert count(connection, "select from jobs") == 3
    apply_to(database, declared())
    with session(database, WORKER) as connection:
        assert count(connection, "select from jobs") == 1
    undo_on(database)
    undo_on(database)
    with database.connect() as connection:
        assert connection.execute(powers.encode()).fetchone() == (True, True)
