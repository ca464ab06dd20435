"""Do the attacks notice each control that is weakened, and does the report say which they do not?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from examples.restaurant import data

from tenantry.blueprint import load
from tenantry.blueprint.model import Blueprint, Roles, Subject, Tenant
from tenantry.testing.databases import Database, Loader
from tenantry.verify.model import Report
from tenantry.verify.options import Options
from tenantry.verify.run import verify

PROJECT = Path(__file__).parent.parent.parent
RESTAURANT = PROJECT / "examples" / "restaurant"
REFERENCE = PROJECT / "src" / "tenantry" / "verify" / "reference.sql"

NOTES = """
create role note_owner nologin;
create role note_app login;
create schema app authorization note_owner;
grant usage on schema app to note_app;
create table app.org (id int primary key, name text not null);
create table app.note (
    id int, org_id int not null references app.org (id), body text not null, primary key (org_id, id)
);
insert into app.org values (1, 'one'), (2, 'two');
alter table app.org owner to note_owner;
alter table app.note owner to note_owner;
alter table app.note enable row level security;
alter table app.note force row level security;
grant select on app.org to note_app;
grant select on app.note to note_app;
"""
MINE = "org_id = (select nullif(current_setting('my.org', true), '')::int)"
FLOOR = f"""
create policy note_floor on app.note as restrictive for all to public using ({MINE}) with check ({MINE});
create policy note_use on app.note for all to note_app using (true) with check (true);
"""


def declared() -> Blueprint:
    member = Subject(role="note_app", settings={"my.org": "{tenant}"})
    return Blueprint(
        tenant=Tenant(table="app.org", columns=("org_id",)),
        roles=Roles(attack=("note_app",), trusted=("note_owner",)),
        subject=(member, Subject(role="note_app", name="nobody")),
        tables={"app.org": {"public": "everybody knows who there is"}},
    )


def sabotaged(database: Database, blueprint: Blueprint, user: str = "postgres") -> Report:
    with database.connect(user) as connection:
        return verify(connection, blueprint, Options(mutate=True, may_write=True, second=database.connect))


def survivors(report: Report) -> list[str]:
    return [f"{one.control}: {one.statement}" for one in report.mutations if not one.is_killed]


def result(report: Report, control: str) -> list[str]:
    return [one.killed_by for one in report.mutations if one.control == control]


def left_out(report: Report, control: str) -> list[str]:
    return [one.why for one in report.skipped if one.what == f"sabotage of {control}"]


def load_restaurant(connection: psycopg.Connection) -> None:
    for file in sorted((RESTAURANT / "schema" / "clean").glob("*.sql")):
        connection.execute(file.read_text(encoding="utf-8").encode())
    data.load(connection)
    connection.execute("analyze")


@pytest.fixture
def restaurant(template_database: Callable[[str, Loader], str], clone: Callable[[str], Database]) -> Database:
    """Give a copy of the clean restaurant: privileges on the database itself are not copied with it."""
    copy = clone(template_database("restaurant_clean", load_restaurant))
    copy.execute((RESTAURANT / "schema" / "clean" / "12_database.sql").read_text(encoding="utf-8"))
    return copy


@pytest.fixture
def reference(template_database: Callable[[str, Loader], str], clone: Callable[[str], Database]) -> Database:
    """Give a copy of the reference schema, as closed as it is when loaded."""
    text = REFERENCE.read_text(encoding="utf-8")
    copy = clone(template_database("mutation_reference", lambda connection: connection.execute(text.encode())))
    copy.execute(f"revoke all on database {copy.name} from public; grant connect on database {copy.name} to app_role")
    return copy


def test_every_weakened_control_of_the_clean_restaurant_is_noticed(restaurant: Database) -> None:
    report = sabotaged(restaurant, load.load(RESTAURANT / "clean.toml"))

    assert survivors(report) == []
    assert len(report.mutations) > 150
    assert not report.unproven
    assert [one.message for one in report.findings if one.proof == "attacked"] == []


def test_every_weakened_control_of_the_reference_is_noticed(reference: Database) -> None:
    report = sabotaged(reference, load.load(REFERENCE.with_suffix(".toml")))

    assert survivors(report) == []
    assert len(report.mutations) > 40
    assert not report.unproven


def test_a_control_that_is_not_watched_is_a_finding(fresh_database: Callable[[str], Database]) -> None:
    """The permissive policy holds the tenants apart as well, so that the loss of the floor goes unnoticed."""
    twice = FLOOR.replace("using (true) with check (true)", f"using ({MINE} and id > -1) with check ({MINE})")
    report = sabotaged(fresh_database(NOTES + twice), declared())

    assert result(report, "restrictive policy: note_floor on app.note") == [""]
    assert result(report, "row security on: app.note") == ["A01 foreign_rows_readable"]
    unwatched = [one for one in report.findings if one.code == "M01"]
    assert "drop policy" in " ".join(one.statement for one in unwatched)
    assert len({one.fingerprint for one in unwatched}) == len(unwatched)
    assert report.exit_status() == 1


def test_what_a_floor_still_holds_is_equivalent_and_told_with_the_rule(
    fresh_database: Callable[[str], Database],
) -> None:
    report = sabotaged(fresh_database(NOTES + FLOOR), declared())

    (why,) = left_out(report, "no open policy: app.note")
    assert why.startswith("equivalent, E3")
    assert result(report, "no open policy: app.note") == []
    assert result(report, "policy's using: note_floor on app.note") == ["A01 foreign_rows_readable"]


def test_an_open_policy_is_a_mutant_where_no_floor_holds(fresh_database: Callable[[str], Database]) -> None:
    fence = f"create policy note_use on app.note for all to note_app using ({MINE}) with check ({MINE});"
    report = sabotaged(fresh_database(NOTES + fence), declared())

    assert result(report, "no open policy: app.note") == ["A01 foreign_rows_readable"]
    assert result(report, "policy's using: note_use on app.note") == ["A01 foreign_rows_readable"]


def test_a_rule_that_is_wrong_is_found_out(fresh_database: Callable[[str], Database]) -> None:
    """The function names the owner's column, as rule E6 asks, and yet it does not ask whose the rows are."""
    careless = """
    create function app.bodies() returns setof text language sql stable set search_path = pg_catalog, pg_temp
    as $$ select body from app.note where org_id is not null $$;
    grant execute on function app.bodies() to note_app;
    """
    report = sabotaged(fresh_database(NOTES + FLOOR + careless), declared())

    control = "function works with its caller's rights: app.bodies()"
    assert result(report, control) == ["B04 rows_reached_by_function"]
    assert left_out(report, control) == []


def test_force_matters_where_a_function_works_as_the_owner(fresh_database: Callable[[str], Database]) -> None:
    door = """
    create function app.count_notes() returns bigint language sql stable security definer
    set search_path = pg_catalog, pg_temp as $$ select count(*) from app.note $$;
    alter function app.count_notes() owner to note_owner;
    create policy note_owned on app.note for select to note_owner using (true);
    """
    with_door = sabotaged(fresh_database(NOTES + FLOOR + door), declared())
    control = "row security forced: app.note"

    assert result(with_door, control) == ["B04 rows_reached_by_function"]


def test_force_binds_nobody_where_nobody_is_the_owner(fresh_database: Callable[[str], Database]) -> None:
    report = sabotaged(fresh_database(NOTES + FLOOR), declared())

    assert left_out(report, "row security forced: app.note") == [
        "equivalent, E2: no attacked role has or can take on its owner's rights"
    ]


def test_a_table_that_leaks_already_is_told_and_not_counted(fresh_database: Callable[[str], Database]) -> None:
    open_door = "create policy note_use on app.note for select to note_app using (org_id > 0);"
    report = sabotaged(fresh_database(NOTES + open_door), declared())

    assert left_out(report, "row security on: app.note") == ["the table leaks already: mend that first"]
    assert result(report, "row security on: app.note") == []


def test_what_may_not_be_weakened_is_left_open_and_not_called_watched(
    fresh_database: Callable[[str], Database],
) -> None:
    database = fresh_database(
        NOTES
        + FLOOR
        + "create role note_checker login bypassrls; grant note_app to note_checker; "
        + "grant usage on schema app to note_checker; grant all on all tables in schema app to note_checker;"
    )
    report = sabotaged(database, declared(), user="note_checker")

    assert report.mutations == ()
    assert any(one.what == "sabotage of row security on: app.note" and "42501" in one.why for one in report.unproven)
    assert report.exit_status() != 0


def test_nothing_of_the_sabotage_stays(fresh_database: Callable[[str], Database]) -> None:
    database = fresh_database(NOTES + FLOOR)
    before = state(database)

    sabotaged(database, declared())

    assert state(database) == before


def state(database: Database) -> list[tuple[object, ...]]:
    """Give policies, rights, row security, indexes, members and attributes of roles."""
    queries = (
        "select relname, relacl::text, relrowsecurity, relforcerowsecurity, reloptions::text from pg_class",
        "select polname, polroles::text, polpermissive, polqual::text, polwithcheck::text from pg_policy",
        "select proname, proacl::text, prosecdef, provolatile from pg_proc where pronamespace <> 11",
        "select rolname, rolbypassrls from pg_roles",
        "select roleid, member from pg_auth_members",
        "select parname, paracl::text from pg_parameter_acl",
    )
    with database.connect() as connection:
        return [row for query in queries for row in sorted(connection.execute(query.encode()).fetchall(), key=str)]


def test_a_control_that_a_lock_keeps_from_being_weakened_is_left_open(
    fresh_database: Callable[[str], Database],
) -> None:
    database = fresh_database(NOTES + FLOOR)
    with database.connect() as reader, reader.transaction():
        reader.execute("lock table app.note in access share mode")
        report = sabotaged(database, declared())

    assert result(report, "row security on: app.note") == []
    assert any(one.what == "sabotage of row security on: app.note" and "55P03" in one.why for one in report.unproven)
    assert report.exit_status() != 0
